#include "pipeline/daemon.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "pipeline/cli/verbs.h"
#include "pipeline/http.h"

namespace churnwire {
namespace {

volatile std::sig_atomic_t stop_raised = 0;

}  // namespace

StopSignal::StopSignal() {
  const auto raise_flag = [](int) { stop_raised = 1; };
  std::signal(SIGTERM, raise_flag);
  std::signal(SIGINT, raise_flag);
}

bool StopSignal::raised() {
  return stop_raised != 0;
}

int run_daemon(const Config& config, const Knowledge& knowledge, const FeedMappings& mappings, Stages stages,
               const std::function<bool(const Topology&)>& until) {
  bool broker_away = false;
  if (IoStatus checked = check_topology(config, stages, broker_away); !checked.ok()) {
    spdlog::error("{}", checked.message);
    return broker_away ? cli::broker_unavailable : cli::failed;
  }
  Topology topology(config, knowledge, mappings, stages);
  std::unique_ptr<HttpServer> http;
  if (config.http != "off") {
    http = std::make_unique<HttpServer>(topology, std::string(knowledge.ruleset()));
    if (const std::string wrong = http->start(config.http); !wrong.empty()) {
      spdlog::error("{}", wrong);
      return cli::failed;
    }
    spdlog::info("http on port {}: /metrics /livez /readyz /status", http->port());
  }
  topology.start();
  bool was_ready = false;
  while (!topology.failed() && !until(topology)) {
    if (!was_ready && topology.ready()) {
      was_ready = true;
      spdlog::info("ready: ruleset {}, {} partitions of {}", knowledge.ruleset(),
                   topology.stats().detect.partitions + topology.stats().correlate.partitions,
                   stages == Stages::both ? "detect and correlate" : "one stage");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  topology.stop();
  const TopologyStats stats = topology.stats();
  spdlog::info(
      "stopped: {} articles read ({} dead, {} gated out, {} without and {} with signals), {} signals "
      "correlated, {} alerts",
      stats.detect.records, stats.dead, stats.gated_out, stats.no_signal, stats.signalled, stats.signals_in,
      stats.alerts);
  if (!topology.failed()) return cli::done;
  spdlog::error("gave up: {}; a restart goes on from the last commit", topology.failure());
  return cli::failed;
}

}  // namespace churnwire
