#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "operators/entities/catalog.h"
#include "schemas/labelled_article.h"
#include "schemas/signal.h"

namespace churnwire {

/// Right and wrong answers of a yes-or-no question.
struct Tally {
  std::size_t true_positive = 0, false_positive = 0, false_negative = 0;

  double precision() const { return ratio(true_positive, true_positive + false_positive); }
  double recall() const { return ratio(true_positive, true_positive + false_negative); }
  double f1() const { return ratio(2 * true_positive, 2 * true_positive + false_positive + false_negative); }
  Tally& operator+=(const Tally& other);

  /// 0 of 0 counts as 0.
  static double ratio(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

/// The fields that are compared on matched events.
enum class ComparedField : std::uint8_t { gaining, event_type, phase, fact_level, scope, value, reason };
inline constexpr std::array<std::string_view, 7> kComparedFields{
    "gaining", "event_type", "phase", "fact_level", "scope", "value", "reason"};

struct FieldTally {
  std::size_t right = 0, all = 0;
};

/// How one article came out.
struct ArticleResult {
  std::size_t index = 0;  // into the labelled articles
  bool detected = false;  // some signal neither denied nor cancelled
  Tally detection;        // one of the three, or none (true negative)
  Tally events;
  std::array<FieldTally, kComparedFields.size()> fields{};
  double confidence = 0;  // of the strongest signal that counts as churn; 0 without one
};

/// Holds the signals of an article against its labels. An event is found when one signal names its customer
/// (name, alias or mention; unnamed against unnamed) and one of its losing providers (or neither names one).
/// Providers are compared by catalog id, family or slug.
ArticleResult evaluate(const LabelledArticle& labelled, std::span<const Signal> signals,
                       const Catalog& catalog);

/// True when `signal` finds one of the labelled events, by the rule of evaluate().
bool matches_an_event(const LabelledArticle& labelled, const Signal& signal, const Catalog& catalog);

/// Sums over articles.
struct Summary {
  std::size_t articles = 0;
  Tally detection;
  Tally events;
  std::array<FieldTally, kComparedFields.size()> fields{};
  void add(const ArticleResult& result);
};

/// A 95 % interval of F1 by the percentile bootstrap over articles (Efron 1979), `rounds` resamples, fixed
/// seed.
struct Interval {
  double low = 0, high = 0;
};
Interval bootstrap_f1(std::span<const ArticleResult> results, Tally ArticleResult::* tally,
                      std::size_t rounds = 1000);

/// Expected calibration error over 15 bins of equal mass (Naeini et al. 2015), of (confidence, was right)
/// pairs.
double expected_calibration_error(std::vector<std::pair<double, bool>> answers);

}  // namespace churnwire
