// Stages of detection from memory on one core, each as a ratio to simdjson's own extraction of the same
// fields:
//   bench/run            all of them, in random interleaving, with the ratios at the end
// Input: 20,000 articles of 3.6 kB on average, prose of tests/corpus without a provider's name; the mixed
// feeds hold labelled articles in the shares that performance.md gives for general and technology news.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/feed.h"

namespace churnwire::bench {
namespace {

const Feed& general() {
  static const Feed feed = make_feed({});
  return feed;
}
const Feed& general_mix() {
  static const Feed feed = make_feed({.churn_share = 0.0005, .cloud_share = 0.0045, .seed = 2});
  return feed;
}
const Feed& technology_mix() {
  static const Feed feed = make_feed({.churn_share = 0.005, .cloud_share = 0.045, .seed = 3});
  return feed;
}
const Feed& deep() {
  static const Feed feed = make_feed({.articles = 2'000, .churn_share = 0.5, .cloud_share = 0.5, .seed = 4});
  return feed;
}

void account(benchmark::State& state, const Feed& feed) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * feed.bytes));
  state.counters["articles/s"] = benchmark::Counter(
      static_cast<double>(state.iterations() * feed.records.size()), benchmark::Counter::kIsRate);
}

/// One pass over the object, title and body unescaped: what a program that only wanted the fields would do.
void simdjson_extraction(benchmark::State& state) {
  const Feed& feed = general();
  simdjson::ondemand::parser parser;
  for (auto iteration : state) {
    std::size_t text_bytes = 0;
    for (std::size_t i = 0; i < feed.records.size(); ++i) {
      const std::string_view json = feed.record(i);
      const simdjson::padded_string_view padded(json.data(), json.size(),
                                                json.size() + simdjson::SIMDJSON_PADDING);
      auto document = parser.iterate(padded);
      for (auto field : document.get_object()) {
        const std::string_view key = field.unescaped_key();
        const std::string_view value = field.value().get_string();
        if (key == "title" || key == "body") text_bytes += value.size();
        benchmark::DoNotOptimize(value.data());
      }
    }
    if (text_bytes < feed.bytes / 2) std::abort();
  }
  account(state, feed);
}

void decode(benchmark::State& state) {
  const Feed& feed = general();
  ArticleDecoder decoder(feed_mappings(), "native");
  for (auto iteration : state) {
    for (std::size_t i = 0; i < feed.records.size(); ++i) {
      const auto article = decoder.decode(feed.record(i), Timestamp{});
      if (!article) std::abort();
      benchmark::DoNotOptimize(article->body.data());
    }
  }
  account(state, feed);
}

void detect(benchmark::State& state, const Feed& feed, const char* feed_mapping, std::size_t gated_out_min) {
  ArticleDecoder decoder(feed_mappings(), feed_mapping);
  Detector detector(knowledge());
  std::size_t gated_out = 0;
  for (auto iteration : state) {
    gated_out = 0;
    for (std::size_t i = 0; i < feed.records.size(); ++i) {
      const auto article = decoder.decode(feed.record(i), Timestamp{});
      if (!article) std::abort();
      gated_out += detector.detect(*article) == DetectOutcome::gated_out;
    }
    if (gated_out < gated_out_min) std::abort();
  }
  account(state, feed);
  state.counters["gated_out"] = static_cast<double>(gated_out) / static_cast<double>(feed.records.size());
}

void gate_path(benchmark::State& state) {
  detect(state, general(), "native", general().records.size());
}
void gate_path_auto(benchmark::State& state) {
  detect(state, general(), "auto", general().records.size());
}
void detect_general_mix(benchmark::State& state) {
  detect(state, general_mix(), "native", 19'000);
}
void detect_technology_mix(benchmark::State& state) {
  detect(state, technology_mix(), "native", 17'000);
}
void detect_deep(benchmark::State& state) {
  detect(state, deep(), "native", 0);
}

BENCHMARK(simdjson_extraction);
BENCHMARK(decode);
BENCHMARK(gate_path);
BENCHMARK(gate_path_auto);
BENCHMARK(detect_general_mix);
BENCHMARK(detect_technology_mix);
BENCHMARK(detect_deep);

}  // namespace
}  // namespace churnwire::bench

BENCHMARK_MAIN();
