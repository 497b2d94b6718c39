#include "operators/entities/names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

constexpr std::size_t kNameTokensMax = 8;
constexpr std::size_t kNamesMax = 2000;

constexpr std::array<std::pair<std::string_view, NameCue>, 12> kCueWords{{
    {"common", NameCue::common},
    {"never", NameCue::never},
    {"person-title", NameCue::person_title},
    {"first-name", NameCue::first_name},
    {"job", NameCue::job},
    {"place", NameCue::place},
    {"suffix", NameCue::suffix},
    {"org-head", NameCue::org_head},
    {"connector", NameCue::connector},
    {"saying", NameCue::saying},
    {"org-noun", NameCue::org_noun},
    {"outlet", NameCue::outlet},
}};

/// One reading of one document.
class Search {
 public:
  Search(const NameFinder& finder, Document& document) : finder_(finder), doc_(document) {
    catalogued_ = std::move(document.mentions);
    for (std::uint32_t i = 0; i < doc_.tokens.size(); ++i) {
      const Token& token = doc_.tokens[i];
      if (token.kind == TokenKind::word && !token.capitalised) lower_words_.insert(doc_.token_lower(i));
    }
  }

  void run() {
    std::size_t next = 0;
    std::vector<Mention> merged;
    for (const Sentence& sentence : doc_.sentences) {
      note_title_case(sentence);
      std::uint32_t i = sentence.first_token;
      while (i < sentence.last_token) {
        std::uint32_t limit = sentence.last_token;
        if (next < catalogued_.size() && catalogued_[next].first_token < sentence.last_token) {
          limit = catalogued_[next].first_token;
          if (i >= limit) {
            i = catalogued_[next].last_token;
            merged.push_back(catalogued_[next++]);
            continue;
          }
        }
        i = read(sentence, i, limit, merged);
      }
    }
    for (; next < catalogued_.size(); ++next) merged.push_back(catalogued_[next]);
    doc_.mentions = std::move(merged);
  }

 private:
  bool has(std::uint32_t token, NameCue cue) const { return finder_.has(doc_.token_lower(token), cue); }

  void note_title_case(const Sentence& sentence) {
    std::size_t words = 0;
    std::size_t capitals = 0;
    for (std::uint32_t i = sentence.first_token; i < sentence.last_token; ++i) {
      const Token& token = doc_.tokens[i];
      if (token.kind != TokenKind::word || token.end - token.begin < 4 || token.sentence_initial) continue;
      ++words;
      capitals += token.capitalised ? 1U : 0U;
    }
    title_case_ = sentence.shouting || (words >= 3 && capitals * 4 >= words * 3);
  }

  bool inner_capital(std::uint32_t token) const {
    const std::string_view text = doc_.token_text(token);
    return std::any_of(text.begin() + 1, text.end(), [](char c) { return is_ascii_upper(c); }) &&
           std::any_of(text.begin(), text.end(), [](char c) { return is_ascii_lower(c); });
  }

  /// True when `token` can be part of a name by its letters.
  bool is_name_word(std::uint32_t token) const {
    const Token& t = doc_.tokens[token];
    if (t.kind != TokenKind::word) return false;
    if (doc_.text[t.begin] == '\'' || doc_.text[t.end - 1] == '\'') return false;
    const bool digit_start = is_ascii_digit(doc_.text[t.begin]) && t.end - t.begin > 2;
    const std::string_view text = doc_.token_text(token);
    const std::size_t dot = text.find('.');
    const bool domain = dot != std::string_view::npos && dot > 1 && text.size() - dot > 2;
    return t.capitalised || inner_capital(token) || (digit_start && !all_unit(token)) || domain;
  }

  bool all_unit(std::uint32_t token) const {  // "1990s", "2nd"
    const std::string_view text = doc_.token_text(token);
    const std::size_t letters = text.find_first_not_of("0123456789");
    return letters == std::string_view::npos || text.size() - letters <= 2 ||
           text.find('-') != std::string_view::npos;
  }

  /// True when the capital of `token` may come from its place rather than from a name.
  bool doubtful_capital(std::uint32_t token) const {
    const Token& t = doc_.tokens[token];
    if (inner_capital(token) || (t.all_caps && !title_case_)) return false;
    if (!t.sentence_initial && !title_case_) return false;
    return has(token, NameCue::common) || lower_words_.contains(doc_.token_lower(token)) ||
           has(token, NameCue::never);
  }

  bool starts_name(std::uint32_t token) const {
    return is_name_word(token) && !doubtful_capital(token) && !has(token, NameCue::never) &&
           !(has(token, NameCue::common) && has(token, NameCue::connector)) &&
           !(title_case_ && has(token, NameCue::common));
  }

  std::uint32_t name_end(std::uint32_t first, std::uint32_t limit) const {
    std::uint32_t end = first + 1;
    while (end < limit && end - first < kNameTokensMax) {
      const Token& t = doc_.tokens[end];
      if (is_name_word(end) && t.space_before && !doubtful_in_name(end)) {
        ++end;
        continue;
      }
      const bool number = t.kind == TokenKind::number && t.space_before && t.end - t.begin <= 3 &&
                          end + 1 < limit && is_name_word(end + 1) && false;
      if (number) {
        ++end;
        continue;
      }
      const std::string_view text = doc_.token_lower(end);
      const bool links = (text == "&" || has(end, NameCue::connector)) && end + 1 < limit &&
                         is_name_word(end + 1) && doc_.tokens[end + 1].space_before;
      if (!links) break;
      const bool conjunction = text == "and" || text == "und" || text == "et" || text == "y";
      if (conjunction && !joins(first, end)) break;
      end += 2;
    }
    return end;
  }

