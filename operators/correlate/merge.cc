#include "operators/correlate/merge.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <utility>

#include "operators/correlate/headline.h"
#include "operators/correlate/votes.h"

namespace churnwire::correlate {
namespace {

constexpr int kSameTextBits = 3;
constexpr std::size_t kListMax = 16;
constexpr double kConfidenceMax = 0.99;
constexpr double kDenialOdds = 0.5;
constexpr std::size_t kDenialsWeighed = 2;
constexpr std::chrono::days kLateReport{365};

using Voices = std::vector<Voice>;

std::size_t find_root(std::vector<std::size_t>& parents, std::size_t node) {
  while (parents[node] != node) {
    parents[node] = parents[parents[node]];
    node = parents[node];
  }
  return node;
}

template <class Same>
std::vector<std::size_t> components(std::size_t count, Same&& same) {
  std::vector<std::size_t> parents(count);
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      if (!same(i, j)) continue;
      const std::size_t left = find_root(parents, i);
      const std::size_t right = find_root(parents, j);
      parents[std::max(left, right)] = std::min(left, right);
    }
  }
  for (std::size_t i = 0; i < count; ++i) parents[i] = find_root(parents, i);
  return parents;
}

std::size_t distinct(std::vector<std::size_t> roots) {
  std::sort(roots.begin(), roots.end());
  return static_cast<std::size_t>(std::unique(roots.begin(), roots.end()) - roots.begin());
}

bool denies(const Signal& signal) {
  return signal.phase == Phase::denied || signal.fact_level == FactLevel::denied;
}

bool supports(const Signal& signal) {
  return !denies(signal) && signal.phase != Phase::cancelled;
}

int phase_rank(Phase phase) {
  constexpr std::array kRanks{1, 2, 3, 4, 5, 0, 0};
  return kRanks[static_cast<std::size_t>(phase)];
}

/// Merges one story; the members are the steps.
class Merge {
 public:
  Merge(const Story& story, const CorrelateOptions& options, EventRow& row)
      : story_(story), options_(options), row_(row) {
    for (const SignalPtr& signal : story.live) {
      fingerprints_.push_back(signal->fingerprint);
      origins_.push_back(hash64(origin_key(*signal)));
    }
    const auto& prints = fingerprints_;
    texts_ = components(prints.size(),
                        [&](std::size_t i, std::size_t j) { return same_text(prints[i], prints[j]); });
    sources_ = components(prints.size(), [&](std::size_t i, std::size_t j) {
      return texts_[i] == texts_[j] || origins_[i] == origins_[j];
    });
    for (std::size_t i = 0; i < prints.size(); ++i) {
      const Voice voice{story.live[i].get(), sources_[i]};
      all_.push_back(voice);
      if (supports(*voice.signal)) supporting_.push_back(voice);
    }
    believed_ = supporting_.empty() ? all_ : supporting_;
  }

  void run() {
    phase();
    facts();
    customer();
    providers();
    scope();
    money();
    reporting();
    times();
    evidence();
    row_.linked_event_ids = story_.links;
    row_.headline = make_headline(row_);
  }

 private:
  template <class Value, class Project>
  std::vector<Value> vote(const Voices& voices, Project&& project) const {
    Votes<Value> votes;
    for (const Voice& voice : voices)
      project(*voice.signal, [&](const Value& value) { votes.add(value, voice); });
    std::vector<Value> values = votes.ranked();
    if (values.size() > kListMax) values.resize(kListMax);
    return values;
  }

  void phase() {
    bool solid = false;
    Phase highest = Phase::rumoured;
    Timestamp reached = Timestamp::max();
    for (const Voice& voice : supporting_) {
      const Signal& signal = *voice.signal;
      solid = solid || (signal.phase != Phase::rumoured && signal.fact_level != FactLevel::rumoured);
      if (phase_rank(signal.phase) > phase_rank(highest)) {
        highest = signal.phase;
        reached = signal.published_at;
      } else if (signal.phase == highest) {
        reached = std::min(reached, signal.published_at);
      }
    }
    std::optional<Timestamp> cancelled, denied;
    for (const Voice& voice : all_) {
      if (denies(*voice.signal)) {
        denied = voice.signal->published_at;
      } else if (voice.signal->phase == Phase::cancelled) {
        cancelled = voice.signal->published_at;
      }
    }
    // A cancellation stands until a higher phase is reached for the first time after it; copies of the old
    // story do not undo it. A denial stands while nothing but rumour is told against it.
    row_.phase = highest;
    if (denied && !solid) row_.phase = Phase::denied;
    if (cancelled && (supporting_.empty() || *cancelled >= reached)) row_.phase = Phase::cancelled;
    phase_history();
    denials();
  }

