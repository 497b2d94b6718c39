// Threads share the knowledge and nothing else: any number of them gives the same results. Under
// ThreadSanitizer this also shows that they share nothing mutable.
#include "pipeline/batch_detector.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/golden/support.h"

namespace churnwire {
namespace {

std::vector<BatchItem> feed() {
  std::ifstream in(std::string(CHURNWIRE_SOURCE_DIR) + "/deploy/demo/feed.jsonl");
  std::vector<BatchItem> items;
  for (std::string line; std::getline(in, line);) {
    BatchItem item;
    item.payload = line;
    items.push_back(std::move(item));
  }
  return items;
}

TEST(BatchDetector, AnyNumberOfThreadsGivesTheSameResults) {
  std::vector<BatchItem> one = feed();
  ASSERT_GT(one.size(), 200U);
  BatchDetector(golden::knowledge(), golden::feed_mappings(), "auto", 1, Timestamp{}).run(one);
  std::size_t signals = 0;
  for (const unsigned threads : {2U, 5U}) {
    std::vector<BatchItem> many = feed();
    BatchDetector(golden::knowledge(), golden::feed_mappings(), "auto", threads, Timestamp{}).run(many);
    for (std::size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(many[i].error.has_value(), one[i].error.has_value()) << i;
      EXPECT_EQ(many[i].signals, one[i].signals) << i;
      signals += many[i].signals.size();
    }
  }
  EXPECT_GT(signals, 0U);
}

}  // namespace
}  // namespace churnwire
