#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "operators/entities/catalog.h"
#include "schemas/event.h"
#include "schemas/signal.h"

namespace churnwire {

/// What one signal changed: rows to publish to `churn.events` and alerts, in that order. Views of the
/// correlator's own buffers, valid until its next call.
struct CorrelateOutput {
  std::vector<EventRow> rows;
  std::vector<Alert> alerts;
  void clear() {
    rows.clear();
    alerts.clear();
  }
};

/// Settings of correlation; each is documented in deploy/churnwire.yaml.
struct CorrelateOptions {
  std::string site = "default";            // CloudEvents source "/churnwire/<site>"
  double alert_confidence_min = 0.5;       // below: stored as event, never alerted
  int merge_window_days = 45;              // single linkage on publication times
  int progress_window_days = 548;          // for reports of progress or completion of an earlier event
  int link_window_days = 30;               // unnamed <-> named
  std::size_t signals_per_event_max = 32;  // kept for derivation; further ones count only in the sketch
  std::size_t evidence_max = 12;
};

/// The events of ONE partition of `churn.signals`: merges signals into events, links unnamed customers to
/// named ones, tells which changes deserve an alert. Event rows are a function of the set of signals (spec.md
/// section 2, Order); what was known first may differ. No I/O, no clock. Thread-compatible: one per
/// partition.
class Correlator {
 public:
  Correlator(const Catalog& catalog, CorrelateOptions options);
  ~Correlator();
  Correlator(const Correlator&) = delete;
  Correlator& operator=(const Correlator&) = delete;

  /// Takes in one signal; idempotent by signal id. `out` is cleared first.
  void apply(const Signal& signal, CorrelateOutput& out);
  /// Takes in a row of `churn.events` at start-up, in any order, before the first apply().
  void restore(EventRow row);

  /// Transaction boundaries: changes since the last commit() are undone by rollback().
  void commit();
  void rollback();

  /// The current rows, retracted ones included while they are remembered, sorted by event id.
  std::vector<EventRow> rows() const;
  std::size_t event_count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
