#include <fmt/core.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/batch_detector.h"
#include "pipeline/cli/load.h"
#include "pipeline/cli/verbs.h"
#include "pipeline/data_root.h"
#include "pipeline/evaluation.h"
#include "pipeline/line_reader.h"
#include "schemas/codec.h"
#include "schemas/labelled_article.h"

namespace churnwire::cli {
namespace {

using JsonWriter = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

struct Options {
  std::vector<std::string> files;
  std::string data_dir;
  std::string features;
  std::string language;
  bool json = false;
  bool misses = false;
  unsigned threads = 1;
  double floor_detection = 0;
  double floor_events = 0;
};

/// Everything that was measured, for printing.
struct Report {
  std::vector<LabelledArticle> articles;
  std::vector<BatchItem> items;
  std::vector<ArticleResult> results;
  Summary all;
  std::map<std::string, Summary> by_language;
  std::map<std::string, Summary> by_kind;
  std::map<std::string, Summary> by_confidence;
  double calibration_error = 0;
};

bool read_articles(const Options& options, std::vector<LabelledArticle>& articles) {
  bool whole = true;
  std::string line;
  for (const std::string& path : options.files) {
    auto reader = LineReader::open(path);
    if (!reader) {
      std::cerr << "churnwire eval: " << reader.error() << '\n';
      whole = false;
      continue;
    }
    LineReader::Status status;
    while ((status = reader->next(line)) == LineReader::Status::line) {
      if (line.empty()) continue;
      auto article = decode_labelled_article(line);
      if (article) {
        if (options.language.empty() || article->language.starts_with(options.language)) {
          articles.push_back(std::move(*article));
        }
        continue;
      }
      std::cerr << fmt::format("churnwire eval: {}:{}: {}: {} {}\n", reader->path(), reader->line_number(),
                               reason_code(article.error().reason), article.error().field,
                               article.error().message);
      whole = false;
    }
    if (status == LineReader::Status::broken) {
      std::cerr << "churnwire eval: " << reader->error() << '\n';
      whole = false;
    }
  }
  return whole;
}

std::string confidence_band(double confidence) {
  if (confidence == 0) return "none";
  const int low = std::min(static_cast<int>(confidence * 10), 9);
  return fmt::format("{:.1f}-{:.1f}", low / 10.0, (low + 1) / 10.0);
}

void measure(Report& report, const Catalog& catalog) {
  std::vector<std::pair<double, bool>> answers;
  for (std::size_t i = 0; i < report.articles.size(); ++i) {
    const LabelledArticle& article = report.articles[i];
    ArticleResult result = evaluate(article, report.items[i].signals, catalog);
    result.index = i;
    report.all.add(result);
    report.by_language[article.language.substr(0, article.language.find('-'))].add(result);
    report.by_kind[article.kind.substr(0, article.kind.find(':'))].add(result);
    report.by_confidence[confidence_band(result.confidence)].add(result);
    if (result.detected) answers.emplace_back(result.confidence, article.churn);
    report.results.push_back(result);
  }
  report.calibration_error = expected_calibration_error(std::move(answers));
}

std::string line_of(const std::string& label, const Summary& summary) {
  return fmt::format("{:<28} {:>6}  {:.3f} {:.3f} {:.3f}   {:.3f} {:.3f} {:.3f}\n", label.substr(0, 28),
                     summary.articles, summary.detection.precision(), summary.detection.recall(),
                     summary.detection.f1(), summary.events.precision(), summary.events.recall(),
                     summary.events.f1());
}

void print_text(const Report& report) {
  const Interval detection = bootstrap_f1(report.results, &ArticleResult::detection);
  const Interval events = bootstrap_f1(report.results, &ArticleResult::events);
  std::cout << fmt::format("{:<28} {:>6}  {:<17}   {}\n", "", "n", "detection P R F1", "events P R F1");
  std::cout << line_of("all", report.all);
  std::cout << fmt::format(
      "95 % of F1: detection {:.3f}-{:.3f}, events {:.3f}-{:.3f}; calibration error {:.3f}\n", detection.low,
      detection.high, events.low, events.high, report.calibration_error);
  std::cout << "fields of events found:";
  for (std::size_t i = 0; i < kComparedFields.size(); ++i) {
    std::cout << fmt::format(" {} {:.3f}", kComparedFields[i],
                             Tally::ratio(report.all.fields[i].right, report.all.fields[i].all));
  }
  std::cout << "\n\nby language\n";
  for (const auto& [language, summary] : report.by_language) std::cout << line_of(language, summary);
  std::cout << "\nby confidence of the strongest signal\n";
  for (const auto& [band, summary] : report.by_confidence) std::cout << line_of(band, summary);
  std::cout << "\nby kind\n";
  for (const auto& [kind, summary] : report.by_kind) std::cout << line_of(kind, summary);
}

std::string event_text(const LabelledEvent& event) {
  std::string text = event.customer.empty() ? "(" + event.customer_description + ")" : event.customer;
  text += " leaves";
  for (const std::string& id : event.losing) text += " " + id;
  text += " for";
  for (const std::string& id : event.gaining) text += " " + id;
  return text + fmt::format(" [{}, {}]", name(event.event_type), name(event.phase));
}

std::string signal_text(const Signal& signal) {
  const Customer& customer = signal.customer;
  std::string text =
      customer.anonymity == Anonymity::unnamed ? "(" + customer.description + ")" : customer.name;
  text += " leaves";
  for (const ProviderRef& ref : signal.losing_providers) text += " " + ref.id;
  text += " for";
  for (const ProviderRef& ref : signal.gaining_providers) text += " " + ref.id;
  return text + fmt::format(" [{}, {}] {:.2f} {} \"{}\"", name(signal.event_type), name(signal.phase),
                            signal.confidence, signal.evidence.empty() ? "" : signal.evidence.front().rule,
                            signal.quotes.empty() ? "" : signal.quotes.front());
}

bool missed(const ArticleResult& result) {
  return result.detection.false_positive + result.detection.false_negative + result.events.false_positive +
             result.events.false_negative !=
         0;
}

/// Every article that came out wrong, with its labels, its signals and what nearly fired.
void print_misses(const Report& report, const Knowledge& knowledge, const FeedMappings& mappings) {
  Detector detector(knowledge);
  ArticleDecoder decoder(mappings, "native");
  std::cout << "\nmisses\n";
  for (const ArticleResult& result : report.results) {
    if (!missed(result)) continue;
    const LabelledArticle& article = report.articles[result.index];
    const char* what = result.detection.false_positive != 0   ? "FALSE ALARM"
                       : result.detection.false_negative != 0 ? "MISSED"
                                                              : "ROLES";
    std::cout << fmt::format("{} {} ({}{})\n", what, article.uri, article.kind, article.edge ? ", edge" : "");
    for (const LabelledEvent& event : article.events) std::cout << "  label   " << event_text(event) << '\n';
    for (const Signal& signal : report.items[result.index].signals) {
      std::cout << "  signal  " << signal_text(signal) << '\n';
    }
    const auto decoded = decoder.decode(article.article, Timestamp{});
    if (!decoded) continue;
    for (const Candidate& candidate : detector.explain(*decoded)) {
      if (candidate.accepted) continue;
      std::cout << fmt::format("  near    {} — {}\n", signal_text(candidate.signal),
                               candidate.rejected_because);
    }
  }
}

void write_summary(JsonWriter& json, const Summary& summary) {
  const auto tally = [&](const char* key, const Tally& t) {
    json.Key(key);
    json.StartObject();
    json.Key("precision");
    json.Double(t.precision());
    json.Key("recall");
    json.Double(t.recall());
    json.Key("f1");
    json.Double(t.f1());
    json.Key("true_positive");
    json.Uint64(t.true_positive);
    json.Key("false_positive");
    json.Uint64(t.false_positive);
    json.Key("false_negative");
    json.Uint64(t.false_negative);
    json.EndObject();
  };
  json.StartObject();
  json.Key("articles");
  json.Uint64(summary.articles);
  tally("detection", summary.detection);
  tally("events", summary.events);
  json.Key("fields");
  json.StartObject();
  for (std::size_t i = 0; i < kComparedFields.size(); ++i) {
    json.Key(std::string(kComparedFields[i]).c_str());
    json.Double(Tally::ratio(summary.fields[i].right, summary.fields[i].all));
  }
  json.EndObject();
  json.EndObject();
}

void print_json(const Report& report, const Knowledge& knowledge) {
  rapidjson::StringBuffer buffer;
  JsonWriter json(buffer);
  json.SetIndent(' ', 1);
  json.SetMaxDecimalPlaces(4);
  const auto group = [&](const char* key, const std::map<std::string, Summary>& summaries) {
    json.Key(key);
    json.StartObject();
    for (const auto& [label, summary] : summaries) {
      json.Key(label.c_str());
      write_summary(json, summary);
    }
    json.EndObject();
  };
  const auto interval = [&](const char* key, const Interval& bounds) {
    json.Key(key);
    json.StartArray();
    json.Double(bounds.low);
    json.Double(bounds.high);
    json.EndArray();
  };
  json.StartObject();
  json.Key("ruleset");
  json.String(std::string(knowledge.ruleset()).c_str());
  json.Key("all");
  write_summary(json, report.all);
  interval("detection_f1_interval", bootstrap_f1(report.results, &ArticleResult::detection));
  interval("events_f1_interval", bootstrap_f1(report.results, &ArticleResult::events));
  json.Key("calibration_error");
  json.Double(report.calibration_error);
  group("by_language", report.by_language);
  group("by_confidence", report.by_confidence);
  group("by_kind", report.by_kind);
  json.Key("misses");
  json.StartArray();
  for (const ArticleResult& result : report.results) {
    if (missed(result)) json.String(report.articles[result.index].uri.c_str());
  }
  json.EndArray();
  json.EndObject();
  std::cout << buffer.GetString() << '\n';
}

/// Writes one JSON object a candidate, accepted or not: what a trainer of the scorer reads.
int write_features(const Options& options, const Report& report, const Knowledge& knowledge,
                   const FeedMappings& mappings) {
  std::ofstream out(options.features);
  Detector detector(knowledge);
  ArticleDecoder decoder(mappings, "native");
  for (const LabelledArticle& article : report.articles) {
    const auto decoded = decoder.decode(article.article, Timestamp{});
    if (!decoded) continue;
    for (const Candidate& candidate : detector.explain(*decoded)) {
      rapidjson::StringBuffer buffer;
      rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
      json.StartObject();
      json.Key("uri");
      json.String(article.uri.c_str());
      json.Key("language");
      json.String(article.language.c_str());
      json.Key("churn");
      json.Bool(article.churn);
      json.Key("match");
      json.Bool(matches_an_event(article, candidate.signal, knowledge.catalog()));
      json.Key("features");
      json.StartObject();
      for (const FeatureShare& feature : candidate.features) {
        json.Key(feature.name.c_str());
        json.Double(feature.value);
      }
      json.EndObject();
      json.EndObject();
      out << buffer.GetString() << '\n';
    }
  }
  out.flush();
  if (!out) std::cerr << "churnwire eval: cannot write " << options.features << '\n';
  return out ? done : failed;
}

int eval(const Options& options) {
  const std::filesystem::path root =
      options.data_dir.empty() ? default_data_root() : std::filesystem::path(options.data_dir);
  const auto knowledge = load_knowledge(root);
  const auto mappings = load_feed_mappings(root);
  if (!knowledge || !mappings) return bad_configuration;
  Report report;
  const bool whole = read_articles(options, report.articles);
  if (!options.features.empty()) return write_features(options, report, *knowledge, *mappings);
  if (report.articles.empty()) {
    std::cerr << "churnwire eval: no labelled article could be read\n";
    return bad_input;
  }
  report.items.resize(report.articles.size());
  for (std::size_t i = 0; i < report.items.size(); ++i) report.items[i].payload = report.articles[i].article;
  BatchDetector(*knowledge, *mappings, "native", options.threads, Timestamp{}).run(report.items);
  measure(report, knowledge->catalog());
  if (options.json) {
    print_json(report, *knowledge);
  } else {
    print_text(report);
    if (options.misses) print_misses(report, *knowledge, *mappings);
  }
  if (!whole) return bad_input;
  const bool above =
      report.all.detection.f1() >= options.floor_detection && report.all.events.f1() >= options.floor_events;
  if (!above) {
    std::cerr << fmt::format(
        "churnwire eval: below the floor: detection F1 {:.3f} (floor {:.3f}), events F1 {:.3f} "
        "(floor {:.3f})\n",
        report.all.detection.f1(), options.floor_detection, report.all.events.f1(), options.floor_events);
  }
  return above ? done : failed;
}

}  // namespace

void add_eval(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("eval", "Measures detection against labelled articles");
  verb->add_option("FILE", options->files, "Labelled articles, JSON lines, plain, .gz or .zst")->required();
  verb->add_flag("--json", options->json, "Print one JSON object");
  verb->add_flag("--misses", options->misses,
                 "List every article that came out wrong, and what nearly fired");
  verb->add_option("--features", options->features,
                   "Write every candidate's features to this file instead, for training the scorer");
  verb->add_option("--language", options->language, "Only articles of this language");
  verb->add_option("--threads", options->threads, "Threads that detect")->check(CLI::Range(1, 256));
  verb->add_option("--floor-detection", options->floor_detection, "Fail below this detection F1")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--floor-events", options->floor_events, "Fail below this events F1")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--data-dir", options->data_dir, "Folder with operators/data and schemas");
  verb->footer(
      "Examples:\n"
      "  churnwire eval tests/corpus/tune/en.jsonl --misses\n"
      "  churnwire eval tests/corpus/test/*.jsonl --json\n"
      "  churnwire eval tests/corpus/tune/en.jsonl --floor-detection 0.7");
  verb->callback([options, &status] { status = eval(*options); });
}

}  // namespace churnwire::cli
