#include "tests/sim/simulation.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "tests/sim/handlers.h"

namespace churnwire::sim {
namespace {

constexpr int kProcesses = 3;
constexpr int kPartitions = 4;
constexpr int kInputs = 120;
constexpr int kFaultySteps = 900;
constexpr int kCalmSteps = 6000;

/// Passes everything on to the real sink, but for what its mutant breaks.
class MutantSink final : public Sink {
 public:
  MutantSink(SimSink& real, Mutant mutant) : real_(real), mutant_(mutant) {}

  IoStatus send(const OutRecord& record) override {
    if (mutant_ == Mutant::dead_letter_outside && record.topic == "dlq") {
      real_.send_plain(record);
      return IoStatus::success();
    }
    return real_.send(record);
  }
  IoStatus commit(std::span<const Position> positions) override {
    if (mutant_ == Mutant::offset_one_too_far) {
      std::vector<Position> shifted(positions.begin(), positions.end());
      for (Position& position : shifted) ++position.next_offset;
      return real_.commit(shifted);
    }
    if (mutant_ == Mutant::outputs_before_offsets) {
      if (IoStatus outputs = real_.commit({}); !outputs.ok()) return outputs;
    }
    return real_.commit(positions);
  }
  IoStatus abort() override { return mutant_ == Mutant::no_abort ? IoStatus::success() : real_.abort(); }

 private:
  SimSink& real_;
  Mutant mutant_;
};

/// Commits offsets when the records are read, before the outputs: needs the records' positions, so it sits on
/// the source.
class MutantSource final : public Source, private RebalanceListener {
 public:
  MutantSource(SimSource& real, SimSink& sink, Mutant mutant) : real_(real), sink_(sink), mutant_(mutant) {}

  IoStatus subscribe(RebalanceListener& listener) override {
    listener_ = &listener;
    return real_.subscribe(*this);
  }
  IoStatus poll(std::chrono::milliseconds timeout, std::size_t records_max,
                const std::function<bool(const Record&)>& on_record) override {
    if (mutant_ != Mutant::offsets_before_outputs) return real_.poll(timeout, records_max, on_record);
    return real_.poll(timeout, records_max, [&](const Record& record) {
      const Position position{record.partition, record.offset + 1};
      return sink_.commit({&position, 1}).ok() && on_record(record);
    });
  }
  IoStatus rewind() override { return mutant_ == Mutant::no_rewind ? IoStatus::success() : real_.rewind(); }
  IoStatus close() override { return real_.close(); }

 private:
  IoStatus on_assigned(std::span<const Partition> partitions) override {
    if (mutant_ != Mutant::keeps_revoked_positions) return listener_->on_assigned(partitions);
    std::vector<Partition> unknown;
    for (const Partition partition : partitions) {
      if (kept_.insert(partition).second) unknown.push_back(partition);
    }
    return listener_->on_assigned(unknown);
  }
  IoStatus on_revoked(std::span<const Partition> partitions, bool lost) override {
    return mutant_ == Mutant::keeps_revoked_positions ? IoStatus::success()
                                                      : listener_->on_revoked(partitions, lost);
  }

  SimSource& real_;
  SimSink& sink_;
  Mutant mutant_;
  RebalanceListener* listener_ = nullptr;
  std::set<Partition> kept_;
};

class MutantHandler final : public RecordHandler {
 public:
  MutantHandler(RecordHandler& real, Mutant mutant) : real_(real), mutant_(mutant) {}
  IoStatus open(Partition partition) override { return real_.open(partition); }
  void close(Partition partition) override { real_.close(partition); }
  IoStatus handle(const Record& record, Sink& sink) override { return real_.handle(record, sink); }
  void settled(bool committed) override { real_.settled(committed || mutant_ == Mutant::no_roll_back); }

