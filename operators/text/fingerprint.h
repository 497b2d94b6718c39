#pragma once

#include <cstdint>

#include "operators/text/document.h"

namespace churnwire {

/// The 64-bit SimHash over shingles of three folded tokens (words, numbers, CJK characters) of the body; of
/// the title where the body has fewer than three. 0 for a document without words.
std::uint64_t simhash(const Document& document);

}  // namespace churnwire
