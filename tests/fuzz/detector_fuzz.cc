// Hostile text through the whole detector with the shipped data: no crash, no hang, evidence within the
// fields.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "operators/detector.h"
#include "pipeline/data_root.h"
#include "schemas/check.h"
#include "schemas/codec.h"

namespace {

const churnwire::Knowledge& knowledge() {
  static const churnwire::Knowledge loaded = [] {
    auto files = churnwire::read_data_files(CHURNWIRE_SOURCE_DIR);
    CHECK(files.has_value());
    auto parsed = churnwire::Knowledge::parse(*files);
    CHECK(parsed.has_value());
    return std::move(*parsed);
  }();
  return loaded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static churnwire::Detector detector(knowledge());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = text.find('\n') == std::string_view::npos ? text.size() : text.find('\n');
  churnwire::Article article;
  article.uri = "fuzz:1";
  article.title = text.substr(0, line_end);
  article.body = text.substr(line_end < text.size() ? line_end + 1 : text.size());
  detector.detect(article);
  for (const churnwire::Signal& signal : detector.signals()) {
    CHECK(signal.confidence >= 0);
    CHECK(signal.confidence <= 1);
    CHECK(signal.quotes.size() == signal.evidence.size());
    for (const churnwire::Evidence& evidence : signal.evidence) {
      const std::string_view field = evidence.field == churnwire::Field::title ? article.title : article.body;
      CHECK(evidence.begin < evidence.end);
      CHECK(evidence.end <= field.size());
    }
  }
  return 0;
}
