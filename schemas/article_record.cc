#include "schemas/article_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace churnwire {
namespace {

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

/// What the feed calls `field`.
std::string field_name(const FeedTree::Feed& feed, ArticleField field) {
  const auto index = static_cast<std::size_t>(field);
  const std::vector<FeedPath>& paths = feed.mapping->fields[index];
  return paths.empty() ? std::string(kArticleFieldNames[index]) : paths.front().text;
}

/// The types that `feeds` take at `node`, in words.
std::string types_at(const FeedNode& node, FeedSet feeds) {
  std::string types;
  const auto add = [&](FeedSet takes, std::string_view type) {
    if ((takes & feeds) == 0) return;
    if (!types.empty()) types += " or ";
    types += type;
  };
  add(node.text, "a string");
  add(node.number, "a number");
  add(node.object, "an object");
  add(node.array, "an array");
  return types;
}

}  // namespace

ArticleRecord::ArticleRecord(const FeedTree& tree)
    : tree_(tree), captures_(tree.capture_count), seen_(tree.nodes.size(), 0), met_(tree.nodes.size(), 0) {
  touched_.reserve(tree.capture_count);
}

void ArticleRecord::begin() {
  for (const std::int32_t index : touched_) capture(index).kind = Capture::Kind::absent;
  touched_.clear();
  if (tree_.feeds.size() > 1) scores_.fill(0);
  faulty_ = 0;
  ++records_;
}

bool ArticleRecord::meet(std::int32_t index, std::uint64_t object, std::uint32_t offset) {
  const FeedNode& here = node(index);
  std::uint64_t& last = seen_[static_cast<std::size_t>(index)];
  const bool repeated = last == object;
  if (repeated) fault(here.keyed, DecodeReason::duplicate_field, index, offset);
  last = object;
  std::uint64_t& record = met_[static_cast<std::size_t>(index)];
  if (record != records_) {
    record = records_;
    for (FeedSet feeds = here.recognises; feeds != 0; feeds &= feeds - 1) {
      ++scores_[static_cast<std::size_t>(std::countr_zero(feeds))];
    }
  }
  return !repeated;
}

void ArticleRecord::keep(std::int32_t index, Capture::Kind kind, std::string_view text,
                         std::uint32_t offset) {
  set(node(index).capture, Capture{kind, index, offset, records_, text});
}

void ArticleRecord::set(std::int32_t index, const Capture& value) {
  Capture& kept = capture(index);
  const bool first = kept.record != records_;
  kept = value;
  if (first) touched_.push_back(index);
}

void ArticleRecord::end_element(const FeedNode& element) {
  for (const FeedNode::Selection& selection : element.selections) {
    const Capture& from = capture(selection.from);
    if (from.kind == Capture::Kind::absent) continue;
    if (from.kind == Capture::Kind::text && is_blank(from.text)) continue;
    if (capture(selection.to).kind != Capture::Kind::absent) continue;
    const bool selected = std::ranges::all_of(selection.conditions, [&](const auto& condition) {
      const Capture& attribute = capture(condition.first);
      return attribute.kind == Capture::Kind::text && equal_ignoring_case(attribute.text, condition.second);
    });
    if (selected) set(selection.to, from);
  }
  for (const std::int32_t index : element.element_captures) capture(index).kind = Capture::Kind::absent;
}

void ArticleRecord::fault(FeedSet feeds, DecodeReason reason, std::int32_t index, std::uint32_t offset) {
  for (FeedSet fresh = feeds & ~faulty_; fresh != 0; fresh &= fresh - 1) {
    faults_[static_cast<std::size_t>(std::countr_zero(fresh))] = Fault{reason, index, offset};
  }
  faulty_ |= feeds;
}

/// The only feed, or the one of which the record has most keys; the number of feeds when there is none.
std::size_t ArticleRecord::choose_feed() const {
  const std::size_t count = tree_.feeds.size();
  if (count == 1) return 0;
  std::size_t best = 0;
  for (std::size_t i = 1; i < count; ++i) {
    if (scores_[i] > scores_[best]) best = i;
  }
  return scores_[best] == 0 ? count : best;
}

/// The best alternative that holds anything, or nothing.
const Capture* ArticleRecord::first_of(const FeedTree::Feed& feed, ArticleField field) const {
  for (const std::int32_t index : feed.captures[static_cast<std::size_t>(field)]) {
    const Capture& candidate = capture(index);
    if (candidate.kind == Capture::Kind::absent) continue;
    if (candidate.kind == Capture::Kind::text && is_blank(candidate.text)) continue;
    return &candidate;
  }
  return nullptr;
}

