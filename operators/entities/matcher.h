#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "operators/entities/alias_index.h"
#include "operators/entities/catalog.h"
#include "operators/text/document.h"
#include "operators/text/tokenizer.h"

namespace churnwire {

/// Splits tokens [first, last) into units: hyphenated words into their parts, everything else as it is.
void append_units(std::string_view text, std::string_view lower, std::span<const Token> tokens,
                  std::uint32_t first, std::uint32_t last, std::vector<Unit>& units);

/// Finds the names of a catalog in a segmented document. A name is the longest alias at its place whose
/// letters fit (exact aliases in their own letters, or any when the sentence shouts); hyphenated words are
/// searched part by part ("AWS-based", "Google-Cloud-Kunde"). Immutable, shared by all threads.
class Matcher {
 public:
  Matcher(const Catalog& catalog, const TokenTables& tokens, std::unordered_set<std::string> common_words);
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  /// Buffers of find(), reused from document to document.
  struct Scratch {
    struct Hit {
      std::uint32_t first_token = 0;
      std::uint32_t last_token = 0;
      std::uint32_t sentence = 0;
      const void* provider = nullptr;
      const void* company = nullptr;
      bool blocker = false;
      bool compound = false;
    };
    std::vector<Unit> units;
    std::vector<Hit> hits;
    std::vector<std::uint32_t> strong_providers;
    std::vector<std::uint32_t> strong_companies;
    std::vector<std::int8_t> licensed;  // by sentence: -1 not known yet
  };

  /// Sets document.mentions to the catalog's names in it, in text order, not overlapping.
  void find(Document& document, Scratch& scratch) const;

 private:
  struct Sense;
  struct Group;
  struct Tables;
  void collect(const Document& document, std::uint32_t sentence, Scratch& scratch) const;
  bool is_in_capitals(const Document& document, std::span<const Unit> units) const;
  bool accept(const Document& document, const Sentence& sentence, std::span<const Unit> units,
              const Group& group, Scratch::Hit& hit) const;
  bool is_common_opening(const Document& document, const Scratch& scratch, std::size_t hit) const;
  bool is_licensed(const Document& document, const Scratch::Hit& hit, Scratch& scratch) const;
  bool has_licence(const Document& document, const Sentence& sentence, const Scratch::Hit& hit) const;
  void resolve(Document& document, Scratch& scratch) const;

  std::unique_ptr<const Tables> tables_;
};

}  // namespace churnwire
