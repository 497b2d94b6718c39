#include "operators/entities/word_masks.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "operators/text/unicode.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace churnwire {
namespace {

/// What one block of 64 bytes holds; starts are made of these, with a look at the byte before.
struct Block {
  std::uint64_t letters;
  std::uint64_t capitals;
  std::uint64_t digits;
  std::uint64_t blanks;    // bytes up to the space
  std::uint64_t leads;     // bytes from 0xC0
  std::uint64_t suspects;  // leads of characters that may hide a name
};

bool is_suspect(unsigned char lead) {
  return lead == 0xC2 || lead == 0xCC || lead == 0xCD || (lead >= 0xE1 && lead <= 0xE3) || lead == 0xEF;
}

Block classify_portable(const char* bytes) {
  Block block{};
  for (unsigned i = 0; i < 64; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (is_ascii_alpha(bytes[i])) block.letters |= bit;
    if (is_ascii_upper(bytes[i])) block.capitals |= bit;
    if (is_ascii_digit(bytes[i])) block.digits |= bit;
    if (byte <= ' ') block.blanks |= bit;
    if (byte >= 0xC0) block.leads |= bit;
    if (is_suspect(byte)) block.suspects |= bit;
  }
  return block;
}

#if defined(__x86_64__)
/// The bits of the 32 bytes whose value lies in [low, low + count).
__attribute__((target("avx2"))) inline std::uint32_t in_range(__m256i bytes, char low, int count) {
  const __m256i shifted = _mm256_add_epi8(bytes, _mm256_set1_epi8(static_cast<char>(-128 - low)));
  const __m256i inside = _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(-128 + count)), shifted);
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(inside));
}

__attribute__((target("avx2"), always_inline)) inline __m256i equal_to(__m256i bytes, char byte) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte));
}

/// As is_suspect(), but an E3 counts only before 82 (kana with a voicing mark of its own).
__attribute__((target("avx2"))) inline std::uint32_t suspects_avx2(__m256i x) {
  const __m256i two =
      _mm256_or_si256(equal_to(x, '\xC2'), _mm256_or_si256(equal_to(x, '\xCC'), equal_to(x, '\xCD')));
  const __m256i three =
      _mm256_or_si256(equal_to(x, '\xE1'), _mm256_or_si256(equal_to(x, '\xE2'), equal_to(x, '\xEF')));
  const auto sure = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(two, three)));
  const auto kana = static_cast<std::uint32_t>(_mm256_movemask_epi8(equal_to(x, '\xE3')));
  const __m256i voicing = _mm256_or_si256(equal_to(x, '\x99'), equal_to(x, '\x9A'));
  const auto marks = static_cast<std::uint32_t>(_mm256_movemask_epi8(voicing));
  return sure | (kana & ((marks >> 2U) | 0xC0000000U));
}

__attribute__((target("avx2"), always_inline)) inline Block classify_avx2(const char* bytes) {
  Block block{};
  for (unsigned half = 0; half < 2; ++half) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32 * half));
    const __m256i folded = _mm256_or_si256(x, _mm256_set1_epi8(0x20));
    const unsigned shift = 32 * half;
    block.letters |= std::uint64_t{in_range(folded, 'a', 26)} << shift;
    block.capitals |= std::uint64_t{in_range(x, 'A', 26)} << shift;
    block.digits |= std::uint64_t{in_range(x, '0', 10)} << shift;
    block.blanks |= std::uint64_t{in_range(x, 0, 33)} << shift;
    const std::uint32_t leads = in_range(x, static_cast<char>(0xC0), 64);
    block.leads |= std::uint64_t{leads} << shift;
    if (leads != 0) block.suspects |= std::uint64_t{suspects_avx2(x)} << shift;
  }
  return block;
}
#endif

/// True for zero-width characters, soft hyphens, combining accents, half-width katakana and stray controls:
/// what may stand inside a name and hide it. Looks at bytes, because most characters of CJK text begin with
/// E3 or EF.
bool is_hidden(const unsigned char* c, std::size_t left) {
  if (left < 2) return false;
  const auto in = [](unsigned char byte, unsigned low, unsigned high) { return byte >= low && byte <= high; };
  switch (c[0]) {
    case 0xC2:
      return in(c[1], 0x80, 0x9F) || c[1] == 0xAD;
    case 0xCC:
      return true;
    case 0xCD:
      return c[1] <= 0xAF;
    case 0xE1:
      return left > 2 && c[1] == 0xA0 && c[2] == 0x8E;
    case 0xE2:
      return left > 2 && ((c[1] == 0x80 && (in(c[2], 0x8B, 0x8F) || in(c[2], 0xAA, 0xAE))) ||
                          (c[1] == 0x81 && in(c[2], 0xA0, 0xAF)));
    case 0xE3:
      return left > 2 && c[1] == 0x82 && (c[2] == 0x99 || c[2] == 0x9A);
    case 0xEF:
      return left > 2 && ((c[1] == 0xBB && c[2] == 0xBF) || (c[1] == 0xB8 && in(c[2], 0x80, 0x8F)) ||
                          (c[1] == 0xBD && in(c[2], 0xA1, 0xBF)) || (c[1] == 0xBE && in(c[2], 0x80, 0x9F)) ||
                          (c[1] == 0xBF && c[2] == 0xBD));
    default:
      return false;
  }
}

