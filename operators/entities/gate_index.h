#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "operators/entities/gate_cursor.h"
#include "operators/entities/word_masks.h"

namespace churnwire {

/// A name or word to look for in text as received.
struct GatePattern {
  std::u32string folded;       // as GateCursor reads it
  std::u32string original;     // of exact spellings; empty when case does not matter
  std::u32string before;       // what stands before it, when it is found by a later word than its first
  bool shoutable = true;       // an exact spelling that counts in capitals too
  bool weak = false;           // counts only next to a licence word
  bool keeps_capital = false;  // never begins with a small letter
  bool prefix = false;         // may be followed by more letters
};

/// What GateCursor reads from one place of a text, read once for all patterns that are tried there.
class GateReading {
 public:
  static constexpr std::size_t kCharsMax = 96;
  GateReading(std::string_view text, std::size_t at) : text_(text), begin_(at), cursor_(text, at) {}
  bool matches(const GatePattern& pattern);

 private:
  bool has(std::size_t count);
  bool stands_after(const std::u32string& before) const;

  std::string_view text_;
  std::size_t begin_;
  GateCursor cursor_;
  std::size_t count_ = 0;
  std::array<GateCursor::Char, kCharsMax> chars_;
  std::array<std::size_t, kCharsMax> ends_;  // where the text goes on after a character
};

/// Patterns by the first bytes of their first word: a bit for each hashed head turns nearly every word of a
/// text away, an open table leads from the head to the patterns. Immutable once built.
class GateIndex {
 public:
  /// Adds `text`; it counts in its own letters only when `exact`.
  void add(std::string_view text, GatePattern pattern, bool exact);
  /// Must follow the last add() and precede the first scan.
  void build();

  /// Calls `found(position, pattern)` for occurrences in `text` until it returns true, and returns whether it
  /// did. Sets `hidden` when the text holds characters that hide names from it. Allocates nothing.
  template <class Found>
  bool scan(std::string_view text, bool& hidden, Found&& found) const {
    Candidates candidates;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = collect(text, at, hidden, candidates);
      for (std::size_t i = 0; i < candidates.count; ++i) {
        const Entry* entry = entry_of(candidates.keys[i]);
        const std::size_t position = at + candidates.positions[i];
        if (entry == nullptr || (entry->follows & following(text, position, candidates.keys[i])) == 0)
          continue;
        GateReading reading(text, position);
        for (std::uint32_t k = entry->first; k < entry->first + entry->count; ++k) {
          const GatePattern& pattern = patterns_[lists_[k]];
          if (reading.matches(pattern) && found(position, pattern)) return true;
        }
      }
      at += size;
    }
    return false;
  }

 private:
  static constexpr std::size_t kChunkBytes = 4096;
  static constexpr std::size_t kBits = 1U << 16U;
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t first = 0;    // of lists_
    std::uint32_t count = 0;    // 0: empty
    std::uint64_t follows = 0;  // what follows the head in these patterns, as in following()
  };

  /// What may follow the head `key` of the word at `at`: one bit for each letter, digit or CJK character (by
  /// hash), all bits when only GateCursor can tell.
  static std::uint64_t following(std::string_view text, std::size_t at, std::uint64_t key);
  static std::uint64_t following_of(const GatePattern& pattern, std::uint64_t key);
  void add_small(std::string_view text, std::uint32_t pattern);
  void add_head(std::string_view spelling, std::uint32_t pattern);
  /// Words of a chunk whose heads have their bit; left as they are where `count` does not reach.
  struct Candidates {
    std::size_t count;
    std::array<std::uint64_t, kChunkBytes> keys;
    std::array<std::uint16_t, kChunkBytes> positions;
    std::array<std::uint16_t, kChunkBytes + 64> starts;  // of words, before the bit is asked
  };
  void probe(std::string_view rest, const WordMasks& masks, std::size_t words, Candidates& candidates) const;
  void probe_bmi(std::string_view rest, const WordMasks& masks, std::size_t words,
                 Candidates& candidates) const;
  std::size_t collect(std::string_view text, std::size_t at, bool& hidden, Candidates& candidates) const;
  const Entry* entry_of(std::uint64_t key) const;

  bool all_words_ = false;  // a pattern is nothing but a small short word
  std::vector<GatePattern> patterns_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> heads_;  // key and pattern, until build()
  std::vector<std::uint64_t> bits_;
  std::vector<Entry> table_;
  std::vector<std::uint32_t> lists_;
};

}  // namespace churnwire
