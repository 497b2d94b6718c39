#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/cli/verbs.h"
#include "pipeline/config.h"
#include "pipeline/dead_letter.h"
#include "pipeline/kafka_admin.h"
#include "pipeline/kafka_reader.h"
#include "pipeline/log.h"

namespace churnwire::cli {
namespace {

struct Options {
  std::string config;
  std::string brokers;
  std::string reason;
  std::string place;  // partition:offset
  bool dry_run = false;
};

int fail(const std::string& message, int status) {
  std::cerr << "churnwire dlq: " << message << '\n';
  return status;
}

std::string header(const Record& record, std::string_view leaf) {
  for (const Header& header : record.headers) {
    if (header.name.starts_with(kDeadLetterPrefix) && header.name.substr(kDeadLetterPrefix.size()) == leaf) {
      return std::string(header.value);
    }
  }
  return {};
}

/// Loads the configuration and hands every dead letter that the options choose to `visit`.
int for_each(const Options& options, Config& config, const std::function<void(const Record&)>& visit) {
  auto loaded = load_config(options.config);
  if (!loaded) return fail(loaded.error().text(), bad_configuration);
  config = std::move(*loaded);
  if (!options.brokers.empty()) config.kafka.brokers = options.brokers;
  set_up_log("error", config.log_format);
  if (IoStatus reached = check_brokers(config.kafka); !reached.ok())
    return fail(reached.message, broker_unavailable);
  KafkaReader reader(config.kafka, config.detect_topics.dead_letters);
  if (IoStatus opened = reader.open({ReadFrom::Kind::beginning, {}}); !opened.ok())
    return fail(opened.message, failed);
  while (!reader.at_end()) {
    IoStatus polled = reader.poll(std::chrono::milliseconds(200), [&](const Record& record) {
      const bool reason = options.reason.empty() || header(record, "reason_code") == options.reason;
      const bool place =
          options.place.empty() || options.place == fmt::format("{}:{}", record.partition, record.offset);
      if (reason && place) visit(record);
      return true;
    });
    if (!polled.ok()) return fail(polled.message, failed);
  }
  return done;
}

std::string printable(std::string_view bytes, std::size_t max) {
  std::string text;
  for (const char c : bytes.substr(0, max))
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '.' : c;
  return bytes.size() > max ? text + "…" : text;
}

int list(const Options& options) {
  Config config;
  std::map<std::string, std::size_t> reasons;
  const int status = for_each(options, config, [&](const Record& record) {
    ++reasons[header(record, "reason_code")];
    std::cout << fmt::format("{}:{}  {}:{}:{}  {}  {}  {}\n", record.partition, record.offset,
                             header(record, "topic"), header(record, "partition"), header(record, "offset"),
                             header(record, "reason_code"), header(record, "message"),
                             printable(record.value, 60));
  });
  if (status != done) return status;
  std::cout.flush();
  std::string sums;
  for (const auto& [reason, count] : reasons)
    sums += fmt::format("{}{} {}", sums.empty() ? "" : ", ", count, reason);
  std::cerr << (sums.empty() ? "no dead letters" : sums) << '\n';
  return done;
}

int show(const Options& options) {
  Config config;
  bool found = false;
  const int status = for_each(options, config, [&](const Record& record) {
    found = true;
    for (const Header& header : record.headers) std::cout << header.name << ": " << header.value << '\n';
    std::cout << "key: " << record.key << "\n\n" << record.value << '\n';
  });
  if (status != done) return status;
  std::cout.flush();
  return found ? done : fail("there is no dead letter at " + options.place, failed);
}

int retry(const Options& options) {
  Config config;
  struct Letter {
    std::string topic, key, value;
    Timestamp timestamp;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  std::vector<Letter> letters;
  std::size_t cut = 0;
  const int status = for_each(options, config, [&](const Record& record) {
    if (!header(record, "truncated_from").empty()) {
      ++cut;
      return;
    }
    Letter letter{
        header(record, "topic"), std::string(record.key), std::string(record.value), record.timestamp, {}};
    for (const Header& h : record.headers) letter.headers.emplace_back(h.name, h.value);
    letters.push_back(std::move(letter));
  });
  if (status != done) return status;
  if (cut != 0)
    std::cerr << "churnwire dlq: " << cut << " left out: the record was too large to be kept whole\n";
  if (!options.dry_run) {
    KafkaProducer producer(config.kafka);
    if (IoStatus opened = producer.open(); !opened.ok()) return fail(opened.message, failed);
    for (const Letter& letter : letters) {
      std::vector<Header> headers;
      for (const auto& [name, value] : letter.headers) {
        if (!name.starts_with(kDeadLetterPrefix)) headers.push_back({name, value});
      }
      IoStatus sent = producer.send({.topic = letter.topic,
                                     .partition = -1,
                                     .key = letter.key,
                                     .value = letter.value,
                                     .timestamp = letter.timestamp,
                                     .headers = headers});
      if (!sent.ok()) return fail(sent.message, failed);
    }
    if (IoStatus flushed = producer.flush(); !flushed.ok()) return fail(flushed.message, failed);
  }
  std::cout << fmt::format("{} {} sent again to where they came from\n", letters.size(),
                           options.dry_run ? "dead letters would be" : "dead letters were");
  return done;
}

}  // namespace

void add_dlq(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("dlq", "Dead letters: records that could not be read");
  verb->require_subcommand(1);
  const auto sub = [&](const char* name, const char* what, int (*act)(const Options&)) {
    CLI::App* made = verb->add_subcommand(name, what);
    made->add_option("-c,--config", options->config,
                     "Configuration file; none: defaults and CHURNWIRE_* variables");
    made->add_option("--brokers", options->brokers, "Overrides kafka.brokers");
    made->callback([options, &status, act] { status = act(*options); });
    return made;
  };
  sub("list", "One line each, and counts by reason", list)
      ->add_option("--reason", options->reason, "Only this reason code, such as not_json");
  sub("show", "One dead letter whole", show)
      ->add_option("PLACE", options->place, "partition:offset, as list prints it first")
      ->required();
  CLI::App* again = sub("retry", "Sends dead letters again to the topic that they came from", retry);
  again->add_option("--reason", options->reason, "Only this reason code");
  again->add_option("PLACE", options->place, "Only the one at partition:offset");
  again->add_flag("--dry-run", options->dry_run, "Only count them");
  verb->footer(
      "Examples:\n"
      "  churnwire dlq list --reason not_json\n"
      "  churnwire dlq show 0:17\n"
      "  churnwire dlq retry --reason bad_value --dry-run");
}

}  // namespace churnwire::cli