/// The text of `field`, empty where there is none. False when it cannot be used; then `problem` says why.
bool ArticleRecord::read(const FeedTree::Feed& feed, ArticleField field, std::string_view& text,
                         Fault& problem) const {
  text = std::string_view();
  const Capture* const found = first_of(feed, field);
  if (found == nullptr) return true;
  problem = {DecodeReason::bad_value, found->node, found->offset};
  if (found->kind == Capture::Kind::lone_surrogate) return false;
  const bool long_field = field == ArticleField::title || field == ArticleField::body;
  problem.reason = DecodeReason::field_too_large;
  if (found->text.size() > (long_field ? kTextFieldBytesMax : kShortFieldBytesMax)) return false;
  text = found->text;
  const auto& words = feed.mapping->values[static_cast<std::size_t>(field)];
  if (words.empty()) return true;
  if (const auto word = words.find(text); word != words.end()) text = word->second;
  return true;
}

std::expected<Article, DecodeError> ArticleRecord::article(Timestamp record_time) const {
  const std::size_t chosen = choose_feed();
  if (chosen == tree_.feeds.size()) {
    return std::unexpected(DecodeError{DecodeReason::unknown_feed, "", 0,
                                       "the record has no key by which a feed is recognised"});
  }
  if ((faulty_ >> chosen & 1U) != 0) {
    const Fault& fault = faults_[chosen];
    return refused(fault, fault.reason == DecodeReason::duplicate_field
                              ? std::string("stands twice in one object")
                              : "must be " + types_at(node(fault.node), FeedSet{1} << chosen));
  }
  const FeedTree::Feed& feed = tree_.feeds[chosen];
  Texts texts;
  for (std::size_t i = 0; i < kArticleFieldCount; ++i) {
    Fault problem;
    if (read(feed, static_cast<ArticleField>(i), texts[i], problem)) continue;
    return refused(problem, problem.reason == DecodeReason::bad_value ? "holds half of a surrogate pair"
                                                                      : "is longer than its limit");
  }
  return article_of(feed, texts, record_time);
}

std::expected<Article, DecodeError> ArticleRecord::article_of(const FeedTree::Feed& feed, const Texts& texts,
                                                              Timestamp record_time) const {
  const auto text_of = [&](ArticleField field) { return texts[static_cast<std::size_t>(field)]; };
  const auto bad_value = [&](ArticleField field, std::string_view what) {
    const Capture* const found = first_of(feed, field);
    return refused({DecodeReason::bad_value, found->node, found->offset}, what);
  };
  Article article{.uri = text_of(ArticleField::uri),
                  .title = text_of(ArticleField::title),
                  .body = text_of(ArticleField::body),
                  .language = text_of(ArticleField::language),
                  .source_name = text_of(ArticleField::source_name),
                  .source_uri = text_of(ArticleField::source_uri),
                  .url = text_of(ArticleField::url),
                  .version = text_of(ArticleField::version),
                  .published_at = record_time,
                  .time_assumed = true};
  const std::string_view status = text_of(ArticleField::status);
  article.canceled = status == "canceled";
  if (!status.empty() && !article.canceled && status != "usable") {
    return bad_value(ArticleField::status, "is no status that the feed mapping knows");
  }
  if (const std::string_view published = text_of(ArticleField::published_at); !published.empty()) {
    const std::optional<Timestamp> time = parse_rfc3339(published);
    if (!time) return bad_value(ArticleField::published_at, "is not an RFC 3339 time");
    article.published_at = *time;
    article.time_assumed = false;
  }
  if (article.uri.empty()) {
    const std::string name = field_name(feed, ArticleField::uri);
    return std::unexpected(
        DecodeError{DecodeReason::missing_field, name, 0, fmt::format("{} is missing or empty", name)});
  }
  // A kill notice takes an article back; it need not repeat it.
  if (article.title.empty() && article.body.empty() && !article.canceled) {
    return std::unexpected(
        DecodeError{DecodeReason::no_text, "", 0,
                    fmt::format("neither {} nor {} holds text", field_name(feed, ArticleField::title),
                                field_name(feed, ArticleField::body))});
  }
  return article;
}

std::unexpected<DecodeError> ArticleRecord::refused(const Fault& fault, std::string_view what) const {
  const std::string& path = node(fault.node).path;
  return std::unexpected(DecodeError{fault.reason, path, fault.offset, fmt::format("{} {}", path, what)});
}

}  // namespace churnwire
