#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "operators/correlate/cell.h"
#include "operators/correlate/correlator.h"
#include "operators/entities/catalog.h"

namespace churnwire::correlate {

struct Group;

/// How well another group fits what is said of an unnamed customer.
struct Match {
  Group* group = nullptr;
  int points = 0;  // 0: another unnamed customer, better described
  bool identified = false;
  std::chrono::milliseconds distance{};
  std::string why;
};

/// Cells that are one telling of one churn: of one named customer, or of one unnamed. An unnamed group may
/// have a host, the group whose customer it turns out to be; group and host are one event.
struct Group {
  std::string story;  // CellKey::story()
  bool unnamed = false;
  std::vector<Cell*> cells;  // sorted by key text
  Timestamp first{};
  Timestamp last{};
  std::vector<SignalPtr> live;                // by time
  std::set<std::string, std::less<>> traits;  // what the customer does; of a named one, as the catalog has it
  bool large = false;
  bool reveals = false;  // a named customer of whom it is said that it was the unnamed one
  std::set<std::string, std::less<>> gaining, workloads, regions, articles;
  std::set<Reason> reasons;
  std::vector<Match> matches;  // of an unnamed customer: all that fit
  Group* host = nullptr;
  std::vector<std::pair<Group*, std::string>> links;  // weaker matches, and why

  Group* root() { return host == nullptr ? this : host->root(); }
  bool operator<(const Group& other) const;  // by content
};

/// Time between two spans; 0 where they overlap.
std::chrono::milliseconds gap(Timestamp first_a, Timestamp last_a, Timestamp first_b, Timestamp last_b);

/// Between the nearest reports of two groups.
std::chrono::milliseconds distance(const Group& left, const Group& right);

/// How far apart an unnamed customer and its name may be told of at most: where an article says in so many
/// words who it was; link_window_days else.
std::chrono::milliseconds host_reach(const CorrelateOptions& options);

/// Splits the cells of one named story into groups: single linkage within the merge window, then progress and
/// denials to the nearest earlier group within the progress window. A function of the set of cells.
std::vector<std::vector<Cell*>> split_named(const std::vector<Cell*>& cells, const CorrelateOptions& options);

/// True when two cells of unnamed customers of one provider speak of the same one.
bool same_unnamed(const Cell& left, const Cell& right, const CorrelateOptions& options);

/// Fills everything of `group` that follows from its cells. `alive` tells which signals still count.
void describe(Group& group, const Catalog& catalog, const std::function<bool(const Signal&)>& alive);

/// How well `candidate` fits what is said of the unnamed `group`, if at all.
std::optional<Match> compare(const Group& group, Group& candidate, const CorrelateOptions& options);

/// Sets the host or the links of the unnamed `group` from its matches, whatever their order.
void choose_host(Group& group);

}  // namespace churnwire::correlate
