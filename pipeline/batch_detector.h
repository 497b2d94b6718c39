#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/detector.h"
#include "schemas/article_decoder.h"
#include "schemas/errors.h"
#include "schemas/signal.h"

namespace churnwire {

/// One article of a file and what came of it.
struct BatchItem {
  std::string payload;
  std::size_t line_number = 0;
  std::optional<DecodeError> error;  // set when the payload is no article
  DetectOutcome outcome = DetectOutcome::gated_out;
  std::vector<Signal> signals;
};

/// Runs decode and detection over batches of articles on several threads; each item's result depends on that
/// item alone, so the number of threads never shows. Thread-compatible. `knowledge` and `mappings` must
/// outlive it.
class BatchDetector {
 public:
  /// `record_time` stands in for articles without a publication time. CHECKs mappings.contains(feed).
  BatchDetector(const Knowledge& knowledge, const FeedMappings& mappings, std::string_view feed,
                unsigned threads, Timestamp record_time);
  ~BatchDetector();
  BatchDetector(const BatchDetector&) = delete;
  BatchDetector& operator=(const BatchDetector&) = delete;

  /// Fills error, outcome and signals of every item.
  void run(std::span<BatchItem> batch);

 private:
  struct Lane;
  std::vector<std::unique_ptr<Lane>> lanes_;
  Timestamp record_time_;
};

}  // namespace churnwire
