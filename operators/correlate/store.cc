#include "operators/correlate/store.h"

#include <algorithm>
#include <utility>

namespace churnwire::correlate {

bool by_id(const Cell* left, const Cell* right) {
  return left->id < right->id;
}

Cell& Store::cell_for(const CellKey& key) {
  auto& slot = cells_[key.text()];
  if (slot) {
    remember(*slot);
    return *slot;
  }
  slot = std::make_unique<Cell>(key);
  zones[key.provider].add_cell(slot.get());
  cells_before_.emplace(slot.get(), std::nullopt);
  return *slot;
}

void Store::remember(Cell& cell) {
  cells_before_.try_emplace(&cell, cell);
}

EventRecord& Store::record_for(const std::string& id) {
  const auto found = events.find(id);
  if (found == events.end()) {
    events_before_.emplace(id, std::nullopt);
    return events[id];
  }
  events_before_.try_emplace(id, found->second);
  return found->second;
}

void Store::index(Cell& cell) {
  for (const SignalPtr& signal : cell.kept) {
    auto& list = cells_by_article_[signal->article_uri];
    if (std::find(list.begin(), list.end(), &cell) == list.end()) list.push_back(&cell);
  }
}

void Store::unindex(Cell& cell) {
  for (const SignalPtr& signal : cell.kept) {
    const auto found = cells_by_article_.find(signal->article_uri);
    if (found == cells_by_article_.end()) continue;
    std::erase(found->second, &cell);
    if (found->second.empty()) cells_by_article_.erase(found);
  }
}

/// A signal no longer counts when its article was withdrawn, or when a newer version of the article speaks.
bool Store::alive(const Signal& signal) const {
  const auto found = cells_by_article_.find(signal.article_uri);
  if (found == cells_by_article_.end()) return true;
  for (const Cell* cell : found->second) {
    for (const SignalPtr& other : cell->kept) {
      if (other->article_uri != signal.article_uri) continue;
      if (other->canceled && !older_version(other->article_version, signal.article_version)) return false;
      if (!other->canceled && older_version(signal.article_version, other->article_version)) return false;
    }
  }
  return true;
}

std::vector<Cell*> Store::dirty_cells(Cell& cell, const std::vector<SignalPtr>& before,
                                      const SignalPtr& signal) const {
  std::set<std::string_view> articles{signal->article_uri};
  for (const SignalPtr& old : before) {
    if (std::find(cell.kept.begin(), cell.kept.end(), old) == cell.kept.end())
      articles.insert(old->article_uri);
  }
  std::vector<Cell*> dirty{&cell};
  for (const std::string_view article : articles) {
    const auto found = cells_by_article_.find(std::string(article));
    if (found == cells_by_article_.end()) continue;
    for (Cell* other : found->second) {
      if (std::find(dirty.begin(), dirty.end(), other) == dirty.end()) dirty.push_back(other);
    }
  }
  std::sort(dirty.begin(), dirty.end(), by_id);
  return dirty;
}

EventRow Store::full_row(const EventRecord& record) const {
  EventRow row = record.row;
  std::vector<SignalPtr> signals;
  for (const Cell* cell : record.cells) {
    signals.insert(signals.end(), cell->kept.begin(), cell->kept.end());
    row.state.article_sketch.insert(row.state.article_sketch.end(), cell->sketch.begin(), cell->sketch.end());
  }
  std::sort(signals.begin(), signals.end(),
            [](const SignalPtr& left, const SignalPtr& right) { return left->signal_id < right->signal_id; });
  for (const SignalPtr& signal : signals) row.state.signals.push_back(*signal);
  std::sort(row.state.article_sketch.begin(), row.state.article_sketch.end());
  return row;
}

void Store::restore(EventRow row) {
  const std::string id = row.event_id;
  EventRecord& record = record_for(id);
  std::map<std::uint64_t, Cell*> tags;
  for (Signal& signal : row.state.signals) {
    auto shared = std::make_shared<const Signal>(std::move(signal));
    Cell& cell = cell_for(cell_key(*shared));
    unbuilt.insert(cell.key.provider);
    cell.put_back(shared);
    cell.refresh_span();
    cell.owner = id;
    tags[cell.tag] = &cell;
  }
  for (const std::uint64_t hash : row.state.article_sketch) {
    const auto found =
        std::find_if(tags.begin(), tags.end(), [&](const auto& tag) { return has_tag(hash, tag.first); });
    if (found != tags.end()) found->second->sketch.push_back(hash);
  }
  record.cells.clear();
  for (const auto& [tag, cell] : tags) {
    index(*cell);
    record.cells.push_back(cell);
  }
  std::sort(record.cells.begin(), record.cells.end(), by_id);
  row.state.signals.clear();
  row.state.article_sketch.clear();
  record.row = std::move(row);
}

void Store::commit() {
  cells_before_.clear();
  events_before_.clear();
}

void Store::rollback() {
  for (auto& [id, record] : events_before_) {
    if (record) {
      events[id] = std::move(*record);
    } else {
      events.erase(id);
    }
  }
  for (auto& [cell, old] : cells_before_) {
    const std::string provider = cell->key.provider;
    unindex(*cell);
    unbuilt.insert(provider);
    zones[provider].drop();
    if (old) {
      *cell = std::move(*old);
      index(*cell);
    } else {
      zones[provider].remove_cell(cell);
      const std::string key = cell->id;
      cells_.erase(key);
    }
  }
  commit();
}

}  // namespace churnwire::correlate
