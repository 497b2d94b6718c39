#include "operators/correlate/correlator.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "operators/correlate/cell.h"
#include "operators/correlate/changes.h"
#include "operators/correlate/headline.h"
#include "operators/correlate/merge.h"
#include "operators/correlate/store.h"
#include "operators/correlate/zone.h"
#include "schemas/check.h"

namespace churnwire {
namespace correlate {
namespace {

constexpr std::uint64_t kArticleHashMask = (std::uint64_t{1} << 44) - 1;
constexpr std::size_t kLinksMax = 8;

}  // namespace
}  // namespace correlate

using namespace correlate;  // NOLINT(google-build-using-namespace): the parts of this very class.

/// The steps from one signal to rows and alerts, over the store.
struct Correlator::State : Store {
  State(const Catalog& catalog_in, CorrelateOptions options_in)
      : catalog(catalog_in), options(std::move(options_in)) {}

  void apply(const Signal& signal, CorrelateOutput& out);

  const Catalog& catalog;
  CorrelateOptions options;

 private:
  struct Plan {
    Group* root = nullptr;
    std::vector<Group*> members;
    std::vector<Cell*> cells;
    std::vector<SignalPtr> live;
    std::string id;
    bool joined = false;
    bool alerted = false;
  };
  struct Cause {
    SignalPtr signal;
    Cell* cell = nullptr;
  };