 private:
  RecordHandler& real_;
  Mutant mutant_;
};

class NoTable final : public TableReader {
 public:
  IoStatus read(Partition, const std::function<void(std::string_view, std::string_view)>&) override {
    return IoStatus::success();
  }
};

/// One worker with its seams.
struct Member {
  Member(World& world, Process& process, const std::string& stage, const SimClock& clock, WorkerPolicy policy,
         Mutant mutant)
      : source(world, process, stage == "forward" ? "in" : "mid", stage),
        sink(world, process, source, fmt::format("{}-{}", stage, process.number)),
        table(world, process, "table"),
        count(mutant == Mutant::no_restore ? static_cast<TableReader&>(no_table) : table),
        handler(stage == "forward" ? static_cast<RecordHandler&>(forward) : count, mutant),
        mutant_source(source, sink, mutant),
        mutant_sink(sink, mutant),
        worker(mutant_source, handler, mutant_sink, clock, policy) {}

  IoStatus start() {
    IoStatus opened = sink.open();
    return opened.ok() ? worker.start() : opened;
  }

  SimSource source;
  SimSink sink;
  SimTableReader table;
  NoTable no_table;
  ForwardHandler forward;
  CountHandler count;
  MutantHandler handler;
  MutantSource mutant_source;
  MutantSink mutant_sink;
  Worker worker;
};

/// A machine that runs both stages and is started again after a while when it died or gave up.
class Machine {
 public:
  Machine(World& world, int number, const SimClock& clock, WorkerPolicy policy, Mutant mutant)
      : world_(world), clock_(clock), policy_(policy), mutant_(mutant) {
    process_.number = number;
  }

  void step() {
    if (members_.empty()) {
      if (world_.now() >= restart_at_) start();
      return;
    }
    Member& member = *members_[world_.pick(members_.size())];
    if (member.worker.step().code == IoCode::fatal) die();
  }

 private:
  void start() {
    process_.dead = false;
    for (const char* stage : {"forward", "count"}) {
      members_.push_back(std::make_unique<Member>(world_, process_, stage, clock_, policy_, mutant_));
      if (!members_.back()->start().ok()) return die();
    }
  }
  void die() {
    members_.clear();
    // Mostly soon; sometimes so late that what it left open lies there while partitions change hands twice.
    restart_at_ =
        world_.now() + std::chrono::milliseconds(20 + world_.pick(world_.pick(4) == 0 ? 3000 : 300));
  }

  World& world_;
  const SimClock& clock_;
  WorkerPolicy policy_;
  Mutant mutant_;
  Process process_;
  std::vector<std::unique_ptr<Member>> members_;
  std::chrono::steady_clock::time_point restart_at_{};
};

Faults faults_of(std::uint64_t seed) {
  // Kinds of worlds: each seed has some of the faults, none of them always.
  Faults faults;
  if (seed % 2 == 0) faults.crash = 0.002;
  if (seed % 3 == 0) faults.crash_after = 0.03;
  if (seed % 5 < 3) faults.abort = 0.08;
  if (seed % 7 < 4) faults.kick = 0.01;
  if (seed % 4 < 2) faults.rebalance = 0.01;
  if (seed % 11 < 3) faults.away = 0.003;
  return faults;
}

struct Inputs {
  std::map<std::string, std::size_t> good;  // "key value"
  std::map<std::string, std::size_t> bad;
  std::size_t made = 0;

