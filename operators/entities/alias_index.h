#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace churnwire {

/// The hash of one folded unit of text; AliasIndex keys are made of these.
std::uint64_t unit_hash(std::string_view folded);

/// A piece of text that aliases are made of: a token, or a part of a hyphenated one. `hash` is of the folded
/// piece.
struct Unit {
  std::uint32_t begin = 0;  // bytes of the text
  std::uint32_t end = 0;
  std::uint32_t token = 0;
  std::uint64_t hash = 0;
};

/// A dictionary of unit sequences with one entry for each (first unit, second unit) pair: a bit filter that
/// fits the cache turns most positions away, one probe of an open table and one record in a contiguous arena
/// settle the rest, so that the cost hardly grows with the number of aliases. Immutable once built.
class AliasIndex {
 public:
  /// Adds a sequence of folded units (1 to 255, each of 1 to 255 bytes); `value` is handed back on a match.
  void add(std::span<const std::string_view> units, std::uint32_t value);
  /// Must follow the last add() and precede the first match.
  void build();

  /// Calls `accept(value, units)` for each sequence that begins at `units[at]`, longest first, until it
  /// returns true.
  template <class Accept>
  bool match(std::string_view folded, std::span<const Unit> units, std::size_t at, Accept&& accept) const {
    if (at + 1 < units.size()) {
      const std::uint64_t pair = pair_key(units[at].hash, units[at + 1].hash);
      if (maybe(pair) && walk(pair, folded, units, at, accept)) return true;
    }
    const std::uint64_t single = units[at].hash | 1U;
    return maybe(single) && walk(single, folded, units, at, accept);
  }

 private:
  struct Slot {
    std::uint64_t key = 0;  // 0: empty
    std::uint32_t record = 0;
    std::uint32_t unused = 0;
  };
  struct Pending {
    std::uint64_t key;
    std::uint32_t length;
    std::uint32_t order;
    std::uint32_t bytes;  // of pending_bytes_
    std::uint32_t value;
  };

  static std::uint64_t pair_key(std::uint64_t first, std::uint64_t second) {
    return ((first * 0x9E3779B97F4A7C15U) ^ (second + 0x7F4A7C15U + (first >> 7U))) | 1U;
  }
  bool maybe(std::uint64_t key) const {
    if (filter_.empty()) return false;
    const std::uint64_t word = filter_[(key >> 20U) & filter_mask_];
    const std::uint64_t bits =
        (std::uint64_t{1} << ((key >> 2U) & 63U)) | (std::uint64_t{1} << ((key >> 8U) & 63U));
    return (word & bits) == bits;
  }

  template <class Accept>
  bool walk(std::uint64_t key, std::string_view folded, std::span<const Unit> units, std::size_t at,
            Accept& accept) const {
    for (std::size_t slot = (key >> 17U) & slot_mask_; slots_[slot].key != 0;
         slot = (slot + 1) & slot_mask_) {
      if (slots_[slot].key != key) continue;
      std::size_t record = slots_[slot].record;
      for (std::uint8_t more = 1; more != 0;) {
        const Record r = read(record);
        more = r.more;
        if (equals(r, folded, units, at) && accept(r.value, r.units)) return true;
        record = r.next;
      }
      return false;
    }
    return false;
  }

  struct Record {
    std::uint8_t more = 0;
    std::uint8_t units = 0;
    std::uint32_t value = 0;
    std::size_t body = 0;
    std::size_t next = 0;
  };
  Record read(std::size_t at) const;
  bool equals(const Record& record, std::string_view folded, std::span<const Unit> units,
              std::size_t at) const;

  std::vector<Pending> pending_;
  std::vector<std::uint8_t> pending_bytes_;
  std::vector<Slot> slots_;
  std::vector<std::uint64_t> filter_;
  std::vector<std::uint8_t>
      arena_;  // records: more, units, bytes (2), value (4), then length and bytes of each unit
  std::size_t slot_mask_ = 0;
  std::size_t filter_mask_ = 0;
};

}  // namespace churnwire
