#include "operators/churn/assemble.h"

#include <fmt/core.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "operators/text/unicode.h"

namespace churnwire {
namespace {

constexpr std::size_t kEvidenceMax = 6;
constexpr std::size_t kQuoteBytesMax = 240;
constexpr std::size_t kHeadlineBytesMax = 200;
constexpr std::size_t kListMax = 8;
constexpr int kHistoricYears = 2;  // named years only: 18 months are rounded up

/// At most `bytes` of `text`, cut between words where there are some, never within a character.
std::string bounded(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  const std::size_t space = text.rfind(' ', end);
  return std::string(text.substr(0, space != std::string_view::npos && space > bytes / 2 ? space : end));
}

std::string without_line_feeds(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

template <class T>
void add_once(std::vector<T>& list, T value) {
  if (list.size() < kListMax && std::ranges::find(list, value) == list.end())
    list.push_back(std::move(value));
}

EventType event_type_of(const Rule& rule, const Signal& signal, bool to_self) {
  const std::string& type = rule.type;
  if (type == "PTERM") return EventType::provider_termination;
  if (type == "REG") return EventType::forced_exit;
  if (type == "SUNSET") return EventType::service_shutdown;
  if (type == "BID") return EventType::tender_loss;
  if (type == "RETURN") return EventType::return_;
  if (type == "NONRENEW") return EventType::non_renewal;
  if (type == "CUT") return EventType::spend_cut;
  if (type == "MULTI") return EventType::diversification;
  if (type == "REPAT" || (to_self && signal.gaining_providers.size() == 1)) return EventType::repatriation;
  const bool part = signal.scope.kind != ScopeKind::full &&
                    (!signal.scope.workloads.empty() || !signal.scope.regions.empty());
  return type == "MOVE" && part                                        ? EventType::partial_move
         : part && type == "EXIT" && !signal.gaining_providers.empty() ? EventType::partial_move
                                                                       : EventType::exit;
}

}  // namespace

std::string slug(std::string_view name) {
  std::string id;
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint point = decode_utf8(name, at);
    at += point.length;
    const char32_t lower = to_lower(point.value);
    if (lower < 0x80 && ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'))) {
      id += static_cast<char>(lower);
    } else if (!id.empty() && id.back() != '-' && point.value != '\'' && point.value != '.') {
      id += '-';
    }
  }
  while (id.ends_with('-')) id.pop_back();
  if (id.empty()) id = fmt::format("name-{:016x}", XXH3_64bits(name.data(), name.size()));
  return id;
}

Assembler::Assembler(const Reading& reading, const MoneyTables& money, const DocumentReader& reader,
                     const Article& article, std::string_view ruleset)
    : reading_(reading), money_(money), reader_(reader), article_(article), ruleset_(ruleset) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(article.published_at));
  year_ = static_cast<int>(date.year());
}

std::string Assembler::customer_key(const Draft& draft) const {
  const CustomerRole& role = draft.customer;
  if (role.kind == CustomerRole::Kind::none) return "?";
  if (role.kind == CustomerRole::Kind::unnamed) return "unnamed";
  const Document& document = reading_.document();
  const Mention& mention = document.mentions[static_cast<std::size_t>(role.mention)];
  if (mention.kind == MentionKind::company) {
    const auto companies = reading_.catalog().companies();
    return companies[companies[mention.entity].group].id;
  }
  return slug(document.unknown_names[mention.entity]);
}

std::string Assembler::losing_key(const Draft& draft) const {
  if (draft.losing.empty()) return "?";
  const Mention& mention = reading_.document().mentions[draft.losing.front().mention];
  return reading_.catalog().providers()[mention.entity].family;
}

