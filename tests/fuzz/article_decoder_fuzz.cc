#include <cstdint>
#include <memory>
#include <numeric>
#include <string_view>
#include <vector>

#include "schemas/article_decoder.h"
#include "schemas/check.h"
#include "schemas/json_text.h"
#include "tests/schemas/feed_files.h"

using namespace churnwire;

/// Every feed and auto on the same bytes: a record is taken only when it is JSON by the slow reading too, and
/// refused for its JSON with the same reason by all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::unique_ptr<ArticleDecoder>> decoders = [] {
    std::vector<std::unique_ptr<ArticleDecoder>> all;
    for (const auto& [feed, text] : test::feed_files()) {
      all.push_back(std::make_unique<ArticleDecoder>(test::shipped_mappings(), feed));
    }
    all.push_back(std::make_unique<ArticleDecoder>(test::shipped_mappings(), "auto"));
    return all;
  }();
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  const bool marked = payload.starts_with("\xEF\xBB\xBF");
  const auto fault = find_json_fault(payload.substr(marked ? 3 : 0), kNestingDepthMax);
  for (const auto& decoder : decoders) {
    const auto article = decoder->decode(payload, Timestamp{});
    if (fault) CHECK(!article && article.error().reason == fault->reason);
    if (!article) {
      CHECK(article.error().byte_offset <= size);
      continue;
    }
    CHECK(!article->uri.empty() && article->uri.size() <= kShortFieldBytesMax);
    CHECK(article->canceled || !article->title.empty() || !article->body.empty());
    for (const std::string_view text : {article->uri, article->title, article->body, article->source_name}) {
      CHECK(text.size() <= size && std::accumulate(text.begin(), text.end(), 0L) < (1L << 40));
    }
  }
  return 0;
}