/// Looks at the characters that begin at the bits of `leads`.
bool has_hidden(std::string_view text, std::size_t at, std::uint64_t leads) {
  for (; leads != 0; leads &= leads - 1) {
    const std::size_t position = at + static_cast<std::size_t>(std::countr_zero(leads));
    if (is_hidden(reinterpret_cast<const unsigned char*>(text.data()) + position, text.size() - position))
      return true;
  }
  return false;
}

/// Classifies `count` whole blocks.
using ClassifyBlocks = void (*)(const char* bytes, std::size_t count, Block* blocks);

void classify_all_portable(const char* bytes, std::size_t count, Block* blocks) {
  for (std::size_t i = 0; i < count; ++i) blocks[i] = classify_portable(bytes + i * 64);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void classify_all_avx2(const char* bytes, std::size_t count, Block* blocks) {
  for (std::size_t i = 0; i < count; ++i) blocks[i] = classify_avx2(bytes + i * 64);
}
#endif

std::size_t fill(std::string_view text, std::size_t at, WordMasks& masks, ClassifyBlocks classify_blocks) {
  const std::size_t size = std::min(WordMasks::kChunkBytes, text.size() - at);
  const char before = at == 0 ? ' ' : text[at - 1];
  std::uint64_t letter_carry = is_ascii_alpha(before) ? 1 : 0;
  std::uint64_t digit_carry = is_ascii_digit(before) ? 1 : 0;
  masks.hidden = false;
  const std::size_t words = (size + 63) / 64;
  const std::size_t whole = size / 64;
  std::array<Block, WordMasks::kWords> blocks;
  classify_blocks(text.data() + at, whole, blocks.data());
  if (whole < words) {
    std::array<char, 64> padded{};
    std::memcpy(padded.data(), text.data() + at + whole * 64, size - whole * 64);
    classify_blocks(padded.data(), 1, blocks.data() + whole);
  }
  for (std::size_t word = 0; word < words; ++word) {
    const Block& block = blocks[word];
    const std::uint64_t after_letter = (block.letters << 1U) | letter_carry;
    const std::uint64_t after_digit = (block.digits << 1U) | digit_carry;
    letter_carry = block.letters >> 63U;
    digit_carry = block.digits >> 63U;
    masks.starts[word] =
        block.leads | (block.letters & ~after_letter) | (block.digits & ~after_letter & ~after_digit);
    masks.small[word] = masks.starts[word] & block.letters & ~block.capitals;
    masks.blanks[word] = block.blanks;
    masks.breaks[word] = ~(block.letters | block.digits);
    if (block.suspects != 0 && !masks.hidden) masks.hidden = has_hidden(text, at + word * 64, block.suspects);
  }
  // The first bytes of the next chunk decide where words at the end of this one stop.
  std::uint64_t next = 0;
  for (unsigned i = 0; i < 8 && at + size + i < text.size(); ++i) {
    if (is_ascii_alnum(text[at + size + i])) next |= std::uint64_t{1} << i;
  }
  masks.breaks[words] = ~next;
  std::uint64_t blanks = ~std::uint64_t{0};
  for (unsigned i = 0; i < 8 && at + size + i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[at + size + i]) > ' ') blanks &= ~(std::uint64_t{1} << i);
  }
  masks.blanks[words] = blanks;
  return size;
}

}  // namespace

std::size_t fill_word_masks_portable(std::string_view text, std::size_t at, WordMasks& masks) {
  return fill(text, at, masks, classify_all_portable);
}

std::size_t fill_word_masks(std::string_view text, std::size_t at, WordMasks& masks) {
#if defined(__x86_64__)
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
  if (kHasAvx2) return fill(text, at, masks, classify_all_avx2);
#endif
  return fill_word_masks_portable(text, at, masks);
}

}  // namespace churnwire
