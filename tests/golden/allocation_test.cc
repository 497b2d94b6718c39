// The path of an article that names no provider allocates nothing, decode included, once the buffers are
// warm.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "tests/golden/support.h"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc): these are the allocator.
void* operator new(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace churnwire {
namespace {

TEST(Allocations, TheCounterCounts) {
  const std::size_t before = allocations.load();
  auto* memory =
      static_cast<volatile char*>(::operator new(7));  // a call, which may not be elided as an expression may
  memory[0] = 1;
  ::operator delete(const_cast<char*>(memory));
  EXPECT_EQ(allocations.load() - before, 1U);
}

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
  const std::size_t before = allocations.load();
  bool gated_out = true;
  for (int i = 0; i < 100; ++i) gated_out = read() && gated_out;
  EXPECT_EQ(allocations.load() - before, 0U);
  EXPECT_TRUE(gated_out);
}

}  // namespace
}  // namespace churnwire