  void build_zones();
  void settle(Zone& zone, const Zone::Groups& roots, const Cause& cause, CorrelateOutput& out);
  std::vector<Plan> make_plans(const Zone& zone, const Zone::Groups& roots) const;
  std::set<std::string> assign(std::vector<Plan>& plans, const Cause& cause);
  std::string new_id(const Plan& plan, const Cause& cause);
  void join_lost(std::vector<Plan>& plans, const std::set<std::string>& lost, std::vector<std::string>& gone);
  void write_plan(Zone& zone, Plan& plan, const Cause& cause, CorrelateOutput& out);
  Story tell(Zone& zone, const Plan& plan) const;
  void compare_siblings(Zone& zone, const Plan& plan, Story& story) const;
  std::uint64_t count_articles(const Plan& plan) const;
  void write_notice(const Cause& cause, CorrelateOutput& out);
  void emit(EventRecord& record, const Happening& happening, const Cause& cause, CorrelateOutput& out);
};

void Correlator::State::build_zones() {
  for (const std::string& provider : unbuilt) {
    const auto zone = zones.find(provider);
    if (zone == zones.end()) continue;
    zone->second.build(catalog, options, [this](const Signal& signal) { return alive(signal); });
  }
  unbuilt.clear();
}

void Correlator::State::apply(const Signal& signal, CorrelateOutput& out) {
  out.clear();
  build_zones();
  const CellKey key = cell_key(signal);
  if (!zones.contains(key.provider)) {
    zones[key.provider].build(catalog, options, [](const Signal&) { return true; });
  }
  const Cause cause{std::make_shared<const Signal>(signal), &cell_for(key)};
  Cell& cell = *cause.cell;
  const std::vector<SignalPtr> before = cell.kept;
  unindex(cell);
  const bool changed = cell.add(cause.signal, options.signals_per_event_max);
  index(cell);
  if (!changed) return;
  if (key.notice) write_notice(cause, out);
  std::map<std::string, std::vector<Cell*>> by_provider;
  for (Cell* dirty : dirty_cells(cell, before, cause.signal))
    by_provider[dirty->key.provider].push_back(dirty);
  for (const auto& [provider, dirty] : by_provider) {
    Zone& zone = zones[provider];
    const auto roots =
        zone.update(dirty, catalog, options, [this](const Signal& other) { return alive(other); });
    settle(zone, roots, cause, out);
  }
}

/// A kill notice has a row of its own, retracted from the start: what a restart needs to know of it.
void Correlator::State::write_notice(const Cause& cause, CorrelateOutput& out) {
  Cell& cell = *cause.cell;
  if (cell.owner.empty()) cell.owner = hash_hex("event:" + cause.signal->signal_id);
  EventRecord& record = record_for(cell.owner);
  record.row.event_id = cell.owner;
  record.row.retracted = true;
  record.cells = {&cell};
  Story story;
  story.live = cell.kept;
  std::sort(story.live.begin(), story.live.end(), earlier);
  story.articles = 1;
  if (record.row.revision == 0) record.row.times.first_seen = cause.signal->published_at;
  merge_story(story, options, record.row);
  emit(record, {}, cause, out);
}

std::vector<Correlator::State::Plan> Correlator::State::make_plans(const Zone& zone,
                                                                   const Zone::Groups& roots) const {
  std::vector<Plan> plans;
  for (Group* root : roots) {
    Plan plan;
    plan.root = root;
    plan.members = zone.members(root);
    for (const Group* group : plan.members) {
      plan.cells.insert(plan.cells.end(), group->cells.begin(), group->cells.end());
      plan.live.insert(plan.live.end(), group->live.begin(), group->live.end());
    }
    std::sort(plan.cells.begin(), plan.cells.end(), by_id);
    std::sort(plan.live.begin(), plan.live.end(), earlier);
    plans.push_back(std::move(plan));
  }
  return plans;
}

/// An id that no event has or had: from the signal that opens the event.
std::string Correlator::State::new_id(const Plan& plan, const Cause& cause) {
  const Signal* opening = cause.signal.get();
  if (std::find(plan.cells.begin(), plan.cells.end(), cause.cell) == plan.cells.end()) {
    opening = (plan.live.empty() ? plan.cells.front()->kept.front() : plan.live.front()).get();
  }
  std::string id = hash_hex("event:" + opening->signal_id);
  for (int salt = 1; events.contains(id); ++salt) {
    id = hash_hex("event:" + opening->signal_id + ":" + std::to_string(salt));
  }
  record_for(id).row.times.first_seen = opening->published_at;
  return id;
}

/// Gives each plan its event: the oldest that held one of its cells, else a new one. Returns the ids that
/// held cells and hold none any more.
std::set<std::string> Correlator::State::assign(std::vector<Plan>& plans, const Cause& cause) {
  std::map<std::string, std::vector<Plan*>> holders;
  for (Plan& plan : plans) {
    for (const Cell* cell : plan.cells) {
      if (!cell->owner.empty()) holders[cell->owner].push_back(&plan);
    }
  }
  std::vector<const EventRow*> rows;
  rows.reserve(holders.size());
  for (const auto& [id, unused] : holders) rows.push_back(&events.at(id).row);
  std::sort(rows.begin(), rows.end(), [](const EventRow* left, const EventRow* right) {
    return std::tie(left->times.first_seen, left->event_id) <
           std::tie(right->times.first_seen, right->event_id);
  });
  // Retracted events come back for nothing; they only go on holding what is withdrawn.
  for (const bool retracted : {false, true}) {
    for (const EventRow* row : rows) {
      if (row->retracted != retracted) continue;
      for (Plan* plan : holders[row->event_id]) {
        if (!plan->id.empty() || (retracted && !plan->live.empty())) continue;
        plan->id = row->event_id;
        break;
      }
    }
  }
  std::set<std::string> lost;
  for (const auto& [id, unused] : holders) lost.insert(id);
  for (Plan& plan : plans) {
    if (plan.id.empty()) plan.id = new_id(plan, cause);
    lost.erase(plan.id);
  }
  return lost;
}

/// Finds for each lost event the plan that has its signals now.
void Correlator::State::join_lost(std::vector<Plan>& plans, const std::set<std::string>& lost,
                                  std::vector<std::string>& gone) {
  for (const std::string& id : lost) {
    const auto heir = std::find_if(plans.begin(), plans.end(), [&](const Plan& plan) {
      return std::any_of(plan.cells.begin(), plan.cells.end(),
                         [&](const Cell* cell) { return cell->owner == id; });
    });
    CHECK(heir != plans.end());
    EventRecord& record = record_for(id);
    record.cells.clear();
    if (!record.row.retracted) {
      record.row.superseded_by = heir->id;
      heir->joined = true;
      heir->alerted = heir->alerted || record.row.state.alerted;
    }
    gone.push_back(id);
  }
}

void Correlator::State::settle(Zone& zone, const Zone::Groups& roots, const Cause& cause,
                               CorrelateOutput& out) {
  std::vector<Plan> plans = make_plans(zone, roots);
  const std::set<std::string> lost = assign(plans, cause);
  std::vector<std::string> gone;
  join_lost(plans, lost, gone);
  for (Plan& plan : plans) {
    for (Cell* cell : plan.cells) {
      if (cell->owner == plan.id) continue;
      remember(*cell);
      cell->owner = plan.id;
    }
  }
  for (Plan& plan : plans) write_plan(zone, plan, cause, out);
  for (const std::string& id : gone) {
    EventRecord& record = record_for(id);
    Happening happening;
    happening.alerted = record.row.state.alerted && !record.row.retracted;
    record.row.retracted = true;
    record.row.linked_event_ids.clear();
    emit(record, happening, cause, out);
  }
}

std::uint64_t Correlator::State::count_articles(const Plan& plan) const {
  std::set<std::uint64_t> hashes;
  std::uint64_t beyond = 0;
  for (const Cell* cell : plan.cells) {
    for (const std::uint64_t hash : cell->sketch) hashes.insert(hash & kArticleHashMask);
    beyond += cell->articles() - cell->sketch.size();
  }
  // What was withdrawn is known by its signals only.
  std::set<std::string_view> live, dead;
  for (const SignalPtr& signal : plan.live) live.insert(signal->article_uri);
  for (const Cell* cell : plan.cells) {
    for (const SignalPtr& signal : cell->kept) {
      if (!live.contains(signal->article_uri)) dead.insert(signal->article_uri);
    }
  }
  const std::uint64_t all = hashes.size() + beyond;
  return std::max<std::uint64_t>(live.size(), all - std::min<std::uint64_t>(all, dead.size()));
}

void Correlator::State::compare_siblings(Zone& zone, const Plan& plan, Story& story) const {
  const Group& own = *plan.root;
  if (own.live.empty()) return;
  const Timestamp start = own.live.front()->published_at;
  for (const Group* other : zone.siblings(own)) {
    if (other->live.empty() || !(*other < own)) continue;
    const auto distance = start - other->live.front()->published_at;
    if (distance < std::chrono::milliseconds(0)) continue;
    const auto days = static_cast<std::int32_t>(distance / kDay);
    story.days_since_similar = std::min(story.days_since_similar.value_or(days), days);
    if (distance <= options.progress_window_days * kDay) ++story.similar_before;
    for (const SignalPtr& signal : own.live) {
      for (const SignalPtr& old : other->live) {
        if (same_text(signal->fingerprint, old->fingerprint)) story.copies_older_story = true;
      }
    }
  }
}

Story Correlator::State::tell(Zone& zone, const Plan& plan) const {
  Story story;
  story.live = plan.live;
  story.articles = count_articles(plan);
  compare_siblings(zone, plan, story);
  // By content, so that the bound cuts the same ones in any order of arrival.
  auto partners = zone.partners(plan.root);
  std::sort(partners.begin(), partners.end(), [](const auto& left, const auto& right) {
    if (left.first != right.first) return *left.first < *right.first;
    return left.second < right.second;
  });
  partners.erase(std::unique(partners.begin(), partners.end()), partners.end());
  for (const auto& [partner, why] : partners) {
    const std::string& id = partner->cells.front()->owner;
    if (story.links.size() < kLinksMax) story.links.push_back({id, why});
  }
  return story;
}

void Correlator::State::write_plan(Zone& zone, Plan& plan, const Cause& cause, CorrelateOutput& out) {
  EventRecord& record = record_for(plan.id);
  const bool is_new = record.row.revision == 0;
  const EventRow before = record.row;
  const bool other_cells = record.cells != plan.cells;
  record.row.event_id = plan.id;
  record.cells = plan.cells;
  Story story = tell(zone, plan);
  const bool withdrawn = story.live.empty();
  if (withdrawn && is_new) {
    for (const Cell* cell : plan.cells)
      story.live.insert(story.live.end(), cell->kept.begin(), cell->kept.end());
    std::sort(story.live.begin(), story.live.end(), earlier);
  }
  if (!withdrawn || is_new) merge_story(story, options, record.row);
  if (withdrawn) record.row.linked_event_ids.clear();
  record.row.retracted = withdrawn;
  const bool holds_cause = std::find(plan.cells.begin(), plan.cells.end(), cause.cell) != plan.cells.end();
  if (!is_new && !other_cells && !holds_cause && record.row == before) return;
  Happening happening;
  happening.before = is_new ? nullptr : &before;
  happening.joined = plan.joined;
  happening.alerted = (plan.alerted || before.state.alerted) && !(withdrawn && before.retracted);
  record.row.state.alerted = before.state.alerted || plan.alerted;
  emit(record, happening, cause, out);
}

void Correlator::State::emit(EventRecord& record, const Happening& happening, const Cause& cause,
                             CorrelateOutput& out) {
  EventRow& row = record.row;
  ++row.revision;
  if (row.retracted) row.headline = make_headline(row);
  const auto notice = worth_telling(happening, row, options);
  if (notice) row.state.alerted = true;
  out.rows.push_back(full_row(record));
  if (!notice) return;
  Alert alert{.type = notice->type,
              .site = options.site,
              .time = cause.signal->published_at,
              .change = notice->change,
              .event = row};
  alert.event.state = {};
  out.alerts.push_back(std::move(alert));
}

Correlator::Correlator(const Catalog& catalog, CorrelateOptions options)
    : state_(std::make_unique<State>(catalog, std::move(options))) {}
Correlator::~Correlator() = default;

void Correlator::apply(const Signal& signal, CorrelateOutput& out) {
  state_->apply(signal, out);
}
void Correlator::restore(EventRow row) {
  state_->restore(std::move(row));
}
void Correlator::commit() {
  state_->commit();
}
void Correlator::rollback() {
  state_->rollback();
}

std::vector<EventRow> Correlator::rows() const {
  std::vector<EventRow> rows;
  rows.reserve(state_->events.size());
  for (const auto& [id, record] : state_->events) rows.push_back(state_->full_row(record));
  return rows;
}

std::size_t Correlator::event_count() const {
  return state_->events.size();
}

}  // namespace churnwire