  void phase_history() {
    row_.phase_history.clear();
    for (std::size_t i = 0; i < kWords<Phase>.size(); ++i) {
      const auto phase = static_cast<Phase>(i);
      const auto first = std::find_if(all_.begin(), all_.end(),
                                      [&](const Voice& voice) { return voice.signal->phase == phase; });
      if (first != all_.end()) row_.phase_history.push_back({phase, first->signal->published_at});
    }
    std::sort(row_.phase_history.begin(), row_.phase_history.end(),
              [](const PhaseChange& left, const PhaseChange& right) {
                return std::tie(left.at, left.phase) < std::tie(right.at, right.phase);
              });
  }

  void denials() {
    row_.denials.clear();
    std::set<std::string_view> uris;
    for (const Voice& voice : all_) {
      const Signal& signal = *voice.signal;
      if (!denies(signal) || row_.denials.size() == kListMax || !uris.insert(signal.article_uri).second)
        continue;
      row_.denials.push_back({signal.article_uri, signal.source, signal.published_at});
    }
  }

  void facts() {
    row_.event_type =
        vote<EventType>(believed_, [](const Signal& s, auto&& add) { add(s.event_type); }).front();
    row_.fact_level = FactLevel::rumoured;
    for (const Voice& voice : believed_)
      row_.fact_level = std::min(row_.fact_level, voice.signal->fact_level);
    if (supporting_.empty())
      row_.fact_level = row_.phase == Phase::denied ? FactLevel::denied : row_.fact_level;
    if (row_.phase == Phase::denied) row_.fact_level = FactLevel::denied;
    row_.historic = all_.front().signal->historic;
    row_.cdn = std::any_of(all_.begin(), all_.end(), [](const Voice& voice) { return voice.signal->cdn; });
    row_.reasons = vote<Reason>(believed_, [](const Signal& s, auto&& add) {
      for (const Reason reason : s.reasons) add(reason);
    });
    row_.ruleset.clear();
    for (const Voice& voice : all_) row_.ruleset = std::max(row_.ruleset, voice.signal->ruleset);
  }

  void customer() {
    Customer& customer = row_.customer;
    customer = {};
    const auto named = vote<std::pair<std::string, std::string>>(all_, [](const Signal& s, auto&& add) {
      if (s.customer.anonymity == Anonymity::named && !s.customer.id.empty())
        add({s.customer.id, s.customer.name});
    });
    customer.anonymity = named.empty() ? Anonymity::unnamed : Anonymity::named;
    if (!named.empty()) std::tie(customer.id, customer.name) = named.front();
    const auto descriptions = vote<std::string>(all_, [](const Signal& s, auto&& add) {
      if (!s.customer.description.empty()) add(s.customer.description);
    });
    if (!descriptions.empty()) customer.description = descriptions.front();
    customer.mentions = vote<std::string>(all_, [](const Signal& s, auto&& add) {
      for (const std::string& mention : s.customer.mentions) add(mention);
    });
  }

  std::vector<ProviderRef> refs(const Voices& voices, std::vector<ProviderRef> Signal::* list) const {
    std::vector<ProviderRef> merged;
    const auto ids = vote<std::string>(voices, [&](const Signal& s, auto&& add) {
      for (const ProviderRef& provider : s.*list) add(provider.id);
    });
    for (const std::string& id : ids) {
      const auto names = vote<std::string>(voices, [&](const Signal& s, auto&& add) {
        for (const ProviderRef& provider : s.*list) {
          if (provider.id == id) add(provider.name);
        }
      });
      merged.push_back({id, names.front()});
    }
    return merged;
  }

