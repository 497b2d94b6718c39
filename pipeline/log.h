#pragma once

#include <string>

namespace churnwire {

/// Sends log lines of `level` and above to standard error, as text or as one JSON object a line.
void set_up_log(const std::string& level, const std::string& format);

}  // namespace churnwire
