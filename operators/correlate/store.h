#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "operators/correlate/cell.h"
#include "operators/correlate/zone.h"
#include "schemas/event.h"

namespace churnwire::correlate {

/// An event: its row without the signals, and the cells that hold them.
struct EventRecord {
  EventRow row;
  std::vector<Cell*> cells;  // by id
};

bool by_id(const Cell* left, const Cell* right);

/// What a correlator knows. Cells and event records are the state, undone by rollback(); zones and the index
/// by article follow from the cells. Each cell is in the row of one event.
class Store {
 public:
  void restore(EventRow row);
  void commit();
  void rollback();

  /// The cell of a key, made where there is none, and remembered for a rollback.
  Cell& cell_for(const CellKey& key);
  /// The record of an event, made where there is none, and remembered for a rollback.
  EventRecord& record_for(const std::string& id);
  /// To call before `cell` is changed.
  void remember(Cell& cell);
  void index(Cell& cell);
  void unindex(Cell& cell);

  /// Whether `signal` still counts.
  bool alive(const Signal& signal) const;
  /// The cells whose signals may count or not count after `signal` came to `cell`, which kept `before`.
  std::vector<Cell*> dirty_cells(Cell& cell, const std::vector<SignalPtr>& before,
                                 const SignalPtr& signal) const;
  /// The row with its signals and sketch.
  EventRow full_row(const EventRecord& record) const;

  std::map<std::string, EventRecord> events;       // by event id
  std::map<std::string, Zone, std::less<>> zones;  // by provider
  std::set<std::string> unbuilt;                   // providers whose zone is to be built before use

 private:
  std::unordered_map<std::string, std::unique_ptr<Cell>> cells_;          // by Cell::id
  std::unordered_map<std::string, std::vector<Cell*>> cells_by_article_;  // that keep a signal of it
  std::unordered_map<Cell*, std::optional<Cell>> cells_before_;           // nothing: the cell is new
  std::map<std::string, std::optional<EventRecord>> events_before_;       // nothing: the event is new
};

}  // namespace churnwire::correlate
