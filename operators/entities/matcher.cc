#include "operators/entities/matcher.h"

#include <algorithm>
#include <unordered_map>

#include "operators/entities/catalog_tables.h"
#include "operators/text/cleaner.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

std::string joined(std::string_view text, std::span<const Unit> units) {
  std::string out;
  for (const Unit& unit : units) {
    if (!out.empty()) out.push_back('\x1f');
    out.append(text.substr(unit.begin, unit.end - unit.begin));
  }
  return out;
}

bool contains(const std::vector<std::uint32_t>& values, std::uint32_t value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

struct Matcher::Sense {
  AliasKind kind = AliasKind::provider;
  AliasStrength strength = AliasStrength::strong;
  bool exact = false;
  bool keeps_capital = false;
  std::uint32_t entity = 0;
  std::string spelling;  // units joined by 0x1F, in the alias's own letters
};

/// All aliases of one folded spelling.
struct Matcher::Group {
  std::vector<Sense> senses;
};

struct Matcher::Tables {
  const Catalog* catalog = nullptr;
  AliasIndex index;
  std::vector<Group> groups;
  std::unordered_set<std::string> licence_words;  // one token
  std::vector<std::string> licence_phrases;       // several tokens or CJK: searched as text
  std::unordered_set<std::string> common_words;
  std::vector<bool> provider_is_company;
};

void append_units(std::string_view text, std::string_view lower, std::span<const Token> tokens,
                  std::uint32_t first, std::uint32_t last, std::vector<Unit>& units) {
  const auto add = [&](std::uint32_t begin, std::uint32_t end, std::uint32_t token) {
    if (begin == end) return;
    units.push_back({begin, end, token, unit_hash(lower.substr(begin, end - begin))});
  };
  for (std::uint32_t i = first; i < last; ++i) {
    const Token& token = tokens[i];
    std::uint32_t begin = token.begin;
    if (token.kind == TokenKind::word) {
      for (std::uint32_t at = token.begin; at < token.end; ++at) {
        if (text[at] != '-') continue;
        add(begin, at, i);
        begin = at + 1;
      }
    }
    add(begin, token.end, i);
  }
}

Matcher::Matcher(const Catalog& catalog, const TokenTables& tokens,
                 std::unordered_set<std::string> common_words) {
  auto tables = std::make_unique<Tables>();
  tables->catalog = &catalog;
  tables->common_words = std::move(common_words);
  std::unordered_map<std::string, std::uint32_t> groups;
  const CleaningTables no_entities;
  Cleaner cleaner(no_entities);
  CleanMap map;
  std::vector<Token> alias_tokens;
  std::vector<Unit> units;
  std::vector<std::string_view> parts;
  std::string text;
  std::string lower;
  const auto split = [&](std::string_view raw) {
    text.clear();
    alias_tokens.clear();
    units.clear();
    cleaner.clean(raw, text, map);
    fold_lower(text, lower);
    tokenize(tokens, text, 0, static_cast<std::uint32_t>(text.size()), alias_tokens);
    append_units(text, lower, alias_tokens, 0, static_cast<std::uint32_t>(alias_tokens.size()), units);
  };
  for (const Alias& alias : catalog.tables_->aliases) {
    split(alias.text);
    if (units.empty()) continue;
    const auto [group, fresh] =
        groups.emplace(joined(lower, units), static_cast<std::uint32_t>(tables->groups.size()));
    if (fresh) {
      tables->groups.emplace_back();
      parts.clear();
      for (const Unit& unit : units) {
        parts.push_back(std::string_view(lower).substr(unit.begin, unit.end - unit.begin));
      }
      tables->index.add(parts, group->second);
    }
    tables->groups[group->second].senses.push_back(
        {alias.kind, alias.strength, alias.exact, alias.keeps_capital(), alias.entity, joined(text, units)});
  }
  tables->index.build();
  for (const std::string& licence : catalog.tables_->licences) {
    split(licence);
    const bool word = alias_tokens.size() == 1 && alias_tokens[0].kind == TokenKind::word;
    if (word) {
      tables->licence_words.insert(lower);
    } else {
      tables->licence_phrases.push_back(lower);
    }
  }
  for (const Provider& provider : catalog.providers()) {
    tables->provider_is_company.push_back(provider.company.has_value());
  }
  tables_ = std::move(tables);
}

Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

/// True for a name set in capitals ("MICROSOFT"); short ones are more likely to be something else ("META",
/// "GAP").
bool Matcher::is_in_capitals(const Document& document, std::span<const Unit> units) const {
  std::size_t bytes = 0;
  for (const Unit& unit : units) {
    const Token& token = document.tokens[unit.token];
    if (token.kind == TokenKind::word && !token.all_caps) return false;
    bytes += unit.end - unit.begin;
  }
  if (units.size() > 1) return bytes >= 6;
  return bytes >= 6 && !tables_->common_words.contains(std::string(document.token_lower(units[0].token)));
}

/// Chooses the senses of `group` whose letters fit the text; false when none does.
bool Matcher::accept(const Document& document, const Sentence& sentence, std::span<const Unit> units,
                     const Group& group, Scratch::Hit& hit) const {
  const Sense* provider = nullptr;
  const Sense* company = nullptr;
  bool blocker = false;
  const bool capitals = is_in_capitals(document, units);
  for (const Sense& sense : group.senses) {
    const bool shouted = (sentence.shouting && sense.strength == AliasStrength::strong) ||
                         (capitals && sense.strength <= AliasStrength::weak);
    if (sense.exact && !shouted) {
      std::size_t at = 0;
      bool same = true;
      for (const Unit& unit : units) {
        const std::size_t length = unit.end - unit.begin;
        same = same && sense.spelling.compare(at, length, document.text, unit.begin, length) == 0;
        at += length + 1;
      }
      if (!same) continue;
    }
    if (sense.keeps_capital && is_ascii_lower(document.text[units[0].begin])) continue;
    if (sense.kind == AliasKind::blocker) {
      blocker = true;
      continue;
    }
    const Sense*& slot = sense.kind == AliasKind::provider ? provider : company;
    if (slot == nullptr || sense.strength < slot->strength) slot = &sense;
  }
  if (provider == nullptr && company == nullptr && !blocker) return false;
  hit.provider = provider;
  hit.company = company;
  hit.blocker = blocker;
  return true;
}

void Matcher::collect(const Document& document, std::uint32_t sentence_index, Scratch& scratch) const {
  const Sentence& sentence = document.sentences[sentence_index];
  scratch.units.clear();
  append_units(document.text, document.lower, document.tokens, sentence.first_token, sentence.last_token,
               scratch.units);
  const std::span<const Unit> units = scratch.units;
  std::uint32_t free_token = sentence.first_token;
  for (std::size_t i = 0; i < units.size();) {
    std::size_t taken = 0;
    Scratch::Hit hit;
    if (units[i].token >= free_token) {
      tables_->index.match(document.lower, units, i, [&](std::uint32_t value, std::size_t length) {
        if (!accept(document, sentence, units.subspan(i, length), tables_->groups[value], hit)) return false;
        taken = length;
        return true;
      });
    }
    if (taken == 0) {
      ++i;
      continue;
    }
    const Unit& first = units[i];
    const Unit& last = units[i + taken - 1];
    hit.first_token = first.token;
    hit.last_token = last.token + 1;
    hit.sentence = sentence_index;
    hit.compound =
        first.begin != document.tokens[first.token].begin || last.end != document.tokens[last.token].end;
    scratch.hits.push_back(hit);
    free_token = hit.last_token;
    i += taken;
  }
}

bool Matcher::has_licence(const Document& document, const Sentence& sentence, const Scratch::Hit& hit) const {
  for (std::uint32_t i = sentence.first_token; i < sentence.last_token; ++i) {
    if (i >= hit.first_token && i < hit.last_token) continue;
    if (document.tokens[i].kind != TokenKind::word) continue;
    const std::string_view word = document.token_lower(i);
    if (tables_->licence_words.contains(std::string(word))) return true;
    const std::size_t hyphen = word.rfind('-');
    if (hyphen != std::string_view::npos &&
        tables_->licence_words.contains(std::string(word.substr(hyphen + 1)))) {
      return true;
    }
  }
  const std::string_view before =
      std::string_view(document.lower)
          .substr(document.tokens[sentence.first_token].begin,
                  document.tokens[hit.first_token].begin >= document.tokens[sentence.first_token].begin
                      ? std::string_view::npos
                      : 0);
  const std::string_view text = before.substr(
      0, document.tokens[sentence.last_token - 1].end - document.tokens[sentence.first_token].begin);
  const bool inside = hit.first_token >= sentence.first_token && hit.last_token <= sentence.last_token;
  const std::size_t base = document.tokens[sentence.first_token].begin;
  for (const std::string& phrase : tables_->licence_phrases) {
    for (std::size_t at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase, at + 1)) {
      if (is_ascii_alpha(phrase[0]) && at > 0 && is_ascii_alnum(text[at - 1])) continue;
      const std::size_t begin = base + at;
      const bool own = inside && begin >= document.tokens[hit.first_token].begin &&
                       begin + phrase.size() <= document.tokens[hit.last_token - 1].end;
      if (!own) return true;
    }
  }
  return false;
}

