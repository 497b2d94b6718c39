#include "operators/correlate/cell.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "operators/correlate/words.h"

namespace churnwire::correlate {
namespace {

constexpr int kTagBits = 20;
constexpr int kHashBits = 64 - kTagBits;
constexpr std::size_t kPhaseLane = 2;
/// First, last, money, destination, newest notice, and two a phase: what the other lanes may take of the
/// bound.
constexpr std::size_t kFixedLanes = 5 + kPhaseLane * kWords<Phase>.size();
constexpr std::size_t kOriginLaneMin = 4;

bool better(const SignalPtr& left, const SignalPtr& right) {
  return std::tuple(-left->confidence, left->published_at, std::string_view(left->signal_id)) <
         std::tuple(-right->confidence, right->published_at, std::string_view(right->signal_id));
}

/// Collects what the lanes want to keep.
class Selection {
 public:
  explicit Selection(const std::vector<SignalPtr>& all) : all_(all) {}

  template <class Filter, class Less>
  void lane(std::size_t limit, Filter&& filter, Less&& less) {
    std::vector<SignalPtr> members;
    for (const SignalPtr& signal : all_) {
      if (filter(*signal)) members.push_back(signal);
    }
    std::sort(members.begin(), members.end(), less);
    if (members.size() > limit) members.resize(limit);
    for (const SignalPtr& signal : members) wanted_.insert(signal->signal_id);
  }

  void origins(std::size_t limit) {
    std::map<std::uint64_t, SignalPtr> best;
    for (const SignalPtr& signal : all_) {
      SignalPtr& slot = best[hash64(origin_key(*signal))];
      if (!slot || better(signal, slot)) slot = signal;
    }
    for (const auto& [hash, signal] : best) {
      if (limit-- == 0) break;
      wanted_.insert(signal->signal_id);
    }
  }

  bool wants(const SignalPtr& signal) const { return wanted_.contains(signal->signal_id); }