  void make(World& world) {
    const std::string key = fmt::format("k{}", world.pick(9));
    const bool is_bad = world.pick(12) == 0;
    const std::string value = fmt::format("{}{}", is_bad ? "bad" : "v", made++);
    ++(is_bad ? bad : good)[key + " " + value];
    world.produce("in", static_cast<Partition>(world.pick(kPartitions)), key, value);
  }
};

std::map<std::string, std::size_t> seen(const World& world, const std::string& topic) {
  std::map<std::string, std::size_t> counts;
  for (Partition p = 0; p < world.partitions(topic); ++p) {
    for (const Entry& entry : world.committed(topic, p)) ++counts[entry.key + " " + entry.value];
  }
  return counts;
}

Finding compare(const std::string& topic, const std::map<std::string, std::size_t>& expected,
                const std::map<std::string, std::size_t>& actual) {
  for (const auto& [record, count] : expected) {
    const auto found = actual.find(record);
    const std::size_t times = found == actual.end() ? 0 : found->second;
    if (times != count)
      return fmt::format("{}: \"{}\" stands there {} times, should {}", topic, record, times, count);
  }
  for (const auto& [record, count] : actual) {
    if (!expected.contains(record)) return fmt::format("{}: \"{}\" should not be there", topic, record);
  }
  return {};
}

/// The rows that a straight run over the committed middle topic gives, against what was published.
Finding check_table(const World& world) {
  for (Partition p = 0; p < world.partitions("mid"); ++p) {
    std::map<std::string, std::string> rows;
    std::vector<std::string> expected;
    for (const Entry& entry : world.committed("mid", p)) {
      std::string& row = rows[entry.key];
      row = CountHandler::next_row(row, entry.value);
      expected.push_back(entry.key + " " + row);
    }
    std::vector<std::string> alerts;
    for (const Entry& entry : world.committed("alerts", p)) alerts.push_back(entry.key + " " + entry.value);
    if (alerts != expected) return fmt::format("alerts of partition {} are not those of a straight run", p);
    std::map<std::string, std::string> table;
    for (const Entry& entry : world.committed("table", p)) table[entry.key] = entry.value;
    if (table != rows) return fmt::format("the table of partition {} is not that of a straight run", p);
  }
  return {};
}

void create_topics(World& world) {
  for (const char* topic : {"in", "mid", "table", "alerts"}) world.create_topic(topic, kPartitions);
  world.create_topic("dlq", 1);
}

bool drained(const World& world) {
  return world.drained("forward", "in") && world.drained("count", "mid") && !world.transaction_open();
}

}  // namespace

Finding simulate(std::uint64_t seed, Mutant mutant) {
  World world(seed, faults_of(seed));
  world.mutations.accept_any_generation = mutant == Mutant::any_generation;
  world.mutations.restore_to_stable_end = mutant == Mutant::restores_to_stable_end;
  create_topics(world);
  const SimClock clock(world);
  WorkerPolicy policy;
  policy.commit_interval = std::chrono::milliseconds(5 + world.pick(60));
  policy.records_per_poll_max = 1 + world.pick(20);
  policy.consecutive_aborts_max = 50;
  std::vector<std::unique_ptr<Machine>> machines;
  for (int i = 0; i < kProcesses; ++i)
    machines.push_back(std::make_unique<Machine>(world, i, clock, policy, mutant));
  Inputs inputs;
  for (int step = 0; step < kFaultySteps + kCalmSteps; ++step) {
    if (step == kFaultySteps) world.calm();
    if (inputs.made < kInputs && world.pick(4) == 0) inputs.make(world);
    if (world.pick(200) == 0) world.compact("table");
    machines[world.pick(machines.size())]->step();
    world.advance(std::chrono::milliseconds(1 + world.pick(6)));
    if (step > kFaultySteps && inputs.made == kInputs && drained(world)) break;
  }
  if (!drained(world)) return "the stream did not drain after the faults ended";
  if (Finding wrong = compare("mid", inputs.good, seen(world, "mid")); !wrong.empty()) return wrong;
  if (Finding wrong = compare("dlq", inputs.bad, seen(world, "dlq")); !wrong.empty()) return wrong;
  return check_table(world);
}

std::string outputs_without_faults(std::uint64_t seed, WorkerPolicy policy) {
  World world(seed, {});
  create_topics(world);
  Inputs inputs;
  while (inputs.made < kInputs) inputs.make(world);
  const SimClock clock(world);
  Process process;
  std::string text;
  for (const char* stage :
       {"forward", "count"}) {  // one after the other, so that the order of "mid" does not vary
    Member member(world, process, stage, clock, policy, Mutant::none);
    if (!member.start().ok()) return "cannot start";
    for (int step = 0; step < kCalmSteps && !drained(world); ++step) {
      if (!member.worker.step().ok()) return "a step failed";
      world.advance(std::chrono::milliseconds(3));
    }
    if (!member.worker.stop().ok()) return "cannot stop";
  }
  for (const char* topic : {"mid", "alerts", "dlq"}) {
    for (const auto& [record, count] : seen(world, topic)) {
      if (std::string_view(topic) != "alerts") text += fmt::format("{} {} {}\n", topic, record, count);
    }
  }
  return text + check_table(world);
}

}  // namespace churnwire::sim
