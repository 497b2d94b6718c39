#include "operators/churn/roles.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace churnwire {
namespace {

// Closed-class words of English grammar (prepositions, auxiliaries, pronouns, determiners), not vocabulary of
// the domain.
constexpr std::array<std::string_view, 7> kFrom{"from", "off", "out", "leaving", "away", "leave", "left"};
constexpr std::array<std::string_view, 6> kTo{"to", "onto", "into", "toward", "towards", "unto"};
constexpr std::array<std::string_view, 13> kOther{"with",  "on",   "at",   "in",  "by",      "of",     "for",
                                                  "using", "over", "than", "via", "against", "through"};
constexpr std::array<std::string_view, 10> kBe{"is",    "are", "was", "were", "been",
                                               "being", "be",  "get", "got",  "gets"};
constexpr std::array<std::string_view, 5> kPronouns{"it", "they", "we", "he", "she"};
constexpr std::array<std::string_view, 8> kIndefinite{"a",    "an",      "one",         "another",
                                                      "some", "unnamed", "undisclosed", "single"};
constexpr std::array<std::string_view, 6> kDefinite{"the", "its", "their", "this", "that", "our"};
constexpr std::array<std::string_view, 3> kPossessive{"its", "their", "our"};
constexpr std::array<std::string_view, 10> kTransparent{"the",  "its", "their",  "a",  "rival",
                                                        "both", "own", "either", "of", "mainly"};

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

constexpr std::uint32_t kSentencesBack = 5;

}  // namespace

bool RoleFinder::is_provider(const Mention& mention) const {
  return mention.kind == MentionKind::provider;
}

/// Can be a customer: an organisation that is no provider.
bool RoleFinder::is_party(std::uint32_t index) const {
  const Mention& mention = reading_.document().mentions[index];
  if (mention.kind == MentionKind::company) return !reading_.owns_provider(mention.entity);
  if (mention.kind != MentionKind::unknown_name || !mention.organisation) return false;
  // "Brightshelf Cloud" is a provider that the catalog does not know.
  return !reading_.has_cue_at("provider_name_word", mention.last_token - 1);
}

/// "Caixin reported", "according to Bloomberg", "told Reuters": a source, not a party.
bool RoleFinder::is_outlet(std::uint32_t sentence, const Mention& mention) const {
  const Sentence& s = reading_.sentence(sentence);
  const auto word = [&](std::uint32_t token) { return reading_.lower(token); };
  if (mention.first_token > s.first_token) {
    const std::string_view before = word(mention.first_token - 1);
    if (before == "told" || before == "citing" || before == "cited" || before == "via") return true;
    if (before == "to" && mention.first_token >= s.first_token + 2 &&
        word(mention.first_token - 2) == "according")
      return true;
  }
  if (mention.last_token < s.last_token) {
    const std::string_view after = word(mention.last_token);
    if (after == "reported" || after == "reports" || after == "wrote") return true;
    if (after == "first" && mention.last_token + 1 < s.last_token &&
        word(mention.last_token + 1) == "reported")
      return true;
  }
  return false;
}

/// The preposition that governs the name at `token`, past "the", "its" and coordinated names: "from A, B and
/// C".
std::string_view RoleFinder::preposition_before(std::uint32_t sentence, std::uint32_t token) const {
  const std::uint32_t begin = reading_.sentence(sentence).first_token;
  std::uint32_t at = token;
  for (int steps = 0; at > begin && steps < 12; ++steps) {
    --at;
    const std::string_view word = reading_.lower(at);
    if (one_of(word, kFrom) || one_of(word, kTo) || one_of(word, kOther) || word == "as") {
      if (word == "of" && at > begin &&
          (reading_.lower(at - 1) == "out" || reading_.lower(at - 1) == "instead" ||
           reading_.lower(at - 1) == "favour" || reading_.lower(at - 1) == "favor")) {
        return reading_.lower(at - 1) == "out" ? "off" : reading_.lower(at - 1) == "instead" ? "over" : "for";
      }
      return word;
    }
    if (word == "than") return "over";
    const std::int32_t mention = reading_.mention_over(at);
    const bool coordinated = word == "and" || word == "or" || word == "," || word == "'s" || word == "&";
    if (mention >= 0 || coordinated || one_of(word, kTransparent)) continue;
    // Words like "rival", "American", "cloud" may stand between; a verb ends the phrase. Two content words
    // are enough.
    if (token - at > 3) return {};
    const TokenKind kind = reading_.document().tokens[at].kind;
    if (kind != TokenKind::word) return {};
  }
  return {};
}

