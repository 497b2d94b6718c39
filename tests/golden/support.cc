#include "tests/golden/support.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "pipeline/data_root.h"
#include "schemas/codec.h"

namespace churnwire::golden {
namespace {

template <class T>
T or_die(std::expected<T, DataError> value) {
  if (value) return std::move(*value);
  fmt::print(stderr, "{}:{}: {}\n", value.error().file, value.error().line, value.error().message);
  std::exit(1);
}

}  // namespace

const Knowledge& knowledge() {
  static const Knowledge loaded = or_die(Knowledge::parse(or_die(read_data_files(CHURNWIRE_SOURCE_DIR))));
  return loaded;
}

const FeedMappings& feed_mappings() {
  static const FeedMappings loaded =
      or_die(FeedMappings::parse(or_die(read_feed_files(CHURNWIRE_SOURCE_DIR))));
  return loaded;
}

std::string Reader::signals(std::string_view article) {
  const auto decoded = decoder_.decode(article, Timestamp{});
  if (!decoded) return fmt::format("error: {}", reason_code(decoded.error().reason));
  detector_.detect(*decoded);
  std::string json = "[";
  for (const Signal& signal : detector_.signals()) {
    if (json.size() > 1) json += ',';
    encode_signal(signal, json);
  }
  return json + "]";
}

}  // namespace churnwire::golden
