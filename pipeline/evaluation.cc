#include "pipeline/evaluation.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <random>
#include <set>
#include <string_view>

namespace churnwire {
namespace {

/// Letters and digits of a name in lower case, without articles and legal forms at its ends.
std::string folded(std::string_view name) {
  std::string words;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || u >= 0x80) {
      words.push_back(static_cast<char>(std::tolower(u)));
    } else if (!words.empty() && words.back() != ' ' && c != '\'' && c != '.') {
      words.push_back(' ');
    }
  }
  while (words.ends_with(' ')) words.pop_back();
  if (words.starts_with("the ")) words.erase(0, 4);
  for (const std::string_view form :
       {" inc", " ltd", " limited", " plc", " gmbh", " ag", " corp", " sa", " se", " llc"}) {
    if (words.ends_with(form)) words.resize(words.size() - form.size());
  }
  return words;
}

bool same_name(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  if (a == b) return true;
  const std::string& shorter = a.size() < b.size() ? a : b;
  const std::string& longer = a.size() < b.size() ? b : a;
  return shorter.size() >= 4 && (longer.starts_with(shorter + " ") || longer.ends_with(" " + shorter));
}

/// A provider word of a label or signal as one comparable key: the family's id for catalog ids, else a folded
/// slug.
std::string provider_key(const std::string& id, const Catalog& catalog) {
  if (const auto index = catalog.provider_by_id(id)) return catalog.providers()[*index].family;
  std::string key = folded(id);
  std::ranges::replace(key, ' ', '-');
  return key;
}

std::set<std::string> keys(const std::vector<std::string>& ids, const Catalog& catalog) {
  std::set<std::string> result;
  for (const std::string& id : ids) result.insert(provider_key(id, catalog));
  return result;
}

std::set<std::string> keys(const std::vector<ProviderRef>& refs, const Catalog& catalog) {
  std::set<std::string> result;
  for (const ProviderRef& ref : refs) result.insert(provider_key(ref.id, catalog));
  return result;
}

bool overlap(const std::set<std::string>& a, const std::set<std::string>& b) {
  if (a.empty() && b.empty()) return true;
  return std::ranges::any_of(a, [&](const std::string& key) { return b.contains(key); });
}

bool same_customer(const LabelledEvent& label, const Customer& customer) {
  if (label.customer.empty()) return customer.anonymity == Anonymity::unnamed;
  if (customer.anonymity == Anonymity::unnamed) return false;
  std::vector<std::string> wanted{folded(label.customer)};
  for (const std::string& alias : label.customer_aliases) wanted.push_back(folded(alias));
  std::vector<std::string> found{folded(customer.name)};
  for (const std::string& mention : customer.mentions) found.push_back(folded(mention));
  return std::ranges::any_of(wanted, [&](const std::string& w) {
    return std::ranges::any_of(found, [&](const std::string& f) { return same_name(w, f); });
  });
}

bool matches(const LabelledEvent& label, const Signal& signal, const Catalog& catalog) {
  return same_customer(label, signal.customer) &&
         overlap(keys(label.losing, catalog), keys(signal.losing_providers, catalog));
}

bool same_value(const std::optional<std::int64_t>& a, const std::optional<std::int64_t>& b) {
  constexpr double kTolerance = 0.08;  // rates of the time are rounded
  if (!a || !b) return a.has_value() == b.has_value();
  return std::abs(static_cast<double>(*a - *b)) <=
         kTolerance * static_cast<double>(std::max(std::abs(*a), std::int64_t{1}));
}

void compare(const LabelledEvent& label, const Signal& signal, const Catalog& catalog,
             ArticleResult& result) {
  const auto count = [&](ComparedField field, bool right) {
    FieldTally& tally = result.fields[static_cast<std::size_t>(field)];
    ++tally.all;
    tally.right += right;
  };
  const bool full = signal.scope.kind == ScopeKind::full;
  count(ComparedField::gaining, keys(label.gaining, catalog) == keys(signal.gaining_providers, catalog));
  count(ComparedField::event_type, label.event_type == signal.event_type);
  count(ComparedField::phase, label.phase == signal.phase);
  count(ComparedField::fact_level, label.fact_level == signal.fact_level);
  count(ComparedField::scope, (label.scope == ScopeKind::full) == full);
  count(ComparedField::value, same_value(label.annual_value_usd, signal.annual_value_usd));
  count(ComparedField::reason,
        signal.reasons.empty() ? !label.reason.has_value() : label.reason == signal.reasons.front());
}

bool counts_as_churn(Phase phase) {
  return phase != Phase::denied && phase != Phase::cancelled;
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  true_positive += other.true_positive;
  false_positive += other.false_positive;
  false_negative += other.false_negative;
  return *this;
}

ArticleResult evaluate(const LabelledArticle& labelled, std::span<const Signal> signals,
                       const Catalog& catalog) {
  ArticleResult result;
  for (const Signal& signal : signals) {
    if (!counts_as_churn(signal.phase)) continue;
    result.detected = true;
    result.confidence = std::max(result.confidence, signal.confidence);
  }
  result.detection.true_positive = labelled.churn && result.detected;
  result.detection.false_positive = !labelled.churn && result.detected;
  result.detection.false_negative = labelled.churn && !result.detected;

  std::vector<bool> used(signals.size(), false);
  for (const LabelledEvent& label : labelled.events) {
    std::size_t found = signals.size();
    for (std::size_t i = 0; i < signals.size() && found == signals.size(); ++i) {
      if (!used[i] && matches(label, signals[i], catalog)) found = i;
    }
    if (found == signals.size()) {
      result.events.false_negative += 1;
      continue;
    }
    used[found] = true;
    result.events.true_positive += 1;
    compare(label, signals[found], catalog, result);
  }
  result.events.false_positive = static_cast<std::size_t>(std::ranges::count(used, false));
  return result;
}

bool matches_an_event(const LabelledArticle& labelled, const Signal& signal, const Catalog& catalog) {
  return std::ranges::any_of(labelled.events,
                             [&](const LabelledEvent& event) { return matches(event, signal, catalog); });
}

void Summary::add(const ArticleResult& result) {
  ++articles;
  detection += result.detection;
  events += result.events;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i].right += result.fields[i].right;
    fields[i].all += result.fields[i].all;
  }
}

Interval bootstrap_f1(std::span<const ArticleResult> results, Tally ArticleResult::* tally,
                      std::size_t rounds) {
  if (results.empty() || rounds == 0) return {};
  std::mt19937_64 random(20210524);
  std::vector<double> scores;
  for (std::size_t round = 0; round < rounds; ++round) {
    Tally sum;
    for (std::size_t i = 0; i < results.size(); ++i) sum += results[random() % results.size()].*tally;
    scores.push_back(sum.f1());
  }
  std::ranges::sort(scores);
  return {scores[rounds * 25 / 1000], scores[std::min(rounds - 1, rounds * 975 / 1000)]};
}

double expected_calibration_error(std::vector<std::pair<double, bool>> answers) {
  constexpr std::size_t kBins = 15;
  if (answers.empty()) return 0;
  std::ranges::sort(answers);
  double error = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const std::size_t begin = answers.size() * bin / kBins;
    const std::size_t end = answers.size() * (bin + 1) / kBins;
    double confidence = 0;
    double right = 0;
    for (std::size_t i = begin; i < end; ++i) {
      confidence += answers[i].first;
      right += answers[i].second ? 1 : 0;
    }
    error += std::abs(confidence - right);
  }
  return error / static_cast<double>(answers.size());
}

}  // namespace churnwire
