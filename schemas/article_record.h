#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/article.h"
#include "schemas/feed_mapping.h"

namespace churnwire {

/// A value that some feed asked for.
struct Capture {
  enum class Kind : std::uint8_t { absent, text, number, lone_surrogate };
  Kind kind = Kind::absent;
  std::int32_t node = kNone;
  std::uint32_t offset = 0;  // of the value, in the record
  std::uint64_t record = 0;  // in which it was set last
  std::string_view text;
};

/// Why a record is bad for one feed; it is good for another that does not read the field.
struct Fault {
  DecodeReason reason = DecodeReason::wrong_type;
  std::int32_t node = kNone;
  std::uint32_t offset = 0;
};

/// What the decoder's walk found in one record, by the feeds of a tree, and the article that comes of it.
/// Internal to schemas/. Reused from record to record; allocates in the constructor and for errors only.
class ArticleRecord {
 public:
  explicit ArticleRecord(const FeedTree& tree);

  /// Forgets the record before.
  void begin();
  /// A number for the object that the walk enters, different from all others.
  std::uint64_t enter_object() { return ++objects_; }
  /// Notes that the key of a node was met in `object`. False when it stood there before.
  bool meet(std::int32_t index, std::uint64_t object, std::uint32_t offset);
  /// Keeps the value of a node that has a capture.
  void keep(std::int32_t index, Capture::Kind kind, std::string_view text, std::uint32_t offset);
  /// At the end of an element of an array: copies what the conditions select, where no element before it was
  /// selected, and forgets the element.
  void end_element(const FeedNode& element);
  /// Notes a fault; the first of each of `feeds` stays.
  void fault(FeedSet feeds, DecodeReason reason, std::int32_t index, std::uint32_t offset);

  /// The article as the only feed of the tree reads it, or the one of which the record has most keys.
  std::expected<Article, DecodeError> article(Timestamp record_time) const;

  const FeedNode& node(std::int32_t index) const { return tree_.nodes[static_cast<std::size_t>(index)]; }

 private:
  using Texts = std::array<std::string_view, kArticleFieldCount>;
  Capture& capture(std::int32_t index) { return captures_[static_cast<std::size_t>(index)]; }
  const Capture& capture(std::int32_t index) const { return captures_[static_cast<std::size_t>(index)]; }
  void set(std::int32_t index, const Capture& value);
  std::size_t choose_feed() const;
  const Capture* first_of(const FeedTree::Feed& feed, ArticleField field) const;
  bool read(const FeedTree::Feed& feed, ArticleField field, std::string_view& text, Fault& problem) const;
  std::expected<Article, DecodeError> article_of(const FeedTree::Feed& feed, const Texts& texts,
                                                 Timestamp record_time) const;
  std::unexpected<DecodeError> refused(const Fault& fault, std::string_view what) const;

  const FeedTree& tree_;
  std::vector<Capture> captures_;
  std::vector<std::int32_t> touched_;  // captures to be forgotten before the next record, each once
  std::vector<std::uint64_t> seen_;    // by node: the object in which its key was met last
  std::vector<std::uint64_t> met_;     // by node: the record in which its key was met last
  std::uint64_t objects_ = 0;          // so far, ever
  std::uint64_t records_ = 0;
  std::array<std::uint16_t, kFeedsMax> scores_{};
  std::array<Fault, kFeedsMax> faults_{};
  FeedSet faulty_ = 0;
};

}  // namespace churnwire
