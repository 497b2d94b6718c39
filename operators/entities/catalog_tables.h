#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "operators/entities/catalog.h"
#include "operators/text/unicode.h"

namespace churnwire {

enum class AliasKind : std::uint8_t { provider, company, blocker };
enum class AliasStrength : std::uint8_t { strong, weak, product, description };

/// One spelling of one entity.
struct Alias {
  std::string text;
  AliasKind kind = AliasKind::provider;
  AliasStrength strength = AliasStrength::strong;
  bool exact = false;  // written in these very letters; otherwise in any case
  /// In any case, but with the capital of its short first word ("NTT data", not "ntt data").
  bool keeps_capital() const {
    std::size_t end = 0;
    while (end < text.size() && is_ascii_alnum(text[end])) ++end;
    return !exact && end <= 3 && end < text.size() && text[end] == ' ' && is_ascii_upper(text[0]);
  }
  std::uint32_t entity = 0;
};

/// The parsed catalog, for those who build automata of it.
struct Catalog::Tables {
  std::vector<Provider> providers;
  std::vector<Company> companies;
  std::unordered_map<std::string, std::uint32_t> provider_ids;
  std::unordered_map<std::string, std::uint32_t> company_ids;
  std::vector<Alias> aliases;
  std::vector<std::string> licences;  // lower case
};

}  // namespace churnwire
