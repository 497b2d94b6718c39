#include <fmt/core.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/cli/load.h"
#include "pipeline/cli/verbs.h"
#include "pipeline/data_root.h"
#include "pipeline/line_reader.h"
#include "schemas/codec.h"

namespace churnwire::cli {
namespace {

constexpr std::size_t kFeaturesShown = 12;

struct Options {
  std::string file = "-";
  std::string feed = "auto";
  std::string data_dir;
  bool json = false;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string joined(const std::vector<ProviderRef>& providers) {
  std::string text;
  for (const ProviderRef& provider : providers) text += (text.empty() ? "" : ", ") + provider.id;
  return text.empty() ? "–" : text;
}

/// `field` with the evidence of all `signals` marked, in colour or by [[ ]].
std::string highlighted(std::string_view text, Field field, const std::vector<Candidate>& candidates,
                        bool colour) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const Candidate& candidate : candidates) {
    if (!candidate.accepted) continue;
    for (const Evidence& evidence : candidate.signal.evidence) {
      if (evidence.field == field) ranges.emplace_back(evidence.begin, evidence.end);
    }
  }
  std::ranges::sort(ranges);
  std::string marked;
  std::size_t at = 0;
  for (const auto& [begin, end] : ranges) {
    const std::size_t from = std::max(begin, at);
    if (from >= end || end > text.size()) continue;
    marked += text.substr(at, from - at);
    marked += colour ? "\x1b[1;33m" : "[[";
    marked += text.substr(from, end - from);
    marked += colour ? "\x1b[0m" : "]]";
    at = end;
  }
  return marked + std::string(text.substr(at));
}

void print_candidate(const Candidate& candidate) {
  const Signal& signal = candidate.signal;
  const Customer& customer = signal.customer;
  const bool named = customer.anonymity == Anonymity::named;
  std::cout << fmt::format("{}  {}  {} → {}\n", candidate.accepted ? "SIGNAL" : "not",
                           named ? customer.name : "unnamed: " + customer.description,
                           joined(signal.losing_providers), joined(signal.gaining_providers));
  if (!candidate.accepted) std::cout << "  why not     " << candidate.rejected_because << '\n';
  std::cout << fmt::format("  event       {}, {}, {}{}\n", name(signal.event_type), name(signal.phase),
                           name(signal.fact_level), signal.historic ? ", historic" : "");
  std::cout << fmt::format("  confidence  {:.4f} (score {:+.2f})\n", signal.confidence, candidate.score);
  if (!customer.mentions.empty()) std::cout << "  mentions    " << joined(customer.mentions) << '\n';
  if (!signal.scope.workloads.empty() || !signal.scope.regions.empty()) {
    std::cout << fmt::format("  scope       {} {} {}\n", name(signal.scope.kind),
                             joined(signal.scope.workloads), joined(signal.scope.regions));
  }
  for (const Money& money : signal.money) {
    std::cout << fmt::format("  money       {}{} {} {}\n", money.approx ? "about " : "", money.amount,
                             money.currency, name(money.basis));
  }
  if (signal.annual_value_usd) std::cout << fmt::format("  a year      {} USD\n", *signal.annual_value_usd);
  for (const Reason reason : signal.reasons) std::cout << "  reason      " << name(reason) << '\n';
  for (std::size_t i = 0; i < signal.evidence.size(); ++i) {
    const Evidence& evidence = signal.evidence[i];
    std::cout << fmt::format("  evidence    {} [{}, {}) rule {} \"{}\"{}\n", name(evidence.field),
                             evidence.begin, evidence.end, evidence.rule, evidence.trigger,
                             evidence.cues.empty() ? "" : " cues: " + joined(evidence.cues));
  }
  for (std::size_t i = 0; i < std::min(candidate.features.size(), kFeaturesShown); ++i) {
    const FeatureShare& feature = candidate.features[i];
    std::cout << fmt::format("  feature     {:+.3f}  {} = {:.3g}\n", feature.share, feature.name,
                             feature.value);
  }
  if (candidate.features.size() > kFeaturesShown) {
    std::cout << fmt::format("              and {} smaller ones\n",
                             candidate.features.size() - kFeaturesShown);
  }
}

void print_json(const std::vector<Candidate>& candidates) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
  json.SetIndent(' ', 1);
  json.StartArray();
  for (const Candidate& candidate : candidates) {
    std::string signal;
    encode_signal(candidate.signal, signal);
    json.StartObject();
    json.Key("accepted");
    json.Bool(candidate.accepted);
    json.Key("rejected_because");
    json.String(candidate.rejected_because.c_str());
    json.Key("score");
    json.Double(candidate.score);
    json.Key("features");
    json.StartArray();
    for (const FeatureShare& feature : candidate.features) {
      json.StartObject();
      json.Key("name");
      json.String(feature.name.c_str());
      json.Key("value");
      json.Double(feature.value);
      json.Key("share");
      json.Double(feature.share);
      json.EndObject();
    }
    json.EndArray();
    json.Key("signal");
    json.RawValue(signal.c_str(), signal.size(), rapidjson::kObjectType);
    json.EndObject();
  }
  json.EndArray();
  std::cout << buffer.GetString() << '\n';
}

