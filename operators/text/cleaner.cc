#include "operators/text/cleaner.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

constexpr std::size_t kEntityBytesMax = 34;
constexpr std::size_t kTagBytesMax = 4096;

bool is_invisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) || c == 0x180E ||
         c == 0x34F || (c >= 0x7F && c <= 0x9F && c != 0x85) || c == 0xFFFD ||
         (c < 32 && c != '\n' && c != '\t' && c != '\r');
}

bool is_odd_space(char32_t c) {
  return c == ' ' || c == '\t' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

/// The plain form of quotes, dashes and full-width letters; 0 when `c` has none.
char32_t plain_form(char32_t c) {
  if ((c >= 0x2018 && c <= 0x201B) || c == 0x2032 || c == 0x2BC || c == 0xFF07) return '\'';
  if ((c >= 0x201C && c <= 0x201F) || c == 0xAB || c == 0xBB || c == 0x2033 || c == 0xFF02) return '"';
  if (c == 0x2010 || c == 0x2011 || c == 0x2212 || c == 0x2043) return '-';
  if (c == 0x2012 || c == 0x2015) return 0x2014;
  if ((c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) || (c >= 0xFF41 && c <= 0xFF5A) ||
      c == 0xFF04 || c == 0xFF05 || c == 0xFF06 || c == 0xFF0B || c == 0xFF0D || c == 0xFF0F || c == 0xFF20) {
    return c - 0xFEE0;
  }
  if (c == 0xFFE5) return 0xA5;
  return 0;
}

char to_ascii_lower(char c) {
  return is_ascii_upper(c) ? static_cast<char>(c + 32) : c;
}

bool starts_with_folded(std::string_view text, std::size_t at, std::string_view lower) {
  if (at > text.size() || text.size() - at < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (to_ascii_lower(text[at + i]) != lower[i]) return false;
  }
  return true;
}

}  // namespace

std::expected<CleaningTables, DataError> CleaningTables::parse(const DataFiles& files) {
  CleaningTables tables;
  const std::string entities_path = "text/html_entities.tsv";
  auto entities = read_data_lines(files, entities_path, 2, 2);
  if (!entities) return std::unexpected(entities.error());
  for (const DataLine& line : *entities) {
    std::uint32_t value = 0;
    const std::string_view digits = line.fields[1];
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || value > 0x10FFFF) {
      return std::unexpected(DataError{entities_path, line.line, "the code point is no hexadecimal number"});
    }
    std::string text;
    append_utf8(value, text);
    tables.entities_.insert_or_assign(std::string(line.fields[0]), std::move(text));
  }
  const std::string tags_path = "text/html_tags.tsv";
  auto tags = read_data_lines(files, tags_path, 2, 2);
  if (!tags) return std::unexpected(tags.error());
  for (const DataLine& line : *tags) {
    constexpr std::array<std::string_view, 4> kKinds{"inline", "block", "item", "drop"};
    const auto kind = std::find(kKinds.begin(), kKinds.end(), line.fields[1]);
    if (kind == kKinds.end()) {
      return std::unexpected(DataError{tags_path, line.line, "the kind is not inline, block, item or drop"});
    }
    tables.tags_.insert_or_assign(std::string(line.fields[0]), static_cast<TagKind>(kind - kKinds.begin()));
  }
  return tables;
}

const std::string* CleaningTables::entity(std::string_view name) const {
  const auto found = entities_.find(name);
  return found == entities_.end() ? nullptr : &found->second;
}

const TagKind* CleaningTables::tag(std::string_view name) const {
  const auto found = tags_.find(name);
  return found == tags_.end() ? nullptr : &found->second;
}

namespace {

const CleanRun* run_of(const std::vector<CleanRun>& runs, std::uint32_t clean) {
  auto after = std::upper_bound(runs.begin(), runs.end(), clean,
                                [](std::uint32_t at, const CleanRun& run) { return at < run.clean_begin; });
  return after == runs.begin() ? nullptr : &*(after - 1);
}

}  // namespace

std::uint32_t CleanMap::raw_begin_of(std::uint32_t clean) const {
  const CleanRun* run = run_of(runs, clean);
  if (run == nullptr) return 0;
  if (!run->identity) return run->raw_begin;
  return std::min(run->raw_begin + (clean - run->clean_begin), run->raw_end);
}

