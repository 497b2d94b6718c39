#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "operators/data_files.h"
#include "operators/text/document.h"
#include "schemas/errors.h"

namespace churnwire {

/// What a word says about the name that it stands in or next to (text/name_cues.tsv).
enum class NameCue : std::uint16_t {
  common = 1U << 0U,        // an everyday word: its capital at the start of a sentence says nothing
  never = 1U << 1U,         // months, days, nationalities: never a name by itself
  person_title = 1U << 2U,  // "Mr", "Dr"
  first_name = 1U << 3U,
  job = 1U << 4U,  // "chief", "CEO"
  place = 1U << 5U,
  suffix = 1U << 6U,        // "Inc", "GmbH": an organisation, and no part of its short name
  org_head = 1U << 7U,      // "Bank", "Ministry": the name is an organisation's
  connector = 1U << 8U,     // "of", "and", "de": may stand inside a name
  saying = 1U << 9U,        // "said": what speaks is a person or an organisation
  org_noun = 1U << 10U,     // "insurer", "maker": in apposition to an organisation
  outlet = 1U << 11U,       // news agencies and papers: names, but not customers
  ending = 1U << 12U,       // an ending of everyday words ("ing"), not a word
  verb_after = 1U << 13U,   // "has", "will": what stands before it at the start of a sentence may be a name
  abbreviated = 1U << 14U,  // "St": goes on after its dot
  thing = 1U << 15U         // products and techniques: "Kubernetes", "Halloween"
};

/// Finds proper names that no catalog knows. Immutable, shared by all threads.
class NameFinder {
 public:
  static std::expected<NameFinder, DataError> parse(const DataFiles& files);
  /// Adds the unknown names of `document` to its mentions (which must hold the catalog's) and to
  /// unknown_names.
  void find(Document& document) const;
  /// The everyday words, for others who distrust capitals.
  std::unordered_set<std::string> common_words() const;
  bool has(std::string_view lower, NameCue cue) const;
  /// True for a word with an ending of everyday words.
  bool ends_plainly(std::string_view lower) const;

 private:
  std::unordered_map<std::string, std::uint16_t> cues_;
  std::vector<std::string> endings_;
};

}  // namespace churnwire
