#pragma once

#include <expected>

#include "pipeline/io.h"
#include "schemas/codec.h"

namespace churnwire {

/// Reads a record of the alerts topic, in either CloudEvents mode.
std::expected<Alert, DecodeError> read_alert(const Record& record);

}  // namespace churnwire
