#include "operators/correlate/groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "operators/correlate/words.h"

namespace churnwire::correlate {
namespace {

/// Two customers of whom nothing is said but that they exist are one only when told of at nearly the same
/// time.
constexpr auto kVagueWindow = 7 * kDay;
constexpr int kIdentifiedPoints = 4;
constexpr int kLinkedPoints = 2;
constexpr std::size_t kLinksMax = 3;
constexpr std::size_t kStoryFlags = 3;  // The flags at the end of CellKey::story().

bool topics_agree(const Cell& left, const Cell& right) {
  return left.key.topic.empty() || right.key.topic.empty() || left.key.topic == right.key.topic;
}

struct Cluster {
  std::vector<Cell*> cells;
  Timestamp first{}, last{};
  bool follow_up = true;
};

std::size_t root_of(const std::vector<std::size_t>& parents, std::size_t node) {
  while (parents[node] != node) node = parents[node];
  return node;
}

std::vector<Cluster> clusters(const std::vector<Cell*>& cells, const CorrelateOptions& options) {
  std::vector<std::size_t> parents(cells.size());
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = i + 1; j < cells.size(); ++j) {
      const Cell &left = *cells[i], &right = *cells[j];
      if (gap(left.first, left.last, right.first, right.last) > options.merge_window_days * kDay) continue;
      if (!topics_agree(left, right)) continue;
      parents[root_of(parents, i)] = root_of(parents, j);
    }
  }
  std::map<std::size_t, Cluster> found;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Cluster& cluster = found[root_of(parents, i)];
    const Cell& cell = *cells[i];
    cluster.first = cluster.cells.empty() ? cell.first : std::min(cluster.first, cell.first);
    cluster.last = cluster.cells.empty() ? cell.last : std::max(cluster.last, cell.last);
    cluster.follow_up = cluster.follow_up && cell.key.follow_up;
    cluster.cells.push_back(cells[i]);
  }
  std::vector<Cluster> list;
  list.reserve(found.size());
  for (auto& [index, cluster] : found) list.push_back(std::move(cluster));
  return list;
}

std::string lowest_key(const std::vector<Cell*>& cells) {
  std::string lowest = cells.front()->id;
  for (const Cell* cell : cells) lowest = std::min(lowest, cell->id);
  return lowest;
}

template <class Set>
std::vector<typename Set::value_type> shared(const Set& left, const Set& right) {
  std::vector<typename Set::value_type> both;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
  return both;
}