  void providers() {
    row_.losing_providers = refs(all_, &Signal::losing_providers);
    // The provider that all signals share stays first: it is the key.
    const std::string_view key = signal_key(*all_.front().signal);
    auto& losing = row_.losing_providers;
    const auto at = std::find_if(losing.begin(), losing.end(),
                                 [&](const ProviderRef& provider) { return provider.id == key; });
    if (at != losing.end()) std::rotate(losing.begin(), at, at + 1);
    row_.gaining_providers = refs(believed_, &Signal::gaining_providers);
  }

  std::vector<std::string> texts(std::vector<std::string> Scope::* list) const {
    const auto ranked = vote<std::string>(believed_, [&](const Signal& s, auto&& add) {
      for (const std::string& text : s.scope.*list) add(text);
    });
    std::vector<std::string> merged;
    std::set<std::string> folded;
    for (const std::string& text : ranked) {
      if (folded.insert(fold(text)).second) merged.push_back(text);
    }
    return merged;
  }

  void scope() {
    const auto kinds = vote<ScopeKind>(believed_, [](const Signal& s, auto&& add) {
      if (s.scope.kind != ScopeKind::unknown) add(s.scope.kind);
    });
    row_.scope.kind = kinds.empty() ? ScopeKind::unknown : kinds.front();
    row_.scope.workloads = texts(&Scope::workloads);
    row_.scope.regions = texts(&Scope::regions);
    using Span = std::pair<std::optional<std::chrono::sys_days>, std::optional<std::chrono::sys_days>>;
    const auto spans = vote<Span>(believed_, [](const Signal& s, auto&& add) {
      if (s.effective.start || s.effective.end) add({s.effective.start, s.effective.end});
    });
    row_.effective = {};
    if (!spans.empty()) std::tie(row_.effective.start, row_.effective.end) = spans.front();
  }

  void money() {
    row_.money.clear();
    using Sum = std::tuple<MoneyBasis, std::string, std::int64_t>;
    const auto sums = vote<Sum>(believed_, [](const Signal& s, auto&& add) {
      for (const Money& money : s.money) add({money.basis, money.currency, money.amount});
    });
    std::set<std::pair<MoneyBasis, std::string>>
        taken;  // Two amounts of one basis are two opinions, never a sum.
    for (const Sum& sum : sums) {
      if (!taken.emplace(std::get<0>(sum), std::get<1>(sum)).second) continue;
      row_.money.push_back(first_money(sum));
    }
    const auto values = vote<std::int64_t>(believed_, [](const Signal& s, auto&& add) {
      if (s.annual_value_usd) add(*s.annual_value_usd);
    });
    row_.annual_value_usd = values.empty() ? std::nullopt : std::optional(values.front());
  }

  Money first_money(const std::tuple<MoneyBasis, std::string, std::int64_t>& sum) const {
    for (const Voice& voice : believed_) {
      for (const Money& money : voice.signal->money) {
        if (std::tuple(money.basis, money.currency, money.amount) == sum) return money;
      }
    }
    return {};
  }

  void reporting() {
    const auto origins = vote<std::pair<std::string, bool>>(believed_, [](const Signal& s, auto&& add) {
      if (!s.origin.name.empty() || s.origin.anonymous_sources)
        add({s.origin.name, s.origin.anonymous_sources});
    });
    row_.origin = {};
    if (!origins.empty()) std::tie(row_.origin.name, row_.origin.anonymous_sources) = origins.front();
    std::set<std::string> languages;
    for (const Voice& voice : all_) languages.insert(voice.signal->language);
    row_.corroboration.articles = static_cast<std::uint32_t>(story_.articles);
    row_.corroboration.syndication_groups = static_cast<std::uint32_t>(distinct(texts_));
    std::vector<std::size_t> sources;
    for (const Voice& voice : believed_) sources.push_back(voice.source);
    row_.corroboration.independent_origins = static_cast<std::uint32_t>(distinct(std::move(sources)));
    row_.corroboration.languages.assign(languages.begin(), languages.end());
    row_.confidence = confidence();
  }