std::uint32_t CleanMap::raw_end_of(std::uint32_t clean) const {
  const CleanRun* run = run_of(runs, clean);
  if (run == nullptr) return 0;
  if (!run->identity) return run->raw_end;
  return std::min(run->raw_begin + (clean - run->clean_begin) + 1, run->raw_end);
}

void Cleaner::put(std::string_view bytes, std::size_t raw_begin, std::size_t raw_end, bool identity) {
  const auto clean_begin = static_cast<std::uint32_t>(text_->size() - base_);
  auto& runs = map_->runs;
  if (identity && !runs.empty() && runs.back().identity && runs.back().raw_end == raw_begin) {
    runs.back().raw_end = static_cast<std::uint32_t>(raw_end);
  } else {
    runs.push_back(
        {clean_begin, static_cast<std::uint32_t>(raw_begin), static_cast<std::uint32_t>(raw_end), identity});
  }
  text_->append(bytes);
}

void Cleaner::put_space(std::size_t raw_begin, std::size_t raw_end) {
  if (text_->size() == base_ || text_->back() == ' ' || text_->back() == '\n') return;
  put(" ", raw_begin, raw_end, false);
}

void Cleaner::put_break(std::size_t raw_begin, std::size_t raw_end, int lines) {
  while (text_->size() > base_ && text_->back() == ' ') {
    text_->pop_back();
    CleanRun& run = map_->runs.back();
    if (run.clean_begin + base_ >= text_->size()) {
      map_->runs.pop_back();
    } else if (run.identity) {
      --run.raw_end;
    }
  }
  if (text_->size() == base_) return;
  int present = 0;
  while (present < 2 && text_->size() > base_ + static_cast<std::size_t>(present) &&
         (*text_)[text_->size() - 1 - static_cast<std::size_t>(present)] == '\n') {
    ++present;
  }
  for (; present < lines; ++present) put("\n", raw_begin, raw_end, false);
}

bool Cleaner::put_composed(char32_t mark, std::size_t raw_end) {
  if (text_->size() == base_) return false;
  std::size_t begin = text_->size() - 1;
  while (begin > base_ && (static_cast<unsigned char>((*text_)[begin]) & 0xC0U) == 0x80U) --begin;
  const CodePoint last = decode_utf8(*text_, begin);
  std::array<utf8proc_int32_t, 2> pair{static_cast<utf8proc_int32_t>(last.value),
                                       static_cast<utf8proc_int32_t>(mark)};
  if (utf8proc_normalize_utf32(pair.data(), 2, UTF8PROC_COMPOSE) != 1) return false;
  const auto clean = static_cast<std::uint32_t>(begin - base_);
  const std::uint32_t raw_begin = map_->raw_begin_of(clean);
  text_->resize(begin);
  while (!map_->runs.empty() && map_->runs.back().clean_begin >= clean) map_->runs.pop_back();
  if (!map_->runs.empty() && map_->runs.back().identity) {
    CleanRun& run = map_->runs.back();
    run.raw_end = std::min(run.raw_end, run.raw_begin + (clean - run.clean_begin));
  }
  std::string composed;
  append_utf8(static_cast<char32_t>(pair[0]), composed);
  put(composed, raw_begin, raw_end, false);
  return true;
}

/// One character that is not copied as it stands.
void Cleaner::put_code_point(char32_t value, std::size_t raw_begin, std::size_t raw_end) {
  if (is_invisible(value)) return;
  if (is_odd_space(value)) return put_space(raw_begin, raw_end);
  if (value == '\n' || value == '\r' || value == 0x85 || value == 0x2028 || value == 0x2029) {
    return html_ ? put_space(raw_begin, raw_end) : put_break(raw_begin, raw_end, 1);
  }
  if (((value >= 0x300 && value <= 0x36F) || value == 0x3099 || value == 0x309A) &&
      put_composed(value, raw_end)) {
    return;
  }
  std::string out;
  if (value >= 0xFF61 && value <= 0xFF9F) {  // half-width katakana and its voicing marks
    if (value == 0xFF9E && put_composed(0x3099, raw_end)) return;
    if (value == 0xFF9F && put_composed(0x309A, raw_end)) return;
    std::array<utf8proc_int32_t, 4> wide{};
    int boundary = 0;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE);
    const auto count =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(value), wide.data(), 4, options, &boundary);
    for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, 4); ++i) {
      append_utf8(static_cast<char32_t>(wide[static_cast<std::size_t>(i)]), out);
    }
  } else {
    const char32_t plain = plain_form(value);
    append_utf8(plain != 0 ? plain : value, out);
  }
  put(out, raw_begin, raw_end, false);
}

