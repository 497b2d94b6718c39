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

/// What the sentence splitter must know (text/abbreviations.tsv, text/openers.tsv).
class SentenceTables {
 public:
  static std::expected<SentenceTables, DataError> parse(const DataFiles& files);
  /// Written with a dot that ends no sentence ("Mr").
  bool is_abbreviation(std::string_view lower) const { return abbreviations_.contains(std::string(lower)); }
  /// Written with a dot that may also end a sentence ("Inc", "U.S").
  bool is_closing_abbreviation(std::string_view lower) const { return closing_.contains(std::string(lower)); }
  /// Follows an ordinal number in German ("3. März").
  bool follows_ordinal(std::string_view lower) const { return ordinal_.contains(std::string(lower)); }
  /// Often the first word of a sentence and hardly ever a name ("The").
  bool is_opener(std::string_view lower) const { return openers_.contains(std::string(lower)); }

 private:
  std::unordered_set<std::string> abbreviations_;
  std::unordered_set<std::string> closing_;
  std::unordered_set<std::string> ordinal_;
  std::unordered_set<std::string> openers_;
};

inline constexpr std::size_t kSentencesMax = 20'000;
inline constexpr std::uint32_t kSentenceTokensMax = 500;

/// Splits tokens [first_token, tokens.size()) of `document` into sentences of `field`, appends them and marks
/// the first words. `items` are offsets in `document.text` where list items begin, in order.
void split_sentences(const SentenceTables& tables, Document& document, std::uint32_t first_token, Field field,
                     const std::vector<std::uint32_t>& items);

}  // namespace churnwire