std::vector<Cluster> Assembler::cluster(const std::vector<ScoredDraft>& drafts) const {
  std::map<std::pair<std::string, std::string>, Cluster> by_key;
  for (const ScoredDraft& draft : drafts)
    by_key[{customer_key(draft.draft), losing_key(draft.draft)}].drafts.push_back(&draft);
  std::vector<std::pair<std::pair<std::string, std::string>, Cluster>> sorted;
  for (auto& [key, cluster] : by_key) {
    std::ranges::sort(cluster.drafts, {}, [](const ScoredDraft* d) {
      return std::tuple(-d->score, d->draft.sentence, d->draft.match.first, d->draft.match.rule);
    });
    sorted.emplace_back(key, std::move(cluster));
  }
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return std::tuple(-a.second.best().score, a.first) < std::tuple(-b.second.best().score, b.first);
  });
  // What misses a role joins the strongest cluster that agrees in the other; so do clusters of one customer
  // whose loser was only guessed from another sentence.
  std::vector<std::pair<std::pair<std::string, std::string>, Cluster>> merged;
  for (auto& [key, cluster] : sorted) {
    const Draft& best = cluster.best().draft;
    const bool guessed = best.losing.empty() || best.losing.front().source >= RoleSource::context;
    const bool guessed_customer =
        best.customer.kind != CustomerRole::Kind::named || best.customer.source >= RoleSource::context;
    const auto home = std::ranges::find_if(merged, [&](const auto& other) {
      const bool customer_agrees = key.first == other.first.first || guessed_customer;
      const bool losing_agrees = key.second == other.first.second || guessed;
      return customer_agrees && losing_agrees;
    });
    if (home == merged.end()) {
      merged.emplace_back(key, std::move(cluster));
    } else {
      auto& list = home->second.drafts;
      list.insert(list.end(), cluster.drafts.begin(), cluster.drafts.end());
    }
  }
  std::vector<Cluster> clusters;
  for (auto& [key, cluster] : merged) clusters.push_back(std::move(cluster));
  return clusters;
}

/// Words about an unnamed customer in its sentence and the one after: what links it to a name later.
void Assembler::add_traits(const CustomerRole& role, Signal& signal) const {
  constexpr std::string_view kPrefix = "trait:";
  for (std::size_t s = 0; s < reading_.sentence_count(); ++s) {
    const Sentence& sentence = reading_.sentence(s);
    const bool own = sentence.first_token <= role.first && role.first < sentence.last_token;
    if (!own) continue;
    for (const RuleMatch& match : reading_.matches(s)) {
      const Rule& rule = reading_.rule(match);
      const bool near = match.last + 12 >= role.first && match.first <= role.last + 12;
      if (near && rule.kind == RuleKind::cue && rule.type.starts_with(kPrefix)) {
        add_once(signal.customer_traits, rule.type.substr(kPrefix.size()));
      }
    }
  }
  std::ranges::sort(signal.customer_traits);
}

void Assembler::fill_customer(const Draft& draft, Signal& signal) const {
  const Document& document = reading_.document();
  const CustomerRole& role = draft.customer;
  Customer& customer = signal.customer;
  if (role.kind != CustomerRole::Kind::named) {
    customer.anonymity = Anonymity::unnamed;
    if (role.kind == CustomerRole::Kind::unnamed) {
      customer.description = bounded(
          without_line_feeds(std::string(document.span_text(role.first, role.last))), kHeadlineBytesMax);
      add_traits(role, signal);
    } else {
      customer.description = "a customer";
    }
    return;
  }
  const Mention& mention = document.mentions[static_cast<std::size_t>(role.mention)];
  const auto companies = reading_.catalog().companies();
  const bool known = mention.kind == MentionKind::company;
  customer.id = customer_key(draft);
  customer.name =
      known ? companies[companies[mention.entity].group].name : document.unknown_names[mention.entity];
  for (const Mention& other : document.mentions) {
    if (other.kind != mention.kind || other.descriptive) continue;
    const bool same = known ? companies[other.entity].group == companies[mention.entity].group
                            : other.entity == mention.entity;
    if (same)
      add_once(customer.mentions,
               bounded(document.span_text(other.first_token, other.last_token), kHeadlineBytesMax));
  }
}

void Assembler::add_provider(std::uint32_t index, std::vector<ProviderRef>& out) const {
  const Provider& provider = reading_.catalog().providers()[index];
  if (out.size() < kListMax) out.push_back({provider.id, provider.name});
}

/// A provider that no catalog knows: a name beside words such as "hosting company" or "GPU cloud".
std::optional<ProviderRef> Assembler::introduced_host(const Draft& draft) const {
  const Document& document = reading_.document();
  constexpr std::uint32_t kNear = 8;
  for (std::size_t s = 0; s < reading_.sentence_count(); ++s) {
    for (const std::uint32_t index : reading_.mentions(s)) {
      const Mention& mention = document.mentions[index];
      if (mention.kind != MentionKind::unknown_name || !mention.organisation) continue;
      if (draft.customer.mention >= 0 &&
          document.mentions[static_cast<std::size_t>(draft.customer.mention)].kind ==
              MentionKind::unknown_name &&
          document.mentions[static_cast<std::size_t>(draft.customer.mention)].entity == mention.entity) {
        continue;
      }
      const std::uint32_t first = mention.first_token > kNear ? mention.first_token - kNear : 0;
      const bool by_name =
          reading_.has_cue(s, "provider_name_word", mention.last_token - 1, mention.last_token);
      if (!by_name && !reading_.has_cue(s, "provider_intro", first, mention.last_token + kNear)) continue;
      const std::string& name = document.unknown_names[mention.entity];
      return ProviderRef{slug(name), name};
    }
  }
  return std::nullopt;
}

