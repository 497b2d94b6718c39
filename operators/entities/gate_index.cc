#include "operators/entities/gate_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "operators/entities/word_masks.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

// The first byte keeps its case, so that names in capitals do not make everyday words candidates.
constexpr std::uint64_t kFold = 0x2020202020202000U;
constexpr std::uint64_t kTwoBytes = 0xFFFFU;
constexpr std::uint64_t kThreeBytes = 0xFFFFFFU;

/// The bytes of a head before its first break, by the break bits of its eight bytes.
constexpr std::array<std::uint64_t, 256> kHeadMasks = [] {
  std::array<std::uint64_t, 256> masks{};
  for (std::uint32_t breaks = 0; breaks < 256; ++breaks) {
    const int length = breaks == 0 ? 8 : std::countr_zero(breaks);
    masks[breaks] = length == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * length)) - 1;
  }
  return masks;
}();

/// The key of the word whose first eight bytes are `word` and whose break bits are `breaks`: its letters and
/// digits of ASCII; or its first character, when that is beyond ASCII.
[[gnu::always_inline]] inline std::uint64_t head_key(std::uint64_t word, std::uint32_t breaks) {
  const std::uint64_t first = word & 0xFFU;
  const std::uint64_t beyond = first >= 0xE0U ? kThreeBytes : kTwoBytes;
  return (word | kFold) & (first >= 0x80U ? beyond : kHeadMasks[breaks]);
}

[[gnu::always_inline]] inline std::uint32_t bit_of(std::uint64_t key) {
  return static_cast<std::uint32_t>((key * 0x9E3779B97F4A7C15U) >> 48U);
}

std::uint64_t load(std::string_view text, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, std::min<std::size_t>(sizeof word, text.size() - at));
  return word;
}

std::uint32_t breaks_at(std::string_view text, std::size_t at) {
  std::uint32_t breaks = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    if (at + i >= text.size() || !is_ascii_alnum(text[at + i])) breaks |= 1U << i;
  }
  return breaks;
}

/// The bytes of a head.
std::size_t head_length(std::uint64_t key) {
  return 8 - static_cast<std::size_t>(std::countl_zero(key)) / 8;
}

/// True when `text` begins with a word of three lower-case letters or fewer and a space, or is no more than
/// that.
bool is_small_short(std::string_view text) {
  if (text.empty() || !is_ascii_lower(text[0])) return false;
  std::size_t end = 1;
  while (end < text.size() && is_ascii_alnum(text[end])) ++end;
  return end <= 3 && (end == text.size() || text[end] == ' ');
}

/// `text` with the case of each letter changed by `change`; the first by `first`.
std::string respelled(std::string_view text, char32_t (*first)(char32_t), char32_t (*change)(char32_t)) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint cp = decode_utf8(text, i);
    append_utf8((i == 0 ? first : change)(cp.value), out);
    i += cp.length;
  }
  return out;
}

}  // namespace

bool GateReading::has(std::size_t count) {
  if (count > kCharsMax) return false;
  while (count_ < count) {
    chars_[count_] = cursor_.next();
    ends_[count_] = cursor_.position();
    ++count_;
    if (chars_[count_ - 1].original == 0) break;
  }
  return count_ >= count;
}

namespace {

/// Where the spaces, hyphens, tags, hard spaces and entities before `at` begin.
std::size_t blank_before(std::string_view text, std::size_t at) {
  constexpr std::size_t kMarkupBytesMax = 512;
  while (at > 0) {
    const char c = text[at - 1];
    const std::string_view before =
        text.substr(at - std::min(at, kMarkupBytesMax), std::min(at, kMarkupBytesMax));
    std::size_t open = std::string_view::npos;
    if (static_cast<unsigned char>(c) <= ' ' || c == '-') {
      --at;
      continue;
    }
    if (c == '>') open = before.rfind('<');
    if (c == ';') open = before.substr(before.size() - std::min<std::size_t>(before.size(), 8)).rfind('&');
    if (c == ';' && open != std::string_view::npos)
      open += before.size() - std::min<std::size_t>(before.size(), 8);
    if (before.ends_with("\u00A0")) open = before.size() - 2;
    if (open == std::string_view::npos) break;
    at -= before.size() - open;
  }
  return at;
}

}  // namespace

bool GateReading::stands_after(const std::u32string& before) const {
  std::size_t at = begin_;
  for (std::size_t i = before.size(); i > 0; --i) {
    at = blank_before(text_, at);
    if (at == 0) return false;
    const char c = text_[--at];
    if (to_lower(static_cast<unsigned char>(c)) != before[i - 1]) return false;
  }
  return at == 0 || !is_ascii_alpha(text_[at - 1]);
}

