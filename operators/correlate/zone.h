#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "operators/correlate/groups.h"

namespace churnwire::correlate {

/// The groups of one losing provider: a cache that follows from its cells, and can be dropped and built anew.
class Zone {
 public:
  using Alive = std::function<bool(const Signal&)>;
  struct ByContent {
    bool operator()(const Group* left, const Group* right) const { return left != right && *left < *right; }
  };
  using Groups = std::set<Group*, ByContent>;

  void add_cell(Cell* cell);
  void remove_cell(Cell* cell);
  void drop() { built_ = false; }
  bool built() const { return built_; }

  /// Builds all groups.
  void build(const Catalog& catalog, const CorrelateOptions& options, const Alive& alive);
  /// Rebuilds the groups of `dirty` cells and whatever looks at them. Returns the roots whose events may
  /// differ.
  Groups update(const std::vector<Cell*>& dirty, const Catalog& catalog, const CorrelateOptions& options,
                const Alive& alive);

  /// The root and all groups that it hosts.
  std::vector<Group*> members(Group* root) const;
  /// The roots that `root` is linked with, and why, to and fro.
  std::vector<std::pair<Group*, std::string>> partners(Group* root) const;
  /// The other groups of the same named story.
  std::vector<Group*> siblings(const Group& group) const;

 private:
  using Owned = std::vector<std::unique_ptr<Group>>;
  struct Change {
    Owned removed;
    std::vector<Group*> fresh;
  };

  std::vector<Cell*> unnamed_component(Cell* start, const CorrelateOptions& options) const;
  void rebuild_named(const std::string& story, const CorrelateOptions& options, Change& change);
  void rebuild_unnamed(Cell* cell, const CorrelateOptions& options, Change& change);
  void take_out(Owned& from, const std::function<bool(const Group&)>& which, Change& change);
  void match_all(Group& group, const CorrelateOptions& options);
  static bool match_changes(Group& group, const Change& change, const CorrelateOptions& options);

  bool built_ = false;
  std::map<std::string, std::vector<Cell*>> named_cells_;  // by story
  std::vector<Cell*> unnamed_cells_;
  std::map<std::string, Owned> named_;
  Owned unnamed_;
};

}  // namespace churnwire::correlate
