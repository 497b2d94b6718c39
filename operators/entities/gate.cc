#include "operators/entities/gate.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "operators/entities/catalog_tables.h"
#include "operators/entities/gate_index.h"
#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

const std::string kGateFile = "cues/gate.tsv";

}  // namespace

struct Gate::Tables {
  GateIndex names;                 // aliases of providers and the words of cues/gate.tsv
  GateIndex licences;              // what makes a weak alias count
  std::size_t word_bytes_min = 0;  // longer than any abbreviation
};

/// One look at one article.
class GateScan {
 public:
  explicit GateScan(const Gate::Tables& tables) : tables_(tables) {}

  bool passes(std::string_view title, std::string_view body) {
    if (passes_plain(title, body)) return true;
    return hidden_ && (passes_hidden(title) || passes_hidden(body));
  }

 private:
  bool passes_plain(std::string_view title, std::string_view body) {
    title_ = title;
    return names_provider(title) || names_provider(body);
  }

  bool names_provider(std::string_view text) {
    std::size_t searched = 0;  // no licence before this byte, but in sentences searched already
    return tables_.names.scan(text, hidden_, [&](std::size_t position, const GatePattern& pattern) {
      if (!pattern.weak) return true;
      if (position < searched) return false;
      if (!title_licence_) title_licence_ = has_licence(title_);
      const std::string_view sentence = sentence_around(text, position);
      searched = static_cast<std::size_t>(sentence.data() - text.data()) + sentence.size();
      return *title_licence_ || has_licence(sentence);
    });
  }

  bool has_licence(std::string_view text) {
    return tables_.licences.scan(text, hidden_, [](std::size_t, const GatePattern&) { return true; });
  }

  /// At least the sentence around `at`: it ends only where the sentence splitter surely ends one, after a
  /// word that is too long for an abbreviation, a full stop, a space and a capital; or at a blank line.
  std::string_view sentence_around(std::string_view text, std::size_t at) const {
    constexpr std::size_t kReach = 2000;
    std::size_t begin = at;
    while (begin > 0 && at - begin < kReach && !ends_before(text, begin)) --begin;
    std::size_t end = at + 1;
    while (end < text.size() && end - at < kReach && !ends_before(text, end)) ++end;
    return text.substr(begin, end - begin);
  }

  /// True when a sentence surely ends before byte `at`.
  bool ends_before(std::string_view text, std::size_t at) const {
    if (text[at - 1] == '\n') return at >= 2 && text[at - 2] == '\n';
    if (text[at - 1] != ' ' || !is_ascii_upper(text[at]) || at < tables_.word_bytes_min + 2) return false;
    if (text[at - 2] != '.' && text[at - 2] != '!' && text[at - 2] != '?') return false;
    const std::string_view word = text.substr(at - 2 - tables_.word_bytes_min, tables_.word_bytes_min);
    return std::all_of(word.begin(), word.end(), is_ascii_lower);
  }

  /// Text with characters that hide names from the scan: cleaned piece by piece into a buffer on the stack.
  /// Pieces overlap, so that a name at a seam is whole in one of them.
  bool passes_hidden(std::string_view text) {
    constexpr std::size_t kOverlap = 256;
    std::array<char, 4096> buffer;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t size = 0;
      std::size_t i = at;
      while (i < text.size() && size + 8 < buffer.size()) {
        const CodePoint cp = decode_utf8(text, i);
        i += cp.length;
        size += GateCursor::put_plain(cp.value, buffer.data() + size);
      }
      title_licence_.reset();
      if (names_provider(std::string_view(buffer.data(), size))) return true;
      if (i >= text.size()) break;
      at = std::max(at + 1, i - std::min(i, kOverlap));
    }
    return false;
  }

  const Gate::Tables& tables_;
  bool hidden_ = false;
  std::string_view title_;
  std::optional<bool> title_licence_;
};

Gate::Gate(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
Gate::Gate(Gate&&) noexcept = default;
Gate& Gate::operator=(Gate&&) noexcept = default;
Gate::~Gate() = default;

std::expected<Gate, DataError> Gate::make(const Catalog& catalog, const DataFiles& files) {
  auto words = read_data_lines(files, kGateFile, 1, 1);
  if (!words) return std::unexpected(words.error());
  auto abbreviations = read_data_lines(files, "text/abbreviations.tsv", 2, 2);
  if (!abbreviations) return std::unexpected(abbreviations.error());
  auto tables = std::make_unique<Tables>();
  for (const DataLine& line : *abbreviations) {
    if (line.fields[1] == "opener" || line.fields[1] == "after-ordinal") continue;
    tables->word_bytes_min = std::max(tables->word_bytes_min, line.fields[0].size() + 1);
  }
  for (const Alias& alias : catalog.tables_->aliases) {
    if (alias.kind != AliasKind::provider) continue;
    GatePattern pattern;
    pattern.weak = alias.strength == AliasStrength::weak;
    pattern.shoutable = alias.strength <= AliasStrength::weak;
    pattern.keeps_capital = alias.keeps_capital();
    std::string_view text = alias.text;  // "the" is too common to look at, and says nothing
    if (text.starts_with("the ") || text.starts_with("The ")) text.remove_prefix(4);
    tables->names.add(text, std::move(pattern), alias.exact);
  }
  for (const std::string& licence : catalog.tables_->licences) {
    GatePattern pattern;
    pattern.prefix = licence.find(' ') != std::string::npos;  // phrases are searched as text
    tables->licences.add(licence, std::move(pattern), false);
  }
  for (const DataLine& line : *words) {
    std::string_view word = line.fields[0];
    GatePattern pattern;
    pattern.prefix = word.ends_with('*');
    if (pattern.prefix) word.remove_suffix(1);
    if (pattern.prefix && word.size() < 8) {
      return std::unexpected(DataError{kGateFile, line.line, "fewer than 8 bytes stand before the star"});
    }
    tables->names.add(word, std::move(pattern), false);
  }
  tables->names.build();
  tables->licences.build();
  return Gate(std::move(tables));
}

bool Gate::passes(std::string_view title, std::string_view body) const {
  return GateScan(*tables_).passes(title, body);
}

}  // namespace churnwire
