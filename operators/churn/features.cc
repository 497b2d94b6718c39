#include "operators/churn/features.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace churnwire {
namespace {

constexpr std::array<std::string_view, 8> kSources{"none",  "slot",     "prep",    "syntax",
                                                   "coord", "sentence", "context", "title"};
constexpr std::size_t kWordBytesMax = 20;
constexpr std::uint32_t kWindow = 14;  // tokens on each side of the trigger that give n-grams

std::string_view source_name(RoleSource source) {
  return kSources[static_cast<std::size_t>(source)];
}

/// A token without its name: roles for the draft's mentions, PX, ORG and NAME for others, N for numbers.
std::string delexicalised(const Reading& reading, const Draft* draft, std::uint32_t token) {
  const std::int32_t over = reading.mention_over(token);
  if (over >= 0) {
    const auto index = static_cast<std::uint32_t>(over);
    const Mention& mention = reading.document().mentions[index];
    if (draft != nullptr) {
      const auto is = [&](const ProviderRole& role) { return role.mention == index; };
      if (std::ranges::any_of(draft->losing, is)) return "P";
      if (std::ranges::any_of(draft->gaining, is)) return "Q";
      if (draft->customer.mention == over) return "C";
    }
    if (mention.kind == MentionKind::provider) return "PX";
    return mention.kind == MentionKind::company || mention.organisation ? "ORG" : "NAME";
  }
  if (reading.document().tokens[token].kind == TokenKind::number) return "N";
  return std::string(reading.lower(token).substr(0, kWordBytesMax));
}

/// Delexicalised tokens, a name of several tokens once.
std::vector<std::string> delexicalised_span(const Reading& reading, const Draft* draft, std::uint32_t first,
                                            std::uint32_t last) {
  std::vector<std::string> words;
  std::int32_t before = -1;
  for (std::uint32_t t = first; t < last; ++t) {
    const std::int32_t over = reading.mention_over(t);
    if (over >= 0 && over == before) continue;
    before = over;
    if (reading.document().tokens[t].kind == TokenKind::punctuation && over < 0) continue;
    words.push_back(delexicalised(reading, draft, t));
  }
  return words;
}

void add_ngrams(const std::vector<std::string>& words, std::string_view prefix, FeatureSum& sum) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    sum.add(fmt::format("{}{}", prefix, words[i]));
    if (i + 1 < words.size()) sum.add(fmt::format("{}{} {}", prefix, words[i], words[i + 1]));
  }
}

void add_roles(const Reading& reading, const Draft& draft, FeatureSum& sum) {
  const auto providers = reading.catalog().providers();
  const Document& document = reading.document();
  if (draft.losing.empty()) {
    sum.add(draft.from_public_cloud ? "lose:public-cloud" : "lose:none");
  } else {
    const Mention& mention = document.mentions[draft.losing.front().mention];
    sum.add(fmt::format("lose:{}", source_name(draft.losing.front().source)));
    sum.add(fmt::format("lose:class:{}", providers[mention.entity].cls));
    if (!mention.strong) sum.add("lose:weak");
    if (mention.product) sum.add("lose:product");
    if (draft.losing.size() > 1) sum.add("lose:several");
  }
  if (draft.gaining.empty()) {
    sum.add(draft.to_self ? "gain:self" : "gain:none");
  } else {
    sum.add(fmt::format("gain:{}", source_name(draft.gaining.front().source)));
  }
  switch (draft.customer.kind) {
    case CustomerRole::Kind::none:
      sum.add("cust:none");
      break;
    case CustomerRole::Kind::unnamed:
      sum.add(fmt::format("cust:unnamed:{}", source_name(draft.customer.source)));
      break;
    case CustomerRole::Kind::named: {
      const Mention& mention = document.mentions[static_cast<std::size_t>(draft.customer.mention)];
      sum.add(fmt::format("cust:{}:{}", mention.kind == MentionKind::company ? "known" : "unknown",
                          source_name(draft.customer.source)));
      break;
    }
  }
  if (draft.customer.kind != CustomerRole::Kind::none && !draft.losing.empty()) {
    sum.add(draft.losing.front().source <= RoleSource::sentence &&
                    draft.customer.source <= RoleSource::sentence
                ? "roles:same-sentence"
                : "roles:apart");
  }
}

/// Whether the sentence reads as a whole statement of churn: what a rule without a learner would decide on.
void add_structure(const Reading& reading, const Draft& draft, const Context& context, FeatureSum& sum) {
  const Rule& rule = reading.rule(draft.match);
  const bool mention_only = draft.match.rule == reading.lexicon().mention_rule();
  const bool denied = context.negated || context.denied || context.cancelled;
  const bool unreal = context.hypothetical || context.question || context.analogy;
  const bool loser = !draft.losing.empty() && draft.losing.front().source <= RoleSource::coordination;
  const bool winner =
      draft.to_self || (!draft.gaining.empty() && draft.gaining.front().source <= RoleSource::coordination);
  const bool customer =
      draft.customer.kind != CustomerRole::Kind::none && draft.customer.source <= RoleSource::syntax;
  bool lookalike = false;
  for (const RuleMatch& match : reading.matches(draft.sentence))
    lookalike |= reading.rule(match).type.starts_with("la_");
  if (!mention_only) sum.add("is:rule-weight", rule.weight * (draft.match.strict ? 0.2 : 0.1));
  if (denied || unreal) sum.add("is:unreal");
  if (mention_only || denied || unreal) return;
  if (loser && customer) sum.add(lookalike ? "is:statement-lookalike" : "is:statement");
  if (loser && winner) sum.add("is:from-to");
  if (loser && winner && customer && rule.weight >= 4) sum.add("is:whole-statement");
  if (customer && rule.weight >= 4) sum.add("is:customer-strong");
}

}  // namespace

