#include <cstdlib>
#include <string>
#include <string_view>

#include "operators/text/cleaner.h"
#include "operators/text/unicode.h"
#include "tests/operators/text_data.h"

namespace {

const churnwire::CleaningTables& tables() {
  static const churnwire::CleaningTables kTables =
      *churnwire::CleaningTables::parse(churnwire::testing_data::project_data());
  return kTables;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Whatever the bytes, the text is valid UTF-8 and each of its bytes maps into the received ones, in order.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  std::string text;
  churnwire::CleanMap map;
  churnwire::Cleaner(tables()).clean(raw, text, map);
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    const std::uint32_t begin = map.raw_begin_of(i);
    require(last <= begin);
    require(begin < map.raw_end_of(i));
    require(map.raw_end_of(i) <= raw.size());
    last = begin;
  }
  for (std::size_t i = 0; i < text.size();) {
    const churnwire::CodePoint cp = churnwire::decode_utf8(text, i);
    require(cp.value != 0xFFFD);
    i += cp.length;
  }
  return 0;
}
