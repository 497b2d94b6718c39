#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "pipeline/cli/load.h"
#include "pipeline/cli/verbs.h"
#include "pipeline/config.h"
#include "pipeline/daemon.h"
#include "pipeline/data_root.h"
#include "pipeline/embedded.h"
#include "pipeline/log.h"

namespace churnwire::cli {
namespace {

struct Options {
  std::string config;
  std::string only;
  bool embedded = false;
};

int run(const Options& options) {
  auto config = load_config(options.config);
  if (!config) {
    std::cerr << "churnwire run: " << config.error().text() << '\n';
    return bad_configuration;
  }
  set_up_log(config->log_level, config->log_format);
  const StopSignal signals;
  const auto root = config->data_dir.empty() ? default_data_root() : std::filesystem::path(config->data_dir);
  const auto knowledge = load_knowledge(root);
  const auto mappings = load_feed_mappings(root);
  if (!knowledge || !mappings) return bad_configuration;
  if (!mappings->contains(config->feed)) {
    std::cerr << "churnwire run: detect.feed: no mapping is named " << config->feed << "; there are auto, "
              << mappings->names() << '\n';
    return bad_configuration;
  }
  if (const std::string hazards = kafka_client_hazards(); !hazards.empty()) {
    spdlog::info("librdkafka {}: {}", kafka_client_version(), hazards);
  }
  EmbeddedBroker broker;
  if (options.embedded) {
    if (IoStatus started = start_embedded(broker, *config); !started.ok()) {
      std::cerr << "churnwire run: " << started.message << '\n';
      return failed;
    }
    std::cout << broker.address() << std::endl;  // for scripts: the one line on standard output
    spdlog::info("embedded broker at {}: at-least-once, in memory, gone with this process", broker.address());
  }
  const Stages stages = options.only == "detect"      ? Stages::detect
                        : options.only == "correlate" ? Stages::correlate
                                                      : Stages::both;
  return run_daemon(*config, *knowledge, *mappings, stages,
                    [](const Topology&) { return StopSignal::raised(); });
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("run", "The daemon: reads articles, writes signals, events and alerts");
  verb->add_option("-c,--config", options->config,
                   "Configuration file; none: defaults and CHURNWIRE_* variables");
  verb->add_flag("--embedded", options->embedded,
                 "Start a broker in this process, print its address, use it");
  verb->add_option("--only", options->only, "Run one stage only")
      ->check(CLI::IsMember({"detect", "correlate"}));
  verb->footer(
      "Examples:\n"
      "  churnwire run -c /etc/churnwire.yaml\n"
      "  churnwire run --embedded\n"
      "  CHURNWIRE_INSTANCE=b churnwire run -c churnwire.yaml --only detect\n"
      "SIGTERM and SIGINT stop it cleanly. Several processes share the work; give each its own `instance`.");
  verb->callback([options, &status] { status = run(*options); });
}

}  // namespace churnwire::cli
