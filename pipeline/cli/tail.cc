#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pipeline/alert_filter.h"
#include "pipeline/cli/load.h"
#include "pipeline/cli/verbs.h"
#include "pipeline/config.h"
#include "pipeline/daemon.h"
#include "pipeline/kafka_reader.h"
#include "pipeline/log.h"
#include "pipeline/read_alert.h"
#include "pipeline/render_alert.h"
#include "schemas/codec.h"

namespace churnwire::cli {
namespace {

struct Options {
  std::string config;
  std::string brokers;
  std::string from = "latest";
  std::string where;
  std::string format = "text";
  bool state = false;
  bool exit_at_end = false;
  std::size_t max = std::numeric_limits<std::size_t>::max();
};

std::optional<ReadFrom> parse_from(const std::string& text) {
  if (text == "beginning") return ReadFrom{ReadFrom::Kind::beginning, {}};
  if (text == "latest") return ReadFrom{ReadFrom::Kind::latest, {}};
  const auto time = parse_rfc3339(text);
  if (!time) return std::nullopt;
  return ReadFrom{ReadFrom::Kind::time, *time};
}

class Tail {
 public:
  Tail(const Options& options, const Config& config, AlertFilter filter)
      : options_(options), config_(config), filter_(std::move(filter)), colour_(wants_colour(1)) {}

  /// Prints the rows that stand in the events topic now.
  int print_state() {
    KafkaReader reader(config_.kafka, config_.correlate_topics.events);
    if (IoStatus opened = reader.open({ReadFrom::Kind::beginning, {}}); !opened.ok()) return fail(opened);
    std::map<std::string, EventRow> rows;
    while (!reader.at_end() && !StopSignal::raised()) {
      IoStatus polled = reader.poll(kPoll, [&](const Record& record) {
        rows.erase(std::string(record.key));
        auto row = decode_event_row(record.value);
        if (row && !row->retracted) rows.emplace(record.key, std::move(*row));
        return true;
      });
      if (!polled.ok()) return fail(polled);
    }
    for (auto& [id, row] : rows) {
      Alert current;
      current.event = std::move(row);
      if (!filter_.accepts(current)) continue;
      if (options_.format == "text") {
        std::cout << render_event(current.event, colour_) << '\n';
      } else {
        print_json([&](std::string& out) { encode_event_row(current.event, out); });
      }
    }
    std::cout.flush();
    return done;
  }

  int follow(const ReadFrom& from) {
    KafkaReader reader(config_.kafka, config_.correlate_topics.alerts);
    if (IoStatus opened = reader.open(from); !opened.ok()) return fail(opened);
    std::size_t printed = 0;
    while (!StopSignal::raised() && printed < options_.max && !(options_.exit_at_end && reader.at_end())) {
      IoStatus polled = reader.poll(kPoll, [&](const Record& record) {
        printed += print(record) ? 1 : 0;
        return printed < options_.max;
      });
      std::cout.flush();
      if (!polled.ok()) return fail(polled);
      if (!std::cout) return failed;  // whoever read us is gone
    }
    return done;
  }

 private:
  static constexpr std::chrono::milliseconds kPoll{100};

  static int fail(const IoStatus& status) {
    std::cerr << "churnwire tail: " << status.message << '\n';
    return failed;
  }

  template <class Encode>
  void print_json(Encode&& encode) {
    line_.clear();
    encode(line_);
    std::cout << line_ << '\n';
  }

  bool print(const Record& record) {
    const auto alert = read_alert(record);
    if (!alert) {
      std::cerr << "churnwire tail: " << config_.correlate_topics.alerts << " partition " << record.partition
                << " offset " << record.offset << ": " << alert.error().field << ": " << alert.error().message
                << '\n';
      return false;
    }
    if (!filter_.accepts(*alert)) return false;
    if (options_.format == "text") {
      std::cout << render_alert(*alert, colour_) << '\n';
    } else {
      Alert with_site = *alert;
      with_site.site = config_.correlate.site;
      print_json([&](std::string& out) { encode_alert_structured(with_site, out); });
    }
    return true;
  }

  const Options& options_;
  const Config& config_;
  AlertFilter filter_;
  bool colour_;
  std::string line_;
};

int tail(const Options& options) {
  auto config = load_config(options.config);
  if (!config) {
    std::cerr << "churnwire tail: " << config.error().text() << '\n';
    return bad_configuration;
  }
  if (!options.brokers.empty()) config->kafka.brokers = options.brokers;
  auto filter = AlertFilter::parse(options.where);
  if (!filter) {
    std::cerr << "churnwire tail: --where: " << filter.error() << '\n';
    return wrong_usage;
  }
  const auto from = parse_from(options.from);
  if (!from) {
    std::cerr << "churnwire tail: --from: must be beginning, latest or an RFC 3339 instant, not "
              << options.from << '\n';
    return wrong_usage;
  }
  set_up_log("error", config->log_format);
  const StopSignal signals;
  if (IoStatus reached = check_brokers(config->kafka); !reached.ok()) {
    std::cerr << "churnwire tail: " << reached.message << '\n';
    return broker_unavailable;
  }
  Tail reader(options, *config, std::move(*filter));
  if (options.state) {
    if (const int status = reader.print_state(); status != done) return status;
  }
  return reader.follow(*from);
}

}  // namespace

void add_tail(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("tail", "Subscribes to alerts and prints them");
  verb->add_option("-c,--config", options->config,
                   "Configuration file; none: defaults and CHURNWIRE_* variables");
  verb->add_option("--brokers", options->brokers, "Overrides kafka.brokers");
  verb->add_option("--from", options->from, "beginning, latest, or an RFC 3339 instant")
      ->capture_default_str();
  verb->add_option("--where", options->where,
                   "Only alerts that meet a condition over type, event_type, phase, fact_level, confidence, "
                   "value, customer, "
                   "losing, gaining, reason, scope, origins, headline");
  verb->add_option("--format", options->format, "text, or json: one CloudEvent a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->add_flag("--state", options->state, "First print the events that stand now");
  verb->add_option("--max", options->max, "Stop after so many alerts");
  verb->add_flag("--exit-at-end", options->exit_at_end,
                 "Stop once everything was read that stood there at the start");
  verb->footer(
      "Examples:\n"
      "  churnwire tail --from beginning\n"
      "  churnwire tail --where 'losing == aws and confidence >= 0.8' --format json\n"
      "  churnwire tail --state --from 2024-01-01T00:00:00Z --where 'customer ~ \"retail\"'");
  verb->callback([options, &status] { status = tail(*options); });
}

}  // namespace churnwire::cli
