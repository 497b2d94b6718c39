#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/check.h"
#include "schemas/codec.h"

using namespace churnwire;

/// Whatever decodes encodes to bytes that decode to the same, and encode to the same bytes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = decode_event_row(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!first) {
    CHECK(!first.error().message.empty() && first.error().byte_offset <= size);
    return 0;
  }
  std::string bytes;
  encode_event_row(*first, bytes);
  const auto second = decode_event_row(bytes);
  CHECK(second.has_value());
  std::string again;
  encode_event_row(*second, again);
  CHECK(bytes == again);
  return 0;
}