void because(Match& match, int points, const std::string& why) {
  match.points += points;
  if (!match.why.empty()) match.why += "; ";
  match.why += why;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// How well the named (or better described) `candidate` fits what is said of the unnamed `group`.
std::optional<Match> compare_named(const Group& group, Group& candidate, const CorrelateOptions& options) {
  const auto reach = host_reach(options);
  if (gap(group.first, group.last, candidate.first, candidate.last) > reach) return std::nullopt;
  Match match{.group = &candidate, .distance = distance(group, candidate), .why = {}};
  if (match.distance > reach) return std::nullopt;
  if (!group.story.ends_with(candidate.story.substr(candidate.story.size() - kStoryFlags)) ||
      group.live.empty() || candidate.live.empty())
    return std::nullopt;
  const auto traits = shared(group.traits, candidate.traits);
  const bool revealed = candidate.reveals && group.first <= candidate.last &&
                        (!traits.empty() || group.traits.empty() || candidate.traits.empty());
  const bool cue = revealed || !shared(group.articles, candidate.articles).empty();
  if (!cue && match.distance > options.link_window_days * kDay) return std::nullopt;
  if (!cue && traits.empty() && !group.traits.empty() && !candidate.traits.empty()) return std::nullopt;
  if (cue)
    because(match, 6, revealed ? "said to be the customer that was not named" : "told of in one article");
  if (!traits.empty())
    because(match, 2 + static_cast<int>(std::min<std::size_t>(traits.size(), 3)), "both: " + joined(traits));
  if (group.large && candidate.large) because(match, 1, "both large");
  const auto gaining = shared(group.gaining, candidate.gaining);
  if (!gaining.empty()) because(match, 2, "same destination: " + joined(gaining));
  if (gaining.empty() && !group.gaining.empty() && !candidate.gaining.empty()) match.points -= 3;
  const auto workloads = shared(group.workloads, candidate.workloads);
  if (!workloads.empty()) because(match, 2, "same workload: " + joined(workloads));
  const auto regions = shared(group.regions, candidate.regions);
  if (!regions.empty()) because(match, 1, "same region: " + joined(regions));
  if (!shared(group.reasons, candidate.reasons).empty()) because(match, 1, "same reason");
  if (match.distance <= kVagueWindow) because(match, 1, "at the same time");
  match.identified = match.points >= kIdentifiedPoints &&
                     (cue || !traits.empty() || (!gaining.empty() && !workloads.empty()));
  if (match.points < kLinkedPoints ||
      (!match.identified && traits.empty() && gaining.empty() && workloads.empty())) {
    return std::nullopt;
  }
  return match;
}

void add_traits(Group& group, const std::vector<std::string>& traits) {
  for (const std::string& trait : traits) {
    if (!is_size_trait(trait)) {
      group.traits.insert(trait);
    } else if (trait != "small" && trait != "startup") {
      group.large = true;
    }
  }
}

void add_signal(Group& group, const Signal& signal) {
  add_traits(group, signal.customer_traits);
  group.articles.insert(signal.article_uri);
  if (!signal.customer.id.empty() && !signal.customer.description.empty()) group.reveals = true;
  for (const ProviderRef& provider : signal.gaining_providers) group.gaining.insert(provider.id);
  for (const std::string& workload : signal.scope.workloads) group.workloads.insert(fold(workload));
  for (const std::string& region : signal.scope.regions) group.regions.insert(fold(region));
  group.reasons.insert(signal.reasons.begin(), signal.reasons.end());
}

}  // namespace

bool Group::operator<(const Group& other) const {
  if (first != other.first) return first < other.first;
  return cells.front()->id < other.cells.front()->id;
}

std::chrono::milliseconds gap(Timestamp first_a, Timestamp last_a, Timestamp first_b, Timestamp last_b) {
  if (last_a < first_b) return first_b - last_a;
  if (last_b < first_a) return first_a - last_b;
  return std::chrono::milliseconds(0);
}

std::chrono::milliseconds distance(const Group& left, const Group& right) {
  auto nearest = std::chrono::milliseconds::max();
  for (const Cell* a : left.cells) {
    for (const Cell* b : right.cells) nearest = std::min(nearest, gap(a->first, a->last, b->first, b->last));
  }
  return nearest;
}

std::chrono::milliseconds host_reach(const CorrelateOptions& options) {
  return std::max(options.link_window_days, 2 * options.merge_window_days) * kDay;
}

std::vector<std::vector<Cell*>> split_named(const std::vector<Cell*>& cells,
                                            const CorrelateOptions& options) {
  std::vector<Cluster> found = clusters(cells, options);
  std::sort(found.begin(), found.end(), [](const Cluster& left, const Cluster& right) {
    if (left.first != right.first) return left.first < right.first;
    return lowest_key(left.cells) < lowest_key(right.cells);
  });
  std::vector<std::size_t> parents(found.size());
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].follow_up) continue;
    std::optional<std::size_t> nearest;
    for (std::size_t j = 0; j < i; ++j) {
      const bool before = found[j].last < found[i].first &&
                          found[i].first - found[j].last <= options.progress_window_days * kDay;
      const bool agree = std::any_of(found[i].cells.begin(), found[i].cells.end(), [&](const Cell* cell) {
        return std::any_of(found[j].cells.begin(), found[j].cells.end(),
                           [&](const Cell* other) { return topics_agree(*cell, *other); });
      });
      if (before && agree && (!nearest || found[j].last >= found[*nearest].last)) nearest = j;
    }
    if (nearest) parents[i] = *nearest;
  }
  std::map<std::size_t, std::vector<Cell*>> merged;
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto& cells_of = merged[root_of(parents, i)];
    cells_of.insert(cells_of.end(), found[i].cells.begin(), found[i].cells.end());
  }
  std::vector<std::vector<Cell*>> groups;
  groups.reserve(merged.size());
  for (auto& [index, list] : merged) groups.push_back(std::move(list));
  return groups;
}

