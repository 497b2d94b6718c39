#include "schemas/article_decoder.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <vector>

#include "schemas/check.h"
#include "schemas/feed_mapping.h"
#include "schemas/json_text.h"

namespace churnwire {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kBufferBytesMin = 64U << 10U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

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

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim_end(std::string_view token) {
  const std::size_t last = token.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : token.substr(0, last + 1);
}

}  // namespace

/// The scratch of one decoder. The walk sees every value of the record once: it keeps those that a feed looks
/// for and checks the grammar of all others, since On-Demand alone would step over garbage in what nobody
/// reads.
struct ArticleDecoder::State {
  explicit State(const FeedTree& feed_tree)
      : tree(feed_tree), captures(tree.capture_count), seen(tree.nodes.size(), 0), met(tree.nodes.size(), 0) {
    touched.reserve(tree.capture_count);
    reserve(kBufferBytesMin);
  }

  std::expected<Article, DecodeError> decode(std::string_view payload, Timestamp record_time);

 private:
  void reserve(std::size_t bytes);
  void load(std::string_view payload);
  bool walk_record();
  bool walk(ondemand::value value, std::int32_t index);
  bool walk_object(ondemand::value value, std::int32_t index);
  bool walk_array(ondemand::value value, std::int32_t index);
  bool walk_string(ondemand::value value, std::string_view token, std::int32_t index);
  bool walk_scalar(std::string_view token, std::int32_t index);
  bool read_key(const char* begin, std::string_view& key);
  bool walk_members(ondemand::object object, std::int32_t index);
  void meet(std::int32_t index, std::uint64_t instance, const char* at);
  void keep(const FeedNode& node, std::int32_t index, Capture::Kind kind, std::string_view text,
            const char* at);
  void set(std::int32_t index, const Capture& value) {
    Capture& kept = capture(index);
    const bool first = kept.record != records;
    kept = value;
    if (first) touched.push_back(index);
  }
  void select(const FeedNode& element);
  void fault(FeedSet feeds, DecodeReason reason, std::int32_t node, const char* at);

  std::size_t choose_feed() const;
  std::expected<Article, DecodeError> article(const FeedTree::Feed& feed, Timestamp record_time) const;
  bool read(const FeedTree::Feed& feed, ArticleField field, std::string_view& text, Fault& problem) const;
  const Capture* first_of(const FeedTree::Feed& feed, ArticleField field) const;
  std::string field_name(const FeedTree::Feed& feed, ArticleField field) const;
  std::unexpected<DecodeError> refused(const Fault& fault) const;
  std::unexpected<DecodeError> bad_json(std::string_view payload) const;

  const FeedNode& node(std::int32_t index) const { return tree.nodes[static_cast<std::size_t>(index)]; }
  Capture& capture(std::int32_t index) { return captures[static_cast<std::size_t>(index)]; }
  const Capture& capture(std::int32_t index) const { return captures[static_cast<std::size_t>(index)]; }
  std::uint32_t offset(const char* at) const {
    return static_cast<std::uint32_t>(at - buffer.get()) + skipped;
  }

  const FeedTree& tree;
  ondemand::parser parser{kPayloadBytesMax + simdjson::SIMDJSON_PADDING};
  std::size_t capacity = 0;
  std::unique_ptr<char[]> buffer;  // the record, padded
  std::unique_ptr<char[]> texts;   // unescaped strings; each byte of the record gives one here at most
  std::size_t size = 0;
  std::size_t texts_size = 0;
  std::uint32_t skipped = 0;  // bytes of the payload that were not copied (a byte order mark)
  std::size_t depth = 0;

  std::vector<Capture> captures;
  std::vector<std::int32_t> touched;  // captures to be forgotten before the next record, each once
  std::vector<std::uint64_t> seen;    // by node: the object in which its key was met last
  std::vector<std::uint64_t> met;     // by node: the record in which its key was met last
  std::uint64_t instances = 0;        // objects so far, ever
  std::uint64_t records = 0;
  std::array<std::uint16_t, kFeedsMax> scores{};
  std::array<Fault, kFeedsMax> faults{};
  FeedSet faulty = 0;
};

void ArticleDecoder::State::reserve(std::size_t bytes) {
  if (bytes <= capacity) return;
  capacity = std::bit_ceil(bytes);
  buffer = std::make_unique_for_overwrite<char[]>(capacity + simdjson::SIMDJSON_PADDING);
  texts = std::make_unique_for_overwrite<char[]>(capacity);
  CHECK(parser.allocate(capacity, kNestingDepthMax + 2) == simdjson::SUCCESS);
}

