#include "operators/churn/lexicon.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "operators/churn/inflection.h"
#include "operators/text/data_lines.h"

namespace churnwire {
namespace {

constexpr std::uint32_t kGapMax = 4;         // `_`
constexpr std::uint32_t kSlotGapMax = 7;     // a slot in the middle of a relaxed pattern, and {W}
constexpr std::uint32_t kBeforeNameMax = 3;  // "its", "the", "rival" before a provider

constexpr std::array<std::pair<std::string_view, Frame>, 8> kFrames{{{"C>P", Frame::customer_leaves},
                                                                     {"P<C", Frame::provider_loses},
                                                                     {"P>C", Frame::provider_drops},
                                                                     {"C:P>Q", Frame::customer_moves},
                                                                     {"Q+C", Frame::rival_wins},
                                                                     {"NOM", Frame::noun},
                                                                     {"IDIOM", Frame::surroundings},
                                                                     {"CTX", Frame::surroundings}}};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

/// Compiles the lines of the data files.
class LexiconParser {
 public:
  LexiconParser(const DataFiles& files, std::string language)
      : files_(files), language_(std::move(language)) {}

  std::expected<Lexicon, DataError> run() {
    if (auto error = read_irregular()) return std::unexpected(std::move(*error));
    for (const auto& [path, text] : files_) {
      std::optional<DataError> error;
      if (path.starts_with("lexicon/" + language_ + "/")) error = read_triggers(path);
      if (path.starts_with("cues/" + language_ + "/")) error = read_cues(path);
      if (error) return std::unexpected(std::move(*error));
    }
    Rule mention;
    mention.id = language_ + ".mention";
    mention.type = "EXIT";
    mention.phase = "-";
    lexicon_.rules_.push_back(std::move(mention));
    lexicon_.patterns_by_word_.resize(lexicon_.vocabulary_.size() + 1);
    for (std::uint32_t i = 0; i < lexicon_.patterns_.size(); ++i) {
      for (const auto& sequence : lexicon_.patterns_[i].elements.front().alternatives) {
        for (const std::uint32_t word : sequence.front()) {
          auto& list = lexicon_.patterns_by_word_[word];
          if (list.empty() || list.back() != i) list.push_back(i);
        }
      }
    }
    return std::move(lexicon_);
  }

 private:
  using Element = Lexicon::Element;

  std::optional<DataError> read_irregular() {
    const std::string path = "language/" + language_ + "/irregular.tsv";
    if (!files_.contains(path)) return std::nullopt;
    auto lines = read_data_lines(files_, path, 2, 2);
    if (!lines) return lines.error();
    for (const DataLine& line : *lines) {
      for (const std::string_view form : split(line.fields[1], ' '))
        irregular_[std::string(line.fields[0])].emplace_back(form);
    }
    return std::nullopt;
  }

  std::optional<DataError> read_triggers(const std::string& path) {
    auto lines = read_data_lines(files_, path, 6, 6);
    if (!lines) return lines.error();
    for (const DataLine& line : *lines) {
      Rule rule;
      rule.id = language_ + "." + std::string(line.fields[0]);
      rule.type = line.fields[2];
      rule.phase = line.fields[4];
      const auto frame =
          std::ranges::find(kFrames, line.fields[3], &std::pair<std::string_view, Frame>::first);
      if (frame == kFrames.end())
        return DataError{path, line.line, "no such frame: " + std::string(line.fields[3])};
      rule.frame = frame->second;
      const std::string_view weight = line.fields[5];
      const auto [end, error] = std::from_chars(weight.data(), weight.data() + weight.size(), rule.weight);
      if (error != std::errc() || end != weight.data() + weight.size() || rule.weight < 1 ||
          rule.weight > 5) {
        return DataError{path, line.line, "the weight must be 1 to 5, not \"" + std::string(weight) + "\""};
      }
      if (auto bad = add(std::move(rule), line.fields[1], path, line.line)) return bad;
    }
    return std::nullopt;
  }

  std::optional<DataError> read_cues(const std::string& path) {
    auto lines = read_data_lines(files_, path, 2, 2);
    if (!lines) return lines.error();
    for (const DataLine& line : *lines) {
      Rule rule;
      rule.kind = RuleKind::cue;
      rule.type = line.fields[0];
      rule.id = language_ + "." + rule.type + "." + std::string(line.fields[1]);
      rule.phase = "-";
      if (auto bad = add(std::move(rule), line.fields[1], path, line.line)) return bad;
    }
    return std::nullopt;
  }