bool Matcher::is_licensed(const Document& document, const Scratch::Hit& hit, Scratch& scratch) const {
  if (has_licence(document, document.sentences[hit.sentence], hit)) return true;
  for (const Sentence& sentence : document.sentences) {
    if (sentence.field != Field::title) break;
    if (has_licence(document, sentence, hit)) return true;
  }
  for (const Scratch::Hit& other :
       scratch.hits) {  // "from AWS to Google": one that is sure vouches for its neighbour
    if (other.sentence != hit.sentence || other.provider == nullptr || other.blocker) continue;
    const auto strength = static_cast<const Sense*>(other.provider)->strength;
    if (strength == AliasStrength::strong || strength == AliasStrength::description) return true;
  }
  const auto* sense = static_cast<const Sense*>(hit.provider);
  return hit.company == nullptr && contains(scratch.strong_providers, sense->entity);
}

/// True when `hit` is a common word with a capital that says nothing (first of its sentence, or in a headline
/// of capitals) and no other capitalised occurrence inside a sentence speaks for a name.
bool Matcher::is_common_opening(const Document& document, const Scratch& scratch, std::size_t hit) const {
  const Scratch::Hit& candidate = scratch.hits[hit];
  if (candidate.last_token - candidate.first_token != 1 || candidate.compound) return false;
  const Token& token = document.tokens[candidate.first_token];
  if (token.kind != TokenKind::word || token.all_caps) return false;
  if (!tables_->common_words.contains(std::string(document.token_lower(candidate.first_token)))) return false;
  const auto tells = [&](const Scratch::Hit& h) {
    const Token& t = document.tokens[h.first_token];
    return t.capitalised && !t.sentence_initial && document.sentences[h.sentence].field == Field::body &&
           !document.sentences[h.sentence].shouting;
  };
  if (tells(candidate)) return false;
  const std::string_view word = document.token_lower(candidate.first_token);
  return std::none_of(scratch.hits.begin(), scratch.hits.end(), [&](const Scratch::Hit& other) {
    return other.last_token - other.first_token == 1 && document.token_lower(other.first_token) == word &&
           tells(other);
  });
}

