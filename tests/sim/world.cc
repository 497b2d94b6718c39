#include "tests/sim/world.h"

#include <algorithm>
#include <functional>

#include "schemas/check.h"

namespace churnwire::sim {
namespace {

constexpr std::chrono::milliseconds kRebalanceTimeout{300};
const IoStatus kDead{IoCode::fatal, "the process is dead"};

}  // namespace

std::int64_t Log::stable_end() const {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].state == EntryState::pending) return static_cast<std::int64_t>(i);
  }
  return high_watermark();
}

World::World(std::uint64_t seed, Faults faults) : random_(seed), faults_(faults) {}

void World::create_topic(const std::string& name, int partitions) {
  topics_[name].resize(static_cast<std::size_t>(partitions));
}

void World::produce(const std::string& topic, Partition partition, std::string key, std::string value) {
  Log& log = topics_.at(topic).at(static_cast<std::size_t>(partition));
  log.entries.push_back({std::move(key), std::move(value), {}, {}, EntryState::committed});
  log.live.push_back(true);
}

std::vector<Entry> World::committed(const std::string& topic, Partition partition) const {
  std::vector<Entry> seen;
  const Log& log = topics_.at(topic).at(static_cast<std::size_t>(partition));
  for (std::size_t i = 0; i < static_cast<std::size_t>(log.stable_end()); ++i) {
    if (log.entries[i].state == EntryState::committed && log.live[i]) seen.push_back(log.entries[i]);
  }
  return seen;
}

int World::partitions(const std::string& topic) const {
  return static_cast<int>(topics_.at(topic).size());
}

std::int64_t World::committed_offset(const std::string& group, Partition partition) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return 0;
  const auto offset = found->second.offsets.find(partition);
  return offset == found->second.offsets.end() ? 0 : offset->second;
}

bool World::drained(const std::string& group, const std::string& topic) const {
  for (Partition p = 0; p < partitions(topic); ++p) {
    const Log& log = topics_.at(topic).at(static_cast<std::size_t>(p));
    for (std::int64_t i = committed_offset(group, p); i < log.high_watermark(); ++i) {
      const EntryState state = log.entries[static_cast<std::size_t>(i)].state;
      if (state == EntryState::committed || state == EntryState::pending) return false;
    }
  }
  return true;
}

bool World::transaction_open() const {
  return std::ranges::any_of(producers_, [](const auto& p) { return p.second.open.has_value(); });
}

void World::compact(const std::string& topic) {
  for (Log& log : topics_.at(topic)) {
    std::set<std::string> later;
    for (std::int64_t i = log.stable_end() - 1; i >= 0; --i) {
      const auto at = static_cast<std::size_t>(i);
      if (log.entries[at].state == EntryState::committed && !later.insert(log.entries[at].key).second)
        log.live[at] = false;
    }
  }
}

