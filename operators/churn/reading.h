#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/churn/lexicon.h"
#include "operators/entities/catalog.h"
#include "operators/text/document.h"

namespace churnwire {

/// Limits of one article. What lies beyond is not read.
inline constexpr std::size_t kSentencesMax = 2000;
inline constexpr std::size_t kDraftsMax = 200;

/// A document with everything that the extraction looks up again and again: word numbers, mentions by token,
/// rule matches by sentence. Rebuilt for each article, buffers reused. Views the document and the lexicon.
class Reading {
 public:
  Reading(const Catalog& catalog, const Lexicon& lexicon) : catalog_(catalog), lexicon_(lexicon) {}

  /// Matches all rules on `document`, which must outlive the use of this reading.
  void read(const Document& document);

  const Document& document() const { return *document_; }
  const Catalog& catalog() const { return catalog_; }
  const Lexicon& lexicon() const { return lexicon_; }
  std::size_t sentence_count() const { return sentence_count_; }
  const Sentence& sentence(std::size_t i) const { return document_->sentences[i]; }
  const Rule& rule(const RuleMatch& match) const { return lexicon_.rules()[match.rule]; }
  /// Matches that begin in a sentence, in the order of their first token.
  std::span<const RuleMatch> matches(std::size_t sentence) const;
  /// Indices of the mentions in a sentence.
  std::span<const std::uint32_t> mentions(std::size_t sentence) const;
  /// True when a cue of `cls` matches within tokens [first, last) of a sentence.
  bool has_cue(std::size_t sentence, std::string_view cls, std::uint32_t first, std::uint32_t last) const;
  bool has_cue(std::size_t sentence, std::string_view cls) const;
  /// True when a cue of `cls` begins at `token`.
  bool has_cue_at(std::string_view cls, std::uint32_t token) const;
  /// Index into the document's mentions of the one that covers `token`, or -1.
  std::int32_t mention_over(std::uint32_t token) const { return mention_over_[token]; }
  /// True when the article names a provider of this company's group: "Amazon" beside AWS is the provider, no
  /// customer of it.
  bool owns_provider(std::uint32_t company) const;
  std::string_view lower(std::uint32_t token) const { return document_->token_lower(token); }

 private:
  const Catalog& catalog_;
  const Lexicon& lexicon_;
  const Document* document_ = nullptr;
  std::size_t sentence_count_ = 0;
  std::vector<std::uint32_t> words_;
  std::vector<std::int32_t> mention_at_;
  std::vector<std::int32_t> mention_over_;
  std::vector<RuleMatch> matches_;
  std::vector<std::size_t> matches_begin_;
  std::vector<std::uint32_t> mention_order_;
  std::vector<std::size_t> mentions_begin_;
};

}  // namespace churnwire
