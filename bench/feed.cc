#include "bench/feed.h"

#include <fmt/core.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "operators/entities/gate.h"
#include "pipeline/data_root.h"
#include "pipeline/line_reader.h"
#include "schemas/labelled_article.h"

namespace churnwire::bench {
namespace {

[[noreturn]] void die(const std::string& message) {
  fmt::print(stderr, "bench: {}\n", message);
  std::exit(1);
}

const Gate& shared_gate() {
  static const Gate gate = [] {
    auto files = read_data_files(CHURNWIRE_SOURCE_DIR);
    if (!files) die(files.error().message);
    auto made = Gate::make(knowledge().catalog(), *files);
    if (!made) die(made.error().message);
    return std::move(*made);
  }();
  return gate;
}

struct Prose {
  std::vector<std::string> sentences;  // none passes the gate
  std::vector<std::string> churn;      // whole records
  std::vector<std::string> cloud;      // whole records
};

void split_sentences(std::string_view text, const Gate& gate, std::vector<std::string>& sentences) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(". "), text.size());
    const std::string sentence(text.substr(0, std::min(end + 1, text.size())));
    // With a licence word beside it even a weak name ("Google") would pass: what is left names no provider at
    // all.
    // Damaged text (markup, invisible characters) is rare; mixed in by the sentence it would be in every
    // article.
    const bool plain =
        sentence.find_first_of("<>&") == std::string::npos &&
        std::ranges::all_of(sentence, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (sentence.size() > 20 && plain && !gate.passes("", sentence + " egress"))
      sentences.push_back(sentence);
    text.remove_prefix(std::min(end + 2, text.size()));
  }
}

Prose read_prose() {
  ArticleDecoder decoder(feed_mappings(), "native");
  Prose prose;
  auto reader = LineReader::open(std::string(CHURNWIRE_SOURCE_DIR) + "/tests/corpus/train/en.jsonl");
  if (!reader) die(reader.error());
  std::string line;
  while (reader->next(line) == LineReader::Status::line) {
    const auto labelled = decode_labelled_article(line);
    if (!labelled) die(labelled.error().message);
    const auto article = decoder.decode(labelled->article, Timestamp{});
    if (!article) die(article.error().message);
    (labelled->churn ? prose.churn : prose.cloud).push_back(labelled->article);
    split_sentences(article->body, shared_gate(), prose.sentences);
  }
  if (prose.sentences.size() < 100) die("too few sentences without a provider in tests/corpus/train");
  return prose;
}

std::string compose(const Prose& prose, std::size_t index, std::size_t bytes, std::mt19937_64& random) {
  std::string body;
  while (body.size() < bytes) {
    body += prose.sentences[random() % prose.sentences.size()];
    body += random() % 5 == 0 ? "\n\n" : " ";
  }
  const std::string& title = prose.sentences[random() % prose.sentences.size()];
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto member = [&](const char* key, const std::string& value) {
    json.Key(key);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  member("uri", fmt::format("bench:{}", index));
  member("title", title);
  member("body", body);
  member("published_at", fmt::format("2024-03-{:02}T{:02}:00:00Z", 1 + index % 28, index % 24));
  member("language", "en");
  member("source", "Bench Wire");
  member("url", fmt::format("https://example.org/news/{}", index));
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

/// True when the record as a whole passes the gate: two sentences can license what neither does alone.
bool passes(const std::string& record) {
  static ArticleDecoder decoder(feed_mappings(), "native");
  const auto article = decoder.decode(record, Timestamp{});
  return !article || shared_gate().passes(article->title, article->body);
}

}  // namespace

Feed make_feed(const FeedShape& shape) {
  static const Prose prose = read_prose();
  std::mt19937_64 random(shape.seed);
  std::lognormal_distribution<double> lengths(std::log(std::max(shape.mean_bytes - 250, 100.0)) - 0.125, 0.5);
  std::uniform_real_distribution<double> unit(0, 1);
  Feed feed;
  for (std::size_t i = 0; i < shape.articles; ++i) {
    const double draw = unit(random);
    std::string record;
    if (draw < shape.churn_share) {
      record = prose.churn[random() % prose.churn.size()];
    } else if (draw < shape.churn_share + shape.cloud_share) {
      record = prose.cloud[random() % prose.cloud.size()];
    } else {
      const double bytes = std::clamp(lengths(random), 200.0, 60'000.0);
      record = compose(prose, i, static_cast<std::size_t>(bytes), random);
      while (passes(record)) record = compose(prose, i, static_cast<std::size_t>(bytes), random);
    }
    feed.records.emplace_back(feed.block.size(), record.size());
    feed.bytes += record.size();
    feed.block += record;
  }
  feed.block.append(256, ' ');
  return feed;
}

const Knowledge& knowledge() {
  static const Knowledge loaded = [] {
    auto files = read_data_files(CHURNWIRE_SOURCE_DIR);
    if (!files) die(files.error().message);
    auto parsed = Knowledge::parse(*files);
    if (!parsed)
      die(fmt::format("{}:{}: {}", parsed.error().file, parsed.error().line, parsed.error().message));
    return std::move(*parsed);
  }();
  return loaded;
}

const FeedMappings& feed_mappings() {
  static const FeedMappings loaded = [] {
    auto files = read_feed_files(CHURNWIRE_SOURCE_DIR);
    if (!files) die(files.error().message);
    auto parsed = FeedMappings::parse(*files);
    if (!parsed) die(parsed.error().message);
    return std::move(*parsed);
  }();
  return loaded;
}

}  // namespace churnwire::bench