bool same_unnamed(const Cell& left, const Cell& right, const CorrelateOptions& options) {
  if (left.key.returned != right.key.returned || left.key.historic != right.key.historic) return false;
  const auto distance = gap(left.first, left.last, right.first, right.last);
  if (distance > std::max(options.merge_window_days, options.link_window_days) * kDay) return false;
  if (left.traits == right.traits && left.description == right.description) {
    return distance <= options.merge_window_days * kDay;
  }
  if (left.traits.empty() && right.traits.empty()) return distance <= kVagueWindow;
  if (left.traits.empty() || right.traits.empty() || distance > options.link_window_days * kDay) return false;
  const auto includes = [](const std::vector<std::string>& all, const std::vector<std::string>& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
  };
  return includes(left.traits, right.traits) || includes(right.traits, left.traits);
}

void describe(Group& group, const Catalog& catalog, const std::function<bool(const Signal&)>& alive) {
  std::sort(group.cells.begin(), group.cells.end(),
            [](const Cell* left, const Cell* right) { return left->id < right->id; });
  group.story = group.cells.front()->key.story();
  group.unnamed = group.cells.front()->key.unnamed();
  group.first = group.cells.front()->first;
  group.last = group.cells.front()->last;
  for (const Cell* cell : group.cells) {
    group.first = std::min(group.first, cell->first);
    group.last = std::max(group.last, cell->last);
    for (const SignalPtr& signal : cell->kept) {
      if (!alive(*signal)) continue;
      group.live.push_back(signal);
      add_signal(group, *signal);
    }
  }
  std::sort(group.live.begin(), group.live.end(), earlier);
  if (group.unnamed) return;
  if (const auto company = catalog.company_by_id(group.cells.front()->key.customer)) {
    const Company& own = catalog.companies()[*company];
    add_traits(group, own.traits);
    add_traits(group, catalog.companies()[own.group].traits);
  }
}

std::optional<Match> compare(const Group& group, Group& candidate, const CorrelateOptions& options) {
  if (&group == &candidate || group.live.empty() || candidate.live.empty()) return std::nullopt;
  if (!candidate.unnamed) return compare_named(group, candidate, options);
  // A customer of whom nothing is said may be the described one of the same days.
  if (!group.traits.empty() || candidate.traits.empty() || group.story != candidate.story)
    return std::nullopt;
  const auto apart = distance(group, candidate);
  if (apart > kVagueWindow) return std::nullopt;
  return Match{.group = &candidate, .distance = apart, .why = {}};
}

void choose_host(Group& group) {
  group.host = nullptr;
  group.links.clear();
  auto& matches = group.matches;
  std::sort(matches.begin(), matches.end(), [](const Match& left, const Match& right) {
    if (left.points != right.points) return left.points > right.points;
    if (left.distance != right.distance) return left.distance < right.distance;
    return left.group != right.group && *left.group < *right.group;
  });
  // Two customers that fit equally well identify nobody.
  const bool unique = matches.size() == 1 || (matches.size() > 1 && matches[0].points > matches[1].points);
  if (unique && matches.front().identified) {
    group.host = matches.front().group;
    return;
  }
  for (const Match& match : matches) {
    if (!match.group->unnamed) {
      if (group.links.size() < kLinksMax) group.links.emplace_back(match.group, match.why);
    } else if (group.host == nullptr) {
      group.host = match.group;
    }
  }
}

}  // namespace churnwire::correlate
