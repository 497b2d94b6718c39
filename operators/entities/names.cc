#include "operators/entities/names.h"

#include <algorithm>
#include <utility>

#include "operators/text/unicode.h"

namespace churnwire {
namespace {

constexpr std::uint32_t kNameTokensMax = 8;
constexpr std::size_t kNamesMax = 2000;
constexpr std::uint32_t kApposition = 6;  // tokens after a comma that tell what a name is

/// One reading of one document.
class Search {
 public:
  Search(const NameFinder& finder, Document& document) : finder_(finder), doc_(document) {
    catalogued_ = std::move(document.mentions);
    for (const Sentence& sentence : doc_.sentences) note_words(sentence);
  }

  void run() {
    std::size_t next = 0;
    std::vector<Mention> merged;
    for (const Sentence& sentence : doc_.sentences) {
      note_title_case(sentence);
      first_of_sentence_ = sentence.first_token;
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
        i = read(i, limit, merged);
      }
    }
    for (; next < catalogued_.size(); ++next) merged.push_back(catalogued_[next]);
    for (Mention& mention : merged) {
      if (mention.kind == MentionKind::unknown_name && persons_.contains(mention.entity))
        mention.organisation = false;
    }
    doc_.mentions = std::move(merged);
  }

 private:
  bool has(std::uint32_t token, NameCue cue) const { return finder_.has(doc_.token_lower(token), cue); }
  bool in_doc(std::uint32_t token) const { return token < doc_.tokens.size(); }

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

  /// Which words the document writes small, and which with a capital that must be a name's.
  void note_words(const Sentence& sentence) {
    note_title_case(sentence);
    first_of_sentence_ = sentence.first_token;
    for (std::uint32_t i = sentence.first_token; i < sentence.last_token; ++i) {
      const Token& token = doc_.tokens[i];
      if (token.kind != TokenKind::word) continue;
      const std::string_view lower = doc_.token_lower(i);
      if (!token.capitalised) {
        lower_words_.insert(lower);
      } else {
        if (!opens(i) && !title_case_) mid_capitals_.insert(lower);
        if (!title_case_) ++capitals_[lower];
      }
    }
  }

  /// True where a capital may come from the place: after a full stop, colon, bullet or opening quote.
  bool opens(std::uint32_t token) const {
    if (doc_.tokens[token].sentence_initial || token == first_of_sentence_) return true;
    const std::string_view before = doc_.token_text(token - 1);
    constexpr std::string_view kOpeners = "\" : ( [ - \u2014 \u2013 \u2022 * \u2026 ... \u300C ' | /";
    return doc_.tokens[token - 1].kind != TokenKind::word && before != " " &&
           kOpeners.find(before) != std::string_view::npos;
  }

  bool inner_capital(std::uint32_t token) const {
    const std::string_view text = doc_.token_text(token);
    if (text.find('-') != std::string_view::npos) return false;
    return std::any_of(text.begin() + 1, text.end(), is_ascii_upper) &&
           std::any_of(text.begin(), text.end(), is_ascii_lower);
  }

  bool has_digit(std::uint32_t token) const {
    const std::string_view text = doc_.token_text(token);
    return std::any_of(text.begin(), text.end(), is_ascii_digit);
  }

  /// "ostrava.ai", not "db.t4g.micro".
  bool is_domain(std::string_view text) const {
    const std::size_t dot = text.find('.');
    return dot != std::string_view::npos && dot > 1 && text.size() - dot > 2 &&
           text.find('.', dot + 1) == std::string_view::npos;
  }

  /// True when `token` can be part of a name by its letters.
  bool is_name_word(std::uint32_t token) const {
    const Token& t = doc_.tokens[token];
    if (t.kind != TokenKind::word) return false;
    const std::string_view text = doc_.token_text(token);
    if (text.front() == '\'' || text.back() == '\'' || text.find('_') != std::string_view::npos) return false;
    if (in_doc(token + 1) && doc_.token_text(token + 1) == "$" && !doc_.tokens[token + 1].space_before)
      return false;
    const std::size_t hyphen = text.rfind('-');
    if (hyphen != std::string_view::npos && text.size() - hyphen > 3 && is_ascii_lower(text[hyphen + 1])) {
      return false;  // "Leeds-based"
    }
    if (is_ascii_digit(text[0])) {
      const std::size_t letters = text.find_first_not_of("0123456789");
      return text.size() - letters > 2 && hyphen == std::string_view::npos;  // "37signals", not "1990s"
    }
    return t.capitalised || inner_capital(token) || is_domain(text);
  }

  /// True when nothing but its place need explain the capital of `token`.
  bool doubtful(std::uint32_t token) const {
    const Token& t = doc_.tokens[token];
    if (inner_capital(token) || has_digit(token)) return false;
    if (t.all_caps && !title_case_) return t.end - t.begin > 3 && has(token, NameCue::common);
    if (!opens(token) && !title_case_) return false;
    return has(token, NameCue::common) || has(token, NameCue::org_noun) || has(token, NameCue::never) ||
           lower_words_.contains(doc_.token_lower(token));
  }