void Cleaner::put_decoded(std::string_view decoded, std::size_t raw_begin, std::size_t raw_end) {
  for (std::size_t i = 0; i < decoded.size();) {
    const CodePoint cp = decode_utf8(decoded, i);
    put_code_point(cp.value, raw_begin, raw_end);
    i += cp.length;
  }
}

Cleaner::Entity Cleaner::read_entity(std::string_view raw, std::size_t at) {
  const std::size_t end = raw.substr(0, std::min(raw.size(), at + kEntityBytesMax)).find(';', at + 1);
  if (end == std::string_view::npos || end == at + 1) return {};
  const std::string_view name = raw.substr(at + 1, end - at - 1);
  if (name[0] != '#') {
    const std::string* text = tables_->entity(name);
    return text == nullptr ? Entity{} : Entity{end + 1 - at, *text};
  }
  const bool hex = name.size() > 2 && (name[1] == 'x' || name[1] == 'X');
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (digits.empty() || parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return {};
  // Windows-1252 numbers are what browsers take these for.
  constexpr std::array<char32_t, 32> kWindows{0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                              0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                              0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                              0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
  char32_t code = value;
  if (value >= 0x80 && value < 0xA0) code = kWindows[value - 0x80];
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) || code == 0) code = 0xFFFD;
  buffer_.clear();
  append_utf8(code, buffer_);
  return {end + 1 - at, buffer_};
}

std::size_t Cleaner::drop_element(std::string_view raw, std::size_t at, std::string_view name) const {
  for (std::size_t i = at; i + name.size() + 2 < raw.size() + 1; ++i) {
    i = raw.find("</", i);
    if (i == std::string_view::npos) return raw.size();
    if (!starts_with_folded(raw, i + 2, name)) continue;
    const std::size_t end = raw.find('>', i);
    return end == std::string_view::npos ? raw.size() : end + 1;
  }
  return raw.size();
}

namespace {

/// Where `close` ends the tag whose attributes begin at `at`; a quoted value may hold it.
std::size_t find_tag_end(std::string_view raw, std::size_t at, std::string_view close) {
  const std::size_t stop = std::min(raw.size(), at + kTagBytesMax);
  char quote = 0;
  for (std::size_t i = at; i < stop; ++i) {
    const char c = raw[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && i > at && raw[i - 1] == '=') {
      quote = c;
    } else if (raw.substr(i, close.size()) == close) {
      return i;
    }
  }
  return quote == 0 ? std::string_view::npos : raw.substr(0, stop).find(close, at);
}

}  // namespace

/// Reads the tag that `open` ("<" or "&lt;") begins at `at`; returns where it ends, or `at` when this is no
/// tag.
std::size_t Cleaner::read_tag(std::string_view raw, std::size_t at, std::string_view open,
                              std::string_view close) {
  std::size_t i = at + open.size();
  if (starts_with_folded(raw, i, "!--")) {
    const std::size_t end = raw.find("--" + std::string(close), i + 3);
    return end == std::string_view::npos ? raw.size() : end + 2 + close.size();
  }
  if (i >= raw.size()) return at;
  const bool declaration = raw[i] == '!' || raw[i] == '?';
  const bool closing = raw[i] == '/';
  if (closing || declaration) ++i;
  std::array<char, 24> name{};
  std::size_t length = 0;
  while (i < raw.size() && length < name.size() &&
         (is_ascii_alnum(raw[i]) || raw[i] == '-' || raw[i] == ':')) {
    name[length++] = to_ascii_lower(raw[i++]);
  }
  if (length == 0 || !is_ascii_alpha(name[0])) return at;
  const std::size_t end = find_tag_end(raw, i, close);
  if (end == std::string_view::npos) return at;
  const std::string_view word(name.data(), length);
  const TagKind* kind = tables_->tag(word);
  const std::string_view rest = raw.substr(i, end - i);
  if (kind == nullptr) {  // an unknown element only when it is written like one: <x-y>, </x>, <x a="b">
    const bool marked = declaration || closing || word.find_first_of("-:") != std::string_view::npos ||
                        rest.find("=\"") != std::string_view::npos || rest.ends_with("/");
    return marked ? end + close.size() : at;
  }
  if (!rest.empty() && is_ascii_alnum(rest[0])) return at;
  const std::size_t after = end + close.size();
  if (*kind == TagKind::drop) {
    return closing || rest.ends_with("/") ? after : drop_element(raw, after, word);
  }
  if (*kind != TagKind::inline_) put_break(at, after, 2);
  if (*kind == TagKind::item && !closing) {
    map_->items.push_back(static_cast<std::uint32_t>(text_->size() - base_));
  }
  return after;
}

