#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "operators/detector.h"
#include "pipeline/dead_letter.h"
#include "pipeline/io.h"
#include "schemas/article_decoder.h"

namespace churnwire {

/// Headers with this prefix are copied from an input record to what follows from it (load tests correlate by
/// them).
inline constexpr std::string_view kReplayHeaderPrefix = "churnwire-replay-";

struct DetectTopics {
  std::string articles = "news.articles";
  std::string signals = "churn.signals";
  std::string dead_letters = "news.articles.dlq";
};

/// Counters of a detect handler. Written by its thread, read by any. Every record is one of dead, gated_out,
/// no_signal, signalled; records of aborted transactions count again when they are read again.
struct DetectStats {
  std::atomic<std::uint64_t> dead{0}, gated_out{0}, no_signal{0}, signalled{0}, signals{0};
};

/// The detect stage: article record in, signals out, dead letter where it is no article. Stateless between
/// records.
class DetectHandler final : public RecordHandler {
 public:
  /// `knowledge` and `mappings` must outlive it. CHECKs mappings.contains(feed).
  DetectHandler(const Knowledge& knowledge, const FeedMappings& mappings, std::string_view feed,
                DetectTopics topics);

  IoStatus open(Partition partition) override;
  void close(Partition partition) override;
  IoStatus handle(const Record& record, Sink& sink) override;
  void settled(bool committed) override;

  const DetectStats& stats() const { return stats_; }

 private:
  const Knowledge& knowledge_;
  DetectTopics topics_;
  ArticleDecoder decoder_;
  Detector detector_;
  DeadLetterWriter dead_letters_;
  DetectStats stats_;
  std::string value_;
  std::vector<Header> headers_;
};

/// Copies the replay headers of `record` to `headers`, which is cleared first.
void copy_replay_headers(const Record& record, std::vector<Header>& headers);

}  // namespace churnwire
