#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace churnwire {

struct CodePoint {
  char32_t value = 0;
  std::uint32_t length = 0;  // bytes; at least 1
};

/// The code point at `at`; a byte that is no valid UTF-8 gives U+FFFD and length 1.
CodePoint decode_utf8(std::string_view text, std::size_t at);
void append_utf8(char32_t value, std::string& out);

/// What a character is to the tokeniser. `ideograph` is every script that is written without spaces and read
/// character by character (Han, hiragana, Hangul: its particles stick to names); katakana forms runs.
enum class CharClass : std::uint8_t { space, letter, digit, mark, ideograph, katakana, punctuation, symbol };

CharClass classify(char32_t value);
bool is_upper(char32_t value);
bool is_lower(char32_t value);
char32_t to_lower(char32_t value);
char32_t to_upper(char32_t value);

/// Folds `text` to lower case byte for byte: a letter whose lower-case form has another length stays.
void fold_lower(std::string_view text, std::string& out);

constexpr bool is_ascii_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_ascii_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_ascii_alpha(char c) {
  return is_ascii_upper(c) || is_ascii_lower(c);
}
constexpr bool is_ascii_alnum(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c);
}
constexpr bool is_cjk(CharClass c) {
  return c == CharClass::ideograph || c == CharClass::katakana;
}

}  // namespace churnwire