  /// Adds the strict pattern and, where it has slots, a relaxed one in which slots need not be names.
  std::optional<DataError> add(Rule rule, std::string_view pattern, const std::string& path,
                               std::size_t line) {
    const bool strict_only = pattern.starts_with('!');
    if (strict_only) pattern.remove_prefix(1);
    std::vector<Element> elements;
    if (const std::string error = compile(pattern, elements); !error.empty()) {
      return DataError{path, line, "pattern \"" + std::string(pattern) + "\": " + error};
    }
    const auto number = static_cast<std::uint32_t>(lexicon_.rules_.size());
    lexicon_.rules_.push_back(std::move(rule));
    const bool has_names = std::ranges::any_of(
        elements, [](const Element& e) { return e.kind == Element::Kind::slot && e.slot != 'W'; });
    if (!push(number, true, elements)) return DataError{path, line, "a pattern needs a word of its own"};
    if (!has_names || strict_only) return std::nullopt;
    std::vector<Element> relaxed;
    for (Element& element : elements) {
      if (element.kind == Element::Kind::slot && element.slot != 'W') {
        element = {};
        element.kind = Element::Kind::gap;
        element.gap_max = kSlotGapMax;
      }
      relaxed.push_back(std::move(element));
    }
    while (!relaxed.empty() && (relaxed.back().kind == Element::Kind::gap || relaxed.back().optional))
      relaxed.pop_back();
    push(number, false, std::move(relaxed));
    return std::nullopt;
  }

  /// Drops what stands before the first word, makes optional first words into two patterns.
  bool push(std::uint32_t rule, bool strict, std::vector<Element> elements) {
    while (!elements.empty() && (elements.front().kind != Element::Kind::words))
      elements.erase(elements.begin());
    if (elements.empty()) return false;
    if (elements.front().optional) {
      push(rule, strict, {elements.begin() + 1, elements.end()});
      elements.front().optional = false;
    }
    lexicon_.patterns_.push_back({rule, strict, std::move(elements)});
    return true;
  }

  std::uint32_t intern(const std::string& word) {
    return lexicon_.vocabulary_.try_emplace(word, static_cast<std::uint32_t>(lexicon_.vocabulary_.size() + 1))
        .first->second;
  }

  Lexicon::Words forms(std::string_view word) {
    Lexicon::Words words;
    if (word.ends_with('*')) {
      for (const std::string& form : inflected_forms(word.substr(0, word.size() - 1), irregular_))
        words.push_back(intern(form));
    } else {
      words.push_back(intern(std::string(word)));
    }
    std::ranges::sort(words);
    return words;
  }

  std::string compile(std::string_view pattern, std::vector<Element>& elements) {
    for (std::size_t at = 0; at < pattern.size();) {
      if (pattern[at] == ' ') {
        ++at;
        continue;
      }
      std::size_t end = 0;
      if (pattern[at] == '(') {
        end = pattern.find(')', at);
        if (end == std::string_view::npos) return "( without )";
        Element element;
        for (const std::string_view alternative : split(pattern.substr(at + 1, end - at - 1), '|')) {
          std::vector<Lexicon::Words> sequence;
          for (const std::string_view word : split(alternative, ' ')) sequence.push_back(forms(word));
          if (!sequence.empty()) element.alternatives.push_back(std::move(sequence));
        }
        if (element.alternatives.empty()) return "empty ( )";
        ++end;
        element.optional = end < pattern.size() && pattern[end] == '?';
        end += element.optional ? 1U : 0U;
        elements.push_back(std::move(element));
      } else {
        end = std::min(pattern.find(' ', at), pattern.size());
        std::string_view word = pattern.substr(at, end - at);
        Element element;
        if (word.ends_with('?')) {
          element.optional = true;
          word.remove_suffix(1);
        }
        if (word == "_") {
          element.kind = Element::Kind::gap;
          element.gap_max = kGapMax;
        } else if (word.size() == 3 && word.front() == '{' && word.back() == '}') {
          element.kind = Element::Kind::slot;
          element.slot = word[1];
          if (std::string_view("CPQWNS").find(element.slot) == std::string_view::npos) return "no such slot";
        } else {
          element.alternatives.push_back({forms(word)});
        }
        elements.push_back(std::move(element));
      }
      at = end;
    }
    return {};
  }