bool GateReading::matches(const GatePattern& pattern) {
  const bool exact = !pattern.original.empty();
  bool same = true;
  bool shouted = true;
  for (std::size_t i = 0; i < pattern.folded.size(); ++i) {
    if (!has(i + 1)) return false;
    const GateCursor::Char& c = chars_[i];
    if (c.unsure) return i > 0;
    if (c.folded != pattern.folded[i] || c.original == 0) return false;
    if (exact) {
      same = same && c.original == pattern.original[i];
      shouted = shouted && !is_lower(c.original);
      if (!same && !(shouted && pattern.shoutable)) return false;
    }
  }
  const std::size_t end = ends_[pattern.folded.size() - 1];
  if (!pattern.before.empty() && !stands_after(pattern.before)) return false;
  if (pattern.prefix || end >= text_.size() || pattern.folded.back() >= 0x80) return true;
  return !is_ascii_alnum(static_cast<char>(pattern.folded.back())) || !is_ascii_alnum(text_[end]);
}

namespace {

constexpr std::uint64_t kAnything = ~std::uint64_t{0};
constexpr std::uint64_t kAlways = std::uint64_t{1} << 63U;  // set for every text: nothing need follow

std::uint64_t follow_bit(char32_t folded) {
  return std::uint64_t{1} << ((folded * 0x9E3779B1U) >> 26U) % 63U;
}

}  // namespace

std::uint64_t GateIndex::following(std::string_view text, std::size_t at, std::uint64_t key) {
  std::size_t after = at + head_length(key);
  if (after < text.size() && (text[after] == ' ' || text[after] == '\n')) ++after;
  if (after >= text.size()) return kAnything;
  const char c = text[after];
  if (is_ascii_alnum(c)) {
    return kAlways | follow_bit(static_cast<char32_t>(is_ascii_upper(c) ? c + 32 : c));
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80) {  // what the cleaner or GateCursor drops is for GateCursor to judge
    const bool judged = byte <= ' ' || c == '-' || c == '<' || c == '&' || byte == 0x7F;
    return judged ? kAnything : kAlways | follow_bit(byte);
  }
  const bool han = byte >= 0xE4 && byte <= 0xE9;
  const bool kana =
      byte == 0xE3 && after + 1 < text.size() && static_cast<unsigned char>(text[after + 1]) >= 0x81;
  return han || kana ? kAlways | follow_bit(decode_utf8(text, after).value) : kAnything;
}

std::uint64_t GateIndex::following_of(const GatePattern& pattern, std::uint64_t key) {
  const bool beyond = (key & 0x80U) != 0;
  const std::size_t length = beyond ? 1 : head_length(key);
  if (length >= pattern.folded.size() || (!beyond && length == 8)) return kAlways;
  if (beyond && head_length(key) < 3) return kAlways;
  return follow_bit(pattern.folded[length]);
}

void GateIndex::add_head(std::string_view spelling, std::uint32_t pattern) {
  heads_.emplace_back(head_key(load(spelling, 0), breaks_at(spelling, 0)), pattern);
}

void GateIndex::add(std::string_view text, GatePattern pattern, bool exact) {
  GateCursor cursor(text, 0);
  for (GateCursor::Char c = cursor.next(); c.original != 0; c = cursor.next()) {
    pattern.folded.push_back(c.folded);
    if (exact) pattern.original.push_back(c.original);
  }
  if (pattern.folded.empty() || pattern.folded.size() > GateReading::kCharsMax) return;
  const auto index = static_cast<std::uint32_t>(patterns_.size());
  patterns_.push_back(pattern);
  if (!is_small_short(text)) add_head(text, index);
  add_head(respelled(text, to_upper, to_upper), index);
  add_head(respelled(text, to_upper, to_lower), index);
  const std::string small = respelled(text, to_lower, to_lower);
  if (!pattern.keeps_capital && (!exact || is_small_short(text))) {
    if (is_small_short(small)) {
      add_small(small, index);
    } else {
      add_head(small, index);
    }
  }
  if (is_ascii_alnum(text[0])) {  // full-width letters are characters beyond ASCII
    std::string wide;
    append_utf8(static_cast<unsigned char>(text[0]) + 0xFEE0U, wide);
    add_head(wide, index);
    wide.clear();
    append_utf8(to_upper(static_cast<unsigned char>(text[0])) + 0xFEE0U, wide);
    add_head(wide, index);
    wide.clear();
    append_utf8(to_lower(static_cast<unsigned char>(text[0])) + 0xFEE0U, wide);
    if (!exact) add_head(wide, index);
  }
}

/// `text` begins with a word that is not looked at: the rest is found by its own head, and the word before it
/// then.
void GateIndex::add_small(std::string_view text, std::uint32_t pattern) {
  std::size_t end = 0;
  while (end < text.size() && is_ascii_alnum(text[end])) ++end;
  const std::size_t rest = end + 1;
  if (rest >= text.size()) {
    all_words_ = true;
    add_head(text, pattern);
    return;
  }
  GatePattern later = patterns_[pattern];
  later.folded.clear();
  later.original.clear();
  for (const char c : text.substr(0, end)) later.before.push_back(static_cast<unsigned char>(c));
  add(text.substr(rest), std::move(later), false);
}

