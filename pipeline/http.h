#pragma once

#include <memory>
#include <string>

#include "pipeline/topology.h"

namespace churnwire {

/// Serves /metrics (Prometheus), /livez, /readyz and /status (JSON) on a thread of its own. `topology` must
/// outlive it.
class HttpServer {
 public:
  HttpServer(const Topology& topology, std::string ruleset);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds `address` ("127.0.0.1:9464"; port 0: any free one) and starts. The error says what is wrong.
  std::string start(const std::string& address);
  /// The port bound.
  int port() const;
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The Prometheus text form of a process's counters.
std::string render_metrics(const TopologyStats& stats, bool ready, const std::string& ruleset);
/// The same as one JSON object.
std::string render_status(const TopologyStats& stats, bool ready, const std::string& ruleset);

}  // namespace churnwire