bool RoleFinder::same_family(std::uint32_t a, std::uint32_t b) const {
  const auto providers = reading_.catalog().providers();
  const Document& document = reading_.document();
  return providers[document.mentions[a].entity].family == providers[document.mentions[b].entity].family;
}

bool RoleFinder::passive(std::uint32_t sentence, std::uint32_t token) const {
  const std::uint32_t begin = reading_.sentence(sentence).first_token;
  const std::string_view verb = reading_.lower(token);
  const bool participle = verb.ends_with("ed") || verb.ends_with("en") || verb.ends_with("n") ||
                          verb.ends_with("t") || verb.ends_with("k");
  if (!participle) return false;
  for (std::uint32_t at = token; at > begin && token - at < 4;) {
    --at;
    if (one_of(reading_.lower(at), kBe)) return true;
    if (reading_.mention_over(at) >= 0) return false;
  }
  return false;
}

void RoleFinder::place_provider(Draft& draft, std::uint32_t mention) const {
  const Document& document = reading_.document();
  const Mention& m = document.mentions[mention];
  const Rule& rule = reading_.rule(draft.match);
  const std::string_view preposition = preposition_before(draft.sentence, m.first_token);
  const bool before = m.last_token <= draft.match.first;
  const bool after = m.first_token >= draft.match.first;
  const bool source = one_of(preposition, kFrom) || preposition == "over";
  const bool target = one_of(preposition, kTo);
  if (source) return draft.losing.push_back({mention, RoleSource::preposition});
  if (target) return draft.gaining.push_back({mention, RoleSource::preposition});
  // "now runs on AWS", "a contract with Oracle" beside a word of moving in.
  const bool at = preposition == "with" || preposition == "on" || preposition == "at" || preposition == "by";
  const bool gains =
      at && reading_.has_cue(draft.sentence, "gain", m.first_token > 4 ? m.first_token - 4 : 0, m.last_token);
  if (gains && m.first_token >= draft.match.last)
    return draft.gaining.push_back({mention, RoleSource::preposition});
  switch (rule.frame) {
    case Frame::customer_leaves:
    case Frame::customer_moves:
      if (preposition == "for" && after) return draft.gaining.push_back({mention, RoleSource::preposition});
      if (draft.passive ? before || preposition == "by" : after)
        return draft.losing.push_back({mention, RoleSource::syntax});
      break;
    case Frame::provider_loses:
    case Frame::provider_drops:
      if (draft.passive ? preposition == "by" : before)
        return draft.losing.push_back({mention, RoleSource::syntax});
      if (m.possessive) return draft.losing.push_back({mention, RoleSource::syntax});
      break;
    case Frame::rival_wins:
      if (before && !draft.passive) return draft.gaining.push_back({mention, RoleSource::syntax});
      if (after || draft.passive) return draft.losing.push_back({mention, RoleSource::syntax});
      break;
    case Frame::noun:
    case Frame::surroundings:
      if (m.possessive && after) return draft.losing.push_back({mention, RoleSource::syntax});
      if (preposition == "with" || preposition == "on" || preposition == "at" || preposition == "by") {
        return draft.losing.push_back({mention, RoleSource::preposition});
      }
      break;
  }
  if (preposition == "with" || preposition == "on" || preposition == "at" || preposition == "using") {
    (gains ? draft.gaining : draft.losing).push_back({mention, RoleSource::sentence});
  }
}