  /// Evidence that a single word whose capital may come from its place is a name.
  bool is_lone_name(std::uint32_t token) const {
    const std::string_view lower = doc_.token_lower(token);
    if (inner_capital(token) || has_digit(token) || is_domain(doc_.token_text(token))) return true;
    if (doc_.tokens[token].all_caps && !title_case_) return true;
    if (mid_capitals_.contains(lower)) return true;
    if (finder_.has(lower, NameCue::place) || finder_.has(lower, NameCue::first_name)) return true;
    if (finder_.ends_plainly(lower)) return false;
    const auto seen = capitals_.find(lower);
    if (seen != capitals_.end() && seen->second >= 2) return true;
    if (!in_doc(token + 1)) return false;
    const std::string_view next = doc_.token_lower(token + 1);
    return next == "'s" || finder_.has(next, NameCue::saying) || finder_.has(next, NameCue::verb_after);
  }

  bool starts_name(std::uint32_t token) const {
    if (!is_name_word(token) || doubtful(token) || has(token, NameCue::never)) return false;
    return !(has(token, NameCue::common) && (has(token, NameCue::connector) || title_case_));
  }

  /// A dot inside a name: "St. Brigid", "J. P. Vantro".
  bool dot_inside(std::uint32_t dot, std::uint32_t limit) const {
    if (doc_.token_text(dot) != "." || doc_.tokens[dot].space_before || dot + 1 >= limit) return false;
    const Token& before = doc_.tokens[dot - 1];
    const bool initial = before.end - before.begin == 1 && before.capitalised;
    return (initial || has(dot - 1, NameCue::abbreviated) || has(dot - 1, NameCue::person_title)) &&
           is_name_word(dot + 1);
  }

  std::uint32_t name_end(std::uint32_t first, std::uint32_t limit) const {
    std::uint32_t end = first + 1;
    while (end < limit && end - first < kNameTokensMax) {
      if (doc_.tokens[end].all_caps && has(end, NameCue::job)) break;  // "Orbis CIO Nik Ladas"
      if (is_name_word(end) && doc_.tokens[end].space_before && !(title_case_ && doubtful(end))) {
        ++end;
        continue;
      }
      if (dot_inside(end, limit)) {
        end += 2;
        continue;
      }
      const std::string_view text = doc_.token_lower(end);
      const bool links = (text == "&" || has(end, NameCue::connector)) && !doc_.tokens[end].capitalised;
      std::uint32_t after = end + 1;
      while (links && after < limit && has(after, NameCue::connector) && !doc_.tokens[after].capitalised)
        ++after;
      if (!links || after >= limit || after - end > 2 || !is_name_word(after) ||
          !doc_.tokens[after].space_before)
        break;
      const bool conjunction = text == "and" || text == "und" || text == "et" || text == "y";
      if (conjunction && !joins(after)) break;
      if (has(first, NameCue::first_name) && text == "of") break;  // a person and where from
      end = after + 1;
    }
    return end;
  }

  /// "Marks and Spencer Ltd" is one name, "Vantro and Quorra" are two: "and" joins only before an
  /// organisation's word.
  bool joins(std::uint32_t second) const {
    const std::uint32_t after = second + 1;
    return in_doc(after) && doc_.tokens[after].capitalised &&
           (has(after, NameCue::suffix) || has(after, NameCue::org_head));
  }

  bool has_org_word(std::uint32_t first, std::uint32_t last) const {
    for (std::uint32_t i = first; i < last; ++i) {
      if (has(i, NameCue::suffix) || has(i, NameCue::org_head) || doc_.token_text(i) == "&") return true;
    }
    return false;
  }

  /// ", its finance director," but not ", a maker of directors' chairs,".
  bool job_follows(std::uint32_t last) const {
    if (!in_doc(last) || doc_.token_text(last) != ",") return false;
    for (std::uint32_t i = last + 1; in_doc(i) && i < last + 1 + kApposition; ++i) {
      if (doc_.tokens[i].kind == TokenKind::punctuation || has(i, NameCue::org_noun)) return false;
      if (has(i, NameCue::job)) return true;
    }
    return false;
  }

  bool is_person(std::uint32_t first, std::uint32_t last) const {
    if (has_org_word(first, last)) return false;
    if (first > 0 && has(first - 1, NameCue::job)) return true;
    if (last - first >= 2 && has(first, NameCue::first_name)) return true;
    const bool quoted_before =
        first > 1 && has(first - 1, NameCue::saying) && doc_.token_text(first - 2) == "\"";
    if (last - first >= 2 && quoted_before) return true;
    return last - first <= 3 && last - first >= 2 && job_follows(last);
  }

