#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "operators/data_files.h"
#include "operators/entities/catalog.h"
#include "schemas/article.h"
#include "schemas/errors.h"
#include "schemas/signal.h"

namespace churnwire {

/// All immutable tables of detection: catalog, gate, reading tables, lexicons, cues, scorer weights. One per
/// process, shared by all workers.
class Knowledge {
 public:
  static std::expected<Knowledge, DataError> parse(const DataFiles& files);
  Knowledge(Knowledge&&) noexcept;
  Knowledge& operator=(Knowledge&&) noexcept;
  ~Knowledge();
  const Catalog& catalog() const;
  /// Version of rules and data: a hash over all files, 12 hex digits. Stands in every signal.
  std::string_view ruleset() const;

 private:
  friend class Detector;
  struct Tables;
  Knowledge() = default;
  std::unique_ptr<const Tables> tables_;
};

/// One feature of a candidate and its share of the score (weight times value).
struct FeatureShare {
  std::string name;
  double value = 0;
  double share = 0;
};

/// A signal, or something that nearly was one, with the reasons: what `explain` prints.
struct Candidate {
  Signal signal;
  bool accepted = false;
  std::string rejected_because;        // empty when accepted
  double score = 0;                    // log-odds before calibration
  std::vector<FeatureShare> features;  // largest absolute share first
};

enum class DetectOutcome : std::uint8_t { gated_out, no_signal, signalled };

/// Finds churn in one article: gate, document, clauses, frames and roles, context, money, scope, reason,
/// score. Thread-compatible: one per worker. `knowledge` must outlive it. No I/O, no clock, no randomness:
/// signals are a function of the article and the knowledge.
class Detector {
 public:
  explicit Detector(const Knowledge& knowledge);
  ~Detector();
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  /// Detects; `signals()` holds the result until the next call. Allocates nothing when the gate shuts.
  DetectOutcome detect(const Article& article);
  std::span<const Signal> signals() const;

  /// House-style operator form: calls `emit(const Signal&)` for each signal, valid during the call.
  template <class Emit>
  DetectOutcome operator()(const Article& article, Emit&& emit) {
    const DetectOutcome outcome = detect(article);
    for (const Signal& signal : signals()) emit(signal);
    return outcome;
  }

  /// As detect(), but keeps every candidate with its features, accepted or not. For `explain` and `eval`;
  /// slower.
  std::vector<Candidate> explain(const Article& article);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