void ArticleDecoder::State::load(std::string_view payload) {
  skipped = 0;
  if (payload.starts_with(kByteOrderMark)) {
    skipped = static_cast<std::uint32_t>(kByteOrderMark.size());
    payload.remove_prefix(kByteOrderMark.size());
  }
  reserve(payload.size());
  size = payload.size();
  if (size != 0) std::memcpy(buffer.get(), payload.data(), size);
  std::memset(buffer.get() + size, 0, simdjson::SIMDJSON_PADDING);
  texts_size = 0;
  depth = 0;
  faulty = 0;
  if (tree.feeds.size() > 1) scores.fill(0);
  for (const std::int32_t index : touched) capture(index).kind = Capture::Kind::absent;
  touched.clear();
  ++records;
}

std::expected<Article, DecodeError> ArticleDecoder::State::decode(std::string_view payload,
                                                                  Timestamp record_time) {
  if (payload.size() > kPayloadBytesMax) {
    return std::unexpected(DecodeError{
        DecodeReason::too_large, "", kPayloadBytesMax,
        fmt::format("the record has {} bytes, the limit is {}", payload.size(), kPayloadBytesMax)});
  }
  load(payload);
  if (!walk_record()) return bad_json(payload);
  const std::size_t chosen = choose_feed();
  if (chosen == tree.feeds.size()) {
    return std::unexpected(DecodeError{DecodeReason::unknown_feed, "", 0,
                                       "the record has no key by which a feed is recognised"});
  }
  if ((faulty >> chosen & 1U) != 0) return refused(faults[chosen]);
  return article(tree.feeds[chosen], record_time);
}

bool ArticleDecoder::State::walk_record() {
  ondemand::document document;
  const simdjson::padded_string_view json(buffer.get(), size, capacity + simdjson::SIMDJSON_PADDING);
  const std::size_t first = std::string_view(buffer.get(), size).find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || buffer[first] != '{') return false;
  if (parser.iterate(json).get(document) != simdjson::SUCCESS) return false;
  ondemand::object root;
  if (document.get_object().get(root) != simdjson::SUCCESS) return false;
  return walk_members(root, 0) && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

/// Reads one value; `index` is its node, or kNone where no feed looks.
bool ArticleDecoder::State::walk(ondemand::value value, std::int32_t index) {
  const std::string_view token = value.raw_json_token();
  switch (token.front()) {
    case '"':
      return walk_string(value, token, index);
    case '{':
      return walk_object(value, index);
    case '[':
      return walk_array(value, index);
    default:
      return walk_scalar(trim_end(token), index);
  }
}

bool ArticleDecoder::State::walk_object(ondemand::value value, std::int32_t index) {
  if (index != kNone) {
    const FeedNode& here = node(index);
    fault(here.valued & ~here.object, DecodeReason::wrong_type, index, value.raw_json_token().data());
  }
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  return walk_members(object, index);
}

bool ArticleDecoder::State::walk_members(ondemand::object object, std::int32_t index) {
  if (++depth > kNestingDepthMax) return false;
  const std::uint64_t instance = ++instances;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    const char* const at = field.key().raw();
    std::string_view key;
    if (!read_key(at, key)) return false;
    std::int32_t child = index == kNone ? kNone : tree.child(node(index), key);
    if (child != kNone) {
      const bool repeated = seen[static_cast<std::size_t>(child)] == instance;
      meet(child, instance, at - 1);
      if (repeated) child = kNone;
    }
    if (!walk(field.value(), child)) return false;
  }
  --depth;
  return true;
}

bool ArticleDecoder::State::walk_array(ondemand::value value, std::int32_t index) {
  if (++depth > kNestingDepthMax) return false;
  std::int32_t element = kNone;
  if (index != kNone) {
    const FeedNode& here = node(index);
    fault(here.valued & ~here.array, DecodeReason::wrong_type, index, value.raw_json_token().data());
    element = here.element;
  }
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto item : array) {
    ondemand::value member;
    if (std::move(item).get(member) != simdjson::SUCCESS) return false;
    if (!walk(member, element)) return false;
    if (element != kNone) select(node(element));
  }
  --depth;
  return true;
}

