#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "pipeline/worker.h"
#include "tests/sim/world.h"

namespace churnwire::sim {

/// Faults planted into the seams around the real worker and handlers. The simulation must find each of them.
enum class Mutant : std::uint8_t {
  none,
  offset_one_too_far,       // commits one record more than was handled
  offsets_before_outputs,   // two transactions instead of one, offsets first
  outputs_before_offsets,   // two transactions instead of one, outputs first
  no_roll_back,             // in-memory state survives an abort
  no_rewind,                // goes on behind the aborted records
  no_abort,                 // an aborted transaction's outputs stay open and are committed with the next
  keeps_revoked_positions,  // the worker is not told of a revoke and commits offsets that are no longer its
                            // own
  any_generation,           // offsets of stale members are taken
  restores_to_stable_end,   // restore misses what an open transaction hides
  no_restore,               // starts with empty state
  dead_letter_outside,      // dead letters are written outside the transaction
  count
};

/// What one simulated run showed. Empty: all is well.
using Finding = std::string;

/// Runs one world to its end: several processes with workers of two stages, input that comes over time,
/// faults, restarts, compaction; then a calm phase in which everything must drain. Checks that every input
/// shows exactly once, in every output, in order, and that the state is the log.
Finding simulate(std::uint64_t seed, Mutant mutant = Mutant::none);

/// As simulate(), without faults but with the given policy, so that batching can be varied; returns the
/// outputs as text.
std::string outputs_without_faults(std::uint64_t seed, WorkerPolicy policy);

}  // namespace churnwire::sim
