// The path of an article that names no provider allocates nothing, decode included, once the buffers are
// warm.
#include <gtest/gtest.h>

#include <string>

#include "tests/golden/support.h"
#include "tests/support/counting_new.h"

namespace churnwire {
namespace {

TEST(Allocations, NoneOnTheGatePath) {
  ArticleDecoder decoder(golden::feed_mappings(), "auto");
  Detector detector(golden::knowledge());
  std::string body;
  for (int i = 0; i < 60; ++i) body += "The harbour board of Ålesund met on Tuesday and chose a new crane. ";
  const std::string article = R"({"uri":"u:1","title":"Harbour board picks crane","body":")" + body +
                              R"(","published_at":"2024-01-02T03:04:05Z","language":"en","source":"Wire"})";
  const auto read = [&] {
    const auto decoded = decoder.decode(article, Timestamp{});
    return decoded && detector.detect(*decoded) == DetectOutcome::gated_out;
  };
  ASSERT_TRUE(read());  // warm-up
  bool gated_out = true;
  const std::size_t allocations = testing_support::allocations_of([&] {
    for (int i = 0; i < 100; ++i) gated_out = read() && gated_out;
  });
  EXPECT_EQ(allocations, 0U);
  EXPECT_TRUE(gated_out);
}

}  // namespace
}  // namespace churnwire
