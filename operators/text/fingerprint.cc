#define XXH_INLINE_ALL
#include "operators/text/fingerprint.h"

#include <xxhash.h>

#include <array>

namespace churnwire {
namespace {

bool counts(TokenKind kind) {
  return kind == TokenKind::word || kind == TokenKind::number || kind == TokenKind::cjk;
}

std::uint64_t simhash_of(const Document& document, bool body) {
  std::array<std::int32_t, 64> votes{};
  std::array<std::uint64_t, 3> window{};
  std::size_t seen = 0;
  for (std::uint32_t i = 0; i < document.tokens.size(); ++i) {
    if (!counts(document.tokens[i].kind)) continue;
    if ((document.tokens[i].begin >= document.title_end) != body) continue;
    const std::string_view word = document.token_lower(i);
    window = {window[1], window[2], XXH3_64bits(word.data(), word.size())};
    if (++seen < 3) continue;
    const std::uint64_t hash = XXH3_64bits(window.data(), sizeof window);
    for (std::size_t bit = 0; bit < 64; ++bit) votes[bit] += ((hash >> bit) & 1U) != 0 ? 1 : -1;
  }
  std::uint64_t result = 0;
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if (votes[bit] > 0) result |= std::uint64_t{1} << bit;
  }
  return seen < 3 ? 0 : result;
}

}  // namespace

std::uint64_t simhash(const Document& document) {
  const std::uint64_t body = simhash_of(document, true);
  return body != 0 ? body : simhash_of(document, false);
}

}  // namespace churnwire