  /// "the Company": an everyday word with a capital after an article.
  bool is_capitalised_noun(std::uint32_t token) const {
    if (!has(token, NameCue::common) || token == 0) return false;
    const std::string_view before = doc_.token_lower(token - 1);
    return before == "the" || before == "our" || before == "its";
  }

  bool is_organisation(std::uint32_t first, std::uint32_t last) const {
    if (has_org_word(first, last)) return true;
    if (has(first, NameCue::outlet) || (last - first == 1 && is_capitalised_noun(first))) return false;
    for (std::uint32_t i = first; i < last; ++i) {
      if (!has(i, NameCue::place) && !has(i, NameCue::connector) && !has(i, NameCue::never) &&
          !has(i, NameCue::job)) {
        return true;
      }
    }
    return false;
  }

  /// The number of the name in tokens [first, last); shorter forms of a name before have its number.
  std::uint32_t entity_of(std::uint32_t first, std::uint32_t last, bool organisation) {
    std::string key;
    for (std::uint32_t i = first; i < last; ++i) {
      if (!key.empty()) key.push_back(' ');
      key.append(doc_.token_lower(i));
    }
    if (const auto known = names_.find(key); known != names_.end()) return known->second;
    for (const auto& [name, entity] : order_) {
      if (name.size() == key.size()) continue;
      const bool shorter = name.size() > key.size();
      const std::string& longer = shorter ? name : key;
      const std::string& part = shorter ? key : name;
      const bool prefix = longer.starts_with(part) && longer[part.size()] == ' ';
      const bool suffix = longer.ends_with(part) && longer[longer.size() - part.size() - 1] == ' ' &&
                          (part.find(' ') != std::string::npos || persons_.contains(entity));
      const bool place = shorter ? !organisation : places_.contains(entity);
      if ((prefix || suffix) && (!place || persons_.contains(entity))) {
        names_.emplace(key, entity);
        return entity;
      }
    }
    const auto entity = static_cast<std::uint32_t>(doc_.unknown_names.size());
    doc_.unknown_names.push_back(display(first, last));
    names_.emplace(key, entity);
    order_.emplace_back(key, entity);
    if (!organisation) places_.insert(entity);
    return entity;
  }

  /// The name as shown: without line feeds.
  std::string display(std::uint32_t first, std::uint32_t last) const {
    std::string name(doc_.span_text(first, last));
    std::replace(name.begin(), name.end(), '\n', ' ');
    return name;
  }

  /// Reads a name at `at`, if there is one; returns where to go on.
  std::uint32_t read(std::uint32_t at, std::uint32_t limit, std::vector<Mention>& out) {
    if (!starts_name(at) || doc_.unknown_names.size() >= kNamesMax) return at + 1;
    std::uint32_t end = name_end(at, limit);
    std::uint32_t first = at;
    bool titled = false;
    while (first < end && (has(first, NameCue::job) || has(first, NameCue::never) ||
                           has(first, NameCue::person_title) || doc_.token_text(first) == ".")) {
      titled = titled || has(first, NameCue::person_title) || has(first, NameCue::job);
      ++first;
    }
    while (end > first && has(end - 1, NameCue::never)) --end;
    if (first >= end) return std::max(end, at + 1);
    const Token& token = doc_.tokens[first];
    if (end - first == 1 && (token.end - token.begin < 2 ||
                             (first == at && (opens(first) || title_case_) && !is_lone_name(first)))) {
      return end;
    }
    add(first, end, titled, out);
    return end;
  }

  void add(std::uint32_t first, std::uint32_t end, bool titled, std::vector<Mention>& out) {
    const bool person = (titled && !has_org_word(first, end)) || is_person(first, end);
    Mention mention;
    mention.first_token = first;
    mention.last_token = end;
    mention.kind = MentionKind::unknown_name;
    mention.organisation = !person && is_organisation(first, end);
    mention.entity = entity_of(first, end, mention.organisation);
    if (person) persons_.insert(mention.entity);
    if (in_doc(end)) {
      const std::string_view next = doc_.token_lower(end);
      mention.possessive = next == "'s" || (next == "'" && !doc_.tokens[end].space_before);
    }
    out.push_back(mention);
  }

  const NameFinder& finder_;
  Document& doc_;
  std::vector<Mention> catalogued_;
  std::unordered_set<std::string_view> lower_words_;
  std::unordered_set<std::string_view> mid_capitals_;
  std::unordered_map<std::string_view, std::uint32_t> capitals_;
  std::unordered_set<std::uint32_t> persons_;
  std::unordered_set<std::uint32_t> places_;
  std::unordered_map<std::string, std::uint32_t> names_;
  std::vector<std::pair<std::string, std::uint32_t>> order_;
  std::uint32_t first_of_sentence_ = 0;
  bool title_case_ = false;
};

}  // namespace

void NameFinder::find(Document& document) const {
  document.unknown_names.clear();
  Search(*this, document).run();
}

}  // namespace churnwire
