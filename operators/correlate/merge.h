#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "operators/correlate/cell.h"
#include "operators/correlate/correlator.h"
#include "schemas/event.h"

namespace churnwire::correlate {

/// All that is told of one churn, and what its surroundings say about it.
struct Story {
  std::vector<SignalPtr> live;  // by publication time, then id; without what was withdrawn
  std::uint64_t articles = 0;
  std::vector<EventLink> links;  // sorted
  std::optional<std::int32_t> days_since_similar;
  std::size_t similar_before = 0;
  bool copies_older_story = false;
};

/// Writes what `story` says into `row`: everything but id, revision, retraction, first_seen and state. A
/// function of the story. `story.live` must not be empty.
void merge_story(const Story& story, const CorrelateOptions& options, EventRow& row);

/// True when two fingerprints are of one text, as far as a SimHash can tell.
bool same_text(std::uint64_t left, std::uint64_t right);

}  // namespace churnwire::correlate
