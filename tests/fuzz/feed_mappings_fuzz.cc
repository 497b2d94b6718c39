#include <cstdint>
#include <string>

#include "schemas/article_decoder.h"
#include "schemas/check.h"

using namespace churnwire;

/// A mapping file is taken or refused with a reason; what is taken can decode.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto mappings = FeedMappings::parse({{"fuzz", text}, {"native", "fields: {uri: uri, title: title}"}});
  if (!mappings) {
    CHECK(mappings.error().file == "fuzz.yaml" && !mappings.error().message.empty());
    return 0;
  }
  for (const char* feed : {"fuzz", "native", "auto"}) {
    ArticleDecoder decoder(*mappings, feed);
    const char* const record =
        R"({"uri":"u","title":"t","a":{"b":[{"c":"d","e":1},"f",null]},"headlines":[{"role":"main","value":"v"}]})";
    const auto article = decoder.decode(record, Timestamp{});
    CHECK(article || !article.error().message.empty());
    if (std::string_view(feed) == "native") CHECK(article && article->uri == "u");
  }
  return 0;
}
