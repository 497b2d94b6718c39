#pragma once

#include <functional>
#include <string>

#include "pipeline/config.h"
#include "pipeline/topology.h"

namespace churnwire {

/// SIGTERM and SIGINT as a flag. Install once, in the main thread, before any other thread starts.
class StopSignal {
 public:
  StopSignal();
  /// True once one of the signals came.
  static bool raised();
};

/// Runs the workers and the HTTP server until `until` says stop or a worker gives up. Returns an exit status.
int run_daemon(const Config& config, const Knowledge& knowledge, const FeedMappings& mappings, Stages stages,
               const std::function<bool(const Topology&)>& until);

}  // namespace churnwire
