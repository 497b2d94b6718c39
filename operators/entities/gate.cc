#include "operators/entities/gate.h"

#include <algorithm>
#include <array>
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
  GateIndex names;     // aliases of providers and the words of cues/gate.tsv
  GateIndex licences;  // what makes a weak alias count
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
    bool weak = false;
    const auto strong_name = [&weak](std::size_t, const GatePattern& pattern) {
      weak = weak || pattern.weak;
      return !pattern.weak;
    };
    if (tables_.names.scan(title, hidden_, strong_name) || tables_.names.scan(body, hidden_, strong_name)) {
      return true;
    }
    weak_ = weak_ || weak;
    return weak_ && (has_licence(title) || has_licence(body));
  }

  bool has_licence(std::string_view text) {
    return tables_.licences.scan(text, hidden_, [](std::size_t, const GatePattern&) { return true; });
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
      if (passes_plain({}, std::string_view(buffer.data(), size))) return true;
      if (i >= text.size()) break;
      at = std::max(at + 1, i - std::min(i, kOverlap));
    }
    return false;
  }

  const Gate::Tables& tables_;
  bool hidden_ = false;
  bool weak_ = false;
};

Gate::Gate(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
Gate::Gate(Gate&&) noexcept = default;
Gate& Gate::operator=(Gate&&) noexcept = default;
Gate::~Gate() = default;

std::expected<Gate, DataError> Gate::make(const Catalog& catalog, const DataFiles& files) {
  auto words = read_data_lines(files, kGateFile, 1, 1);
  if (!words) return std::unexpected(words.error());
  auto tables = std::make_unique<Tables>();
  for (const Alias& alias : catalog.tables_->aliases) {
    if (alias.kind != AliasKind::provider) continue;
    GatePattern pattern;
    pattern.weak = alias.strength == AliasStrength::weak;
    pattern.shoutable = alias.strength == AliasStrength::strong;
    std::string_view text = alias.text;  // "the" is too common to look at, and says nothing
    if (text.starts_with("the ") || text.starts_with("The ")) text.remove_prefix(4);
    tables->names.add(text, std::move(pattern), alias.exact);
  }
  for (const std::string& licence : catalog.tables_->licences) tables->licences.add(licence, {}, false);
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
