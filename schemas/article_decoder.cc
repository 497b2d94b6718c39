#include "schemas/article_decoder.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <bit>
#include <cstring>

#include "schemas/article_record.h"
#include "schemas/check.h"
#include "schemas/feed_mapping.h"
#include "schemas/json_text.h"

namespace churnwire {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kBufferBytesMin = 64U << 10U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trim_end(std::string_view token) {
  const std::size_t last = token.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : token.substr(0, last + 1);
}

}  // namespace

/// The scratch of one decoder. The walk sees every value of the record once: it keeps those that a feed looks
/// for and checks the grammar of all others, since On-Demand alone would step over garbage in what nobody
/// reads.
struct ArticleDecoder::State {
  explicit State(const FeedTree& feed_tree) : tree(feed_tree), found(feed_tree) { reserve(kBufferBytesMin); }

  std::expected<Article, DecodeError> decode(std::string_view payload, Timestamp record_time);

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
  std::unexpected<DecodeError> bad_json(std::string_view payload) const;

  const FeedNode& node(std::int32_t index) const { return found.node(index); }
  /// Where in the payload a part of the buffer begins.
  std::uint32_t offset(std::string_view part) const {
    return static_cast<std::uint32_t>(part.data() - buffer.get()) + skipped;
  }

  const FeedTree& tree;
  ArticleRecord found;
  ondemand::parser parser{kPayloadBytesMax + simdjson::SIMDJSON_PADDING};
  std::size_t capacity = 0;
  std::unique_ptr<char[]> buffer;  // the record, padded
  std::unique_ptr<char[]> texts;   // unescaped strings; each byte of the record gives one here at most
  std::size_t size = 0;
  std::size_t texts_size = 0;
  std::uint32_t skipped = 0;  // bytes of the payload that were not copied (a byte order mark)
  std::size_t depth = 0;
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
  found.begin();
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
  return found.article(record_time);
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
    found.fault(here.valued & ~here.object, DecodeReason::wrong_type, index, offset(value.raw_json_token()));
  }
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  return walk_members(object, index);
}

bool ArticleDecoder::State::walk_members(ondemand::object object, std::int32_t index) {
  if (++depth > kNestingDepthMax) return false;
  const std::uint64_t instance = found.enter_object();
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    const char* const at = field.key().raw();
    std::string_view key;
    if (!read_key(at, key)) return false;
    std::int32_t child = index == kNone ? kNone : tree.child(node(index), key);
    if (child != kNone && !found.meet(child, instance, offset(std::string_view(at - 1, 1)))) child = kNone;
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
    found.fault(here.valued & ~here.array, DecodeReason::wrong_type, index, offset(value.raw_json_token()));
    element = here.element;
  }
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto item : array) {
    ondemand::value member;
    if (std::move(item).get(member) != simdjson::SUCCESS) return false;
    if (!walk(member, element)) return false;
    if (element != kNone) found.end_element(node(element));
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
  found.fault(here.valued & ~here.text, DecodeReason::wrong_type, index, offset(token));
  if (wanted) found.keep(index, kind, text, offset(token));
  return true;
}

/// Numbers, true, false, null: left unconsumed, so that the iteration steps over them.
bool ArticleDecoder::State::walk_scalar(std::string_view token, std::int32_t index) {
  if (!is_json_scalar(token)) return false;
  if (index == kNone || token == "null") return true;
  const FeedNode& here = node(index);
  const bool number = token.front() != 't' && token.front() != 'f';
  found.fault(here.valued & ~(number ? here.number : FeedSet{0}), DecodeReason::wrong_type, index,
              offset(token));
  if (number && here.capture != kNone) found.keep(index, Capture::Kind::number, token, offset(token));
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
