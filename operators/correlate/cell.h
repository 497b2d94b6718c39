#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/signal.h"

namespace churnwire::correlate {

using SignalPtr = std::shared_ptr<const Signal>;

inline constexpr std::chrono::milliseconds kDay = std::chrono::days(1);
/// Cells split time into stretches no longer than the shortest window, so that the signals of one cell always
/// belong together.
inline constexpr int kBucketDays = 15;
/// Distinct articles of one cell are counted exactly up to here, estimated beyond.
inline constexpr std::size_t kSketchMax = 128;

/// What must be equal for two signals to be kept together whatever else arrives. A function of the signal.
struct CellKey {
  std::string provider;  // signal_key()
  std::string customer;  // Customer::id; empty for an unnamed customer
  std::string topic;     // named: class of the workload, or empty; unnamed: traits and normalised description
  bool returned = false;  // the customer comes back
  bool historic = false;
  bool follow_up = false;  // progress, completion, denial or cancellation: may join what was told long before
  bool notice = false;     // a kill notice; `topic` is the article's uri
  std::int64_t bucket = 0;

  bool unnamed() const { return customer.empty() && !notice; }
  /// Equal for cells that may be in one event by their keys alone.
  std::string story() const;
  /// Unique for a key.
  std::string text() const;
};

CellKey cell_key(const Signal& signal);

/// Signals of one key. It keeps a bounded set that does not depend on the order of arrival: the first and the
/// last, the best of each phase and of each of some origins, of those with money and of those with a
/// destination. Each is the top of a total order, so the set of a union follows from the sets of its parts.
struct Cell {
  CellKey key;
  std::string id;                     // key.text()
  std::uint64_t tag = 0;              // of its hashes in a sketch
  std::vector<SignalPtr> kept;        // sorted by signal id
  std::vector<std::uint64_t> sketch;  // sorted; article hashes tagged with the cell, the smallest
  std::string owner;                  // id of the event whose row holds this cell
  Timestamp first{};
  Timestamp last{};
  std::vector<std::string> traits;  // of an unnamed customer: what it does, sorted
  std::string description;          // of an unnamed customer, folded

  explicit Cell(const CellKey& cell_key);
  /// Takes in `signal`; false when nothing changed.
  bool add(const SignalPtr& signal, std::size_t signals_max);
  /// Puts a signal or hash of a restored row back.
  void put_back(const SignalPtr& signal);
  void refresh_span();
  /// Number of distinct articles.
  std::uint64_t articles() const;
};

/// Lower case, spaces and punctuation folded; bytes past ASCII are kept.
std::string fold(std::string_view text);
/// Who told it in the end, folded: the named origin, else the source, else the article itself.
std::string origin_key(const Signal& signal);
std::uint64_t hash64(std::string_view text);
/// 32 hexadecimal digits.
std::string hash_hex(std::string_view text);
/// True when `left` is an older version of one article than `right`: numbers by value, else by text.
bool older_version(std::string_view left, std::string_view right);
/// By publication time, then id.
bool earlier(const SignalPtr& left, const SignalPtr& right);
/// True when `sketch_hash` was made by the cell with `tag`.
bool has_tag(std::uint64_t sketch_hash, std::uint64_t tag);

}  // namespace churnwire::correlate