  double confidence() const {
    std::map<std::size_t, double> sources;
    for (const Voice& voice : believed_) {
      double& best = sources[voice.source];
      best = std::max(best, voice.signal->confidence);
    }
    double doubt = 1;
    for (const auto& [source, p] : sources) doubt *= 1 - p;
    double sure = std::min(1 - doubt, kConfidenceMax);
    if (!supporting_.empty()) {
      std::set<std::size_t> deniers;
      for (const Voice& voice : all_) {
        if (denies(*voice.signal)) deniers.insert(voice.source);
      }
      const double odds =
          sure / (1 - sure) *
          std::pow(kDenialOdds, static_cast<double>(std::min(deniers.size(), kDenialsWeighed)));
      sure = odds / (1 + odds);
    }
    return std::round(sure * 1e4) / 1e4;
  }

  void times() {
    row_.times.first_published = all_.front().signal->published_at;
    row_.times.last_published = all_.back().signal->published_at;
    row_.times.event = row_.effective.start ? Timestamp(*row_.effective.start) : row_.times.first_published;
    row_.days_since_similar = story_.days_since_similar;
    const bool late = row_.phase == Phase::completed && row_.effective.start &&
                      row_.times.first_published - *row_.effective.start > kLateReport;
    row_.stale_republication = story_.copies_older_story || late;
    const double repeated =
        std::pow(0.5, static_cast<double>(std::min<std::size_t>(story_.similar_before, 16)));
    row_.novelty = row_.stale_republication ? 0 : std::round(repeated * 1e4) / 1e4;
  }

  /// The order in which signals may show their evidence: first one for each way to name the customer and each
  /// phase, then one for each further source, then the rest; copies of one text last.
  std::vector<const Signal*> witnesses() const {
    std::vector<std::size_t> order(all_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
      return std::tuple(-all_[i].signal->confidence, i) < std::tuple(-all_[j].signal->confidence, j);
    });
    std::array<std::vector<const Signal*>, 4> tiers;
    std::set<std::pair<bool, Phase>> claims;
    std::set<std::size_t> sources, texts;
    for (const std::size_t i : order) {
      const Signal& signal = *all_[i].signal;
      const bool claim = claims.emplace(signal.customer.id.empty(), signal.phase).second;
      const bool source = sources.insert(sources_[i]).second;
      const bool text = texts.insert(texts_[i]).second;
      tiers[claim ? 0 : source ? 1 : text ? 2 : 3].push_back(&signal);
    }
    std::vector<const Signal*> sorted;
    for (const auto& tier : tiers) sorted.insert(sorted.end(), tier.begin(), tier.end());
    return sorted;
  }

  void evidence() {
    row_.evidence.clear();
    const auto signals = witnesses();
    std::size_t longest = 0;
    for (const Signal* signal : signals) longest = std::max(longest, signal->evidence.size());
    for (std::size_t round = 0; round < longest; ++round) {
      for (const Signal* signal : signals) {
        if (row_.evidence.size() >= options_.evidence_max) return;
        if (round >= signal->evidence.size()) continue;
        Evidence evidence = signal->evidence[round];
        evidence.article_uri = signal->article_uri;
        if (round < signal->quotes.size()) evidence.quote = signal->quotes[round];
        row_.evidence.push_back(std::move(evidence));
      }
    }
  }

  const Story& story_;
  const CorrelateOptions& options_;
  EventRow& row_;
  std::vector<std::uint64_t> fingerprints_;
  std::vector<std::uint64_t> origins_;
  std::vector<std::size_t> texts_;    // one number a syndicated text
  std::vector<std::size_t> sources_;  // one number an independent source
  Voices all_;                        // in order of time
  Voices supporting_;                 // those that say that the churn is so
  Voices believed_;                   // the supporting ones, or all where there is none
};

}  // namespace

bool same_text(std::uint64_t left, std::uint64_t right) {
  return left != 0 && right != 0 && std::popcount(left ^ right) <= kSameTextBits;
}

void merge_story(const Story& story, const CorrelateOptions& options, EventRow& row) {
  Merge(story, options, row).run();
}

}  // namespace churnwire::correlate
