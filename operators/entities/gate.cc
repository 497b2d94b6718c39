#include "operators/entities/gate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "operators/entities/catalog_tables.h"
#include "operators/entities/gate_cursor.h"
#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

const std::string kGateFile = "cues/gate.tsv";
constexpr std::size_t kBitmapBits = 1U << 15U;

/// A name or word to look for, as GateCursor reads it.
struct Pattern {
  std::u32string folded;
  std::u32string original;  // of exact aliases; empty when case does not matter
  bool shoutable = true;    // an exact alias that counts in capitals too
  bool weak = false;        // counts only with a licence word in the article
  bool prefix = false;      // may be followed by more letters
  bool licence = false;
};

std::uint32_t load_folded(const char* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word | 0x20202020U;
}

std::uint32_t bit_of(std::uint32_t word) {
  return (word * 0x9E3779B1U) >> 17U;
}

/// The first `length` (1 to 4) bytes of a folded word.
std::uint32_t key_of(std::uint32_t word, std::size_t length) {
  return length >= 4 ? word : word & ((1U << (8U * length)) - 1U);
}

bool is_word_byte(char c) {
  return is_ascii_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

struct Gate::Tables {
  std::vector<Pattern> patterns;
  // One bit for each hashed prefix of 4, 3 and 2 bytes; then the patterns of a prefix.
  std::array<std::vector<std::uint64_t>, 5> bits;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_prefix;

  bool has_bit(std::size_t length, std::uint32_t key) const {
    const std::uint32_t bit = bit_of(key);
    return (bits[length][bit >> 6U] >> (bit & 63U)) & 1U;
  }

  void add_prefix(std::string_view spelling, std::uint32_t pattern) {
    std::array<char, 4> head{};
    std::size_t length = 0;
    while (length < 4 && length < spelling.size() && (is_word_byte(spelling[length]) || length == 0)) {
      head[length] = spelling[length];
      ++length;
    }
    if (length >= 2) {
      insert(length, key_of(load_folded(head.data()), length), pattern);
      return;
    }
    for (unsigned byte = 0; byte < 256; ++byte) {  // one letter: what follows is no letter
      const char c = static_cast<char>(byte);
      if (is_ascii_alnum(c)) continue;
      head[1] = c;
      insert(2, key_of(load_folded(head.data()), 2), pattern);
    }
  }

  void insert(std::size_t length, std::uint32_t key, std::uint32_t pattern) {
    const std::uint32_t bit = bit_of(key);
    bits[length][bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
    auto& list = by_prefix[(std::uint64_t{length} << 32U) | key];
    if (list.empty() || list.back() != pattern) list.push_back(pattern);
  }

  void add(std::string_view text, Pattern pattern, bool exact) {
    GateCursor cursor(text, 0);
    for (GateCursor::Char c = cursor.next(); c.original != 0; c = cursor.next()) {
      pattern.folded.push_back(c.folded);
      if (exact) pattern.original.push_back(c.original);
    }
    if (pattern.folded.empty()) return;
    const auto index = static_cast<std::uint32_t>(patterns.size());
    std::string spelling(text);
    add_prefix(spelling, index);
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      add_spellings(text, index);
    }
    patterns.push_back(std::move(pattern));
  }

  /// Letters beyond ASCII: the prefix in lower case, in capitals, and with a capital.
  void add_spellings(std::string_view text, std::uint32_t index) {
    std::string lower;
    std::string upper;
    std::string capital;
    for (std::size_t i = 0; i < text.size();) {
      const CodePoint cp = decode_utf8(text, i);
      append_utf8(to_lower(cp.value), lower);
      append_utf8(to_upper(cp.value), upper);
      append_utf8(i == 0 ? to_upper(cp.value) : to_lower(cp.value), capital);
      i += cp.length;
    }
    add_prefix(lower, index);
    add_prefix(upper, index);
    add_prefix(capital, index);
  }
};

namespace {

/// Verifies `pattern` at `at`.
bool matches(const Pattern& pattern, std::string_view text, std::size_t at) {
  GateCursor cursor(text, at);
  bool same = true;
  bool shouted = true;
  for (std::size_t i = 0; i < pattern.folded.size(); ++i) {
    const GateCursor::Char c = cursor.next();
    if (c.unsure) return i > 0;
    if (c.original == 0 || c.folded != pattern.folded[i]) return false;
    if (!pattern.original.empty() && c.original != pattern.original[i]) same = false;
    if (is_lower(c.original)) shouted = false;
  }
  if (!pattern.original.empty() && !same && !(shouted && pattern.shoutable)) return false;
  if (pattern.prefix || cursor.position() >= text.size()) return true;
  const bool word_end =
      pattern.folded.back() < 0x80 && is_ascii_alnum(static_cast<char>(pattern.folded.back()));
  return !word_end || !is_ascii_alnum(text[cursor.position()]);
}

struct Found {
  bool strong = false;
  bool weak = false;
  bool licence = false;
};

}  // namespace

class GateScan {
 public:
  explicit GateScan(const Gate::Tables& tables) : tables_(tables) {}

  /// True as soon as the article is known to pass.
  bool scan(std::string_view text) {
    char previous = ' ';
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (starts(previous, c) && probe(text, i)) return true;
      previous = c;
    }
    return false;
  }

 private:
  static bool starts(char previous, char c) {
    if (static_cast<unsigned char>(c) >= 0xC0) return true;
    if (is_ascii_alpha(c)) return !is_ascii_alpha(previous);
    return is_ascii_digit(c) && !is_ascii_alnum(previous);
  }

  bool probe(std::string_view text, std::size_t at) {
    std::array<char, 4> bytes{};
    std::memcpy(bytes.data(), text.data() + at, std::min<std::size_t>(4, text.size() - at));
    const std::uint32_t word = load_folded(bytes.data());
    for (std::size_t length = 2; length <= 4; ++length) {
      const std::uint32_t key = key_of(word, length);
      if (tables_.has_bit(length, key) && verify(text, at, length, key)) return true;
    }
    return false;
  }

  bool verify(std::string_view text, std::size_t at, std::size_t length, std::uint32_t key) {
    const auto list = tables_.by_prefix.find((std::uint64_t{length} << 32U) | key);
    if (list == tables_.by_prefix.end()) return false;
    for (const std::uint32_t index : list->second) {
      const Pattern& pattern = tables_.patterns[index];
      if (pattern.licence ? found_.licence : pattern.weak && found_.weak) continue;
      if (!matches(pattern, text, at)) continue;
      (pattern.licence ? found_.licence : pattern.weak ? found_.weak : found_.strong) = true;
      if (found_.strong || (found_.weak && found_.licence)) return true;
    }
    return false;
  }

  const Gate::Tables& tables_;
  Found found_;
};