bool ArticleDecoder::State::walk_string(ondemand::value value, std::string_view token, std::int32_t index) {
  // Consumed by hand: when On-Demand steps over a string itself, it takes one before a colon for a key.
  ondemand::raw_json_string consumed;
  if (value.get_raw_json_string().get(consumed) != simdjson::SUCCESS) return false;
  token = trim_end(token);
  if (token.size() < 2 || token.back() != '"') return false;
  const std::string_view raw = token.substr(1, token.size() - 2);
  const bool wanted = index != kNone && node(index).capture != kNone;
  const bool escaped = !raw.empty() && std::memchr(raw.data(), '\\', raw.size()) != nullptr;
  std::string_view text = raw;
  Capture::Kind kind = Capture::Kind::text;
  if (escaped) {
    char* const out = texts.get() + texts_size;
    const Unescaped result = wanted ? unescape_json(raw, out) : check_escapes(raw);
    if (result.fault == EscapeFault::bad_escape) return false;
    if (result.fault == EscapeFault::lone_surrogate) kind = Capture::Kind::lone_surrogate;
    if (wanted) texts_size += result.size;
    text = std::string_view(out, result.size);
  }
  if (index == kNone) return true;
  const FeedNode& here = node(index);
  fault(here.valued & ~here.text, DecodeReason::wrong_type, index, token.data());
  if (wanted) keep(here, index, kind, text, token.data());
  return true;
}

/// Numbers, true, false, null: left unconsumed, so that the iteration steps over them.
bool ArticleDecoder::State::walk_scalar(std::string_view token, std::int32_t index) {
  if (!is_json_scalar(token)) return false;
  if (index == kNone || token == "null") return true;
  const FeedNode& here = node(index);
  const bool number = token.front() != 't' && token.front() != 'f';
  fault(here.valued & ~(number ? here.number : FeedSet{0}), DecodeReason::wrong_type, index, token.data());
  if (number && here.capture != kNone) keep(here, index, Capture::Kind::number, token, token.data());
  return true;
}

/// The key that begins at `begin` and ends at a quote, unescaped.
bool ArticleDecoder::State::read_key(const char* begin, std::string_view& key) {
  const char* end = begin;
  bool escaped = false;
  for (; *end != '"'; ++end) {
    if (*end != '\\') continue;
    escaped = true;
    ++end;
  }
  key = std::string_view(begin, static_cast<std::size_t>(end - begin));
  if (!escaped) return true;
  char* const out = texts.get() + texts_size;
  const Unescaped result = unescape_json(key, out);
  if (result.fault == EscapeFault::bad_escape) return false;
  if (result.fault == EscapeFault::none) key = std::string_view(out, result.size);
  return true;
}

/// Notes that the key of a node was met in the object `instance`.
void ArticleDecoder::State::meet(std::int32_t index, std::uint64_t instance, const char* at) {
  const FeedNode& here = node(index);
  std::uint64_t& last = seen[static_cast<std::size_t>(index)];
  if (last == instance) fault(here.keyed, DecodeReason::duplicate_field, index, at);
  last = instance;
  std::uint64_t& record = met[static_cast<std::size_t>(index)];
  if (record == records) return;
  record = records;
  for (FeedSet feeds = here.recognises; feeds != 0; feeds &= feeds - 1) {
    ++scores[static_cast<std::size_t>(std::countr_zero(feeds))];
  }
}

void ArticleDecoder::State::keep(const FeedNode& here, std::int32_t index, Capture::Kind kind,
                                 std::string_view text, const char* at) {
  set(here.capture, Capture{kind, index, offset(at), records, text});
}

/// At the end of an element: copies what the conditions select, where no element before it was selected, and
/// forgets the element.
void ArticleDecoder::State::select(const FeedNode& element) {
  for (const FeedNode::Selection& selection : element.selections) {
    const Capture& from = capture(selection.from);
    const Capture& to = capture(selection.to);
    if (from.kind == Capture::Kind::absent || to.kind != Capture::Kind::absent) continue;
    if (from.kind == Capture::Kind::text && is_blank(from.text)) continue;
    const bool selected = std::ranges::all_of(selection.conditions, [&](const auto& condition) {
      const Capture& attribute = capture(condition.first);
      return attribute.kind == Capture::Kind::text && equal_ignoring_case(attribute.text, condition.second);
    });
    if (selected) set(selection.to, from);
  }
  for (const std::int32_t index : element.element_captures) capture(index).kind = Capture::Kind::absent;
}

