#include "pipeline/batch_detector.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

namespace churnwire {

struct BatchDetector::Lane {
  Lane(const Knowledge& knowledge, const FeedMappings& mappings, std::string_view feed)
      : decoder(mappings, feed), detector(knowledge) {}

  void work(BatchItem& item, Timestamp record_time) {
    item.error.reset();
    item.signals.clear();
    auto article = decoder.decode(item.payload, record_time);
    if (!article) {
      item.error = std::move(article.error());
      return;
    }
    item.outcome = detector.detect(*article);
    const auto signals = detector.signals();
    item.signals.assign(signals.begin(), signals.end());
  }

  ArticleDecoder decoder;
  Detector detector;
};

BatchDetector::BatchDetector(const Knowledge& knowledge, const FeedMappings& mappings, std::string_view feed,
                             unsigned threads, Timestamp record_time)
    : record_time_(record_time) {
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    lanes_.push_back(std::make_unique<Lane>(knowledge, mappings, feed));
  }
}

BatchDetector::~BatchDetector() = default;

void BatchDetector::run(std::span<BatchItem> batch) {
  constexpr std::size_t kChunk = 32;
  std::atomic<std::size_t> next{0};
  const auto drain = [&](Lane& lane) {
    for (;;) {
      const std::size_t begin = next.fetch_add(kChunk, std::memory_order_relaxed);
      if (begin >= batch.size()) return;
      for (BatchItem& item : batch.subspan(begin, std::min(kChunk, batch.size() - begin))) {
        lane.work(item, record_time_);
      }
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < lanes_.size(); ++i) others.emplace_back([&, i] { drain(*lanes_[i]); });
  drain(*lanes_.front());
}

}  // namespace churnwire
