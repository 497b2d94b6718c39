#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "operators/data_files.h"
#include "operators/text/document.h"
#include "schemas/errors.h"

namespace churnwire {

/// Words that the tokeniser must know (text/units.txt, text/clitics.tsv).
class TokenTables {
 public:
  static std::expected<TokenTables, DataError> parse(const DataFiles& files);
  bool is_unit(std::string_view lower) const { return units_.contains(std::string(lower)); }
  bool is_elision(std::string_view lower) const { return elisions_.contains(std::string(lower)); }
  bool is_clitic(std::string_view lower) const { return clitics_.contains(std::string(lower)); }

 private:
  std::unordered_set<std::string> units_;     // "bn": split off a number
  std::unordered_set<std::string> elisions_;  // "l": split off what follows its apostrophe
  std::unordered_set<std::string> clitics_;   // "s": split off with its apostrophe
};

/// Appends the tokens of `text[begin, end)` to `tokens`; sentence_initial is left false. What a token is
/// depends on the characters next to it alone, so that an alias and its occurrence split alike. Stops at
/// `kTokensMax`.
void tokenize(const TokenTables& tables, std::string_view text, std::uint32_t begin, std::uint32_t end,
              std::vector<Token>& tokens);

inline constexpr std::size_t kTokensMax = 200'000;

}  // namespace churnwire