/// Notes the first fault of each of `feeds`.
void ArticleDecoder::State::fault(FeedSet feeds, DecodeReason reason, std::int32_t index, const char* at) {
  for (FeedSet fresh = feeds & ~faulty; fresh != 0; fresh &= fresh - 1) {
    faults[static_cast<std::size_t>(std::countr_zero(fresh))] = Fault{reason, index, offset(at)};
  }
  faulty |= feeds;
}

/// The only feed, or the one of which the record has most keys; tree.feeds.size() when there is none.
std::size_t ArticleDecoder::State::choose_feed() const {
  if (tree.feeds.size() == 1) return 0;
  const auto* const best = std::max_element(scores.begin(), scores.begin() + tree.feeds.size());
  return *best == 0 ? tree.feeds.size() : static_cast<std::size_t>(best - scores.begin());
}

/// The best alternative that holds anything, or nothing.
const Capture* ArticleDecoder::State::first_of(const FeedTree::Feed& feed, ArticleField field) const {
  for (const std::int32_t index : feed.captures[static_cast<std::size_t>(field)]) {
    const Capture& candidate = capture(index);
    if (candidate.kind == Capture::Kind::absent) continue;
    if (candidate.kind == Capture::Kind::text && is_blank(candidate.text)) continue;
    return &candidate;
  }
  return nullptr;
}

/// The text of `field`, empty where there is none. False when it cannot be used; then `problem` says why.
bool ArticleDecoder::State::read(const FeedTree::Feed& feed, ArticleField field, std::string_view& text,
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

std::expected<Article, DecodeError> ArticleDecoder::State::article(const FeedTree::Feed& feed,
                                                                   Timestamp record_time) const {
  std::array<std::string_view, kArticleFieldCount> texts_of;
  for (std::size_t i = 0; i < kArticleFieldCount; ++i) {
    Fault problem;
    if (!read(feed, static_cast<ArticleField>(i), texts_of[i], problem)) return refused(problem);
  }
  const auto text_of = [&](ArticleField field) { return texts_of[static_cast<std::size_t>(field)]; };
  const auto bad_value = [&](ArticleField field) {
    const Capture* const found = first_of(feed, field);
    return refused({DecodeReason::bad_value, found->node, found->offset});
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
  if (!status.empty() && !article.canceled && status != "usable") return bad_value(ArticleField::status);
  if (const std::string_view published = text_of(ArticleField::published_at); !published.empty()) {
    const std::optional<Timestamp> time = parse_rfc3339(published);
    if (!time) return bad_value(ArticleField::published_at);
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

/// What the feed calls `field`.
std::string ArticleDecoder::State::field_name(const FeedTree::Feed& feed, ArticleField field) const {
  const auto index = static_cast<std::size_t>(field);
  const std::vector<FeedPath>& paths = feed.mapping->fields[index];
  return paths.empty() ? std::string(kArticleFieldNames[index]) : paths.front().text;
}

std::unexpected<DecodeError> ArticleDecoder::State::refused(const Fault& fault) const {
  const std::string& path = node(fault.node).path;
  std::string_view what = "cannot be used";
  switch (fault.reason) {
    case DecodeReason::wrong_type:
      what = "is of the wrong type";
      break;
    case DecodeReason::duplicate_field:
      what = "stands twice in one object";
      break;
    case DecodeReason::field_too_large:
      what = "is longer than its limit";
      break;
    case DecodeReason::bad_value:
      what = "holds a value that is not allowed here";
      break;
    default:
      break;
  }
  return std::unexpected(DecodeError{fault.reason, path, fault.offset, fmt::format("{} {}", path, what)});
}

/// Why the walk stopped, found by a second, slower reading.
std::unexpected<DecodeError> ArticleDecoder::State::bad_json(std::string_view payload) const {
  payload.remove_prefix(skipped);
  std::optional<DecodeError> error = find_json_fault(payload, kNestingDepthMax);
  if (!error) error = DecodeError{DecodeReason::wrong_type, "", 0, "the record must be a JSON object"};
  error->byte_offset += skipped;
  return std::unexpected(*std::move(error));
}

ArticleDecoder::ArticleDecoder(const FeedMappings& mappings, std::string_view feed) {
  const auto tree = mappings.tables_->trees.find(feed);
  CHECK(tree != mappings.tables_->trees.end());
  state_ = std::make_unique<State>(tree->second);
}

ArticleDecoder::~ArticleDecoder() = default;

std::expected<Article, DecodeError> ArticleDecoder::decode(std::string_view payload,
                                                           Timestamp record_time) & {
  return state_->decode(payload, record_time);
}

}  // namespace churnwire
