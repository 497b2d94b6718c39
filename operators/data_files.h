#pragma once

#include <map>
#include <string>

namespace churnwire {

/// The data files of the operators by path below operators/data ("catalog/providers.tsv"), read by the
/// caller: operators do no I/O.
using DataFiles = std::map<std::string, std::string>;

}  // namespace churnwire
