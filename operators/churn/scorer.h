#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "operators/data_files.h"
#include "operators/detector.h"
#include "schemas/errors.h"

namespace churnwire {

/// Logistic regression over named features, with weights from data/weights/<language>.tsv (made by
/// tests/corpus/train.py). Calibration is Platt's (1999): p = 1 / (1 + exp(-(a * score + b))). Immutable.
class Scorer {
 public:
  static std::expected<Scorer, DataError> parse(const DataFiles& files, const std::string& language);

  double weight(std::string_view feature) const {
    const auto found = weights_.find(feature);
    return found == weights_.end() ? 0 : found->second;
  }
  double bias() const { return bias_; }
  /// The calibrated probability of a score, rounded to 4 decimals.
  double probability(double score) const;
  /// Candidates from this probability on become signals.
  double threshold() const { return threshold_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, double, Hash, std::equal_to<>> weights_;
  double bias_ = 0;
  double slope_ = 1;
  double offset_ = 0;
  double threshold_ = 0.5;
};

/// Sums a candidate's features; keeps their names and shares when asked to.
class FeatureSum {
 public:
  FeatureSum(const Scorer& scorer, bool keep) : scorer_(scorer), keep_(keep), score_(scorer.bias()) {}
  /// Adds a feature once; a repetition of its name is ignored.
  void add(std::string_view name, double value = 1);
  double score() const { return score_; }
  std::vector<FeatureShare> take();

 private:
  const Scorer& scorer_;
  bool keep_;
  double score_;
  std::unordered_map<std::string, double> seen_;
};

}  // namespace churnwire