ArticleProfile profile_of(const Reading& reading) {
  ArticleProfile profile;
  std::set<std::string> families;
  std::set<std::pair<int, std::uint32_t>> parties;
  std::map<std::string, int> classes;
  std::set<std::string> words;
  const Document& document = reading.document();
  for (std::size_t s = 0; s < reading.sentence_count(); ++s) {
    const bool title = reading.sentence(s).field == Field::title;
    for (const std::uint32_t index : reading.mentions(s)) {
      const Mention& mention = document.mentions[index];
      if (mention.kind == MentionKind::provider) {
        families.insert(reading.catalog().providers()[mention.entity].family);
        profile.title_provider |= title;
      } else if (mention.kind == MentionKind::company || mention.organisation) {
        parties.emplace(static_cast<int>(mention.kind), mention.entity);
      }
    }
    bool triggered = false;
    for (const RuleMatch& match : reading.matches(s)) {
      const Rule& rule = reading.rule(match);
      if (rule.kind == RuleKind::trigger) {
        profile.triggers += triggered ? 0 : 1;  // sentences: many rules can read one phrase
        triggered = true;
        profile.title_trigger |= title;
      } else {
        ++classes[rule.type];
      }
    }
    for (const std::string& word : delexicalised_span(reading, nullptr, reading.sentence(s).first_token,
                                                      reading.sentence(s).last_token))
      words.insert(word);
  }
  profile.providers = static_cast<std::uint32_t>(families.size());
  profile.parties = static_cast<std::uint32_t>(parties.size());
  for (const auto& [cls, count] : classes)
    profile.cue_classes.push_back(fmt::format("{}:{}", cls, std::min(count, 3)));
  profile.words.assign(words.begin(), words.end());
  return profile;
}

void add_features(const Reading& reading, const ArticleProfile& profile, const Draft& draft,
                  const Context& context, FeatureSum& sum) {
  const Rule& rule = reading.rule(draft.match);
  const Sentence& sentence = reading.sentence(draft.sentence);
  sum.add(fmt::format("rule:{}", rule.id));
  sum.add(fmt::format("type:{}", rule.type));
  sum.add(fmt::format("frame:{}{}", static_cast<int>(rule.frame), draft.passive ? ":passive" : ""));
  sum.add(fmt::format("weight:{}{}", rule.weight, draft.match.strict ? "" : ":relaxed"));
  add_roles(reading, draft, sum);
  const std::array flags{std::pair{"negated", context.negated},
                         std::pair{"rumour", context.rumour},
                         std::pair{"considering", context.considering},
                         std::pair{"planned", context.planned},
                         std::pair{"decided", context.decided},
                         std::pair{"progress", context.progress},
                         std::pair{"done", context.done},
                         std::pair{"denied", context.denied},
                         std::pair{"cancelled", context.cancelled},
                         std::pair{"hypothetical", context.hypothetical},
                         std::pair{"historical", context.historical},
                         std::pair{"analogy", context.analogy},
                         std::pair{"question", context.question},
                         std::pair{"on-record", context.on_record},
                         std::pair{"anonymous", context.anonymous},
                         std::pair{"years-past", context.years_past >= 2}};
  for (const auto& [flag, set] : flags) {
    if (set) sum.add(fmt::format("ctx:{}", flag));
  }
  add_structure(reading, draft, context, sum);
  sum.add(sentence.field == Field::title ? "pos:title"
          : draft.sentence < 4           ? "pos:lead"
          : draft.sentence < 12          ? "pos:middle"
                                         : "pos:late");
  for (const RuleMatch& match : reading.matches(draft.sentence)) {
    const Rule& cue = reading.rule(match);
    if (cue.kind == RuleKind::cue && cue.type.starts_with("la_")) sum.add(fmt::format("near:{}", cue.type));
  }
  sum.add(fmt::format("doc:providers:{}", std::min(profile.providers, 4U)));
  sum.add(fmt::format("doc:parties:{}", std::min(profile.parties, 4U)));
  sum.add(fmt::format("doc:triggers:{}", std::min(profile.triggers, 5U)));
  if (profile.title_trigger) sum.add("doc:title-trigger");
  if (profile.title_provider) sum.add("doc:title-provider");
  for (const std::string& cls : profile.cue_classes) sum.add("doc:" + cls);
  for (const std::string& word : profile.words) sum.add("d:" + word);
  const std::uint32_t first =
      std::max(sentence.first_token, draft.match.first > kWindow ? draft.match.first - kWindow : 0);
  const std::uint32_t last = std::min(sentence.last_token, draft.match.last + kWindow);
  add_ngrams(delexicalised_span(reading, &draft, first, last), "s:", sum);
  for (std::size_t s = 0; s < reading.sentence_count() && reading.sentence(s).field == Field::title; ++s) {
    add_ngrams(
        delexicalised_span(reading, &draft, reading.sentence(s).first_token, reading.sentence(s).last_token),
        "t:", sum);
  }
}

}  // namespace churnwire
