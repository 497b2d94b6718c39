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

/// The key of the word whose first eight bytes are `word` and whose break bits are `breaks`: its letters and digits of
/// ASCII; or its first character, when that is beyond ASCII.
std::uint64_t head_key(std::uint64_t word, std::uint32_t breaks) {
  const std::uint64_t first = word & 0xFFU;
  const std::uint64_t beyond = first >= 0xE0U ? kThreeBytes : kTwoBytes;
  return (word | kFold) & (first >= 0x80U ? beyond : kHeadMasks[breaks]);
}

std::uint32_t bit_of(std::uint64_t key) { return static_cast<std::uint32_t>((key * 0x9E3779B97F4A7C15U) >> 48U); }

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
  if (pattern.prefix || end >= text_.size() || pattern.folded.back() >= 0x80) return true;
  return !is_ascii_alnum(static_cast<char>(pattern.folded.back())) || !is_ascii_alnum(text_[end]);
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
  add_head(text, index);
  add_head(respelled(text, to_upper, to_upper), index);
  add_head(respelled(text, to_upper, to_lower), index);
  if (!exact) add_head(respelled(text, to_lower, to_lower), index);
  patterns_.push_back(std::move(pattern));
}

void GateIndex::build() {
  std::sort(heads_.begin(), heads_.end());
  heads_.erase(std::unique(heads_.begin(), heads_.end()), heads_.end());
  bits_.assign(kBits / 64, 0);
  table_.assign(std::bit_ceil(std::max<std::size_t>(16, heads_.size() * 2)), Entry{});
  const std::size_t mask = table_.size() - 1;
  for (std::size_t i = 0; i < heads_.size();) {
    const std::uint64_t key = heads_[i].first;
    Entry entry{key, static_cast<std::uint32_t>(lists_.size()), 0};
    for (; i < heads_.size() && heads_[i].first == key; ++i) {
      lists_.push_back(heads_[i].second);
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

std::size_t GateIndex::collect(std::string_view text, std::size_t at, bool& hidden,
                               std::array<std::uint16_t, kChunkBytes>& candidates, std::size_t& count) const {
  static_assert(kChunkBytes == WordMasks::kChunkBytes);
  WordMasks masks;
  const std::size_t size = fill_word_masks(text, at, masks);
  hidden = hidden || masks.hidden;
  const std::uint64_t* bits = bits_.data();
  const std::size_t words = (size + 63) / 64;
  std::size_t found = 0;
  for (std::size_t word = 0; word < words; ++word) {
    std::uint64_t starts = masks.starts[word];
    const std::uint64_t breaks = masks.breaks[word];
    const std::uint64_t next_breaks = masks.breaks[word + 1] << 1U;
    const std::size_t base = word * 64;
    const bool safe = at + base + 72 <= text.size();
    while (starts != 0) {
      const auto i = static_cast<std::uint32_t>(std::countr_zero(starts));
      starts &= starts - 1;
      std::uint64_t head = 0;
      if (safe) {
        std::memcpy(&head, text.data() + at + base + i, sizeof head);
      } else {
        head = load(text, at + base + i);
      }
      const std::uint64_t ahead = (breaks >> i) | (next_breaks << (63U - i));
      const std::uint32_t bit = bit_of(head_key(head, static_cast<std::uint32_t>(ahead & 255U)));
      candidates[found] = static_cast<std::uint16_t>(base + i);
      found += (bits[bit >> 6U] >> (bit & 63U)) & 1U;
    }
  }
  count = found;
  return size;
}

std::span<const std::uint32_t> GateIndex::patterns_at(std::string_view text, std::size_t at) const {
  const std::uint64_t key = head_key(load(text, at), breaks_at(text, at));
  const std::size_t mask = table_.size() - 1;
  for (std::size_t slot = bit_of(key) & mask; table_[slot].count != 0; slot = (slot + 1) & mask) {
    if (table_[slot].key == key) return std::span(lists_).subspan(table_[slot].first, table_[slot].count);
  }
  return {};
}

}  // namespace churnwire
