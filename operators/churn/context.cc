#include "operators/churn/context.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace churnwire {
namespace {

constexpr std::uint32_t kReachBefore = 12;  // tokens, as in ConText
constexpr std::uint32_t kReachAfter = 8;

/// Clause borders around a trigger: semicolons, colons, dashes.
std::pair<std::uint32_t, std::uint32_t> clause(const Reading& reading, const Draft& draft) {
  const Sentence& s = reading.sentence(draft.sentence);
  const auto border = [&](std::uint32_t t) {
    const std::string_view word = reading.lower(t);
    return word == ";" || word == "—" || word == "but" || word == "although" || word == "though" ||
           word == "whereas";
  };
  std::uint32_t first = draft.match.first;
  std::uint32_t last = draft.match.last;
  while (first > s.first_token && !border(first - 1)) --first;
  while (last < s.last_token && !border(last)) ++last;
  return {first, last};
}

/// A simple past or participle by its form: regular ones end in -ed; the irregular ones of moving and leaving
/// are a closed list.
bool past_form(std::string_view verb) {
  static constexpr std::array<std::string_view, 26> kIrregular{
      "left", "went", "took",  "gone",   "ran",   "quit",  "brought",  "chose", "got",
      "gave", "lost", "won",   "let",    "shut",  "broke", "withdrew", "threw", "tore",
      "fled", "came", "built", "bought", "wound", "split", "stole",    "taken"};
  return (verb.size() > 4 && verb.ends_with("ed")) || std::ranges::find(kIrregular, verb) != kIrregular.end();
}

/// The newest year from 1990 on that the tokens name.
int newest_year(const Reading& reading, std::uint32_t first, std::uint32_t last) {
  int newest = 0;
  for (std::uint32_t t = first; t < last; ++t) {
    const std::string_view word = reading.lower(t);
    int year = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), year);
    const bool whole = error == std::errc() && end == word.data() + word.size();
    if (whole && word.size() == 4 && year >= 1990 && year <= 2100) newest = std::max(newest, year);
  }
  return newest;
}

}  // namespace

Context context_of(const Reading& reading, const Draft& draft, int published_year) {
  const Sentence& s = reading.sentence(draft.sentence);
  const auto [clause_first, clause_last] = clause(reading, draft);
  const std::uint32_t first =
      std::max(clause_first, draft.match.first > kReachBefore ? draft.match.first - kReachBefore : 0);
  const std::uint32_t last = std::min(clause_last, draft.match.last + kReachAfter);
  Context context;
  bool pseudo = false;
  struct Flag {
    std::string_view cls;
    bool* flag;
    bool before_only;
  };
  bool no_plans = false;
  const std::array flags{
      Flag{"negation", &context.negated, true},       Flag{"pseudo_negation", &pseudo, false},
      Flag{"rumour", &context.rumour, false},         Flag{"consider", &context.considering, false},
      Flag{"planned", &context.planned, false},       Flag{"decided", &context.decided, false},
      Flag{"progress", &context.progress, false},     Flag{"done", &context.done, false},
      Flag{"denial", &context.denied, false},         Flag{"no_plans", &no_plans, false},
      Flag{"cancelled", &context.cancelled, false},   Flag{"hypothetical", &context.hypothetical, true},
      Flag{"historical", &context.historical, false}, Flag{"analogy", &context.analogy, true},
      Flag{"on_record", &context.on_record, false},   Flag{"anonymous", &context.anonymous, false}};
  for (const RuleMatch& match : reading.matches(draft.sentence)) {
    const Rule& rule = reading.rule(match);
    if (rule.kind != RuleKind::cue) continue;
    for (const Flag& flag : flags) {
      if (rule.type != flag.cls) continue;
      const bool sentence_wide =
          flag.cls == "rumour" || flag.cls == "anonymous" || flag.cls == "on_record" || flag.cls == "denial";
      const std::uint32_t from = sentence_wide ? s.first_token : first;
      const std::uint32_t to = sentence_wide ? s.last_token : flag.before_only ? draft.match.first : last;
      // Negation reaches less far: at most five tokens before the trigger.
      if (flag.cls == "negation" && match.last + 5 < draft.match.first) continue;
      if (match.first < from || match.last > to) continue;
      *flag.flag = true;
      context.cues.emplace_back(reading.document().span_text(match.first, match.last));
    }
  }
  if (pseudo) context.negated = false;
  if (no_plans) context.denied = true;
  // "decided to leave" is a past decision, no past departure.
  const bool decision = reading.has_cue_at("decided", draft.match.first);
  context.past = past_form(reading.lower(draft.match.first)) && !context.planned && !decision;
  context.question = reading.lower(s.last_token - 1) == "?";
  const int year = newest_year(reading, clause_first, clause_last);
  if (year != 0 && year < published_year) context.years_past = published_year - year;
  std::ranges::sort(context.cues);
  context.cues.erase(std::ranges::unique(context.cues).begin(), context.cues.end());
  constexpr std::size_t kCuesMax = 8;
  if (context.cues.size() > kCuesMax) context.cues.resize(kCuesMax);
  return context;
}

Phase phase_of(const Rule& rule, const Context& context) {
  if (rule.phase == "den" || context.denied) return Phase::denied;
  if (rule.phase == "canc" || (context.cancelled && rule.type == "CANCEL")) return Phase::cancelled;
  if (context.considering && !context.done && !context.decided) return Phase::considering;
  if (context.done) return Phase::completed;
  if (context.progress) return Phase::in_progress;
  if (context.planned || (context.decided && !context.past)) return Phase::decided;
  if (rule.phase == "con") return Phase::considering;
  if (rule.phase == "done") return Phase::completed;
  if (rule.phase == "prog") return Phase::in_progress;
  return context.past ? Phase::completed : Phase::decided;
}

}  // namespace churnwire
