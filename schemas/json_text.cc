#include "schemas/json_text.h"

#include <cstdint>
#include <cstring>

namespace churnwire {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_json_number(std::string_view token) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t first = i;
    while (i < token.size() && is_digit(token[i])) ++i;
    return i - first;
  };
  if (i < token.size() && token[i] == '-') ++i;
  const bool zero = i < token.size() && token[i] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < token.size() && token[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < token.size() && (token[i] == 'e' || token[i] == 'E')) {
    ++i;
    if (i < token.size() && (token[i] == '+' || token[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == token.size();
}

/// The four hex digits at `at`, or -1.
int hex4(std::string_view raw, std::size_t at) {
  if (at + 4 > raw.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = raw[i];
    int digit = 0;
    if (is_digit(c)) {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

std::size_t put_utf8(int code, char* out) {
  const auto byte = [](int bits) { return static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code < 0x80) {
    out[0] = byte(code);
    return 1;
  }
  if (code < 0x800) {
    out[0] = byte(0xC0 | (code >> 6));
    out[1] = byte(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = byte(0xE0 | (code >> 12));
    out[1] = byte(0x80 | ((code >> 6) & 0x3F));
    out[2] = byte(0x80 | (code & 0x3F));
    return 3;
  }
  out[0] = byte(0xF0 | (code >> 18));
  out[1] = byte(0x80 | ((code >> 12) & 0x3F));
  out[2] = byte(0x80 | ((code >> 6) & 0x3F));
  out[3] = byte(0x80 | (code & 0x3F));
  return 4;
}

struct Escape {
  std::size_t length = 0;  // bytes of the raw text; 0: no escape of JSON
  int code = 0;            // code point; -1: a surrogate without its partner
};

/// Reads the escape whose backslash stands at `at`.
Escape read_escape(std::string_view raw, std::size_t at) {
  if (at + 1 >= raw.size()) return {};
  switch (raw[at + 1]) {
    case '"':
      return {2, '"'};
    case '\\':
      return {2, '\\'};
    case '/':
      return {2, '/'};
    case 'b':
      return {2, '\b'};
    case 'f':
      return {2, '\f'};
    case 'n':
      return {2, '\n'};
    case 'r':
      return {2, '\r'};
    case 't':
      return {2, '\t'};
    case 'u':
      break;
    default:
      return {};
  }
  const int unit = hex4(raw, at + 2);
  if (unit < 0) return {};
  if (unit < 0xD800 || unit > 0xDFFF) return {6, unit};
  if (unit <= 0xDBFF && at + 7 < raw.size() && raw[at + 6] == '\\' && raw[at + 7] == 'u') {
    const int low = hex4(raw, at + 8);
    if (low >= 0xDC00 && low <= 0xDFFF) return {12, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)};
  }
  return {6, -1};
}

const char* next_backslash(std::string_view raw, std::size_t from) {
  return static_cast<const char*>(std::memchr(raw.data() + from, '\\', raw.size() - from));
}

/// Calls `plain(run)` and `escaped(code)` in the order of the text.
template <class Plain, class Escaped>
Unescaped scan_escapes(std::string_view raw, Plain&& plain, Escaped&& escaped) {
  Unescaped result;
  std::size_t at = 0;
  while (at < raw.size()) {
    const char* const backslash = next_backslash(raw, at);
    if (backslash == nullptr) break;
    const auto position = static_cast<std::size_t>(backslash - raw.data());
    plain(raw.substr(at, position - at));
    const Escape escape = read_escape(raw, position);
    if (escape.length == 0) {
      result.fault = EscapeFault::bad_escape;
      result.fault_offset = position;
      return result;
    }
    if (escape.code >= 0) {
      escaped(escape.code);
    } else if (result.fault == EscapeFault::none) {
      result.fault = EscapeFault::lone_surrogate;
      result.fault_offset = position;
    }
    at = position + escape.length;
  }
  plain(raw.substr(at));
  return result;
}

/// The length of the well-formed UTF-8 sequence at the front of `text`; 0 when there is none. `cut`: the text
/// ends inside of what may be one.
struct Utf8Length {
  std::size_t length = 0;
  bool cut = false;
};

Utf8Length utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, false};
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size()) return {0, true};
    if (byte(i) < low || byte(i) > high) return {};
    low = 0x80;
    high = 0xBF;
  }
  return {length, false};
}

/// One pass over a record that is to be explained. Containers are kept on a bit stack, not on the call stack.
class FaultFinder {
 public:
  FaultFinder(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

  std::optional<DecodeError> run() {
    skip_space();
    if (at_ == text_.size()) {
      return DecodeError{DecodeReason::empty_record, "", 0, "the record holds nothing but white space"};
    }
    while (!error_) {
      if (!value()) continue;
      if (!close_values()) continue;
      break;
    }
    if (error_) return error_;
    if (at_ != text_.size()) return unexpected("nothing more after the end of the value", true);
    return std::nullopt;
  }

 private:
  /// Reads a scalar (true) or enters a container with something in it (false).
  bool value() {
    skip_space();
    const char c = peek();
    if (c == '"') return string();
    if (c == '{' || c == '[') return enter(c == '{');
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::strchr("+-._", text_[at_]) != nullptr || is_word(text_[at_]))) {
      if (text_[at_] == '\0') break;
      ++at_;
    }
    const std::string_view token = text_.substr(begin, at_ - begin);
    if (is_json_scalar(token)) return true;
    if (at_ == text_.size() && begin_of_scalar(token)) {
      fail(DecodeReason::truncated, at_, "the record ends inside a value");
      return false;
    }
    at_ = begin;
    unexpected("a value", false);
    return false;
  }

  /// After a whole value: leaves containers that end here. True at the end of the root value, false when
  /// another value is to be read.
  bool close_values() {
    while (depth_ > 0) {
      skip_space();
      const char c = peek();
      const bool object = in_object();
      if (c == ',') {
        ++at_;
        if (object) key();
        return false;
      }
      if (c != (object ? '}' : ']')) {
        unexpected(object ? "\",\" or \"}\"" : "\",\" or \"]\"", false);
        return false;
      }
      ++at_;
      --depth_;
    }
    skip_space();
    return true;
  }

  bool enter(bool object) {
    if (depth_ == depth_max_) {
      fail(DecodeReason::too_deep, at_, "the record nests deeper than the limit");
      return false;
    }
    ++at_;
    objects_[depth_ % kBits] = object;
    ++depth_;
    skip_space();
    if (peek() == (object ? '}' : ']')) {
      ++at_;
      --depth_;
      return true;
    }
    if (object) key();
    return false;
  }

  void key() {
    skip_space();
    if (peek() != '"') {
      unexpected("a key in quotes", false);
      return;
    }
    if (!string()) return;
    skip_space();
    if (peek() != ':') {
      unexpected("\":\"", false);
      return;
    }
    ++at_;
  }

  bool string() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c < 0x20) {
        fail(DecodeReason::not_json, at_, "a string holds a control character that is not escaped");
        return false;
      }
      if (c >= 0x80) {
        const Utf8Length sequence = utf8_length(text_.substr(at_));
        if (sequence.length == 0) {
          fail_utf8(sequence.cut);
          return false;
        }
        at_ += sequence.length;
      } else {
        at_ += c == '\\' ? 2 : 1;
      }
    }
    if (at_ >= text_.size()) {
      fail(DecodeReason::truncated, text_.size(), "the record ends inside a string");
      return false;
    }
    const Unescaped escapes = check_escapes(text_.substr(begin, at_ - begin));
    if (escapes.fault == EscapeFault::bad_escape) {
      fail(DecodeReason::not_json, begin + escapes.fault_offset, "a string holds an unknown escape");
      return false;
    }
    ++at_;
    return true;
  }

  std::optional<DecodeError> unexpected(std::string_view expected, bool after_end) {
    const std::string message = "expected " + std::string(expected);
    if (at_ >= text_.size()) {
      fail(DecodeReason::truncated, text_.size(), "the record ends before its value does: " + message);
    } else if (const Utf8Length sequence = utf8_length(text_.substr(at_)); sequence.length == 0) {
      fail_utf8(sequence.cut);
    } else {
      fail(after_end ? DecodeReason::trailing_content : DecodeReason::not_json, at_, message);
    }
    return error_;
  }
  void fail_utf8(bool cut) {
    if (cut) {
      fail(DecodeReason::truncated, text_.size(), "the record ends inside a character");
    } else {
      fail(DecodeReason::invalid_utf8, at_, "the record is not valid UTF-8");
    }
  }
  void fail(DecodeReason reason, std::size_t offset, std::string message) {
    if (!error_) error_ = DecodeError{reason, "", offset, std::move(message)};
  }

  void skip_space() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) != nullptr && text_[at_] != '\0') ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool in_object() const { return objects_[(depth_ - 1) % kBits]; }
  static bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  /// True when more bytes could make `token` a scalar.
  static bool begin_of_scalar(std::string_view token) {
    if (token.empty()) return false;
    for (const std::string_view word : {"true", "false", "null"}) {
      if (word.starts_with(token)) return true;
    }
    std::string longer(token);
    return is_json_scalar(longer + "0") || is_json_scalar(longer + "+0");
  }

  static constexpr std::size_t kBits = 1024;
  std::string_view text_;
  std::size_t depth_max_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool objects_[kBits] = {};
  std::optional<DecodeError> error_;
};

}  // namespace

bool is_json_scalar(std::string_view token) {
  return token == "true" || token == "false" || token == "null" || is_json_number(token);
}

Unescaped unescape_json(std::string_view raw, char* out) {
  std::size_t size = 0;
  Unescaped result = scan_escapes(
      raw,
      [&](std::string_view run) {
        if (!run.empty()) std::memcpy(out + size, run.data(), run.size());
        size += run.size();
      },
      [&](int code) { size += put_utf8(code, out + size); });
  result.size = size;
  return result;
}

Unescaped check_escapes(std::string_view raw) {
  return scan_escapes(raw, [](std::string_view) {}, [](int) {});
}

std::optional<DecodeError> find_json_fault(std::string_view text, std::size_t depth_max) {
  return FaultFinder(text, depth_max).run();
}

}  // namespace churnwire
