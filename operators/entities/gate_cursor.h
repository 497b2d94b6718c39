#pragma once

#include <cstdint>
#include <string_view>

#include "operators/text/unicode.h"

namespace churnwire {

/// Reads received text the way the cleaner will: folded, without tags, spaces, hyphens and invisible
/// characters. Cheap and rough: it is asked about a handful of places of an article.
class GateCursor {
 public:
  GateCursor(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  struct Char {
    char32_t original;  // 0: the end
    char32_t folded;
    bool unsure;  // an entity or an accent: what it says is for the cleaner to find out
  };

  /// The next character that counts.
  Char next() {
    while (at_ < text_.size()) {
      const char byte = text_[at_];
      if (is_ascii_alnum(byte)) {
        ++at_;
        const auto c = static_cast<char32_t>(byte);
        return {c, is_ascii_upper(byte) ? c + 32 : c, false};
      }
      const CodePoint cp = decode_utf8(text_, at_);
      if (cp.value == '&') {
        const auto after = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
        if (is_ascii_alpha(after) || after == '#') {
          const bool entity = text_.substr(at_, 12).find(';') != std::string_view::npos;
          if (entity) return {cp.value, cp.value, true};
        }
      }
      if (cp.value >= 0x300 && cp.value <= 0x36F) return {cp.value, cp.value, true};
      if (cp.value == '<') {
        const std::size_t end = text_.substr(at_, 512).find('>');
        if (end != std::string_view::npos) {
          at_ += end + 1;
          continue;
        }
      }
      at_ += cp.length;
      if (is_skipped(cp.value)) continue;
      const char32_t plain = unfold_width(cp.value);
      return {plain, to_lower(plain), false};
    }
    return {0, 0, false};
  }

  std::size_t position() const { return at_; }

  /// Writes the plain form of `c` to `out` (at most 4 bytes) and returns its bytes; nothing for what the
  /// cleaner drops.
  static std::size_t put_plain(char32_t c, char* out);

  /// Characters that the cleaner drops.
  static bool is_dropped(char32_t c) {
    return c == 0xAD || (c >= 0x7F && c < 0xA0 && c != 0x85) || c == 0x180E || c == 0x34F ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFFFD;
  }

  /// Characters that stand between the pieces of a name, or are dropped by the cleaner.
  static bool is_skipped(char32_t c) {
    if (c < 0x80) return c <= ' ' || c == '-' || c == 0x7F;
    return c == 0xA0 || c == 0xAD || (c >= 0x80 && c < 0xA0) || c == 0x1680 || c == 0x180E || c == 0x34F ||
           (c >= 0x2000 && c <= 0x2011) || (c >= 0x2028 && c <= 0x202F) || c == 0x205F ||
           (c >= 0x2060 && c <= 0x206F) || c == 0x2212 || c == 0x3000 || c == 0xFEFF ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0x2043 || c == 0xFF0D || c == 0xFFFD;
  }

 private:
  static char32_t unfold_width(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0;
    if ((c >= 0x2018 && c <= 0x201B) || c == 0x2032 || c == 0x2BC) return '\'';
    return c;
  }

  std::string_view text_;
  std::size_t at_;
};

inline std::size_t GateCursor::put_plain(char32_t c, char* out) {
  const char32_t plain = unfold_width(c);
  if (plain < 0x80) {
    *out = static_cast<char>(plain);
    return 1;
  }
  if (is_dropped(plain)) return 0;
  const auto byte = [out](std::size_t i, char32_t value) { out[i] = static_cast<char>(value); };
  if (plain < 0x800) {
    byte(0, 0xC0U | (plain >> 6U));
    byte(1, 0x80U | (plain & 0x3FU));
    return 2;
  }
  if (plain < 0x10000) {
    byte(0, 0xE0U | (plain >> 12U));
    byte(1, 0x80U | ((plain >> 6U) & 0x3FU));
    byte(2, 0x80U | (plain & 0x3FU));
    return 3;
  }
  byte(0, 0xF0U | (plain >> 18U));
  byte(1, 0x80U | ((plain >> 12U) & 0x3FU));
  byte(2, 0x80U | ((plain >> 6U) & 0x3FU));
  byte(3, 0x80U | (plain & 0x3FU));
  return 4;
}

}  // namespace churnwire