/// A destination that no sentence puts in its role: another provider of the article, beside words such as
/// "instead" or "new host".
void Assembler::guess_gaining(Signal& signal) const {
  const auto providers = reading_.catalog().providers();
  const auto loses = [&](const Provider& provider) {
    return std::ranges::any_of(signal.losing_providers, [&](const ProviderRef& ref) {
      const auto index = reading_.catalog().provider_by_id(ref.id);
      return ref.id == provider.id || (index && providers[*index].family == provider.family);
    });
  };
  for (std::size_t s = 0; s < reading_.sentence_count(); ++s) {
    for (const std::uint32_t index : reading_.mentions(s)) {
      const Mention& mention = reading_.document().mentions[index];
      if (mention.kind != MentionKind::provider || loses(providers[mention.entity])) continue;
      if (!reading_.has_cue(s, "gain")) continue;
      add_provider(mention.entity, signal.gaining_providers);
      return;
    }
  }
}

void Assembler::fill_providers(const Cluster& cluster, const AgreedRoles& roles, Signal& signal) const {
  const Draft& best = cluster.best().draft;
  for (const std::uint32_t provider : roles.losing) add_provider(provider, signal.losing_providers);
  if (signal.losing_providers.empty() && !best.from_public_cloud) {
    if (auto host = introduced_host(best)) signal.losing_providers.push_back(std::move(*host));
  }
  for (const std::uint32_t provider : roles.gaining) add_provider(provider, signal.gaining_providers);
  const bool to_self =
      std::ranges::any_of(cluster.drafts, [](const ScoredDraft* d) { return d->draft.to_self; });
  if (to_self && (signal.gaining_providers.empty() || best.to_self))
    signal.gaining_providers.push_back({"self-hosted", "self-hosted"});
  // In order of mention.
  const auto position = [&](const ProviderRef& ref) {
    const auto providers = reading_.catalog().providers();
    const auto& mentions = reading_.document().mentions;
    for (std::size_t i = 0; i < mentions.size(); ++i) {
      if (mentions[i].kind == MentionKind::provider && providers[mentions[i].entity].id == ref.id) return i;
    }
    return mentions.size();
  };
  for (auto* list : {&signal.losing_providers, &signal.gaining_providers})
    std::ranges::sort(*list, {}, [&](const ProviderRef& ref) { return std::pair(position(ref), ref.id); });
  for (const ProviderRef& ref : signal.losing_providers) {
    const auto index = reading_.catalog().provider_by_id(ref.id);
    signal.cdn |= index && reading_.catalog().providers()[*index].cdn;
  }
}

template <class Visit>
void Assembler::sentences_around(const Cluster& cluster, std::size_t reach, Visit&& visit) const {
  std::set<std::size_t> sentences;
  for (const ScoredDraft* draft : cluster.drafts) {
    const std::size_t at = draft->draft.sentence;
    for (std::size_t s = at > reach ? at - reach : 0;
         s <= std::min(at + reach, reading_.sentence_count() - 1); ++s)
      sentences.insert(s);
  }
  for (const std::size_t s : sentences) visit(s);
}

