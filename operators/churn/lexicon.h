#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "operators/data_files.h"
#include "operators/text/document.h"
#include "schemas/errors.h"

namespace churnwire {

/// Whose side of the churn a trigger's grammatical subject is on (lexicon.md, section 0).
enum class Frame : std::uint8_t {
  customer_leaves,  // C>P: subject is the customer, object the losing provider
  provider_loses,   // P<C: subject is the losing provider, object the customer
  provider_drops,   // P>C: subject is the provider that ends it, object the customer
  customer_moves,   // C:P>Q: from one provider to another
  rival_wins,       // Q+C: subject is the gaining provider
  noun,             // NOM: a nominalisation; roles by prepositions and possessors
  surroundings      // IDIOM, CTX: roles from the noun phrases around
};

/// What a rule is: a trigger of churn, or a cue that says something about the clause or the article.
enum class RuleKind : std::uint8_t { trigger, cue };

/// A phrase of the lexicon or of a cue list, compiled to sets of words.
struct Rule {
  std::string id;  // "en.stop-hosting"
  RuleKind kind = RuleKind::trigger;
  std::string type;  // EXIT, MOVE, …; of a cue its class: "hedge", "denial", …
  Frame frame = Frame::surroundings;
  std::string phase;  // "dec", "prog", "done", "con", "den", "canc" or "-"
  int weight = 1;     // 1 to 5
};

/// A slot filled by a match: tokens [first, last).
struct SlotMatch {
  char slot = 0;  // 'C', 'P', 'Q', 'W', 'N', 'S'
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// A rule met in a sentence: tokens [first, last) hold its words.
struct RuleMatch {
  std::uint32_t rule = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool strict = false;  // its slots stood where the pattern has them
  std::vector<SlotMatch> slots;
};

/// The rules of a language, indexed by the first word of each. Immutable.
class Lexicon {
 public:
  /// Reads lexicon/<language>/*.tsv and cues/<language>/*.tsv.
  static std::expected<Lexicon, DataError> parse(const DataFiles& files, const std::string& language);

  std::span<const Rule> rules() const { return rules_; }
  /// The rule of sentences that name a provider and hold no trigger: "en.mention". The scorer decides on
  /// their words alone.
  std::uint32_t mention_rule() const { return static_cast<std::uint32_t>(rules_.size() - 1); }
  /// The number of `lower` (folded) in the vocabulary of the rules; 0 for a word that no rule has.
  std::uint32_t word(std::string_view lower) const;
  /// Appends every match that begins in `sentence`. `words` holds word() of each token of the document;
  /// `mention_at` the index of the mention that begins at a token, or -1.
  void match(const Document& document, const Sentence& sentence, std::span<const std::uint32_t> words,
             std::span<const std::int32_t> mention_at, std::vector<RuleMatch>& matches) const;

 private:
  friend class LexiconParser;
  using Words = std::vector<std::uint32_t>;
  struct Element {
    enum class Kind : std::uint8_t { words, gap, slot } kind = Kind::words;
    bool optional = false;
    std::uint32_t gap_max = 0;
    char slot = 0;
    std::vector<std::vector<Words>> alternatives;  // each a sequence of sets of word forms (sorted)
  };
  struct Pattern {
    std::uint32_t rule = 0;
    bool strict = true;
    std::vector<Element> elements;  // the first is of kind words and not optional
  };
  struct Cursor;
  bool match_from(Cursor& cursor, std::size_t element, std::uint32_t token) const;

  std::vector<Rule> rules_;
  std::vector<Pattern> patterns_;
  std::unordered_map<std::string, std::uint32_t> vocabulary_;
  std::vector<std::vector<std::uint32_t>>
      patterns_by_word_;  // by word number: patterns that can begin with it
};

}  // namespace churnwire
