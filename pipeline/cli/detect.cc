#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "operators/correlate/correlator.h"
#include "pipeline/batch_detector.h"
#include "pipeline/cli/load.h"
#include "pipeline/cli/verbs.h"
#include "pipeline/data_root.h"
#include "pipeline/line_reader.h"
#include "schemas/codec.h"

namespace churnwire::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string emit = "alerts";
  std::string input = "articles";
  std::string feed = "auto";
  std::string record_time = "1970-01-01T00:00:00Z";
  std::string data_dir;
  std::string site = "default";
  bool current = false;
  bool quiet = false;
  unsigned threads = 1;
};

struct Counts {
  std::size_t read = 0, unreadable = 0, gated_out = 0, no_signal = 0, signalled = 0, signals = 0, rows = 0,
              alerts = 0;
};

/// The offline path: the same decoder, detector and correlator objects as in the daemon, fed from files.
class Offline {
 public:
  Offline(const Options& options, const Knowledge& knowledge, const FeedMappings& mappings,
          Timestamp record_time)
      : options_(options),
        detector_(knowledge, mappings, options.feed, options.threads, record_time),
        correlator_(knowledge.catalog(), CorrelateOptions{.site = options.site}),
        progress_(is_terminal(2) && !options.quiet) {}

  /// Reads one file to its end. False when it could not be read to its end.
  bool read(LineReader& reader) {
    std::vector<BatchItem> batch(kBatchRecords);
    for (;;) {
      std::size_t filled = 0;
      LineReader::Status status = LineReader::Status::line;
      while (filled < batch.size() &&
             (status = reader.next(batch[filled].payload)) == LineReader::Status::line) {
        if (batch[filled].payload.empty() && options_.input == "articles") continue;
        batch[filled++].line_number = reader.line_number();
      }
      take(std::span(batch).first(filled), reader.path());
      if (status == LineReader::Status::end) return true;
      if (status == LineReader::Status::broken) {
        std::cerr << "churnwire detect: " << reader.error() << '\n';
        return false;
      }
    }
  }

  void finish() {
    if (options_.current) {
      for (const EventRow& row : correlator_.rows()) {
        if (row.retracted) continue;
        write([&](std::string& out) { encode_event_row(row, out); });
      }
    }
    std::cout.flush();
    if (progress_) std::cerr << "\r\x1b[K";
    if (!options_.quiet) std::cerr << summary() << '\n';
  }

  const Counts& counts() const { return counts_; }

 private:
  static constexpr std::size_t kBatchRecords = 2048;

  void take(std::span<BatchItem> batch, const std::string& path) {
    const bool articles = options_.input == "articles";
    if (articles) {
      detector_.run(batch);
    } else {
      for (BatchItem& item : batch) parse_signal(item);
    }
    for (BatchItem& item : batch) {
      ++counts_.read;
      if (item.error) {
        report(*item.error, path, item.line_number);
        continue;
      }
      if (articles) {
        counts_.gated_out += item.outcome == DetectOutcome::gated_out;
        counts_.no_signal += item.outcome == DetectOutcome::no_signal;
        counts_.signalled += item.outcome == DetectOutcome::signalled;
      }
      for (const Signal& signal : item.signals) emit(signal);
    }
    if (progress_) {
      std::cerr << fmt::format("\r\x1b[K{} records, {} signals, {} alerts", counts_.read, counts_.signals,
                               counts_.alerts)
                << std::flush;
    }
  }

  static void parse_signal(BatchItem& item) {
    item.error.reset();
    item.signals.clear();
    auto signal = decode_signal(item.payload);
    if (signal) {
      item.signals.push_back(std::move(*signal));
    } else {
      item.error = std::move(signal.error());
    }
  }

  void report(const DecodeError& error, const std::string& path, std::size_t line_number) {
    ++counts_.unreadable;
    std::cerr << fmt::format("{}churnwire detect: {}:{}: {}: {}{} (byte {})\n", progress_ ? "\r\x1b[K" : "",
                             path, line_number, reason_code(error.reason),
                             error.field.empty() ? "" : "field " + error.field + ": ", error.message,
                             error.byte_offset);
  }