void Assembler::fill_context(const Cluster& cluster, Signal& signal) const {
  std::set<Phase> phases;
  bool denied = false;
  bool cancelled = false;
  bool rumour = false;
  bool anonymous = false;
  bool on_record = false;
  bool historic = true;
  for (const ScoredDraft* draft : cluster.drafts) {
    if (draft->context.negated && draft != &cluster.best()) continue;
    const Phase phase = phase_of(reading_.rule(draft->draft.match), draft->context);
    denied |= phase == Phase::denied;
    cancelled |= phase == Phase::cancelled || draft->context.cancelled;
    if (phase != Phase::denied && phase != Phase::cancelled) phases.insert(phase);
    rumour |= draft->context.rumour;
    anonymous |= draft->context.anonymous;
    on_record |= draft->context.on_record;
    historic &= draft->context.years_past >= kHistoricYears || draft->context.historical;
  }
  // "The migration is half done" often stands in a sentence of its own.
  if (!phases.contains(Phase::completed) && !phases.contains(Phase::in_progress)) {
    bool progress = false;
    bool planned = false;
    sentences_around(cluster, 1, [&](std::size_t s) {
      progress |= reading_.has_cue(s, "progress");
      planned |= reading_.has_cue(s, "planned");
    });
    if (progress && phases.contains(Phase::decided)) phases.insert(Phase::in_progress);
    const bool untold = cluster.best().draft.match.rule == reading_.lexicon().mention_rule();
    if (!progress && !planned && untold && phases.contains(Phase::decided)) phases.insert(Phase::completed);
  }
  const auto has = [&](Phase phase) { return phases.contains(phase); };
  const bool stands = has(Phase::completed) || has(Phase::in_progress) || (has(Phase::decided) && !denied);
  signal.phase = has(Phase::completed)     ? Phase::completed
                 : has(Phase::in_progress) ? Phase::in_progress
                 : has(Phase::decided)     ? Phase::decided
                 : has(Phase::considering) ? Phase::considering
                                           : Phase::decided;
  const Phase best = phase_of(reading_.rule(cluster.best().draft.match), cluster.best().context);
  if (cancelled && !has(Phase::completed) && cluster.best().context.cancelled)
    signal.phase = Phase::cancelled;
  if (denied && (!stands || best == Phase::denied) && !has(Phase::completed)) signal.phase = Phase::denied;
  signal.historic = historic && cluster.best().context.years_past >= kHistoricYears;
  signal.fact_level = signal.phase == Phase::denied              ? FactLevel::denied
                      : on_record                                ? FactLevel::confirmed
                      : rumour && !anonymous                     ? FactLevel::rumoured
                      : anonymous || !signal.origin.name.empty() ? FactLevel::reported
                                                                 : FactLevel::confirmed;
}

void Assembler::fill_money(const Cluster& cluster, Signal& signal) const {
  std::vector<Amount> amounts;
  sentences_around(cluster, 3, [&](std::size_t s) { find_amounts(reading_, money_, s, year_, amounts); });
  signal.annual_value_usd = annual_value_usd(amounts);
  for (const Amount& amount : amounts) {
    if (signal.money.size() == kListMax) break;
    Money money = amount.money;
    const SourceSpan span = reader_.source_span(money.begin, money.end);
    money.field = span.field;
    money.begin = span.begin;
    money.end = span.end;
    add_once(signal.money, std::move(money));
  }
}

void Assembler::fill_fields(const Cluster& cluster, Signal& signal) const {
  std::array<int, kWords<Reason>.size()> reasons{};
  bool full = false;
  bool partial = false;
  std::set<std::size_t> own;
  std::set<std::size_t> near;
  for (const ScoredDraft* draft : cluster.drafts) own.insert(draft->draft.sentence);
  sentences_around(cluster, 2, [&](std::size_t s) { near.insert(s); });
  for (std::size_t s = 0; s < reading_.sentence_count(); ++s) {
    for (const RuleMatch& match : reading_.matches(s)) {
      const Rule& rule = reading_.rule(match);
      if (rule.kind != RuleKind::cue) continue;
      if (rule.type.starts_with("reason_")) {
        const auto reason = parse<Reason>(std::string_view(rule.type).substr(7));
        if (reason)
          reasons[static_cast<std::size_t>(*reason)] += own.contains(s) ? 3 : near.contains(s) ? 2 : 1;
      }
      if (!own.contains(s)) continue;
      full |= rule.type == "scope_full";
      partial |= rule.type == "scope_partial";
      const std::string text(reading_.document().span_text(match.first, match.last));
      if (rule.type == "workload") add_once(signal.scope.workloads, text);
      if (rule.type == "region") add_once(signal.scope.regions, text);
    }
  }
  // What is told to leave without a part being named is the whole (labelling guide, section 3, as its
  // examples read it).
  const std::string& type = reading_.rule(cluster.best().draft.match).type;
  const bool part = partial || !signal.scope.workloads.empty() || !signal.scope.regions.empty() ||
                    type == "CUT" || type == "MULTI";
  signal.scope.kind = full || !part ? ScopeKind::full : ScopeKind::partial;
  std::vector<std::pair<int, std::size_t>> ranked;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i] > 0) ranked.emplace_back(-reasons[i], i);
  }
  std::ranges::sort(ranked);
  for (const auto& [count, reason] : ranked) {
    if (signal.reasons.size() < 2) signal.reasons.push_back(static_cast<Reason>(reason));
  }
}

