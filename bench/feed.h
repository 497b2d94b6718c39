#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "operators/detector.h"
#include "schemas/article_decoder.h"

namespace churnwire::bench {

/// What a feed for benchmarks looks like. Bytes are those of the JSON record.
struct FeedShape {
  std::size_t articles = 20'000;
  double mean_bytes = 3600;  // log-normal lengths around it
  double churn_share = 0;    // articles taken whole from the labelled positives
  double cloud_share = 0;  // articles taken whole from the labelled negatives, most of which name a provider
  std::uint64_t seed = 1;
};

/// Articles as JSON records in the native form, one after another in one block of memory with room for
/// simdjson to read past the last.
struct Feed {
  std::string block;
  std::vector<std::pair<std::size_t, std::size_t>> records;  // offset, length
  std::size_t bytes = 0;

  std::string_view record(std::size_t i) const {
    return std::string_view(block).substr(records[i].first, records[i].second);
  }
};

/// Mixes prose of tests/corpus, sentence by sentence, leaving out every sentence that passes the gate but in
/// the shares asked for. Deterministic for a shape. Exits with a message when the corpus cannot be read.
Feed make_feed(const FeedShape& shape);

/// The shipped data, loaded once. Exits with a message when it cannot be read.
const Knowledge& knowledge();
const FeedMappings& feed_mappings();

}  // namespace churnwire::bench
