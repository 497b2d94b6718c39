#include "schemas/errors.h"

#include <array>

namespace churnwire {
namespace {

constexpr std::array<std::string_view, 14> kReasonCodes{
    "empty_record", "not_json",      "truncated",       "trailing_content", "invalid_utf8",
    "wrong_type",   "missing_field", "no_text",         "bad_value",        "duplicate_field",
    "too_large",    "too_deep",      "field_too_large", "unknown_feed"};
static_assert(kReasonCodes.size() == static_cast<std::size_t>(DecodeReason::unknown_feed) + 1);

}  // namespace

std::string_view reason_code(DecodeReason reason) {
  return kReasonCodes[static_cast<std::size_t>(reason)];
}

}  // namespace churnwire