std::size_t Cleaner::read_newlines(std::string_view raw, std::size_t at) {
  std::size_t i = at;
  int lines = 0;
  while (i < raw.size() && (raw[i] == '\n' || raw[i] == '\r' || raw[i] == ' ' || raw[i] == '\t')) {
    if (raw[i] == '\n' || (raw[i] == '\r' && (i + 1 == raw.size() || raw[i + 1] != '\n'))) ++lines;
    ++i;
  }
  if (lines >= 2) {
    put_break(at, i, 2);
  } else if (html_) {
    put_space(at, i);
  } else {
    put_break(at, i, 1);
  }
  return i;
}

/// Handles the character at `at` that is no plain ASCII text; returns where the next begins.
std::size_t Cleaner::step(std::string_view raw, std::size_t at) {
  const char c = raw[at];
  if (c == '\n' || c == '\r') return read_newlines(raw, at);
  if (c == '<') {
    const std::size_t end = read_tag(raw, at, "<", ">");
    if (end != at) return end;
    put(raw.substr(at, 1), at, at + 1, true);
    return at + 1;
  }
  if (c == '&') {
    if (starts_with_folded(raw, at, "&lt;")) {
      const std::size_t end = read_tag(raw, at, "&lt;", "&gt;");
      if (end != at) return end;
    }
    std::size_t end = at;
    Entity entity = read_entity(raw, at);
    while (entity.length != 0 && entity.text == "&") {  // encoded twice: &amp;nbsp;
      end = end + entity.length;
      std::string again = "&";
      again.append(raw.substr(end, std::min(kEntityBytesMax, raw.size() - end)));
      const Entity inner = read_entity(again, 0);
      if (inner.length == 0) {
        put("&", at, end, false);
        return end;
      }
      end += inner.length - 1;
      const std::string decoded(inner.text);
      if (decoded != "&") {
        put_decoded(decoded, at, end);
        return end;
      }
      entity = {0, {}};
      put("&", at, end, false);
      return end;
    }
    if (entity.length != 0) {
      const std::string decoded(entity.text);
      put_decoded(decoded, at, at + entity.length);
      return at + entity.length;
    }
    put(raw.substr(at, 1), at, at + 1, true);
    return at + 1;
  }
  const CodePoint cp = decode_utf8(raw, at);
  const bool odd = is_invisible(cp.value) || is_odd_space(cp.value) || plain_form(cp.value) != 0 ||
                   (cp.value >= 0x300 && cp.value <= 0x36F) || cp.value == 0x3099 || cp.value == 0x309A ||
                   (cp.value >= 0xFF61 && cp.value <= 0xFF9F) || cp.value == 0x2028 || cp.value == 0x2029 ||
                   cp.value == 0x85;
  if (odd) {
    put_code_point(cp.value, at, at + cp.length);
  } else {
    put(raw.substr(at, cp.length), at, at + cp.length, true);
  }
  return at + cp.length;
}

void Cleaner::clean(std::string_view raw, std::string& text, CleanMap& map) {
  text_ = &text;
  map_ = &map;
  base_ = text.size();
  map.clear();
  html_ = false;
  for (const std::string_view mark : {"<p", "<P", "<br", "<BR", "<div", "<li", "&lt;p", "&lt;br", "</p"}) {
    html_ = html_ || raw.find(mark) != std::string_view::npos;
  }
  for (std::size_t i = 0; i < raw.size() && text.size() - base_ < kCleanBytesMax;) {
    std::size_t plain = i;
    while (plain < raw.size() && static_cast<unsigned char>(raw[plain] - 33) < 94 && raw[plain] != '<' &&
           raw[plain] != '&') {
      ++plain;
    }
    if (plain > i) {
      put(raw.substr(i, plain - i), i, plain, true);
      i = plain;
      continue;
    }
    if (raw[i] == ' ') {
      if (text.size() > base_ && text.back() != ' ' && text.back() != '\n') put(" ", i, i + 1, true);
      ++i;
      continue;
    }
    i = step(raw, i);
  }
}

}  // namespace churnwire