void RoleFinder::providers(Draft& draft) const {
  const Document& document = reading_.document();
  for (const SlotMatch& slot : draft.match.slots) {
    const std::int32_t mention = reading_.mention_over(slot.first);
    if (mention < 0 || !is_provider(document.mentions[static_cast<std::size_t>(mention)])) continue;
    const auto index = static_cast<std::uint32_t>(mention);
    const bool swapped = draft.passive && reading_.rule(draft.match).frame == Frame::rival_wins;
    if (slot.slot == 'P') (swapped ? draft.gaining : draft.losing).push_back({index, RoleSource::slot});
    if (slot.slot == 'Q') (swapped ? draft.losing : draft.gaining).push_back({index, RoleSource::slot});
  }
  for (const std::uint32_t mention : reading_.mentions(draft.sentence)) {
    if (!is_provider(document.mentions[mention]) || taken(draft, mention)) continue;
    // "AWS and Oracle": a coordinated name has the role of the one before it.
    const Mention& m = document.mentions[mention];
    const bool joined = m.first_token > 0 && (reading_.lower(m.first_token - 1) == "and" ||
                                              reading_.lower(m.first_token - 1) == "or");
    const std::int32_t before = joined && m.first_token > 1 ? reading_.mention_over(m.first_token - 2) : -1;
    const auto shares = [&](std::vector<ProviderRole>& roles) {
      const bool has = std::ranges::any_of(
          roles, [&](const ProviderRole& r) { return static_cast<std::int32_t>(r.mention) == before; });
      if (has) roles.push_back({mention, RoleSource::coordination});
      return has;
    };
    if (before >= 0 && (shares(draft.gaining) || shares(draft.losing))) continue;
    place_provider(draft, mention);
  }
  // A provider cannot lose to itself: the stronger role stays, the losing one first.
  std::erase_if(draft.gaining, [&](const ProviderRole& gain) {
    return std::ranges::any_of(
        draft.losing, [&](const ProviderRole& loss) { return same_family(gain.mention, loss.mention); });
  });
}

bool RoleFinder::taken(const Draft& draft, std::uint32_t mention) const {
  const auto is = [&](const ProviderRole& role) { return role.mention == mention; };
  return std::ranges::any_of(draft.losing, is) || std::ranges::any_of(draft.gaining, is);
}

/// No loser in the sentence: the last provider before it, or that of the title, unless it gains.
void RoleFinder::inherit_losing(Draft& draft) const {
  const Document& document = reading_.document();
  const auto gains = [&](std::uint32_t mention) {
    return std::ranges::any_of(draft.gaining,
                               [&](const ProviderRole& g) { return same_family(g.mention, mention); });
  };
  const auto try_sentence = [&](std::size_t s, RoleSource source) {
    const auto mentions = reading_.mentions(s);
    for (std::size_t i = mentions.size(); i-- > 0;) {
      const Mention& m = document.mentions[mentions[i]];
      if (!is_provider(m) || gains(mentions[i])) continue;
      if (one_of(preposition_before(static_cast<std::uint32_t>(s), m.first_token), kTo)) continue;
      draft.losing.push_back({mentions[i], source});
      return true;
    }
    return false;
  };
  for (std::size_t back = 1; back <= kSentencesBack && back <= draft.sentence; ++back) {
    if (try_sentence(draft.sentence - back, RoleSource::context)) return;
  }
  if (draft.sentence != 0 && try_sentence(0, RoleSource::title)) return;
  for (std::size_t s = draft.sentence + 1;
       s < std::min<std::size_t>(draft.sentence + 4, reading_.sentence_count()); ++s) {
    if (try_sentence(s, RoleSource::context)) return;
  }
}

/// A destination told elsewhere: "It will run on Google Cloud from March."
void RoleFinder::find_gaining(Draft& draft) const {
  const Document& document = reading_.document();
  const std::size_t begin = draft.sentence > 2 ? draft.sentence - 2 : 0;
  for (std::size_t s = begin; s < std::min<std::size_t>(draft.sentence + 5, reading_.sentence_count()); ++s) {
    if (s == draft.sentence) continue;
    for (const std::uint32_t mention : reading_.mentions(s)) {
      const Mention& m = document.mentions[mention];
      if (!is_provider(m)) continue;
      const bool loses = std::ranges::any_of(
          draft.losing, [&](const ProviderRole& l) { return same_family(l.mention, mention); });
      const std::uint32_t from = m.first_token > 6 ? m.first_token - 6 : 0;
      if (loses || !reading_.has_cue(s, "gain", from, m.last_token)) continue;
      if (one_of(preposition_before(static_cast<std::uint32_t>(s), m.first_token), kFrom)) continue;
      draft.gaining.push_back({mention, RoleSource::context});
    }
    if (!draft.gaining.empty()) return;
  }
}