Gate::Gate(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
Gate::Gate(Gate&&) noexcept = default;
Gate& Gate::operator=(Gate&&) noexcept = default;
Gate::~Gate() = default;

std::expected<Gate, DataError> Gate::make(const Catalog& catalog, const DataFiles& files) {
  auto words = read_data_lines(files, kGateFile, 1, 1);
  if (!words) return std::unexpected(words.error());
  auto tables = std::make_unique<Tables>();
  for (auto& bits : tables->bits) bits.assign(kBitmapBits / 64, 0);
  for (const Alias& alias : catalog.tables_->aliases) {
    if (alias.kind != AliasKind::provider) continue;
    Pattern pattern;
    pattern.weak = alias.strength == AliasStrength::weak;
    pattern.shoutable = alias.strength == AliasStrength::strong;
    tables->add(alias.text, std::move(pattern), alias.exact);
  }
  for (const std::string& licence : catalog.tables_->licences) {
    Pattern pattern;
    pattern.licence = true;
    tables->add(licence, std::move(pattern), false);
  }
  for (const DataLine& line : *words) {
    std::string_view word = line.fields[0];
    Pattern pattern;
    pattern.prefix = word.ends_with('*');
    if (pattern.prefix) word.remove_suffix(1);
    tables->add(word, std::move(pattern), false);
  }
  return Gate(std::move(tables));
}

bool Gate::passes(std::string_view title, std::string_view body) const {
  GateScan scan(*tables_);
  return scan.scan(title) || scan.scan(body);
}

}  // namespace churnwire