void Matcher::resolve(Document& document, Scratch& scratch) const {
  for (std::size_t i = 0; i < scratch.hits.size(); ++i) {
    const Scratch::Hit& hit = scratch.hits[i];
    Mention mention;
    mention.first_token = hit.first_token;
    mention.last_token = hit.last_token;
    mention.compound = hit.compound;
    const auto* provider = static_cast<const Sense*>(hit.provider);
    const auto* company = static_cast<const Sense*>(hit.company);
    const Sense* sense = nullptr;
    if (hit.blocker) {
      mention.kind = MentionKind::blocker;
    } else if (provider != nullptr) {
      bool strong = provider->strength != AliasStrength::weak;
      if (!strong && !is_common_opening(document, scratch, i)) strong = is_licensed(document, hit, scratch);
      if (strong || company == nullptr) {
        sense = provider;
        mention.kind = MentionKind::provider;
        mention.strong = strong;
      }
    }
    if (sense == nullptr && !hit.blocker) {
      sense = company;
      mention.kind = MentionKind::company;
      mention.strong =
          company->strength != AliasStrength::weak || contains(scratch.strong_companies, company->entity);
    }
    if (sense != nullptr) {
      if (!mention.strong && is_common_opening(document, scratch, i)) continue;
      mention.entity = sense->entity;
      mention.product = sense->strength == AliasStrength::product;
      mention.descriptive = sense->strength == AliasStrength::description;
    }
    if (hit.last_token < document.tokens.size()) {
      const std::string_view next = document.token_lower(hit.last_token);
      mention.possessive = next == "'s" || (next == "'" && !document.tokens[hit.last_token].space_before);
    }
    document.mentions.push_back(mention);
  }
}

void Matcher::find(Document& document, Scratch& scratch) const {
  document.mentions.clear();
  scratch.hits.clear();
  scratch.strong_providers.clear();
  scratch.strong_companies.clear();
  for (std::uint32_t i = 0; i < document.sentences.size(); ++i) collect(document, i, scratch);
  for (const Scratch::Hit& hit : scratch.hits) {
    if (hit.blocker) continue;
    const auto* provider = static_cast<const Sense*>(hit.provider);
    const auto* company = static_cast<const Sense*>(hit.company);
    if (provider != nullptr && provider->strength != AliasStrength::weak &&
        !contains(scratch.strong_providers, provider->entity)) {
      scratch.strong_providers.push_back(provider->entity);
    }
    if (company != nullptr && company->strength == AliasStrength::strong &&
        !contains(scratch.strong_companies, company->entity)) {
      scratch.strong_companies.push_back(company->entity);
    }
  }
  resolve(document, scratch);
}

}  // namespace churnwire