/// "a top-class customer in the internet industry", "one of its largest clients": tokens of an indefinite
/// description.
std::optional<CustomerRole> RoleFinder::described(std::uint32_t sentence, std::uint32_t first,
                                                  std::uint32_t last) const {
  const Sentence& s = reading_.sentence(sentence);
  for (const RuleMatch& match : reading_.matches(sentence)) {
    const Rule& rule = reading_.rule(match);
    if (rule.kind != RuleKind::cue || (rule.type != "org_head" && rule.type != "customer_head") ||
        match.first < first || match.last > last)
      continue;
    std::uint32_t begin = match.first;
    bool indefinite = false;
    while (begin > s.first_token && match.first - begin < 7) {
      const std::string_view word = reading_.lower(begin - 1);
      if (reading_.mention_over(begin - 1) >= 0 ||
          reading_.document().tokens[begin - 1].kind == TokenKind::punctuation)
        break;
      --begin;
      if (one_of(word, kIndefinite)) {
        indefinite = true;
        if (word != "unnamed" && word != "undisclosed" && word != "single") break;
      }
      if (rule.type == "customer_head" && one_of(word, kPossessive)) {
        indefinite = true;  // "its largest customer"
        break;
      }
    }
    if (!indefinite) continue;
    std::uint32_t end = match.last;
    while (end < s.last_token && end - match.last < 6 && reading_.mention_over(end) < 0 &&
           (end != match.last || reading_.lower(end) == "in" || reading_.lower(end) == "from" ||
            reading_.lower(end) == "with" || reading_.lower(end) == "based") &&
           reading_.document().tokens[end].kind == TokenKind::word) {
      ++end;
    }
    CustomerRole role;
    role.kind = CustomerRole::Kind::unnamed;
    role.first = begin;
    role.last = end;
    role.source = RoleSource::sentence;
    return role;
  }
  return std::nullopt;
}

/// What "it", "the company", "we" stands for: the first party of an earlier sentence, the nearest one first,
/// else the title's.
std::optional<CustomerRole> RoleFinder::antecedent(std::uint32_t sentence, const Draft& draft) const {
  const auto try_sentence = [&](std::size_t s, RoleSource source) -> std::optional<CustomerRole> {
    std::optional<CustomerRole> best;
    double best_salience = 0;
    for (const std::uint32_t mention : reading_.mentions(s)) {
      const Mention& m = reading_.document().mentions[mention];
      if (!is_party(mention) || is_outlet(static_cast<std::uint32_t>(s), m)) continue;
      if (s == sentence && m.first_token >= draft.match.first) continue;
      if (best && salience(mention) <= best_salience) continue;
      best_salience = salience(mention);
      best = CustomerRole{};
      best->kind = CustomerRole::Kind::named;
      best->mention = static_cast<std::int32_t>(mention);
      best->source = source;
    }
    return best;
  };
  for (std::size_t back = 1; back <= kSentencesBack && back <= sentence; ++back) {
    if (auto role = try_sentence(sentence - back, RoleSource::context)) return role;
    const Sentence& s = reading_.sentence(sentence - back);
    if (auto role = described(static_cast<std::uint32_t>(sentence - back), s.first_token, s.last_token)) {
      role->source = RoleSource::context;
      return role;
    }
  }
  if (auto role = try_sentence(0, RoleSource::title)) return role;
  return std::nullopt;
}

/// How much of the article is about a party: mentions, the title, a known name.
double RoleFinder::salience(std::uint32_t index) const {
  const Document& document = reading_.document();
  const Mention& mention = document.mentions[index];
  int count = 0;
  bool title = false;
  for (const Mention& other : document.mentions) {
    if (other.kind != mention.kind || other.entity != mention.entity) continue;
    ++count;
    title |= document.tokens[other.first_token].begin < document.title_end;
  }
  return 0.5 * std::min(count, 4) + (title ? 1.0 : 0.0) + (mention.kind == MentionKind::company ? 0.5 : 0.0);
}

/// The best party of the sentence: on the side of the trigger where the frame has the customer, free of a
/// preposition, and what the article is about.
std::optional<CustomerRole> RoleFinder::party(const Draft& draft, bool left) const {
  const Sentence& s = reading_.sentence(draft.sentence);
  const Document& document = reading_.document();
  std::optional<CustomerRole> best;
  double best_score = 0;
  for (const std::uint32_t index : reading_.mentions(draft.sentence)) {
    const Mention& m = document.mentions[index];
    if (!is_party(index) || is_outlet(draft.sentence, m)) continue;
    const bool on_left = m.last_token <= draft.match.first;
    const std::string_view before =
        m.first_token > s.first_token ? reading_.lower(m.first_token - 1) : std::string_view();
    const bool governed = one_of(before, kOther) || one_of(before, kTo) || one_of(before, kFrom);
    const std::uint32_t distance = on_left ? draft.match.first - m.last_token
                                           : m.first_token - std::min(m.first_token, draft.match.first);
    double score = 2 + salience(index) - 0.05 * std::min(distance, 20U);
    if (on_left == left) score += 2;
    if (governed && left && on_left && !m.possessive) score -= 1.5;
    const bool in_slot = std::ranges::any_of(draft.match.slots, [&](const SlotMatch& slot) {
      return slot.slot == 'C' && slot.first == m.first_token;
    });
    if (in_slot) score += 3;
    if (best && score <= best_score) continue;
    best_score = score;
    best = CustomerRole{};
    best->kind = CustomerRole::Kind::named;
    best->mention = static_cast<std::int32_t>(index);
    best->source = in_slot ? RoleSource::slot : on_left == left ? RoleSource::syntax : RoleSource::sentence;
  }
  return best;
}

