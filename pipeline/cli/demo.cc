#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "pipeline/cli/load.h"
#include "pipeline/cli/verbs.h"
#include "pipeline/config.h"
#include "pipeline/daemon.h"
#include "pipeline/data_root.h"
#include "pipeline/embedded.h"
#include "pipeline/kafka_reader.h"
#include "pipeline/line_reader.h"
#include "pipeline/log.h"
#include "pipeline/read_alert.h"
#include "pipeline/render_alert.h"

namespace churnwire::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kGiveUpAfter{90};

struct Options {
  std::string feed;
  bool once = false;
};

/// Sends every line of the feed to the articles topic.
IoStatus send_feed(const Config& config, LineReader& feed, std::size_t& sent) {
  KafkaProducer producer(config.kafka);
  if (IoStatus opened = producer.open(); !opened.ok()) return opened;
  std::string line;
  const auto now = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
  while (feed.next(line) == LineReader::Status::line) {
    if (line.empty()) continue;
    // One partition keeps the feed in its order, so that the demo tells its stories the same way each time.
    IoStatus queued = producer.send({.topic = config.detect_topics.articles,
                                     .partition = 0,
                                     .key = {},
                                     .value = line,
                                     .timestamp = now,
                                     .headers = {}});
    if (!queued.ok()) return queued;
    ++sent;
  }
  if (!feed.error().empty()) return {IoCode::fatal, feed.error()};
  return producer.flush();
}

/// The subscriber of the demo: prints each alert as it comes.
class Subscriber {
 public:
  explicit Subscriber(const Config& config) : reader_(config.kafka, config.correlate_topics.alerts) {}

  IoStatus open() { return reader_.open({ReadFrom::Kind::beginning, {}}); }

  IoStatus print_new(bool colour) {
    return reader_.poll(milliseconds(50), [&](const Record& record) {
      const auto alert = read_alert(record);
      if (!alert) return true;
      // At least once on the embedded broker: the id tells a repetition.
      if (!seen_.emplace(fmt::format("{}:{}", alert->event.event_id, alert->event.revision), true).second)
        return true;
      std::cout << render_alert(*alert, colour) << std::endl;
      ++types_[std::string(name(alert->type))];
      return true;
    });
  }

  std::size_t alerts() const { return seen_.size(); }
  const std::map<std::string, std::size_t>& types() const { return types_; }

 private:
  KafkaReader reader_;
  std::map<std::string, bool> seen_;
  std::map<std::string, std::size_t> types_;
};

bool all_processed(const TopologyStats& stats, std::size_t sent) {
  return stats.detect.records >= sent && stats.signals_in >= stats.signals;
}

void print_summary(const TopologyStats& stats, const Subscriber& subscriber, std::size_t sent) {
  std::string types;
  for (const auto& [type, count] : subscriber.types())
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", count, type);
  std::cout << fmt::format(
                   "{} records sent: {} articles gated out, {} read without a signal, {} with signals, {} "
                   "dead letters\n"
                   "{} signals became {} events and {} alerts ({})",
                   sent, stats.gated_out, stats.no_signal, stats.signalled, stats.dead, stats.signals_in,
                   stats.events, subscriber.alerts(), types)
            << std::endl;
}

class Demo {
 public:
  Demo(const Options& options, Config config) : options_(options), config_(std::move(config)) {}

  int run(const Knowledge& knowledge, const FeedMappings& mappings, LineReader& feed) {
    EmbeddedBroker broker;
    if (IoStatus started = start_embedded(broker, config_); !started.ok()) return fail(started.message);
    std::cerr << fmt::format("embedded broker at {}; streaming {} through the daemon\n\n", broker.address(),
                             feed.path());
    Subscriber subscriber(config_);
    if (IoStatus opened = subscriber.open(); !opened.ok()) return fail(opened.message);
    Topology topology(config_, knowledge, mappings, Stages::both);
    topology.start();
    std::size_t sent = 0;
    if (IoStatus fed = send_feed(config_, feed, sent); !fed.ok()) return fail(fed.message);
    const int status = watch(topology, subscriber, sent);
    const TopologyStats stats = topology.stats();
    topology.stop();
    if (topology.failed()) return fail(topology.failure());
    print_summary(stats, subscriber, sent);
    return status;
  }

 private:
  int watch(const Topology& topology, Subscriber& subscriber, std::size_t sent) {
    const bool colour = wants_colour(1);
    const auto give_up = steady_clock::now() + kGiveUpAfter;
    auto settled_since = steady_clock::time_point::max();
    while (!StopSignal::raised() && !topology.failed()) {
      const std::size_t before = subscriber.alerts();
      if (IoStatus polled = subscriber.print_new(colour); !polled.ok()) return fail(polled.message);
      if (!options_.once) continue;
      const auto now = steady_clock::now();
      const TopologyStats stats = topology.stats();
      const bool quiet =
          all_processed(stats, sent) && subscriber.alerts() == before && subscriber.alerts() >= stats.alerts;
      if (!quiet) settled_since = steady_clock::time_point::max();
      if (quiet && settled_since == steady_clock::time_point::max()) settled_since = now;
      if (quiet && now - settled_since > kSettle) return done;
      if (now > give_up) return fail("the feed was not processed within 90 s");
    }
    return done;
  }

  static int fail(const std::string& message) {
    std::cerr << "churnwire demo: " << message << '\n';
    return failed;
  }

  static constexpr milliseconds kSettle{400};
  const Options& options_;
  Config config_;
};

int demo(const Options& options) {
  set_up_log("warn", "text");
  const StopSignal signals;
  const auto root = default_data_root();
  const auto knowledge = load_knowledge(root);
  const auto mappings = load_feed_mappings(root);
  if (!knowledge || !mappings) return bad_configuration;
  const std::string path =
      options.feed.empty() ? (root / "deploy" / "demo" / "feed.jsonl").string() : options.feed;
  auto feed = LineReader::open(path);
  if (!feed) {
    std::cerr << "churnwire demo: " << feed.error() << '\n';
    return bad_input;
  }
  auto config = load_config("");
  if (!config) {
    std::cerr << "churnwire demo: " << config.error().text() << '\n';
    return bad_configuration;
  }
  config->partitions = 1;
  config->http = "off";
  config->policy.commit_interval = milliseconds(50);
  config->policy.records_per_poll_max = 20;  // small steps, so that alerts appear as the feed goes by
  return Demo(options, std::move(*config)).run(*knowledge, *mappings, *feed);
}

}  // namespace

void add_demo(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("demo", "Embedded broker, daemon, sample feed, alerts in the terminal");
  verb->add_flag("--once", options->once, "End once the feed is processed; else go on until Ctrl-C");
  verb->add_option("--feed", options->feed, "Another feed, JSON lines, plain, .gz or .zst");
  verb->footer(
      "Examples:\n"
      "  churnwire demo --once\n"
      "  NO_COLOR=1 churnwire demo --once --feed articles.jsonl");
  verb->callback([options, &status] { status = demo(*options); });
}

}  // namespace churnwire::cli
