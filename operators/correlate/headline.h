#pragma once

#include <string>

#include "schemas/event.h"

namespace churnwire::correlate {

/// One English sentence from the fields of `row`. What is rumoured, considered, denied or from unnamed
/// sources says so.
std::string make_headline(const EventRow& row);

}  // namespace churnwire::correlate