  const DataFiles& files_;
  std::string language_;
  IrregularForms irregular_;
  Lexicon lexicon_;
};

std::expected<Lexicon, DataError> Lexicon::parse(const DataFiles& files, const std::string& language) {
  return LexiconParser(files, language).run();
}

std::uint32_t Lexicon::word(std::string_view lower) const {
  // Heterogeneous look-up needs C++20 hashing on both sides; the copy is short.
  const auto found = vocabulary_.find(std::string(lower));
  return found == vocabulary_.end() ? 0 : found->second;
}

struct Lexicon::Cursor {
  const Document& document;
  std::span<const std::uint32_t> words;
  std::span<const std::int32_t> mention_at;
  std::uint32_t end = 0;  // of the sentence
  const std::vector<Element>* elements = nullptr;
  std::vector<SlotMatch> slots;
  std::uint32_t last = 0;  // set by a match

  bool passable(std::uint32_t token) const {
    const Token& t = document.tokens[token];
    if (t.kind != TokenKind::punctuation) return true;
    const std::string_view text = document.token_text(token);
    return text != ";" && text != "." && text != ":" && text != "?" && text != "!";
  }
};

bool Lexicon::match_from(Cursor& cursor, std::size_t index, std::uint32_t token) const {
  if (index == cursor.elements->size()) {
    cursor.last = token;
    return true;
  }
  const Element& element = (*cursor.elements)[index];
  if (element.kind == Element::Kind::words) {
    for (const auto& sequence : element.alternatives) {
      std::uint32_t at = token;
      bool all = true;
      for (const Words& set : sequence) {
        if (at >= cursor.end || !std::ranges::binary_search(set, cursor.words[at])) {
          all = false;
          break;
        }
        ++at;
      }
      if (all && match_from(cursor, index + 1, at)) return true;
    }
    return element.optional && match_from(cursor, index + 1, token);
  }
  if (element.kind == Element::Kind::gap || element.slot == 'W') {
    const std::uint32_t least = element.kind == Element::Kind::slot && !element.optional ? 1 : 0;
    const std::uint32_t most = element.kind == Element::Kind::slot ? kSlotGapMax : element.gap_max;
    for (std::uint32_t length = 0; length <= most; ++length) {
      if (length >= least && match_from(cursor, index + 1, token + length)) {
        if (element.kind == Element::Kind::slot && length != 0)
          cursor.slots.push_back({'W', token, token + length});
        return true;
      }
      if (token + length >= cursor.end || !cursor.passable(token + length)) return false;
    }
    return false;
  }
  // A name or number: directly here, or after a few words such as "its" or "rival".
  for (std::uint32_t before = 0; before <= kBeforeNameMax && token + before < cursor.end; ++before) {
    const std::uint32_t at = token + before;
    if (element.slot == 'N' || element.slot == 'S') {
      if (cursor.document.tokens[at].kind != TokenKind::number) continue;
      if (!match_from(cursor, index + 1, at + 1)) continue;
      cursor.slots.push_back({element.slot, at, at + 1});
      return true;
    }
    if (cursor.mention_at[at] >= 0) {
      const Mention& mention = cursor.document.mentions[static_cast<std::size_t>(cursor.mention_at[at])];
      const bool provider = mention.kind == MentionKind::provider;
      const bool fits =
          element.slot == 'C' ? mention.kind != MentionKind::blocker && mention.organisation : provider;
      if (fits && match_from(cursor, index + 1, mention.last_token)) {
        cursor.slots.push_back({element.slot, mention.first_token, mention.last_token});
        return true;
      }
      return false;
    }
    if (!cursor.passable(at) || cursor.document.tokens[at].kind == TokenKind::punctuation) return false;
  }
  return element.optional && match_from(cursor, index + 1, token);
}

void Lexicon::match(const Document& document, const Sentence& sentence, std::span<const std::uint32_t> words,
                    std::span<const std::int32_t> mention_at, std::vector<RuleMatch>& matches) const {
  Cursor cursor{document, words, mention_at, sentence.last_token, nullptr, {}, 0};
  for (std::uint32_t token = sentence.first_token; token < sentence.last_token; ++token) {
    if (words[token] == 0) continue;
    const std::size_t first_of_token = matches.size();
    for (const std::uint32_t number : patterns_by_word_[words[token]]) {
      const Pattern& pattern = patterns_[number];
      const bool known =
          std::any_of(matches.begin() + static_cast<std::ptrdiff_t>(first_of_token), matches.end(),
                      [&](const RuleMatch& m) { return m.rule == pattern.rule; });
      if (known) continue;  // the strict pattern of a rule stands before its relaxed one
      cursor.elements = &pattern.elements;
      cursor.slots.clear();
      if (match_from(cursor, 0, token))
        matches.push_back({pattern.rule, token, cursor.last, pattern.strict, cursor.slots});
    }
  }
}

}  // namespace churnwire