  void emit(const Signal& signal) {
    ++counts_.signals;
    if (options_.emit == "signals") {
      write([&](std::string& out) { encode_signal(signal, out); });
      return;
    }
    correlator_.apply(signal, output_);
    correlator_.commit();
    counts_.rows += output_.rows.size();
    counts_.alerts += output_.alerts.size();
    if (options_.emit == "events" && !options_.current) {
      for (const EventRow& row : output_.rows) write([&](std::string& out) { encode_event_row(row, out); });
    } else if (options_.emit == "alerts") {
      for (const Alert& alert : output_.alerts)
        write([&](std::string& out) { encode_alert_structured(alert, out); });
    }
  }

  template <class Encode>
  void write(Encode&& encode) {
    line_.clear();
    encode(line_);
    line_.push_back('\n');
    std::cout.write(line_.data(), static_cast<std::streamsize>(line_.size()));
  }

  std::string summary() const {
    std::string text =
        fmt::format("{} {} read, {} unreadable", counts_.read, options_.input, counts_.unreadable);
    if (options_.input == "articles") {
      text += fmt::format(", {} gated out, {} without and {} with signals", counts_.gated_out,
                          counts_.no_signal, counts_.signalled);
    }
    text += fmt::format("; {} signals", counts_.signals);
    if (options_.emit != "signals")
      text += fmt::format(", {} event rows, {} alerts", counts_.rows, counts_.alerts);
    return text;
  }

  const Options& options_;
  BatchDetector detector_;
  Correlator correlator_;
  CorrelateOutput output_;
  Counts counts_;
  std::string line_;
  bool progress_;
};

int detect(const Options& options) {
  const auto record_time = parse_rfc3339(options.record_time);
  if (!record_time) {
    std::cerr << "churnwire detect: --record-time: not an RFC 3339 instant: " << options.record_time << '\n';
    return wrong_usage;
  }
  const std::filesystem::path root =
      options.data_dir.empty() ? default_data_root() : std::filesystem::path(options.data_dir);
  const auto knowledge = load_knowledge(root);
  const auto mappings = load_feed_mappings(root);
  if (!knowledge || !mappings) return bad_configuration;
  if (!mappings->contains(options.feed)) {
    std::cerr << fmt::format("churnwire detect: --feed: no mapping is named {}; there are auto, {}\n",
                             options.feed, mappings->names());
    return wrong_usage;
  }
  Offline offline(options, *knowledge, *mappings, *record_time);
  bool whole = true;
  for (const std::string& path : options.files) {
    auto reader = LineReader::open(path);
    if (!reader) {
      std::cerr << "churnwire detect: " << reader.error() << '\n';
      whole = false;
      continue;
    }
    whole = offline.read(*reader) && whole;
  }
  offline.finish();
  if (!std::cout) {
    std::cerr << "churnwire detect: standard output cannot be written\n";
    return failed;
  }
  return whole && offline.counts().unreadable == 0 ? done : bad_input;
}

}  // namespace

void add_detect(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("detect", "Finds churn in files of articles, without Kafka");
  verb->add_option("FILE", options->files, "JSON lines, plain, .gz or .zst; - or nothing: standard input");
  verb->add_option("--emit", options->emit, "What to print, one JSON object a line")
      ->check(CLI::IsMember({"signals", "events", "alerts"}))
      ->capture_default_str();
  verb->add_option("--input", options->input, "What the files hold")
      ->check(CLI::IsMember({"articles", "signals"}))
      ->capture_default_str();
  verb->add_option("--feed", options->feed, "Feed mapping of the articles; auto looks at each record")
      ->capture_default_str();
  verb->add_option("--threads", options->threads,
                   "Threads that detect; the output is the same for any number")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  verb->add_flag("--current", options->current, "With --emit events: only the rows that stand at the end");
  verb->add_option("--record-time", options->record_time, "Publication time of articles that have none")
      ->capture_default_str();
  verb->add_option("--site", options->site, "CloudEvents source of alerts: /churnwire/SITE")
      ->capture_default_str();
  verb->add_option("--data-dir", options->data_dir, "Folder with operators/data and schemas");
  verb->add_flag("-q,--quiet", options->quiet, "No progress and no summary");
  verb->footer(
      "Examples:\n"
      "  churnwire detect deploy/demo/feed.jsonl\n"
      "  zcat feed.gz | churnwire detect --emit signals --threads 2\n"
      "  churnwire detect --input signals --emit events --current signals.jsonl\n"
      "Unreadable records are named on standard error, the rest goes on; the exit status is then 65.");
  verb->callback([options, &status] {
    if (options->files.empty()) options->files.emplace_back("-");
    status = detect(*options);
  });
}

}  // namespace churnwire::cli