std::optional<CustomerRole> RoleFinder::subject(const Draft& draft) const {
  const Sentence& s = reading_.sentence(draft.sentence);
  auto named = party(draft, true);
  if (named && named->source <= RoleSource::syntax) return named;
  if (auto unnamed = described(draft.sentence, s.first_token, draft.match.first)) return unnamed;
  bool stands_for = draft.match.first == s.first_token;
  for (std::uint32_t t = s.first_token; t < draft.match.first; ++t) {
    if (one_of(reading_.lower(t), kPronouns) || one_of(reading_.lower(t), kDefinite)) stands_for = true;
  }
  if (stands_for && reading_.has_cue(draft.sentence, "customer_head", s.first_token, draft.match.first)) {
    // "The client stopped using": the one that was described before.
    for (std::uint32_t back = 1; back <= kSentencesBack && back <= draft.sentence; ++back) {
      const Sentence& before = reading_.sentence(draft.sentence - back);
      if (auto role = described(draft.sentence - back, before.first_token, before.last_token)) {
        role->source = RoleSource::context;
        return role;
      }
    }
  }
  if (stands_for) {
    if (auto role = antecedent(draft.sentence, draft)) return role;
  }
  return named;
}

std::optional<CustomerRole> RoleFinder::object(const Draft& draft) const {
  const Sentence& s = reading_.sentence(draft.sentence);
  auto named = party(draft, false);
  if (named && named->source <= RoleSource::syntax) return named;
  const std::uint32_t from = draft.match.first > 8 ? draft.match.first - 8 : 0;
  if (auto unnamed = described(draft.sentence, from, s.last_token)) return unnamed;
  return named;
}

void RoleFinder::customer(Draft& draft) const {
  const Frame frame = reading_.rule(draft.match).frame;
  const bool acts = frame == Frame::customer_leaves || frame == Frame::customer_moves;
  const bool suffers =
      frame == Frame::provider_loses || frame == Frame::provider_drops || frame == Frame::rival_wins;
  std::optional<CustomerRole> role;
  if (acts) role = draft.passive ? object(draft) : subject(draft);
  if (suffers) role = draft.passive ? subject(draft) : object(draft);
  if (!role && !acts) role = subject(draft);
  if (!role) role = object(draft);
  if (!role) role = antecedent(draft.sentence, draft);
  if (role) draft.customer = *role;
}

void RoleFinder::fill(Draft& draft) const {
  draft.passive = passive(draft.sentence, draft.match.first);
  draft.to_self = reading_.has_cue(draft.sentence, "self_hosted");
  draft.from_public_cloud = reading_.has_cue(draft.sentence, "public_cloud");
  providers(draft);
  if (draft.losing.empty()) inherit_losing(draft);
  if (draft.gaining.empty() && !draft.to_self) find_gaining(draft);
  customer(draft);
}

void RoleFinder::find(std::vector<Draft>& drafts) {
  for (std::uint32_t s = 0; s < reading_.sentence_count(); ++s) {
    bool triggered = false;
    const auto add = [&](RuleMatch match) {
      if (drafts.size() >= kDraftsMax) return;
      triggered = true;
      Draft& draft = drafts.emplace_back();
      draft.sentence = s;
      draft.match = std::move(match);
      fill(draft);
    };
    for (const RuleMatch& match : reading_.matches(s)) {
      if (reading_.rule(match).kind == RuleKind::trigger) add(match);
    }
    for (const std::uint32_t index : reading_.mentions(s)) {
      const Mention& mention = reading_.document().mentions[index];
      if (!triggered && is_provider(mention))
        add({reading_.lexicon().mention_rule(), mention.first_token, mention.last_token, false, {}});
    }
  }
}

}  // namespace churnwire
