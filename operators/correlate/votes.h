#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "operators/correlate/cell.h"

namespace churnwire::correlate {

/// One live signal and the independent source that it belongs to.
struct Voice {
  const Signal* signal = nullptr;
  std::size_t source = 0;
};

/// Counts how many independent sources, how sure and how early, stand behind each value. One source has one
/// vote a value, however many copies there are.
template <class Value>
class Votes {
 public:
  void add(const Value& value, const Voice& voice) {
    Tally& tally = tallies_[value];
    tally.sources.insert(voice.source);
    tally.confidence = std::max(tally.confidence, voice.signal->confidence);
    tally.first =
        tally.first ? std::min(*tally.first, voice.signal->published_at) : voice.signal->published_at;
  }
  bool empty() const { return tallies_.empty(); }
  /// The values, best supported first: sources, confidence, earliest report, then the smaller value.
  std::vector<Value> ranked() const {
    using Rank = std::tuple<std::int64_t, double, Timestamp, std::size_t>;  // the last: among the values
    std::vector<Rank> ranks;
    ranks.reserve(tallies_.size());
    std::vector<const Value*> ascending;
    ascending.reserve(tallies_.size());
    for (const auto& [value, tally] : tallies_) {
      ranks.emplace_back(-static_cast<std::int64_t>(tally.sources.size()), -tally.confidence, *tally.first,
                         ascending.size());
      ascending.push_back(&value);
    }
    std::sort(ranks.begin(), ranks.end());
    std::vector<Value> values;
    values.reserve(ranks.size());
    for (const Rank& rank : ranks) values.push_back(*ascending[std::get<3>(rank)]);
    return values;
  }

 private:
  struct Tally {
    std::set<std::size_t> sources;
    double confidence = 0;
    std::optional<Timestamp> first;
  };
  std::map<Value, Tally> tallies_;
};

}  // namespace churnwire::correlate
