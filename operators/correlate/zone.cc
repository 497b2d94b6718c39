#include "operators/correlate/zone.h"

#include <algorithm>

namespace churnwire::correlate {
namespace {

/// Makes a group of `cells`; the rest of it follows in describe().
std::unique_ptr<Group> group_of(std::vector<Cell*> cells) {
  auto group = std::make_unique<Group>();
  group->cells = std::move(cells);
  return group;
}

bool holds(const std::vector<std::unique_ptr<Group>>& groups, const Group* wanted) {
  return std::any_of(groups.begin(), groups.end(), [&](const auto& group) { return group.get() == wanted; });
}

}  // namespace

void Zone::add_cell(Cell* cell) {
  if (cell->key.notice) return;
  if (cell->key.unnamed()) {
    unnamed_cells_.push_back(cell);
  } else {
    named_cells_[cell->key.story()].push_back(cell);
  }
}

void Zone::remove_cell(Cell* cell) {
  if (cell->key.notice) return;
  if (cell->key.unnamed()) {
    std::erase(unnamed_cells_, cell);
    return;
  }
  const auto found = named_cells_.find(cell->key.story());
  std::erase(found->second, cell);
  if (found->second.empty()) named_cells_.erase(found);
}

std::vector<Cell*> Zone::unnamed_component(Cell* start, const CorrelateOptions& options) const {
  std::vector<Cell*> component{start};
  std::vector<Cell*> rest = unnamed_cells_;
  std::erase(rest, start);
  for (std::size_t next = 0; next < component.size(); ++next) {
    std::erase_if(rest, [&](Cell* cell) {
      const bool joins = same_unnamed(*component[next], *cell, options);
      if (joins) component.push_back(cell);
      return joins;
    });
  }
  return component;
}

void Zone::take_out(Owned& from, const std::function<bool(const Group&)>& which, Change& change) {
  std::erase_if(from, [&](std::unique_ptr<Group>& group) {
    if (!which(*group)) return false;
    change.removed.push_back(std::move(group));
    return true;
  });
}

void Zone::rebuild_named(const std::string& story, const CorrelateOptions& options, Change& change) {
  Owned& groups = named_[story];
  take_out(groups, [](const Group&) { return true; }, change);
  for (auto& cells : split_named(named_cells_[story], options)) {
    groups.push_back(group_of(std::move(cells)));
    change.fresh.push_back(groups.back().get());
  }
}

void Zone::rebuild_unnamed(Cell* cell, const CorrelateOptions& options, Change& change) {
  std::vector<Cell*> component = unnamed_component(cell, options);
  const std::set<const Cell*> members(component.begin(), component.end());
  take_out(unnamed_, [&](const Group& group) { return members.contains(group.cells.front()); }, change);
  unnamed_.push_back(group_of(std::move(component)));
  change.fresh.push_back(unnamed_.back().get());
}

void Zone::match_all(Group& group, const CorrelateOptions& options) {
  const auto consider = [&](const Owned& groups) {
    for (const auto& candidate : groups) {
      if (auto match = compare(group, *candidate, options)) group.matches.push_back(std::move(*match));
    }
  };
  for (const auto& [story, groups] : named_) consider(groups);
  consider(unnamed_);
}

void Zone::build(const Catalog& catalog, const CorrelateOptions& options, const Alive& alive) {
  named_.clear();
  unnamed_.clear();
  Change change;
  for (const auto& [story, cells] : named_cells_) rebuild_named(story, options, change);
  std::set<Cell*> placed;
  for (Cell* cell : unnamed_cells_) {
    if (placed.contains(cell)) continue;
    rebuild_unnamed(cell, options, change);
    placed.insert(unnamed_.back()->cells.begin(), unnamed_.back()->cells.end());
  }
  for (Group* group : change.fresh) describe(*group, catalog, alive);
  for (const auto& group : unnamed_) {
    match_all(*group, options);
    choose_host(*group);
  }
  built_ = true;
}

/// Brings the matches of a group that stayed up to date; false when nothing that changed matters to it.
bool Zone::match_changes(Group& group, const Change& change, const CorrelateOptions& options) {
  bool changed = std::erase_if(group.matches,
                               [&](const Match& match) { return holds(change.removed, match.group); }) > 0;
  for (Group* fresh : change.fresh) {
    auto match = compare(group, *fresh, options);
    if (!match) continue;
    group.matches.push_back(std::move(*match));
    changed = true;
  }
  return changed;
}

Zone::Groups Zone::update(const std::vector<Cell*>& dirty, const Catalog& catalog,
                          const CorrelateOptions& options, const Alive& alive) {
  Change change;
  std::set<std::string> stories;
  std::set<Cell*> placed;
  for (Cell* cell : dirty) {
    if (cell->key.notice) continue;
    if (!cell->key.unnamed()) {
      if (stories.insert(cell->key.story()).second) rebuild_named(cell->key.story(), options, change);
    } else if (!placed.contains(cell)) {
      rebuild_unnamed(cell, options, change);
      placed.insert(unnamed_.back()->cells.begin(), unnamed_.back()->cells.end());
    }
  }
  for (Group* group : change.fresh) describe(*group, catalog, alive);
  std::vector<Group*> touched = change.fresh;
  const auto touch = [&](Group* group) {
    if (group != nullptr && !holds(change.removed, group)) touched.push_back(group);
  };
  const auto is_fresh = [&](const Group* group) {
    return std::find(change.fresh.begin(), change.fresh.end(), group) != change.fresh.end();
  };
  for (const auto& removed : change.removed) {
    touch(removed->host);
    for (const auto& [target, why] : removed->links) touch(target);
  }
  for (const auto& group : unnamed_) {
    const bool fresh = is_fresh(group.get());
    if (fresh) {
      match_all(*group, options);
    } else if (!match_changes(*group, change, options)) {
      continue;
    }
    Group* const host = group->host;
    const auto links = group->links;
    choose_host(*group);
    if (host == group->host && links == group->links) continue;
    touch(group.get());
    touch(host);
    touch(group->host);
    for (const auto& [target, why] : links) touch(target);
    for (const auto& [target, why] : group->links) touch(target);
  }
  Groups roots;
  for (Group* group : touched) roots.insert(group->root());
  const Groups first = roots;
  for (Group* root : first) {
    for (const auto& [partner, why] : partners(root)) roots.insert(partner);
  }
  return roots;
}

std::vector<Group*> Zone::members(Group* root) const {
  std::vector<Group*> all{root};
  for (const auto& group : unnamed_) {
    if (group.get() != root && group->root() == root) all.push_back(group.get());
  }
  return all;
}

std::vector<std::pair<Group*, std::string>> Zone::partners(Group* root) const {
  std::vector<std::pair<Group*, std::string>> all;
  for (const auto& group : unnamed_) {
    for (const auto& [target, why] : group->links) {
      Group* const from = group->root();
      Group* const to = target->root();
      if (from == to) continue;
      if (from == root) all.emplace_back(to, why);
      if (to == root) all.emplace_back(from, why);
    }
  }
  return all;
}

std::vector<Group*> Zone::siblings(const Group& group) const {
  std::vector<Group*> others;
  if (group.unnamed) return others;
  const auto found = named_.find(group.story);
  if (found == named_.end()) return others;
  for (const auto& other : found->second) {
    if (other.get() != &group) others.push_back(other.get());
  }
  return others;
}

}  // namespace churnwire::correlate
