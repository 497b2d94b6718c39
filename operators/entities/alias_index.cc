#define XXH_INLINE_ALL
#include "operators/entities/alias_index.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

namespace churnwire {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kFilterWordsMax = (std::size_t{1} << 20U) / sizeof(std::uint64_t);

}  // namespace

std::uint64_t unit_hash(std::string_view folded) {
  return XXH3_64bits(folded.data(), folded.size()) | 1U;
}

void AliasIndex::add(std::span<const std::string_view> units, std::uint32_t value) {
  if (units.empty() || units.size() > 255) return;
  const auto bytes = static_cast<std::uint32_t>(pending_bytes_.size());
  for (const std::string_view unit : units) {
    if (unit.empty() || unit.size() > 255) {
      pending_bytes_.resize(bytes);
      return;
    }
    pending_bytes_.push_back(static_cast<std::uint8_t>(unit.size()));
    pending_bytes_.insert(pending_bytes_.end(), unit.begin(), unit.end());
  }
  const std::uint64_t first = unit_hash(units[0]);
  const std::uint64_t key = units.size() == 1 ? first : pair_key(first, unit_hash(units[1]));
  pending_.push_back({key, static_cast<std::uint32_t>(units.size()),
                      static_cast<std::uint32_t>(pending_.size()), bytes, value});
}

void AliasIndex::build() {
  std::sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
    return std::tuple(a.key, ~a.length, a.order) < std::tuple(b.key, ~b.length, b.order);
  });
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(16, pending_.size() * 2));
  slots_.assign(size, Slot{});
  slot_mask_ = size - 1;
  filter_.assign(std::min(kFilterWordsMax, std::bit_ceil(std::max<std::size_t>(8, pending_.size() / 4))), 0);
  filter_mask_ = filter_.size() - 1;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const Pending& p = pending_[i];
    if (i == 0 || pending_[i - 1].key != p.key) {
      std::size_t slot = (p.key >> 17U) & slot_mask_;
      while (slots_[slot].key != 0) slot = (slot + 1) & slot_mask_;
      slots_[slot] = {p.key, static_cast<std::uint32_t>(arena_.size()), 0};
      filter_[(p.key >> 20U) & filter_mask_] |=
          (std::uint64_t{1} << ((p.key >> 2U) & 63U)) | (std::uint64_t{1} << ((p.key >> 8U) & 63U));
    }
    const bool more = i + 1 < pending_.size() && pending_[i + 1].key == p.key;
    std::size_t stop = p.bytes;
    for (std::uint32_t unit = 0; unit < p.length; ++unit) stop += 1U + pending_bytes_[stop];
    const std::size_t bytes = stop - p.bytes;
    arena_.push_back(more ? 1 : 0);
    arena_.push_back(static_cast<std::uint8_t>(p.length));
    arena_.push_back(static_cast<std::uint8_t>(bytes & 0xFFU));
    arena_.push_back(static_cast<std::uint8_t>(bytes >> 8U));
    for (std::uint32_t shift = 0; shift < 32; shift += 8) {
      arena_.push_back(static_cast<std::uint8_t>(p.value >> shift));
    }
    arena_.insert(arena_.end(), pending_bytes_.begin() + p.bytes,
                  pending_bytes_.begin() + static_cast<std::ptrdiff_t>(stop));
  }
  pending_.clear();
  pending_.shrink_to_fit();
  pending_bytes_.clear();
  pending_bytes_.shrink_to_fit();
}

AliasIndex::Record AliasIndex::read(std::size_t at) const {
  Record record;
  record.more = arena_[at];
  record.units = arena_[at + 1];
  const std::size_t bytes = arena_[at + 2] | (static_cast<std::size_t>(arena_[at + 3]) << 8U);
  std::memcpy(&record.value, arena_.data() + at + 4, sizeof record.value);
  record.body = at + kHeaderBytes;
  record.next = record.body + bytes;
  return record;
}

bool AliasIndex::equals(const Record& record, std::string_view folded, std::span<const Unit> units,
                        std::size_t at) const {
  if (at + record.units > units.size()) return false;
  std::size_t body = record.body;
  for (std::size_t i = 0; i < record.units; ++i) {
    const Unit& unit = units[at + i];
    const std::size_t length = arena_[body++];
    if (unit.end - unit.begin != length) return false;
    if (std::memcmp(folded.data() + unit.begin, arena_.data() + body, length) != 0) return false;
    body += length;
  }
  return true;
}

}  // namespace churnwire