/// "according to Caixin", "Caixin reported", "first reported by Caixin"; and whether sources go unnamed.
void Assembler::fill_origin(Signal& signal) const {
  const Document& document = reading_.document();
  for (std::size_t s = 0; s < reading_.sentence_count(); ++s) {
    signal.origin.anonymous_sources |= reading_.has_cue(s, "anonymous");
    if (!signal.origin.name.empty()) continue;
    for (const std::uint32_t index : reading_.mentions(s)) {
      const Mention& mention = document.mentions[index];
      if (mention.kind == MentionKind::provider) continue;
      const std::uint32_t first = mention.first_token > 3 ? mention.first_token - 3 : 0;
      const bool before = reading_.has_cue(s, "reported_by", first, mention.first_token) ||
                          (mention.first_token > 0 && reading_.lower(mention.first_token - 1) == "told");
      const bool after =
          mention.last_token < document.tokens.size() && (reading_.lower(mention.last_token) == "reported" ||
                                                          reading_.lower(mention.last_token) == "reports");
      const bool customer = std::ranges::find(signal.customer.mentions,
                                              document.span_text(mention.first_token, mention.last_token)) !=
                            signal.customer.mentions.end();
      if ((before || after) && !customer)
        signal.origin.name =
            bounded(document.span_text(mention.first_token, mention.last_token), kHeadlineBytesMax);
    }
  }
}

void Assembler::fill_evidence(const Cluster& cluster, Signal& signal) const {
  const Document& document = reading_.document();
  std::set<std::uint32_t> sentences;
  for (const ScoredDraft* draft : cluster.drafts) {
    if (signal.evidence.size() == kEvidenceMax) break;
    if (!sentences.insert(draft->draft.sentence).second) continue;
    const Sentence& sentence = reading_.sentence(draft->draft.sentence);
    const std::uint32_t begin = document.tokens[sentence.first_token].begin;
    const std::uint32_t end = document.tokens[sentence.last_token - 1].end;
    const SourceSpan span = reader_.source_span(begin, end);
    Evidence evidence;
    evidence.field = span.field;
    evidence.begin = span.begin;
    evidence.end = span.end;
    evidence.rule = reading_.rule(draft->draft.match).id;
    evidence.trigger =
        bounded(document.span_text(draft->draft.match.first, draft->draft.match.last), kQuoteBytesMax);
    evidence.cues = draft->context.cues;
    signal.evidence.push_back(std::move(evidence));
    signal.quotes.push_back(
        bounded(without_line_feeds(std::string(std::string_view(document.text).substr(begin, end - begin))),
                kQuoteBytesMax));
  }
}

Signal Assembler::assemble(const Cluster& cluster, std::span<const RoleVoter> voters,
                           std::size_t ordinal) const {
  const Draft& best = cluster.best().draft;
  const AgreedRoles roles = agree_on_roles(reading_, voters);
  const Draft& customer = roles.customer != nullptr ? *roles.customer : best;
  const Document& document = reading_.document();
  Signal signal;
  signal.article_uri = article_.uri;
  signal.article_version = article_.version;
  signal.published_at = article_.published_at;
  signal.time_assumed = article_.time_assumed;
  signal.language = document.language.empty() ? "und" : document.language;
  signal.source = article_.source_name;
  signal.canceled = article_.canceled;
  signal.fingerprint = document.fingerprint;
  signal.headline =
      bounded(without_line_feeds(document.text.substr(0, document.title_end)), kHeadlineBytesMax);
  signal.ruleset = ruleset_;
  signal.confidence = cluster.best().probability;
  fill_customer(customer, signal);
  fill_providers(cluster, roles, signal);
  fill_origin(signal);
  fill_context(cluster, signal);
  fill_money(cluster, signal);
  fill_fields(cluster, signal);
  fill_evidence(cluster, signal);
  signal.event_type = event_type_of(reading_.rule(best.match), signal, best.to_self);
  const std::string key = fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}", article_.uri, article_.version,
                                      customer_key(best), signal_key(signal), ordinal);
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  signal.signal_id = fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  return signal;
}

}  // namespace churnwire
