#include "operators/text/unicode.h"

#include <utf8proc.h>

#include <array>

namespace churnwire {
namespace {

constexpr std::array<CharClass, 128> kAsciiClasses = [] {
  std::array<CharClass, 128> classes{};
  for (std::size_t c = 0; c < 128; ++c) {
    const char ch = static_cast<char>(c);
    if (c <= 32 || c == 127) {
      classes[c] = CharClass::space;
    } else if (is_ascii_digit(ch)) {
      classes[c] = CharClass::digit;
    } else if (is_ascii_alpha(ch)) {
      classes[c] = CharClass::letter;
    } else if (std::string_view("$+<=>^`|~@#%&").find(ch) != std::string_view::npos) {
      classes[c] = CharClass::symbol;
    } else {
      classes[c] = CharClass::punctuation;
    }
  }
  return classes;
}();

bool is_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x3041 && c <= 0x309F) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) || c == 0x3005 || c == 0x3007 ||
         (c >= 0x20000 && c <= 0x3FFFF);
}

CharClass classify_wide(char32_t value) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(value))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return CharClass::letter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return CharClass::mark;
    case UTF8PROC_CATEGORY_ND:
      return CharClass::digit;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
      return CharClass::space;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return CharClass::punctuation;
    default:
      return CharClass::symbol;
  }
}

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

char32_t tail(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]) & 0x3FU;
}

}  // namespace

CodePoint decode_utf8(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xC2 && lead < 0xE0 && continues(text, at + 1)) {
    return {((lead & 0x1FU) << 6U) | tail(text, at + 1), 2};
  }
  if (lead >= 0xE0 && lead < 0xF0 && continues(text, at + 1) && continues(text, at + 2)) {
    const char32_t value = ((lead & 0x0FU) << 12U) | (tail(text, at + 1) << 6U) | tail(text, at + 2);
    if (value >= 0x800 && (value < 0xD800 || value > 0xDFFF)) return {value, 3};
  }
  if (lead >= 0xF0 && lead < 0xF5 && continues(text, at + 1) && continues(text, at + 2) &&
      continues(text, at + 3)) {
    const char32_t value = ((lead & 0x07U) << 18U) | (tail(text, at + 1) << 12U) |
                           (tail(text, at + 2) << 6U) | tail(text, at + 3);
    if (value >= 0x10000 && value <= 0x10FFFF) return {value, 4};
  }
  return {0xFFFD, 1};
}

void append_utf8(char32_t value, std::string& out) {
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
    return;
  }
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(value), bytes.data());
  for (utf8proc_ssize_t i = 0; i < length; ++i) {
    out.push_back(static_cast<char>(bytes[static_cast<std::size_t>(i)]));
  }
}

CharClass classify(char32_t value) {
  if (value < 128) return kAsciiClasses[value];
  if (is_ideograph(value)) return CharClass::ideograph;
  if ((value >= 0x30A1 && value <= 0x30FA) || value == 0x30FC || (value >= 0x31F0 && value <= 0x31FF)) {
    return CharClass::katakana;
  }
  return classify_wide(value);
}

bool is_upper(char32_t value) {
  if (value < 128) return value >= 'A' && value <= 'Z';
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(value));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}

bool is_lower(char32_t value) {
  if (value < 128) return value >= 'a' && value <= 'z';
  return utf8proc_category(static_cast<utf8proc_int32_t>(value)) == UTF8PROC_CATEGORY_LL;
}

char32_t to_lower(char32_t value) {
  if (value < 128) return value >= 'A' && value <= 'Z' ? value + 32 : value;
  if (value >= 0x2E80 && value <= 0xD7FF) return value;  // no case
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(value)));
}

char32_t to_upper(char32_t value) {
  if (value < 128) return value >= 'a' && value <= 'z' ? value - 32 : value;
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(value)));
}

void fold_lower(std::string_view text, std::string& out) {
  out.assign(text);
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if (is_ascii_upper(text[i])) out[i] = static_cast<char>(byte + 32);
      ++i;
      continue;
    }
    const CodePoint cp = decode_utf8(text, i);
    // Han, kana and Hangul have no case; they are most of the bytes above ASCII.
    if (cp.length > 1 && (cp.value < 0x3000 || cp.value > 0xD7FF)) {
      const char32_t lower = to_lower(cp.value);
      if (lower != cp.value) {
        std::array<utf8proc_uint8_t, 4> bytes{};
        const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(lower), bytes.data());
        if (static_cast<std::uint32_t>(length) == cp.length) {
          for (std::uint32_t k = 0; k < cp.length; ++k) out[i + k] = static_cast<char>(bytes[k]);
        }
      }
    }
    i += cp.length;
  }
}

}  // namespace churnwire