  bool doubtful_in_name(std::uint32_t token) const { return title_case_ && has(token, NameCue::common); }

  /// "Marks and Spencer" is one name, "Lufthansa and Siemens" are two: "and" joins only when the pair stands
  /// with
  /// "&" elsewhere or a part of an organisation's name follows.
  bool joins(std::uint32_t first, std::uint32_t conjunction) const {
    (void)first;
    const std::uint32_t after = conjunction + 2;
    return after < doc_.tokens.size() && (has(after, NameCue::suffix) || has(after, NameCue::org_head)) &&
           doc_.tokens[after].capitalised;
  }

  bool is_person(std::uint32_t first, std::uint32_t last) const {
    if (has(first, NameCue::person_title)) return true;
    if (first > 0 && has(first - 1, NameCue::person_title)) return true;
    if (first > 1 && doc_.token_text(first - 1) == "." && has(first - 2, NameCue::person_title)) return true;
    for (std::uint32_t i = first; i < last; ++i) {
      if (has(i, NameCue::suffix) || has(i, NameCue::org_head)) return false;
    }
    return last - first >= 2 && has(first, NameCue::first_name);
  }

  bool is_organisation(std::uint32_t first, std::uint32_t last) const {
    if (is_person(first, last)) return false;
    bool all_places = true;
    for (std::uint32_t i = first; i < last; ++i) {
      if (has(i, NameCue::suffix) || has(i, NameCue::org_head)) return true;
      all_places = all_places && (has(i, NameCue::place) || has(i, NameCue::connector) ||
                                  has(i, NameCue::never) || has(i, NameCue::job));
    }
    if (all_places || has(first, NameCue::outlet)) return false;
    return !persons_.contains(std::string(doc_.token_lower(last - 1)));
  }

  std::uint32_t entity_of(std::uint32_t first, std::uint32_t last) {
    std::string key;
    for (std::uint32_t i = first; i < last; ++i) {
      if (!key.empty()) key.push_back(' ');
      key.append(doc_.token_lower(i));
    }
    if (const auto known = names_.find(key); known != names_.end()) return known->second;
    for (const auto& [name, entity] : order_) {
      const bool prefix = name.starts_with(key) && name[key.size()] == ' ';
      const bool suffix = last - first >= 2 && name.ends_with(key);
      const bool longer =
          key.starts_with(name) && key.size() > name.size() && key[name.size()] == ' ' && last - first > 1;
      if (prefix || suffix || longer) {
        names_.emplace(key, entity);
        return entity;
      }
    }
    const auto entity = static_cast<std::uint32_t>(doc_.unknown_names.size());
    doc_.unknown_names.emplace_back(doc_.span_text(first, last));
    names_.emplace(key, entity);
    order_.emplace_back(key, entity);
    return entity;
  }

  std::uint32_t read(const Sentence& sentence, std::uint32_t at, std::uint32_t limit,
                     std::vector<Mention>& out) {
    (void)sentence;
    if (!starts_name(at) || doc_.unknown_names.size() >= kNamesMax) return at + 1;
    std::uint32_t end = name_end(at, limit);
    std::uint32_t first = at;
    while (first < end && (has(first, NameCue::job) || has(first, NameCue::never))) ++first;
    while (end > first && has(end - 1, NameCue::never)) --end;
    if (first >= end) return std::max(end, at + 1);
    Mention mention;
    mention.first_token = first;
    mention.last_token = end;
    mention.kind = MentionKind::unknown_name;
    mention.organisation = is_organisation(first, end);
    if (is_person(first, end)) persons_.insert(std::string(doc_.token_lower(end - 1)));
    mention.entity = entity_of(first, end);
    if (end < doc_.tokens.size()) {
      const std::string_view next = doc_.token_lower(end);
      mention.possessive = next == "'s" || (next == "'" && !doc_.tokens[end].space_before);
    }
    out.push_back(mention);
    return end;
  }

  const NameFinder& finder_;
  Document& doc_;
  std::vector<Mention> catalogued_;
  std::unordered_set<std::string_view> lower_words_;
  std::unordered_set<std::string> persons_;
  std::unordered_map<std::string, std::uint32_t> names_;
  std::vector<std::pair<std::string, std::uint32_t>> order_;
  bool title_case_ = false;
};

}  // namespace

std::expected<NameFinder, DataError> NameFinder::parse(const DataFiles& files) {
  NameFinder finder;
  const std::string path = "text/name_cues.tsv";
  auto lines = read_data_lines(files, path, 2, 2);
  if (!lines) return std::unexpected(lines.error());
  for (const DataLine& line : *lines) {
    const auto cue = std::find_if(kCueWords.begin(), kCueWords.end(),
                                  [&](const auto& entry) { return entry.first == line.fields[0]; });
    if (cue == kCueWords.end()) {
      return std::unexpected(DataError{path, line.line, "the cue is unknown"});
    }
    std::string_view rest = line.fields[1];
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      if (end != 0) {
        auto& bits = finder.cues_[std::string(rest.substr(0, end))];
        bits = static_cast<std::uint16_t>(bits | std::to_underlying(cue->second));
      }
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  return finder;
}

bool NameFinder::has(std::string_view lower, NameCue cue) const {
  const auto found = cues_.find(std::string(lower));
  return found != cues_.end() && (found->second & std::to_underlying(cue)) != 0;
}

std::unordered_set<std::string> NameFinder::common_words() const {
  std::unordered_set<std::string> words;
  for (const auto& [word, bits] : cues_) {
    if ((bits & std::to_underlying(NameCue::common)) != 0) words.insert(word);
  }
  return words;
}

void NameFinder::find(Document& document) const {
  document.unknown_names.clear();
  Search(*this, document).run();
}

}  // namespace churnwire
