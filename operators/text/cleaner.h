#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "operators/data_files.h"
#include "schemas/errors.h"

namespace churnwire {

/// What an HTML element does to the text around it.
enum class TagKind : std::uint8_t { inline_, block, item, drop };

/// HTML entities and elements (text/html_entities.tsv, text/html_tags.tsv).
class CleaningTables {
 public:
  static std::expected<CleaningTables, DataError> parse(const DataFiles& files);
  /// The text of the entity `name` ("amp"), or nullptr.
  const std::string* entity(std::string_view name) const;
  /// The kind of element `name` (lower case), or nullptr when there is no such element.
  const TagKind* tag(std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> entities_;
  std::unordered_map<std::string, TagKind, Hash, std::equal_to<>> tags_;
};

/// A stretch of cleaned text and the received bytes that made it.
struct CleanRun {
  std::uint32_t clean_begin = 0;  // counts from the start of the field's cleaned text
  std::uint32_t raw_begin = 0;
  std::uint32_t raw_end = 0;
  bool identity = true;  // byte i of the stretch is byte i of the received bytes
};

/// The map of one cleaned field back to its received bytes.
struct CleanMap {
  std::vector<CleanRun> runs;
  std::vector<std::uint32_t> items;  // where list items begin, in bytes of the field's cleaned text
  void clear() {
    runs.clear();
    items.clear();
  }
  std::uint32_t raw_begin_of(std::uint32_t clean) const;
  std::uint32_t raw_end_of(
      std::uint32_t clean) const;  // one past the last received byte that made byte `clean`
};

/// Appends the cleaned form of `raw` to `text` and describes it in `map` (whose offsets count from the old
/// end of `text`): tags dropped (block elements break paragraphs, scripts, styles and comments go whole),
/// entities decoded, invisible and control characters dropped, odd spaces, quotes and dashes made plain,
/// full-width letters and digits folded (full-width punctuation stays), accents composed. Runs of spaces
/// become one; a blank line or a block element gives "\n\n". At most `kCleanBytesMax` bytes are written.
class Cleaner {
 public:
  explicit Cleaner(const CleaningTables& tables) : tables_(&tables) {}
  void clean(std::string_view raw, std::string& text, CleanMap& map);

  static constexpr std::size_t kCleanBytesMax = std::size_t{1} << 20U;

 private:
  struct Entity {
    std::size_t length = 0;  // received bytes; 0: no entity here
    std::string_view text;
  };
  void put(std::string_view bytes, std::size_t raw_begin, std::size_t raw_end, bool identity);
  void put_space(std::size_t raw_begin, std::size_t raw_end);
  void put_break(std::size_t raw_begin, std::size_t raw_end, int lines);
  void put_code_point(char32_t value, std::size_t raw_begin, std::size_t raw_end);
  bool put_composed(char32_t mark, std::size_t raw_end);
  void put_decoded(std::string_view decoded, std::size_t raw_begin, std::size_t raw_end);
  std::size_t read_tag(std::string_view raw, std::size_t at, std::string_view open, std::string_view close);
  std::size_t drop_element(std::string_view raw, std::size_t at, std::string_view name) const;
  Entity read_entity(std::string_view raw, std::size_t at);
  std::size_t step(std::string_view raw, std::size_t at);
  std::size_t read_newlines(std::string_view raw, std::size_t at);

  const CleaningTables* tables_;
  std::string* text_ = nullptr;
  CleanMap* map_ = nullptr;
  std::size_t base_ = 0;
  bool html_ = false;
  std::string buffer_;
};

}  // namespace churnwire