bool World::chance(double probability) {
  return probability > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

std::size_t World::pick(std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
}

bool World::dies(Process& process, double probability) {
  if (!process.dead && chance(probability)) process.dead = true;
  return process.dead;
}

bool World::away() {
  if (now_ < away_until_) return true;
  if (chance(faults_.away)) away_until_ = now_ + std::chrono::milliseconds(50 + pick(200));
  return now_ < away_until_;
}

void World::prepare_rebalance(Group& group) {
  if (!group.preparing) group.since = now_;
  group.preparing = true;
  for (auto& [id, member] : group.members) member.joined = false;
}

/// Every live member joined, or the others are thrown out: a new generation with the partitions dealt out in
/// turn.
void World::finish_rebalance(Group& group) {
  const bool all = std::ranges::all_of(group.members, [](const auto& m) { return m.second.joined; });
  if (!all && now_ - group.since < kRebalanceTimeout) return;
  std::erase_if(group.members, [](const auto& m) { return !m.second.joined; });
  group.preparing = false;
  ++group.generation;
  if (group.members.empty()) return;
  std::vector<Member*> members;
  for (auto& [id, member] : group.members) {
    member.assigned.clear();
    member.told = false;
    members.push_back(&member);
  }
  const std::size_t shift = pick(members.size());
  for (Partition p = 0; p < partitions(group.topic); ++p) {
    members[(static_cast<std::size_t>(p) + shift) % members.size()]->assigned.push_back(p);
  }
}

void World::end_transaction(Producer& producer, bool commit) {
  if (!producer.open) return;
  for (const auto& [log, offset] : producer.open->entries) {
    log->entries[static_cast<std::size_t>(offset)].state =
        commit ? EntryState::committed : EntryState::aborted;
  }
  for (Log* log : producer.open->logs) {
    log->entries.push_back({"", "", {}, {}, EntryState::marker});
    log->live.push_back(true);
  }
  producer.open.reset();
}

SimSource::SimSource(World& world, Process& process, std::string topic, std::string group)
    : world_(world), process_(process), topic_(std::move(topic)), group_(std::move(group)) {}

World::Member* SimSource::member() const {
  const auto found = group().members.find(member_);
  return found == group().members.end() ? nullptr : &found->second;
}

IoStatus SimSource::subscribe(RebalanceListener& listener) {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  listener_ = &listener;
  group().topic = topic_;
  return IoStatus::success();
}

IoStatus SimSource::revoke(bool lost) {
  std::vector<Partition> partitions;
  for (const auto& [partition, position] : positions_) partitions.push_back(partition);
  IoStatus settled = partitions.empty() ? IoStatus::success() : listener_->on_revoked(partitions, lost);
  positions_.clear();
  return settled;
}

IoStatus SimSource::assign() {
  World::Member& me = *member();
  me.told = true;
  generation_ = me.generation = group().generation;
  for (const Partition partition : me.assigned)
    positions_[partition] = world_.committed_offset(group_, partition);
  return listener_->on_assigned(me.assigned);
}

/// What the client library does inside poll(): joins, gives up and takes over partitions as the group says.
IoStatus SimSource::follow_group() {
  World::Group& group = this->group();
  if (member_ >= 0 && member() == nullptr) {  // thrown out while it was away or too slow
    member_ = -1;
    if (IoStatus settled = revoke(true); !settled.ok()) return settled;
  }
  if (process_.dead) return kDead;
  if (member_ < 0) {
    member_ = group.next_member++;
    group.members[member_].process = &process_;
    world_.prepare_rebalance(group);
  }
  if (world_.chance(world_.faults_.rebalance)) world_.prepare_rebalance(group);
  if (group.preparing && !member()->joined) {
    if (IoStatus settled = revoke(false); !settled.ok()) return settled;
    if (process_.dead) return kDead;
    if (World::Member* me = member()) me->joined = true;
  }
  if (group.preparing) world_.finish_rebalance(group);
  World::Member* me = member();
  if (!group.preparing && me != nullptr && !me->told) return assign();
  return IoStatus::success();
}

bool SimSource::deliver(Partition partition, std::size_t& left,
                        const std::function<bool(const Record&)>& on_record) {
  const Log& log = world_.topics_.at(topic_).at(static_cast<std::size_t>(partition));
  const std::int64_t end = log.stable_end();
  std::int64_t& position = positions_[partition];
  std::vector<Header> headers;
  while (position < end && left > 0) {
    const auto at = static_cast<std::size_t>(position);
    if (log.entries[at].state != EntryState::committed || !log.live[at]) {
      ++position;
      continue;
    }
    const Entry entry = log.entries[at];  // a copy: sending may grow the log
    headers.clear();
    for (const auto& [name, value] : entry.headers) headers.push_back({name, value});
    Record record;
    record.partition = partition;
    record.offset = position;
    record.key = entry.key;
    record.value = entry.value;
    record.headers = headers;
    if (!on_record(record)) return false;
    ++position;
    --left;
  }
  return true;
}

IoStatus SimSource::poll(std::chrono::milliseconds, std::size_t records_max,
                         const std::function<bool(const Record&)>& on_record) {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  if (world_.away()) return IoStatus::success();
  if (member_ >= 0 && world_.chance(world_.faults_.kick)) {
    group().members.erase(member_);  // the group gives it up; it goes on and does not know
    world_.prepare_rebalance(group());
  } else if (IoStatus followed = follow_group(); !followed.ok()) {
    return followed;
  }
  if (positions_.empty()) return IoStatus::success();
  std::vector<Partition> order;
  for (const auto& [partition, position] : positions_) order.push_back(partition);
  std::ranges::rotate(order, order.begin() + static_cast<std::ptrdiff_t>(world_.pick(order.size())));
  std::size_t left = std::min<std::size_t>(records_max, 1 + world_.pick(8));
  for (const Partition partition : order) {
    if (!deliver(partition, left, on_record)) break;
  }
  return IoStatus::success();
}

IoStatus SimSource::rewind() {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  for (auto& [partition, position] : positions_) position = world_.committed_offset(group_, partition);
  return IoStatus::success();
}

IoStatus SimSource::close() {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  IoStatus settled = revoke(member() == nullptr);
  if (process_.dead) return kDead;
  group().members.erase(member_);
  world_.prepare_rebalance(group());
  return settled;
}

SimSink::SimSink(World& world, Process& process, SimSource& source, std::string transactional_id)
    : world_(world), process_(process), source_(source), id_(std::move(transactional_id)) {}

bool SimSink::fenced() const {
  return world_.producers_[id_].epoch != epoch_;
}

IoStatus SimSink::open() {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  World::Producer& producer = world_.producers_[id_];
  world_.end_transaction(producer, false);
  epoch_ = ++producer.epoch;
  return IoStatus::success();
}

void SimSink::send_plain(const OutRecord& record) {
  world_.produce(std::string(record.topic), 0, std::string(record.key), std::string(record.value));
}

IoStatus SimSink::send(const OutRecord& record) {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  if (fenced()) return {IoCode::fatal, "fenced"};
  World::Producer& producer = world_.producers_[id_];
  if (!producer.open) producer.open.emplace();
  auto& logs = world_.topics_.at(std::string(record.topic));
  const std::size_t partition = record.partition >= 0
                                    ? static_cast<std::size_t>(record.partition)
                                    : std::hash<std::string_view>{}(record.key) % logs.size();
  Log& log = logs.at(partition);
  Entry entry{std::string(record.key), std::string(record.value), {}, record.timestamp, EntryState::pending};
  for (const Header& header : record.headers) entry.headers.emplace_back(header.name, header.value);
  producer.open->entries.emplace_back(&log, log.high_watermark());
  producer.open->logs.insert(&log);
  log.entries.push_back(std::move(entry));
  log.live.push_back(true);
  return IoStatus::success();
}

IoStatus SimSink::commit(std::span<const Position> positions) {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  if (fenced()) return {IoCode::fatal, "fenced"};
  if (world_.away() || world_.chance(world_.faults_.abort))
    return {IoCode::abort, "the broker did not take it"};
  const World::Member* member = source_.member();
  const bool current = member != nullptr && source_.generation_ == source_.group().generation;
  if (!current && !world_.mutations.accept_any_generation) return {IoCode::abort, "illegal generation"};
  for (const Position& position : positions)
    source_.group().offsets[position.partition] = position.next_offset;
  world_.end_transaction(world_.producers_[id_], true);
  if (world_.dies(process_, world_.faults_.crash_after)) return kDead;
  return IoStatus::success();
}

IoStatus SimSink::abort() {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  if (fenced()) return {IoCode::fatal, "fenced"};
  world_.end_transaction(world_.producers_[id_], false);
  return IoStatus::success();
}

SimTableReader::SimTableReader(World& world, Process& process, std::string topic)
    : world_(world), process_(process), topic_(std::move(topic)) {}

IoStatus SimTableReader::read(
    Partition partition, const std::function<void(std::string_view key, std::string_view value)>& on_row) {
  if (world_.dies(process_, world_.faults_.crash)) return kDead;
  Log& log = world_.topics_.at(topic_).at(static_cast<std::size_t>(partition));
  const std::int64_t end = world_.mutations.restore_to_stable_end ? log.stable_end() : log.high_watermark();
  // A reader waits here until the open transactions before the mark have ended: the broker ends those of dead
  // producers after their timeout, and fenced ones at once.
  for (auto& [id, producer] : world_.producers_) {
    if (!producer.open || !producer.open->logs.contains(&log) || world_.mutations.restore_to_stable_end)
      continue;
    ++producer.epoch;
    world_.end_transaction(producer, false);
  }
  for (std::int64_t i = 0; i < end; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (log.entries[at].state == EntryState::committed && log.live[at])
      on_row(log.entries[at].key, log.entries[at].value);
  }
  return IoStatus::success();
}

}  // namespace churnwire::sim