/// Plain text as an article: the first line is the title.
Article plain_article(std::string_view text) {
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  Article article;
  article.uri = "text";
  article.title = text.substr(0, line_end);
  article.body = text.substr(std::min(line_end + 1, text.size()));
  article.time_assumed = true;
  return article;
}

int explain(const Options& options) {
  const std::filesystem::path root =
      options.data_dir.empty() ? default_data_root() : std::filesystem::path(options.data_dir);
  const auto knowledge = load_knowledge(root);
  const auto mappings = load_feed_mappings(root);
  if (!knowledge || !mappings) return bad_configuration;
  if (!mappings->contains(options.feed)) {
    std::cerr << fmt::format("churnwire explain: --feed: no mapping is named {}; there are auto, {}\n",
                             options.feed, mappings->names());
    return wrong_usage;
  }
  auto reader = LineReader::open(options.file);
  if (!reader) {
    std::cerr << "churnwire explain: " << reader.error() << '\n';
    return bad_input;
  }
  std::string text;
  std::string line;
  LineReader::Status status;
  while ((status = reader->next(line)) == LineReader::Status::line) text += line + '\n';
  if (status == LineReader::Status::broken) {
    std::cerr << "churnwire explain: " << reader->error() << '\n';
    return bad_input;
  }
  while (text.ends_with('\n')) text.pop_back();

  ArticleDecoder decoder(*mappings, options.feed);
  Article article;
  if (text.starts_with('{')) {
    const auto decoded = decoder.decode(text, Timestamp{});
    if (!decoded) {
      std::cerr << fmt::format("churnwire explain: {}: {}: {} {} (byte {})\n", reader->path(),
                               reason_code(decoded.error().reason), decoded.error().field,
                               decoded.error().message, decoded.error().byte_offset);
      return bad_input;
    }
    article = *decoded;
  } else if (!text.empty()) {
    article = plain_article(text);
  } else {
    std::cerr << "churnwire explain: " << reader->path()
              << " is empty; give one article, JSON or plain text\n";
    return bad_input;
  }

  Detector detector(*knowledge);
  if (detector.detect(article) == DetectOutcome::gated_out && !options.json) {
    std::cout << "gated out: names no provider and does not speak of the cloud or of hosting\n";
    return done;
  }
  const std::vector<Candidate> candidates = detector.explain(article);
  if (options.json) {
    print_json(candidates);
    return done;
  }
  const bool colour = wants_colour(1);
  std::cout << highlighted(article.title, Field::title, candidates, colour) << "\n\n"
            << highlighted(article.body, Field::body, candidates, colour) << "\n\n";
  if (candidates.empty()) std::cout << "no rule fired\n";
  for (const Candidate& candidate : candidates) print_candidate(candidate);
  return done;
}

}  // namespace

void add_explain(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("explain", "Tells for one article what fired and why, and what nearly did");
  verb->add_option("FILE", options->file,
                   "One article, JSON or plain text (first line: title); - : standard input")
      ->capture_default_str();
  verb->add_option("--feed", options->feed, "Feed mapping of a JSON article")->capture_default_str();
  verb->add_option("--data-dir", options->data_dir, "Folder with operators/data and schemas");
  verb->add_flag("--json", options->json, "Print a JSON array of candidates");
  verb->footer(
      "Examples:\n"
      "  churnwire explain article.json\n"
      "  printf 'Acme to leave AWS\\nAcme Corp said it will move off AWS.' | churnwire explain");
  verb->callback([options, &status] { status = explain(*options); });
}

}  // namespace churnwire::cli