 private:
  const std::vector<SignalPtr>& all_;
  std::set<std::string_view> wanted_;
};

void keep_best(std::vector<SignalPtr>& signals, std::size_t signals_max) {
  const std::size_t origins_max =
      std::max(kOriginLaneMin, signals_max > kFixedLanes ? signals_max - kFixedLanes : 0);
  const std::vector<SignalPtr> all = signals;
  Selection selection(all);
  const auto any = [](const Signal&) { return true; };
  selection.lane(1, any, earlier);
  selection.lane(1, any, [](const SignalPtr& left, const SignalPtr& right) { return earlier(right, left); });
  selection.lane(1, [](const Signal& signal) { return !signal.money.empty(); }, better);
  selection.lane(1, [](const Signal& signal) { return !signal.gaining_providers.empty(); }, better);
  selection.lane(
      1, [](const Signal& signal) { return signal.canceled; },
      [](const SignalPtr& left, const SignalPtr& right) {
        if (left->article_version == right->article_version) return earlier(left, right);
        return older_version(right->article_version, left->article_version);
      });
  for (std::size_t phase = 0; phase < kWords<Phase>.size(); ++phase) {
    selection.lane(
        kPhaseLane, [&](const Signal& signal) { return signal.phase == static_cast<Phase>(phase); }, better);
  }
  selection.origins(origins_max);
  std::erase_if(signals, [&](const SignalPtr& signal) { return !selection.wants(signal); });
}

std::string workload_class(const Scope& scope) {
  std::set<std::string_view> classes;
  for (const std::string& workload : scope.workloads) classes.insert(workload_class_of(fold(workload)));
  if (classes.size() != 1) return {};
  return std::string(*classes.begin());
}

std::string unnamed_topic(const Signal& signal) {
  std::set<std::string> traits(signal.customer_traits.begin(), signal.customer_traits.end());
  std::string topic;
  for (const std::string& trait : traits) {
    if (!topic.empty()) topic += ',';
    topic += trait;
  }
  return topic + '|' + fold(signal.customer.description);
}

/// Reads traits and description back from what unnamed_topic() wrote.
void read_topic(std::string_view topic, std::vector<std::string>& traits, std::string& description) {
  const auto bar = topic.find('|');
  description = topic.substr(bar + 1);
  std::string_view rest = topic.substr(0, bar);
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view trait = rest.substr(0, comma);
    if (!is_size_trait(trait)) traits.emplace_back(trait);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
}

}  // namespace

std::uint64_t hash64(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

std::string hash_hex(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(32, '0');
  for (std::size_t i = 0; i < 16; ++i) {
    hex[15 - i] = kDigits[(hash.high64 >> (4 * i)) & 15U];
    hex[31 - i] = kDigits[(hash.low64 >> (4 * i)) & 15U];
  }
  return hex;
}

std::string fold(std::string_view text) {
  std::string folded;
  bool gap = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool word =
        byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!word) {
      gap = true;
      continue;
    }
    if (gap && !folded.empty()) folded += ' ';
    gap = false;
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return folded;
}

std::string origin_key(const Signal& signal) {
  std::string origin = fold(signal.origin.name);
  if (origin.empty()) origin = fold(signal.source);
  if (origin.empty()) origin = "\x1f" + signal.article_uri;
  return origin;
}

bool older_version(std::string_view left, std::string_view right) {
  const auto number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (number(left) && number(right)) {
    left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
    right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
    if (left.size() != right.size()) return left.size() < right.size();
  }
  return left < right;
}

bool earlier(const SignalPtr& left, const SignalPtr& right) {
  return std::tie(left->published_at, left->signal_id) < std::tie(right->published_at, right->signal_id);
}

std::string CellKey::story() const {
  std::string text = provider;
  text += '\x1f';
  text += customer;
  text += '\x1f';
  text += returned ? 'r' : '-';
  text += historic ? 'h' : '-';
  text += notice ? 'n' : '-';
  return text;
}

std::string CellKey::text() const {
  std::string text = story();
  text += follow_up ? 'f' : '-';
  text += '\x1f';
  text += topic;
  text += '\x1f';
  text += std::to_string(bucket);
  return text;
}

CellKey cell_key(const Signal& signal) {
  CellKey key;
  key.provider = signal_key(signal);
  if (signal.canceled) {
    key.notice = true;
    key.topic = signal.article_uri;
    return key;
  }
  const bool unnamed = signal.customer.anonymity == Anonymity::unnamed || signal.customer.id.empty();
  if (!unnamed) key.customer = signal.customer.id;
  key.topic = unnamed ? unnamed_topic(signal) : workload_class(signal.scope);
  key.returned = signal.event_type == EventType::return_;
  key.historic = signal.historic;
  key.follow_up = signal.phase == Phase::in_progress || signal.phase == Phase::completed ||
                  signal.phase == Phase::denied || signal.phase == Phase::cancelled ||
                  signal.fact_level == FactLevel::denied;
  const auto day = std::chrono::floor<std::chrono::days>(signal.published_at).time_since_epoch().count();
  key.bucket = day >= 0 ? day / kBucketDays : -((-day + kBucketDays - 1) / kBucketDays);
  return key;
}

Cell::Cell(const CellKey& cell_key) : key(cell_key), id(key.text()), tag(hash64(id) >> kHashBits) {
  if (key.unnamed()) read_topic(key.topic, traits, description);
}

bool has_tag(std::uint64_t sketch_hash, std::uint64_t tag) {
  return sketch_hash >> kHashBits == tag;
}

bool Cell::add(const SignalPtr& signal, std::size_t signals_max) {
  bool changed = false;
  const std::uint64_t hash = (tag << kHashBits) | (hash64(signal->article_uri) >> kTagBits);
  const auto at = std::lower_bound(sketch.begin(), sketch.end(), hash);
  if ((at == sketch.end() || *at != hash) && (sketch.size() < kSketchMax || at != sketch.end())) {
    sketch.insert(at, hash);
    if (sketch.size() > kSketchMax) sketch.pop_back();
    changed = true;
  }
  const std::size_t before = kept.size();
  put_back(signal);
  if (kept.size() == before) return changed;
  keep_best(kept, signals_max);
  refresh_span();
  const auto still = std::find(kept.begin(), kept.end(), signal);
  return changed || still != kept.end();
}

void Cell::put_back(const SignalPtr& signal) {
  const auto at = std::lower_bound(
      kept.begin(), kept.end(), signal,
      [](const SignalPtr& left, const SignalPtr& right) { return left->signal_id < right->signal_id; });
  if (at != kept.end() && (*at)->signal_id == signal->signal_id) return;
  kept.insert(at, signal);
}

void Cell::refresh_span() {
  first = (*std::min_element(kept.begin(), kept.end(), earlier))->published_at;
  last = (*std::max_element(kept.begin(), kept.end(), earlier))->published_at;
}

std::uint64_t Cell::articles() const {
  if (sketch.size() < kSketchMax) return sketch.size();
  const std::uint64_t largest = sketch.back() & ((std::uint64_t{1} << kHashBits) - 1);
  const double share = std::ldexp(static_cast<double>(largest) + 1, -kHashBits);
  return std::max<std::uint64_t>(kSketchMax,
                                 static_cast<std::uint64_t>(static_cast<double>(kSketchMax - 1) / share));
}

}  // namespace churnwire::correlate
