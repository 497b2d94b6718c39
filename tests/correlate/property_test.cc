#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "tests/correlate/support.h"

namespace churnwire {
namespace {

using namespace testing_correlate;  // NOLINT(google-build-using-namespace)

/// Some seeds run with so small a bound that signals are dropped all the time.
CorrelateOptions options_of(std::uint32_t seed) {
  CorrelateOptions options;
  options.signals_per_event_max = seed % 3 == 0 ? 4 : 32;
  options.evidence_max = 5;
  return options;
}

class SeedTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(SeedTest, AnyOrderWithAnyDuplicatesGivesTheSameEvents) {
  RandomSignals random(GetParam());
  std::vector<Signal> signals = random.sequence(20 + random.pick(80));
  Correlator first(catalog(), options_of(GetParam()));
  for (const Signal& signal : signals) step(first, signal);
  const auto expected = outcome(first);
  ASSERT_FALSE(expected.empty());
  for (int shuffle = 0; shuffle < 6; ++shuffle) {
    std::vector<Signal> other = signals;
    for (int copies = 0; copies < 10; ++copies)
      other.push_back(signals[random.pick(static_cast<std::uint32_t>(signals.size()))]);
    random.shuffle(other);
    Correlator correlator(catalog(), options_of(GetParam()));
    for (const Signal& signal : other) step(correlator, signal);
    const auto actual = outcome(correlator);
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) ASSERT_EQ(actual[i], expected[i]);
  }
}

TEST_P(SeedTest, ARestartFromTheRowsGoesOnAsBefore) {
  RandomSignals random(GetParam());
  const std::vector<Signal> signals = random.sequence(60);
  const std::size_t split = random.pick(60);
  Correlator through(catalog(), options_of(GetParam()));
  std::map<std::string, std::string> table;
  CorrelateOutput output;
  for (std::size_t i = 0; i < split; ++i) {
    through.apply(signals[i], output);
    for (const EventRow& row : output.rows) table[row.event_id] = text(row);
  }
  Correlator restarted(catalog(), options_of(GetParam()));
  std::vector<std::string> rows;
  for (const auto& [id, row] : table) rows.push_back(row);
  if (GetParam() % 2 == 0) std::reverse(rows.begin(), rows.end());
  for (const std::string& row : rows) restarted.restore(*decode_event_row(row));
  restarted.commit();
  const auto restored = restarted.rows();
  const auto known = through.rows();
  ASSERT_EQ(restored.size(), known.size());
  for (std::size_t i = 0; i < known.size(); ++i) ASSERT_EQ(text(restored[i]), text(known[i]));
  for (std::size_t i = split; i < signals.size(); ++i) {
    ASSERT_EQ(step(restarted, signals[i]), step(through, signals[i])) << "signal " << i;
  }
}

TEST_P(SeedTest, ARollbackNeverHappened) {
  RandomSignals random(GetParam());
  const std::vector<Signal> signals = random.sequence(60);
  Correlator plain(catalog(), options_of(GetParam()));
  Correlator troubled(catalog(), options_of(GetParam()));
  for (std::size_t at = 0; at < signals.size();) {
    const std::size_t end = std::min(signals.size(), at + 1 + random.pick(12));
    for (std::uint32_t failures = random.pick(3); failures > 0; --failures) {
      for (std::size_t i = at; i < end; ++i) step(troubled, signals[i]);
      if (random.pick(2) == 0) step(troubled, signals[random.pick(60)]);
      troubled.rollback();
      ASSERT_EQ(troubled.rows(), plain.rows());
    }
    for (std::size_t i = at; i < end; ++i) ASSERT_EQ(step(troubled, signals[i]), step(plain, signals[i]));
    troubled.commit();
    at = end;
  }
}

TEST_P(SeedTest, RevisionsRiseByOneAndARepeatedSignalIsSilent) {
  RandomSignals random(GetParam());
  const std::vector<Signal> signals = random.sequence(60);
  Correlator correlator(catalog(), options_of(GetParam()));
  std::map<std::string, EventRow> table;
  CorrelateOutput output;
  for (const Signal& signal : signals) {
    correlator.apply(signal, output);
    for (const EventRow& row : output.rows) {
      EXPECT_EQ(row.revision, table[row.event_id].revision + 1);
      table[row.event_id] = row;
    }
    for (const Alert& alert : output.alerts) {
      EXPECT_EQ(alert.time, signal.published_at);
      EXPECT_TRUE(std::is_sorted(alert.change.begin(), alert.change.end()));
      EXPECT_FALSE(alert.change.empty());
      EXPECT_EQ(alert.event.revision, table[alert.event.event_id].revision);
    }
    correlator.apply(signal, output);
    EXPECT_TRUE(output.rows.empty());
    EXPECT_TRUE(output.alerts.empty());
  }
  for (const EventRow& row : correlator.rows()) EXPECT_EQ(row, table.at(row.event_id));
}

TEST_P(SeedTest, EverySignalIsInOneRowAndRowsAreBounded) {
  RandomSignals random(GetParam());
  const std::vector<Signal> signals = random.sequence(150);
  Correlator correlator(catalog(), options_of(GetParam()));
  for (const Signal& signal : signals) step(correlator, signal);
  std::map<std::string, int> places;
  for (const EventRow& row : correlator.rows()) {
    for (const Signal& signal : row.state.signals) ++places[signal.signal_id];
    EXPECT_LE(row.evidence.size(), 5U);
    EXPECT_LE(row.confidence, 0.99);
  }
  for (const auto& [id, count] : places) EXPECT_EQ(count, 1) << id;
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeedTest, testing::Range(1U, 61U));

}  // namespace
}  // namespace churnwire
