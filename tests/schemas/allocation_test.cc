#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <string>

#include "schemas/article_decoder.h"
#include "tests/schemas/feed_files.h"
#include "tests/support/counting_new.h"

namespace churnwire {
namespace {

using testing_support::allocations_of;

struct alignas(64) Wide {
  char bytes[64];
};

TEST(Allocation, TheCounterCounts) {
  EXPECT_EQ(allocations_of([] {}), 0U);
  EXPECT_EQ(allocations_of([] { ::operator delete(::operator new(100)); }), 1U);
  EXPECT_EQ(allocations_of([] { ::operator delete[](::operator new[](100)); }), 1U);
  EXPECT_EQ(allocations_of([] { ::operator delete(::operator new(100, std::nothrow)); }), 1U);
  EXPECT_EQ(allocations_of([] {
              ::operator delete(::operator new(sizeof(Wide), std::align_val_t{alignof(Wide)}),
                                std::align_val_t{alignof(Wide)});
            }),
            1U);
  // In a library that was compiled before: the mapping parser lives in churnwire_schemas.
  EXPECT_GT(allocations_of([] { (void)FeedMappings::parse({{"f", "fields: {uri: u, title: t}"}}); }), 10U);
}

TEST(Allocation, DecodingAllocatesNothingAfterWarmUp) {
  constexpr Timestamp kTime{};
  const std::string body(200'000, 'b');
  const std::string escapes = [] {
    std::string text;
    for (int i = 0; i < 5'000; ++i) text += R"(\u4e2d\n\"x)";
    return text;
  }();
  const std::string records[] = {
      R"({"uri":"u","title":"t","body":")" + body +
          R"(","published_at":"2021-05-24T09:00:00Z","x":[{"y":1}]})",
      R"({"uri":"u","title":")" + escapes + R"(","body":")" + escapes + R"(","source":{"name":"n\u00e9"}})",
      R"({"uri":"u","headlines":[{"role":"main","value":"a\tb"}],"bodies":[{"contenttype":"text\/plain","value":"b"}]})",
      R"({"url":"u","title":"t","publishedAt":"2021-05-24T09:00:00Z","content":"c","source":{"name":"N"}})",
      R"({"uri":"u","lang":"eng","dateTimePub":"2021-05-24T09:00:00Z","title":"t","body":"b"})",
  };
  for (const char* feed : {"auto", "native"}) {
    ArticleDecoder decoder(test::shipped_mappings(), feed);
    const auto decode_all = [&] {
      std::size_t read = 0;
      for (const std::string& record : records) {
        if (const auto article = decoder.decode(record, kTime)) read += article->uri.size();
      }
      return read;
    };
    const std::size_t warm = std::string_view(feed) == "auto" ? 5 : 2;
    if (warm == 5) {
      EXPECT_EQ(decode_all(), 5U);
    } else {
      for (int i = 0; i < 2; ++i) ASSERT_TRUE(decoder.decode(records[i], kTime).has_value());
    }
    EXPECT_EQ(allocations_of([&] {
                for (int round = 0; round < 100; ++round) {
                  for (std::size_t i = 0; i < warm; ++i) {
                    if (!decoder.decode(records[i], kTime)) std::abort();
                  }
                }
              }),
              0U)
        << feed;
  }
}

}  // namespace
}  // namespace churnwire
