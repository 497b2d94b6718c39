#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/article_decoder.h"
#include "schemas/errors.h"

namespace churnwire {

/// Feed mappings as parsed, and the tree of keys that the article decoder walks. Internal to schemas/; the
/// language of the files is described in schemas/feeds/README.md.

/// What a mapping can fill.
enum class ArticleField : std::uint8_t {
  uri,
  title,
  body,
  published_at,
  language,
  source_name,
  source_uri,
  url,
  version,
  status
};
inline constexpr std::array<std::string_view, 10> kArticleFieldNames{
    "uri",         "title",      "body", "published_at", "language",
    "source_name", "source_uri", "url",  "version",      "status"};
inline constexpr std::size_t kArticleFieldCount = kArticleFieldNames.size();

/// Limits of a mapping file and of a set of them (a set of feeds is one 64-bit mask).
inline constexpr std::size_t kFeedsMax = 64;
inline constexpr std::size_t kFeedFileBytesMax = 256U << 10U;
inline constexpr std::size_t kPathKeysMax = 16;
inline constexpr std::size_t kPathsMax = 256;

/// A place in a record: keys, and at most one array on the way, of whose elements those that meet all
/// conditions count. `after` are the keys from the element on.
struct FeedPath {
  struct Condition {
    std::string key;
    std::string value;
  };
  std::string text;
  std::vector<std::string> before;
  bool array = false;
  std::vector<Condition> conditions;
  std::vector<std::string> after;
};

/// One mapping file.
struct FeedMapping {
  std::string name;
  std::vector<FeedPath> recognise;
  std::array<std::vector<FeedPath>, kArticleFieldCount> fields;  // alternatives, best first
  std::array<bool, kArticleFieldCount> numbers{};                // a number stands for its digits
  std::array<std::map<std::string, std::string, std::less<>>, kArticleFieldCount> values;
};

std::expected<FeedMapping, DataError> parse_feed_mapping(const std::string& name, const std::string& text);

/// A set of feeds, one bit each.
using FeedSet = std::uint64_t;
inline constexpr std::int32_t kNone = -1;

/// A key of interest, below its parent. The sets say which feeds look for what there: a value of a kind that
/// a feed does not look for is of the wrong type for that feed.
struct FeedNode {
  std::string path;
  std::vector<std::pair<std::string, std::int32_t>> keys;  // children in an object
  std::array<std::uint64_t, 4> key_filter{};               // bits of key_hash() of the children
  std::int32_t element = kNone;                            // the elements of an array
  std::int32_t capture = kNone;                            // where a string or number is kept
  FeedSet keyed = 0;                                       // reads the key at all: it must not be repeated
  FeedSet valued = 0;                                      // reads a value through it
  FeedSet text = 0;
  FeedSet number = 0;
  FeedSet object = 0;
  FeedSet array = 0;
  FeedSet recognises = 0;

  /// Keeps, of each element, what its conditions select.
  struct Selection {
    std::vector<std::pair<std::int32_t, std::string>> conditions;  // capture in the element, value
    std::int32_t from = kNone;                                     // capture in the element
    std::int32_t to = kNone;                                       // capture of the record
  };
  std::vector<Selection> selections;           // on the node of the elements
  std::vector<std::int32_t> element_captures;  // likewise: all below it, to be forgotten after each element
};

/// The mappings of a set of feeds as one tree; the bit of a feed is its index.
struct FeedTree {
  struct Feed {
    const FeedMapping* mapping = nullptr;
    std::array<std::vector<std::int32_t>, kArticleFieldCount> captures;  // alternatives, best first
  };
  std::vector<FeedNode> nodes;  // the first is the record
  std::vector<Feed> feeds;
  std::size_t capture_count = 0;

  static std::uint8_t key_hash(std::string_view key) {
    const unsigned first = key.empty() ? 0U : static_cast<unsigned char>(key.front());
    const unsigned last = key.empty() ? 0U : static_cast<unsigned char>(key.back());
    return static_cast<std::uint8_t>(first * 7U + last * 31U + static_cast<unsigned>(key.size()) * 13U);
  }
  std::int32_t child(const FeedNode& node, std::string_view key) const {
    const std::uint8_t hash = key_hash(key);
    if ((node.key_filter[hash >> 6U] >> (hash & 63U) & 1U) == 0) return kNone;
    for (const auto& [name, index] : node.keys) {
      if (name == key) return index;
    }
    return kNone;
  }
};

FeedTree make_feed_tree(const std::vector<const FeedMapping*>& mappings);

struct FeedMappings::Tables {
  std::map<std::string, FeedMapping, std::less<>> mappings;
  std::map<std::string, FeedTree, std::less<>> trees;  // one a feed, and "auto"
};

}  // namespace churnwire
