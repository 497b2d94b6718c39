#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/io.h"
#include "pipeline/table_reader.h"

/// A simulated world around real workers: a broker with transactions, consumer groups and compaction, a
/// clock, and faults drawn from one seed. Everything happens in one thread, in an order that the seed alone
/// decides.
namespace churnwire::sim {

/// How likely each fault is, per call. All zero: a kind world.
struct Faults {
  double crash = 0;        // the process dies inside the call, before it takes effect
  double crash_after = 0;  // … after it took effect: the answer is lost
  double abort = 0;        // a commit fails and takes no effect
  double kick = 0;         // the group takes a member for dead although it lives: a zombie
  double rebalance = 0;    // a rebalance without a reason
  double away = 0;         // the broker goes away for a while
};

/// Parts of the broker's rules that a test can break, to prove that they matter.
struct BrokerMutations {
  bool accept_any_generation = false;  // offsets of stale members are taken
  bool restore_to_stable_end =
      false;  // a restore stops at the last stable offset instead of the high watermark
};

enum class EntryState : std::uint8_t { pending, committed, aborted, marker };

struct Entry {
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
  Timestamp timestamp{};
  EntryState state = EntryState::committed;
};

struct Log {
  std::vector<Entry> entries;  // by offset; compaction clears `live` but keeps offsets
  std::vector<bool> live;

  std::int64_t high_watermark() const { return static_cast<std::int64_t>(entries.size()); }
  /// The first offset of an open transaction, or the high watermark.
  std::int64_t stable_end() const;
};

/// A process: once it is dead, every call that it makes fails.
struct Process {
  int number = 0;
  bool dead = false;
};

class World {
 public:
  World(std::uint64_t seed, Faults faults);

  void create_topic(const std::string& name, int partitions);
  /// Appends a committed record from outside.
  void produce(const std::string& topic, Partition partition, std::string key, std::string value);
  /// What a read_committed reader sees of a partition, in order.
  std::vector<Entry> committed(const std::string& topic, Partition partition) const;
  int partitions(const std::string& topic) const;
  std::int64_t committed_offset(const std::string& group, Partition partition) const;
  /// True when the group has committed everything that stands in the topic.
  bool drained(const std::string& group, const std::string& topic) const;
  /// True while some transaction is open, that of a dead producer included: readers do not see past it.
  bool transaction_open() const;
  /// Keeps the last committed entry of each key of a compacted topic up to the stable end, as a log cleaner
  /// does.
  void compact(const std::string& topic);

  /// No faults from here on.
  void calm() { faults_ = {}; }
  void advance(std::chrono::milliseconds time) { now_ += time; }
  std::chrono::steady_clock::time_point now() const { return now_; }
  bool chance(double probability);
  std::size_t pick(std::size_t count);
  const Faults& faults() const { return faults_; }

  BrokerMutations mutations;

 private:
  friend class SimSource;
  friend class SimSink;
  friend class SimTableReader;

  struct Member {
    Process* process = nullptr;
    bool joined = false;              // in the rebalance that is under way
    int generation = -1;              // of the assignment that it knows
    std::vector<Partition> assigned;  // by the group, of the current generation
    bool told = false;                // of that assignment
  };
  struct Group {
    std::string topic;
    int generation = 0;
    bool preparing = false;
    std::chrono::steady_clock::time_point since{};
    std::map<int, Member> members;  // by member id
    int next_member = 0;
    std::map<Partition, std::int64_t> offsets;
  };
  struct Transaction {
    std::vector<std::pair<Log*, std::int64_t>> entries;
    std::set<Log*> logs;
  };
  struct Producer {
    int epoch = 0;
    std::optional<Transaction> open;
  };

  /// True when the call must fail because the process died, now or before.
  bool dies(Process& process, double probability);
  bool away();
  void prepare_rebalance(Group& group);
  void finish_rebalance(Group& group);
  void end_transaction(Producer& producer, bool commit);

  std::mt19937_64 random_;
  Faults faults_;
  std::chrono::steady_clock::time_point now_{};
  std::chrono::steady_clock::time_point away_until_{};
  std::map<std::string, std::deque<Log>> topics_;
  std::map<std::string, Group> groups_;
  std::map<std::string, Producer> producers_;  // by transactional id
};

class SimClock final : public Clock {
 public:
  explicit SimClock(const World& world) : world_(world) {}
  std::chrono::steady_clock::time_point now() const override { return world_.now(); }

 private:
  const World& world_;
};

/// A member of a simulated consumer group.
class SimSource final : public Source {
 public:
  SimSource(World& world, Process& process, std::string topic, std::string group);

  IoStatus subscribe(RebalanceListener& listener) override;
  IoStatus poll(std::chrono::milliseconds timeout, std::size_t records_max,
                const std::function<bool(const Record&)>& on_record) override;
  IoStatus rewind() override;
  IoStatus close() override;

 private:
  friend class SimSink;
  World::Group& group() const { return world_.groups_[group_]; }
  World::Member* member() const;
  IoStatus follow_group();
  IoStatus revoke(bool lost);
  IoStatus assign();
  bool deliver(Partition partition, std::size_t& left, const std::function<bool(const Record&)>& on_record);

  World& world_;
  Process& process_;
  std::string topic_;
  std::string group_;
  RebalanceListener* listener_ = nullptr;
  int member_ = -1;
  int generation_ = -1;                          // as this client knows it
  std::map<Partition, std::int64_t> positions_;  // of its assignment
};

/// A transactional producer.
class SimSink final : public Sink {
 public:
  SimSink(World& world, Process& process, SimSource& source, std::string transactional_id);

  /// Fences the last owner of the id and aborts its open transaction.
  IoStatus open();
  IoStatus send(const OutRecord& record) override;
  IoStatus commit(std::span<const Position> positions) override;
  IoStatus abort() override;
  /// Writes outside any transaction, for mutants only.
  void send_plain(const OutRecord& record);

 private:
  bool fenced() const;

  World& world_;
  Process& process_;
  SimSource& source_;
  std::string id_;
  int epoch_ = -1;
};

/// Reads a compacted partition for a restore.
class SimTableReader final : public TableReader {
 public:
  SimTableReader(World& world, Process& process, std::string topic);
  IoStatus read(Partition partition,
                const std::function<void(std::string_view key, std::string_view value)>& on_row) override;

 private:
  World& world_;
  Process& process_;
  std::string topic_;
};

}  // namespace churnwire::sim
