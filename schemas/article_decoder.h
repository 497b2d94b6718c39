#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "schemas/article.h"
#include "schemas/errors.h"

namespace churnwire {

/// Limits of one article record. Past them the record is refused, never cut.
inline constexpr std::size_t kPayloadBytesMax = 16U << 20U;
inline constexpr std::size_t kNestingDepthMax = 64;
inline constexpr std::size_t kTextFieldBytesMax = 8U << 20U;  // title, body
inline constexpr std::size_t kShortFieldBytesMax = 4096;      // uri, source, url and the like

/// Feed mappings by name, parsed from schemas/feeds/*.yaml. Immutable; share it between decoders and threads.
class FeedMappings {
 public:
  /// Parses mapping files (name of the feed -> text of its file).
  static std::expected<FeedMappings, DataError> parse(const std::map<std::string, std::string>& files);
  FeedMappings(FeedMappings&&) noexcept;
  FeedMappings& operator=(FeedMappings&&) noexcept;
  ~FeedMappings();
  /// True for a known mapping and for "auto".
  bool contains(std::string_view feed) const;
  /// The names of all mappings, sorted, for messages: "native, newsapi, ninjs-2".
  std::string names() const;

 private:
  friend class ArticleDecoder;
  struct Tables;
  explicit FeedMappings(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

/// Reads one article record with simdjson On-Demand: one pass over the object, one reused padded buffer, no
/// allocation per record after warm-up. Thread-compatible: one per worker. `mappings` must outlive it.
class ArticleDecoder {
 public:
  /// `feed` names a mapping, or "auto": the shape of each record decides. CHECKs mappings.contains(feed).
  ArticleDecoder(const FeedMappings& mappings, std::string_view feed);
  ~ArticleDecoder();
  ArticleDecoder(const ArticleDecoder&) = delete;
  ArticleDecoder& operator=(const ArticleDecoder&) = delete;

  /// Decodes one record. `record_time` stands in for a missing publication time. The views of the article are
  /// valid until the next decode(); `payload` may be freed at once.
  std::expected<Article, DecodeError> decode(std::string_view payload, Timestamp record_time) &;
  std::expected<Article, DecodeError> decode(std::string_view payload, Timestamp record_time) && = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
