// Thousands of simulated worlds, one a seed. A failing seed is printed; CHURNWIRE_SIM_SEED=n runs it alone,
// and CHURNWIRE_SIM_SEEDS=n sets how many run.
#include "tests/sim/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace churnwire::sim {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(Simulation, EveryRecordShowsExactlyOnceWhateverFails) {
  if (const std::uint64_t seed = number_from_environment("CHURNWIRE_SIM_SEED", 0); seed != 0) {
    EXPECT_EQ(simulate(seed), "") << "seed " << seed;
    return;
  }
  const std::uint64_t seeds = number_from_environment("CHURNWIRE_SIM_SEEDS", 4000);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    ASSERT_EQ(simulate(seed), "") << "seed " << seed << "; CHURNWIRE_SIM_SEED=" << seed << " runs it alone";
  }
}

TEST(Simulation, BatchingDoesNotShow) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    WorkerPolicy small;
    small.records_per_poll_max = 1;
    small.commit_interval = std::chrono::milliseconds(1);
    WorkerPolicy large;
    large.records_per_poll_max = 1000;
    large.commit_interval = std::chrono::milliseconds(500);
    EXPECT_EQ(outputs_without_faults(seed, small), outputs_without_faults(seed, large)) << "seed " << seed;
  }
}

/// A test that cannot fail proves nothing: each planted fault must be found within so many seeds.
class Mutants : public testing::TestWithParam<int> {};

TEST_P(Mutants, IsFound) {
  constexpr std::uint64_t kSeedsMax = 1500;
  const auto mutant = static_cast<Mutant>(GetParam());
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const Finding found = simulate(seed, mutant);
    if (found.empty()) continue;
    RecordProperty("seed", std::to_string(seed));
    RecordProperty("finding", found);
    return;
  }
  FAIL() << "not found within " << kSeedsMax << " seeds";
}

constexpr const char* kNames[] = {
    "none",      "OffsetOneTooFar",  "OffsetsBeforeOutputs",  "OutputsBeforeOffsets", "NoRollBack",
    "NoRewind",  "NoAbort",          "KeepsRevokedPositions", "AnyGeneration",        "RestoresToStableEnd",
    "NoRestore", "DeadLetterOutside"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Mutant::count));

INSTANTIATE_TEST_SUITE_P(Planted, Mutants, testing::Range(1, static_cast<int>(Mutant::count)),
                         [](const auto& mutant) { return std::string(kNames[mutant.param]); });

}  // namespace
}  // namespace churnwire::sim
