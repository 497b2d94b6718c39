#include "schemas/feed_mapping.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

namespace churnwire {
namespace {

/// Reads one path: keys joined by dots, "[]" or "[key=value, key=value]" behind the key of an array, a
/// backslash before a character that is meant as such.
class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text) {}

  /// Nothing when the text is no path; then error() says why.
  std::optional<FeedPath> read() {
    FeedPath path;
    path.text = text_;
    if (text_.empty()) return fail("a path is empty");
    while (true) {
      std::vector<std::string>& keys = path.array ? path.after : path.before;
      if (keys.size() == kPathKeysMax) return fail(fmt::format("a path has at most {} keys", kPathKeysMax));
      std::string key = word(".[]");
      if (key.empty()) return fail("a path lacks a key");
      keys.push_back(std::move(key));
      if (peek() == '[' && !selector(path)) return std::nullopt;
      if (at_ == text_.size()) return path;
      if (peek() != '.') return fail("expected \".\" or \"[\" in a path");
      ++at_;
    }
  }
  const std::string& error() const { return error_; }

 private:
  std::nullopt_t fail(std::string message) {
    error_ = fmt::format("{}: \"{}\"", message, text_);
    return std::nullopt;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::string word(std::string_view stops) {
    std::string word;
    for (; at_ < text_.size() && stops.find(text_[at_]) == std::string_view::npos; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word += text_[at_];
    }
    return word;
  }

  bool selector(FeedPath& path) {
    ++at_;
    if (path.array) {
      fail("a path goes through one array at most");
      return false;
    }
    path.array = true;
    while (peek() != ']') {
      while (peek() == ' ' || peek() == ',') ++at_;
      FeedPath::Condition condition;
      condition.key = word("=,]");
      if (peek() != '=' || condition.key.empty()) {
        fail("a condition must read key=value");
        return false;
      }
      ++at_;
      condition.value = word(",]");
      path.conditions.push_back(std::move(condition));
      if (at_ == text_.size()) {
        fail("a \"[\" is not closed");
        return false;
      }
    }
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

std::optional<std::size_t> field_index(std::string_view name) {
  const auto* const found = std::ranges::find(kArticleFieldNames, name);
  if (found == kArticleFieldNames.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kArticleFieldNames.begin());
}

std::string comma_list(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) {
    if (!list.empty()) list += ", ";
    list += word;
  }
  return list;
}

/// Reads one mapping file; the first fault sticks.
class MappingReader {
 public:
  explicit MappingReader(const std::string& name) { mapping_.name = name; }

  std::expected<FeedMapping, DataError> read(const std::string& text) {
    try {
      const YAML::Node root = YAML::Load(text);
      file(root);
    } catch (const YAML::Exception& error) {
      fail(error.mark, error.msg);
    }
    if (error_) return std::unexpected(*error_);
    return std::move(mapping_);
  }

 private:
  void file(const YAML::Node& root) {
    if (!root.IsMap()) return fail(root.Mark(), "a feed mapping must be a map with \"fields\"");
    for (const auto& entry : root) {
      const std::string key = entry.first.as<std::string>();
      if (key == "recognise") {
        paths(entry.second, mapping_.recognise);
      } else if (key == "fields") {
        fields(entry.second);
      } else if (key == "values") {
        values(entry.second);
      } else if (key == "numbers") {
        numbers(entry.second);
      } else {
        fail(entry.first.Mark(),
             fmt::format("unknown key \"{}\"; known: recognise, fields, values, numbers", key));
      }
    }
    const auto mapped = [&](ArticleField field) {
      return !mapping_.fields[static_cast<std::size_t>(field)].empty();
    };
    if (!mapped(ArticleField::uri)) fail(root.Mark(), "fields must map \"uri\"");
    if (!mapped(ArticleField::title) && !mapped(ArticleField::body)) {
      fail(root.Mark(), "fields must map \"title\" or \"body\"");
    }
  }

  /// A path, or a list of them.
  void paths(const YAML::Node& node, std::vector<FeedPath>& out) {
    if (node.IsSequence()) {
      for (const auto& item : node) path(item, out);
    } else {
      path(node, out);
    }
  }
  void path(const YAML::Node& node, std::vector<FeedPath>& out) {
    if (!node.IsScalar()) return fail(node.Mark(), "a path must be a text");
    if (++path_count_ > kPathsMax) return fail(node.Mark(), fmt::format("more than {} paths", kPathsMax));
    const std::string& text = node.Scalar();
    PathReader reader(text);
    std::optional<FeedPath> parsed = reader.read();
    if (!parsed) return fail(node.Mark(), reader.error());
    out.push_back(*std::move(parsed));
  }

  void fields(const YAML::Node& node) {
    if (!node.IsMap()) return fail(node.Mark(), "\"fields\" must be a map of field to path");
    for (const auto& entry : node) {
      if (const auto field = known_field(entry.first)) paths(entry.second, mapping_.fields[*field]);
    }
  }

  void values(const YAML::Node& node) {
    if (!node.IsMap()) return fail(node.Mark(), "\"values\" must be a map of field to words");
    for (const auto& entry : node) {
      const auto field = known_field(entry.first);
      if (!field) return;
      if (!entry.second.IsMap()) return fail(entry.second.Mark(), "words must be a map of theirs to ours");
      for (const auto& word : entry.second) {
        mapping_.values[*field].insert_or_assign(word.first.as<std::string>(), word.second.as<std::string>());
      }
    }
    for (const auto& [theirs, ours] : mapping_.values[static_cast<std::size_t>(ArticleField::status)]) {
      if (ours != "usable" && ours != "canceled") {
        fail(node.Mark(),
             fmt::format("status \"{}\" must become usable or canceled, not \"{}\"", theirs, ours));
      }
    }
  }

  void numbers(const YAML::Node& node) {
    if (!node.IsSequence()) return fail(node.Mark(), "\"numbers\" must be a list of fields");
    for (const auto& item : node) {
      if (const auto field = known_field(item)) mapping_.numbers[*field] = true;
    }
  }

  std::optional<std::size_t> known_field(const YAML::Node& node) {
    const std::string name = node.as<std::string>();
    const std::optional<std::size_t> field = field_index(name);
    if (!field)
      fail(node.Mark(), fmt::format("unknown field \"{}\"; known: {}", name, comma_list(kArticleFieldNames)));
    return field;
  }

  void fail(const YAML::Mark& mark, std::string message) {
    const std::size_t line = mark.line < 0 ? 0 : static_cast<std::size_t>(mark.line) + 1;
    if (!error_) error_ = DataError{mapping_.name + ".yaml", line, std::move(message)};
  }

  FeedMapping mapping_;
  std::size_t path_count_ = 0;
  std::optional<DataError> error_;
};

/// Grows the tree path by path.
class TreeBuilder {
 public:
  FeedTree build(const std::vector<const FeedMapping*>& mappings) {
    tree_.nodes.emplace_back();
    for (const FeedMapping* mapping : mappings) add(*mapping);
    for (FeedNode& node : tree_.nodes) {
      if (node.element != kNone) collect_captures(node.element, this->node(node.element).element_captures);
      for (const auto& [key, index] : node.keys) {
        const std::uint8_t hash = FeedTree::key_hash(key);
        node.key_filter[hash >> 6U] |= std::uint64_t{1} << (hash & 63U);
      }
    }
    return std::move(tree_);
  }

 private:
  void add(const FeedMapping& mapping) {
    const FeedSet feed = FeedSet{1} << tree_.feeds.size();
    FeedTree::Feed compiled;
    compiled.mapping = &mapping;
    for (std::size_t field = 0; field < kArticleFieldCount; ++field) {
      for (const FeedPath& path : mapping.fields[field]) {
        compiled.captures[field].push_back(add_value(path, feed, mapping.numbers[field]));
      }
    }
    for (const FeedPath& path : mapping.recognise) {
      std::int32_t index = descend(0, path.before, 0);
      if (path.array) index = descend(element(index, 0), path.after, 0);
      node(index).recognises |= feed;
    }
    tree_.feeds.push_back(std::move(compiled));
  }

  std::int32_t add_value(const FeedPath& path, FeedSet feed, bool numbers) {
    std::int32_t index = descend(0, path.before, feed);
    if (!path.array) return leaf(index, feed, numbers);
    node(index).array |= feed;
    const std::int32_t elements = element(index, feed);
    FeedNode::Selection selection;
    selection.from = leaf(descend(elements, path.after, feed), feed, numbers);
    for (const FeedPath::Condition& condition : path.conditions) {
      const std::int32_t attribute = descend(elements, {condition.key}, 0);
      node(attribute).keyed |= feed;
      selection.conditions.emplace_back(capture(attribute), condition.value);
    }
    if (!path.conditions.empty() || !path.after.empty()) node(elements).object |= feed;
    const auto found = std::ranges::find_if(node(elements).selections, [&](const FeedNode::Selection& known) {
      return known.from == selection.from && known.conditions == selection.conditions;
    });
    if (found != node(elements).selections.end()) return found->to;
    selection.to = new_capture();
    node(elements).selections.push_back(selection);
    return selection.to;
  }

  /// The node below `from` at `keys`; `feed` reads a value through all on the way.
  std::int32_t descend(std::int32_t from, const std::vector<std::string>& keys, FeedSet feed) {
    for (const std::string& key : keys) {
      node(from).object |= feed;
      from = child(from, key);
      node(from).keyed |= feed;
      node(from).valued |= feed;
    }
    return from;
  }
  std::int32_t child(std::int32_t parent, const std::string& key) {
    for (const auto& [name, index] : node(parent).keys) {
      if (name == key) return index;
    }
    const std::string& path = node(parent).path;
    const std::int32_t index = new_node(path.empty() ? key : path + "." + key);
    node(parent).keys.emplace_back(key, index);
    return index;
  }
  std::int32_t element(std::int32_t array, FeedSet feed) {
    if (node(array).element == kNone) {
      const std::int32_t index = new_node(node(array).path + "[]");
      node(array).element = index;
    }
    node(node(array).element).valued |= feed;
    return node(array).element;
  }
  std::int32_t leaf(std::int32_t index, FeedSet feed, bool numbers) {
    node(index).text |= feed;
    if (numbers) node(index).number |= feed;
    return capture(index);
  }
  std::int32_t capture(std::int32_t index) {
    if (node(index).capture == kNone) node(index).capture = new_capture();
    return node(index).capture;
  }
  void collect_captures(std::int32_t index, std::vector<std::int32_t>& captures) {
    if (node(index).capture != kNone) captures.push_back(node(index).capture);
    for (const auto& [key, below] : node(index).keys) collect_captures(below, captures);
  }
  std::int32_t new_capture() { return static_cast<std::int32_t>(tree_.capture_count++); }
  std::int32_t new_node(std::string path) {
    tree_.nodes.emplace_back().path = std::move(path);
    return static_cast<std::int32_t>(tree_.nodes.size() - 1);
  }
  FeedNode& node(std::int32_t index) { return tree_.nodes[static_cast<std::size_t>(index)]; }

  FeedTree tree_;
};

}  // namespace

std::expected<FeedMapping, DataError> parse_feed_mapping(const std::string& name, const std::string& text) {
  if (text.size() > kFeedFileBytesMax) {
    return std::unexpected(
        DataError{name + ".yaml", 0, fmt::format("larger than {} bytes", kFeedFileBytesMax)});
  }
  return MappingReader(name).read(text);
}

FeedTree make_feed_tree(const std::vector<const FeedMapping*>& mappings) {
  return TreeBuilder().build(mappings);
}

FeedMappings::FeedMappings(FeedMappings&&) noexcept = default;
FeedMappings& FeedMappings::operator=(FeedMappings&&) noexcept = default;
FeedMappings::~FeedMappings() = default;
FeedMappings::FeedMappings(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}

std::expected<FeedMappings, DataError> FeedMappings::parse(const std::map<std::string, std::string>& files) {
  if (files.empty()) return std::unexpected(DataError{"schemas/feeds", 0, "there is no feed mapping"});
  if (files.size() > kFeedsMax) {
    return std::unexpected(
        DataError{"schemas/feeds", 0, fmt::format("more than {} feed mappings", kFeedsMax)});
  }
  auto tables = std::make_unique<Tables>();
  for (const auto& [feed, text] : files) {
    if (feed == "auto")
      return std::unexpected(DataError{"auto.yaml", 0, "\"auto\" cannot name a feed mapping"});
    auto mapping = parse_feed_mapping(feed, text);
    if (!mapping) return std::unexpected(std::move(mapping.error()));
    tables->mappings.emplace(feed, *std::move(mapping));
  }
  std::vector<const FeedMapping*> all;
  const auto native = tables->mappings.find("native");
  if (native != tables->mappings.end()) all.push_back(&native->second);
  for (const auto& [feed, mapping] : tables->mappings) {
    tables->trees.emplace(feed, make_feed_tree({&mapping}));
    if (feed != "native") all.push_back(&mapping);
  }
  tables->trees.emplace("auto", make_feed_tree(all));
  return FeedMappings(std::move(tables));
}

bool FeedMappings::contains(std::string_view feed) const {
  return tables_->trees.contains(feed);
}

std::string FeedMappings::names() const {
  std::vector<std::string_view> names;
  for (const auto& [feed, mapping] : tables_->mappings) names.push_back(feed);
  return comma_list(names);
}

}  // namespace churnwire