void GateIndex::build() {
  std::sort(heads_.begin(), heads_.end());
  heads_.erase(std::unique(heads_.begin(), heads_.end()), heads_.end());
  bits_.assign(kBits / 64, 0);
  table_.assign(std::bit_ceil(std::max<std::size_t>(16, heads_.size() * 2)), Entry{});
  const std::size_t mask = table_.size() - 1;
  for (std::size_t i = 0; i < heads_.size();) {
    const std::uint64_t key = heads_[i].first;
    Entry entry{key, static_cast<std::uint32_t>(lists_.size()), 0, 0};
    for (; i < heads_.size() && heads_[i].first == key; ++i) {
      lists_.push_back(heads_[i].second);
      entry.follows |= following_of(patterns_[heads_[i].second], key);
      ++entry.count;
    }
    std::size_t slot = bit_of(key) & mask;
    while (table_[slot].count != 0) slot = (slot + 1) & mask;
    table_[slot] = entry;
    bits_[bit_of(key) >> 6U] |= std::uint64_t{1} << (bit_of(key) & 63U);
  }
  heads_.clear();
  heads_.shrink_to_fit();
}

namespace {

static_assert(std::endian::native == std::endian::little, "masks and heads are read by byte");

/// The bits of `here` moved down by `by`, filled up from the next word's.
std::uint64_t ahead_of(const std::uint64_t* words, unsigned by) {
  return (words[0] >> by) | (words[1] << (64U - by));
}

/// Small words of three letters or fewer before a space, in the 64 bytes of `word`.
std::uint64_t small_short(const WordMasks& masks, std::size_t word) {
  const std::uint64_t* breaks = masks.breaks.data() + word;
  const std::uint64_t* blanks = masks.blanks.data() + word;
  const std::uint64_t second_in_word = ~ahead_of(breaks, 1);
  const std::uint64_t third_in_word = second_in_word & ~ahead_of(breaks, 2);
  return masks.small[word] & (ahead_of(blanks, 1) | (ahead_of(blanks, 2) & second_in_word) |
                              (ahead_of(blanks, 3) & third_in_word));
}

}  // namespace

/// Inlined into one function for each instruction set. Two loops without unforeseeable branches: where words
/// begin, then whether their heads have their bit.
[[gnu::always_inline]] inline void GateIndex::probe(std::string_view rest, const WordMasks& masks,
                                                    std::size_t words, Candidates& candidates) const {
  constexpr std::size_t kAtOnce = 8;  // most blocks of 64 bytes hold no more words
  const std::uint64_t skip = all_words_ ? 0 : ~std::uint64_t{0};
  std::uint16_t* const starts = candidates.starts.data();
  std::size_t count = 0;
  for (std::size_t word = 0; word < words; ++word) {
    std::uint64_t left = masks.starts[word] & ~(small_short(masks, word) & skip);
    const auto here = static_cast<std::size_t>(std::popcount(left));
    for (std::size_t done = 0; done == 0 || done < here; done += kAtOnce) {
      for (std::size_t i = 0; i < kAtOnce; ++i) {  // more than there are: overwritten by the next block
        starts[count + done + i] =
            static_cast<std::uint16_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(left)));
        left &= left - 1;
      }
    }
    count += here;
  }
  const std::uint64_t* const bits = bits_.data();
  const char* const breaks = reinterpret_cast<const char*>(masks.breaks.data());
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t start = starts[i];
    std::uint64_t head = 0;
    if (start + sizeof head <= rest.size()) [[likely]] {
      std::memcpy(&head, rest.data() + start, sizeof head);
    } else {
      head = load(rest, start);
    }
    std::uint16_t ahead = 0;
    std::memcpy(&ahead, breaks + start / 8, sizeof ahead);
    const std::uint64_t key = head_key(head, static_cast<std::uint32_t>(ahead >> (start % 8U)) & 255U);
    const std::uint32_t bit = bit_of(key);
    candidates.keys[found] = key;
    candidates.positions[found] = start;
    found += (bits[bit >> 6U] >> (bit & 63U)) & 1U;
  }
  candidates.count = found;
}

#if defined(__x86_64__)
__attribute__((target("bmi,bmi2,popcnt"))) void GateIndex::probe_bmi(std::string_view rest,
                                                                     const WordMasks& masks,
                                                                     std::size_t words,
                                                                     Candidates& candidates) const {
  probe(rest, masks, words, candidates);
}
#endif

std::size_t GateIndex::collect(std::string_view text, std::size_t at, bool& hidden,
                               Candidates& candidates) const {
  static_assert(kChunkBytes == WordMasks::kChunkBytes);
  WordMasks masks;
  const std::size_t size = fill_word_masks(text, at, masks);
  hidden = hidden || masks.hidden;
  const std::size_t words = (size + 63) / 64;
#if defined(__x86_64__)
  static const bool kHasBmi = __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
                              __builtin_cpu_supports("popcnt") != 0;
  if (kHasBmi) {
    probe_bmi(text.substr(at), masks, words, candidates);
    return size;
  }
#endif
  probe(text.substr(at), masks, words, candidates);
  return size;
}

const GateIndex::Entry* GateIndex::entry_of(std::uint64_t key) const {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t slot = bit_of(key) & mask; table_[slot].count != 0; slot = (slot + 1) & mask) {
    if (table_[slot].key == key) return &table_[slot];
  }
  return nullptr;
}

}  // namespace churnwire
