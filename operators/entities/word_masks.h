#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace churnwire {

/// Bit masks over a chunk of text, 64 bytes a word. `starts`: bytes where a word, number or character beyond
/// ASCII begins. `breaks`: bytes that are no ASCII letters or digits; those after the end of the text too.
struct WordMasks {
  static constexpr std::size_t kChunkBytes = 4096;
  static constexpr std::size_t kWords = kChunkBytes / 64;
  std::array<std::uint64_t, kWords> starts;
  std::array<std::uint64_t, kWords> small;  // those of the starts that are lower-case letters
  std::array<std::uint64_t, kWords + 1> breaks;
  std::array<std::uint64_t, kWords + 1> blanks;  // spaces and controls, and what is after the end
  bool hidden = false;  // holds characters that the cleaner drops or folds inside words
};

/// Fills `masks` for the chunk of `text` that begins at `at`; returns its bytes, at most kChunkBytes. Uses
/// AVX2 where the processor has it.
std::size_t fill_word_masks(std::string_view text, std::size_t at, WordMasks& masks);

/// The same without vector instructions; for tests and other processors.
std::size_t fill_word_masks_portable(std::string_view text, std::size_t at, WordMasks& masks);

}  // namespace churnwire
