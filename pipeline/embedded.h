#pragma once

#include "pipeline/config.h"
#include "pipeline/kafka_admin.h"

namespace churnwire {

/// Starts the embedded broker with the topics of `config`, and turns `config` to it: its address, and
/// at-least-once, since the broker has no real transactions (ids make duplicates harmless).
IoStatus start_embedded(EmbeddedBroker& broker, Config& config);

}  // namespace churnwire
