#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/check.h"
#include "schemas/codec.h"

using namespace churnwire;

/// Whatever decodes encodes to bytes that decode to the same, and encode to the same bytes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = decode_signal(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!first) {
    CHECK(!first.error().message.empty() && first.error().byte_offset <= size);
    return 0;
  }
  std::string bytes;
  encode_signal(*first, bytes);
  const auto second = decode_signal(bytes);
  CHECK(second.has_value());
  std::string again;
  encode_signal(*second, again);
  CHECK(bytes == again);
  return 0;
}
