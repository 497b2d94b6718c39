#include "operators/entities/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "operators/entities/catalog_tables.h"
#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

const std::string kProvidersFile = "catalog/providers.tsv";
const std::string kProviderAliasesFile = "catalog/provider_aliases.tsv";
const std::string kCompaniesFile = "catalog/companies.tsv";
const std::string kCompanyAliasesFile = "catalog/company_aliases.tsv";
const std::string kBlockersFile = "catalog/blockers.tsv";
const std::string kLicencesFile = "catalog/licences.tsv";

using Result = std::expected<void, DataError>;

std::unexpected<DataError> failure(const std::string& file, std::size_t line, std::string message) {
  return std::unexpected(DataError{file, line, std::move(message)});
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view item = trim(list.substr(0, comma));
    if (!item.empty()) out.emplace_back(item);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return out;
}

std::string folded(std::string_view text) {
  std::string out;
  fold_lower(text, out);
  return out;
}

}  // namespace

namespace {

/// Three letters or fewer are somebody's abbreviation in any other case: they count in their own letters
/// only.
bool is_short(std::string_view alias) {
  return alias.size() <= 3 && std::all_of(alias.begin(), alias.end(), is_ascii_alnum);
}

}  // namespace

/// Fills Catalog::Tables file by file; line numbers are kept for what can only be checked at the end.
class CatalogParser {
 public:
  explicit CatalogParser(const DataFiles& files) : files_(files) {}

  Result run() {
    using Step = Result (CatalogParser::*)();
    constexpr std::array<Step, 8> kSteps{&CatalogParser::read_companies,
                                         &CatalogParser::link_companies,
                                         &CatalogParser::read_providers,
                                         &CatalogParser::link_families,
                                         &CatalogParser::read_all_aliases,
                                         &CatalogParser::add_names,
                                         &CatalogParser::read_blockers_and_licences,
                                         &CatalogParser::check_conflicts};
    for (const Step step : kSteps) {
      if (Result done = (this->*step)(); !done) return done;
    }
    return {};
  }

  Catalog::Tables tables;

 private:
  struct Origin {
    const std::string* file = nullptr;
    std::size_t line = 0;
  };

  Result read_companies() {
    auto lines = read_data_lines(files_, kCompaniesFile, 2, 5);
    if (!lines) return std::unexpected(lines.error());
    for (const DataLine& line : *lines) {
      const auto index = static_cast<std::uint32_t>(tables.companies.size());
      if (line.fields[0].empty() || line.fields[1].empty()) {
        return failure(kCompaniesFile, line.line, "a company needs an id and a name");
      }
      if (!tables.company_ids.emplace(line.fields[0], index).second) {
        return failure(kCompaniesFile, line.line,
                       fmt::format("company {} stands here twice", line.fields[0]));
      }
      Company company;
      company.id = line.fields[0];
      company.name = line.fields[1];
      company.group = index;
      company.country = line.fields[3];
      company.traits = split_list(line.fields[4]);
      tables.companies.push_back(std::move(company));
      parents_.emplace_back(line.fields[2]);
      company_lines_.push_back(line.line);
    }
    return {};
  }

  Result link_companies() {
    for (std::uint32_t i = 0; i < tables.companies.size(); ++i) {
      if (parents_[i].empty()) continue;
      const auto parent = tables.company_ids.find(parents_[i]);
      if (parent == tables.company_ids.end()) {
        return failure(kCompaniesFile, company_lines_[i],
                       fmt::format("the parent {} is no company of this file", parents_[i]));
      }
      tables.companies[i].parent = parent->second;
    }
    for (std::uint32_t i = 0; i < tables.companies.size(); ++i) {
      std::uint32_t top = i;
      for (std::size_t steps = 0; tables.companies[top].parent; ++steps) {
        if (steps > tables.companies.size()) {
          return failure(kCompaniesFile, company_lines_[i], "the chain of parents is a circle");
        }
        top = *tables.companies[top].parent;
      }
      tables.companies[i].group = top;
    }
    return {};
  }

  Result read_providers() {
    auto lines = read_data_lines(files_, kProvidersFile, 3, 6);
    if (!lines) return std::unexpected(lines.error());
    for (const DataLine& line : *lines) {
      const auto index = static_cast<std::uint32_t>(tables.providers.size());
      if (line.fields[0].empty() || line.fields[1].empty()) {
        return failure(kProvidersFile, line.line, "a provider needs an id and a name");
      }
      if (!tables.provider_ids.emplace(line.fields[0], index).second) {
        return failure(kProvidersFile, line.line,
                       fmt::format("provider {} stands here twice", line.fields[0]));
      }
      Provider provider;
      provider.id = line.fields[0];
      provider.name = line.fields[1];
      provider.cls = line.fields[2];
      provider.family = line.fields[3].empty() ? line.fields[0] : line.fields[3];
      if (!line.fields[4].empty()) {
        const auto company = tables.company_ids.find(std::string(line.fields[4]));
        if (company == tables.company_ids.end()) {
          return failure(kProvidersFile, line.line,
                         fmt::format("{} is no company of {}", line.fields[4], kCompaniesFile));
        }
        provider.company = company->second;
      }
      for (const std::string& flag : split_list(line.fields[5])) {
        if (flag != "cdn" && flag != "adjacent") {
          return failure(kProvidersFile, line.line, fmt::format("the flag {} is not cdn or adjacent", flag));
        }
        provider.cdn = provider.cdn || flag == "cdn";
      }
      tables.providers.push_back(std::move(provider));
      provider_lines_.push_back(line.line);
    }
    return {};
  }

  Result link_families() {
    for (std::size_t i = 0; i < tables.providers.size(); ++i) {
      if (!tables.provider_ids.contains(tables.providers[i].family)) {
        return failure(kProvidersFile, provider_lines_[i],
                       fmt::format("the family {} is no provider of this file", tables.providers[i].family));
      }
    }
    return {};
  }

  Result read_all_aliases() {
    if (Result done = read_aliases(kProviderAliasesFile, AliasKind::provider, tables.provider_ids); !done) {
      return done;
    }
    return read_aliases(kCompanyAliasesFile, AliasKind::company, tables.company_ids);
  }

  Result read_aliases(const std::string& file, AliasKind kind,
                      const std::unordered_map<std::string, std::uint32_t>& ids) {
    auto lines = read_data_lines(files_, file, 3, 4);
    if (!lines) return std::unexpected(lines.error());
    for (const DataLine& line : *lines) {
      const auto entity = ids.find(std::string(line.fields[0]));
      if (entity == ids.end()) {
        return failure(file, line.line, fmt::format("nothing has the id {}", line.fields[0]));
      }
      constexpr std::array<std::string_view, 4> kStrengths{"strong", "weak", "product", "description"};
      const auto strength = std::find(kStrengths.begin(), kStrengths.end(), line.fields[2]);
      if (strength == kStrengths.end() || (kind == AliasKind::company && line.fields[2] == "product")) {
        return failure(file, line.line, fmt::format("the strength {} is unknown", line.fields[2]));
      }
      if (!line.fields[3].empty() && line.fields[3] != "exact" && line.fields[3] != "any") {
        return failure(file, line.line, fmt::format("the case {} is not exact or any", line.fields[3]));
      }
      if (line.fields[1].empty()) return failure(file, line.line, "the alias is empty");
      Alias alias;
      alias.text = line.fields[1];
      alias.kind = kind;
      alias.strength = static_cast<AliasStrength>(strength - kStrengths.begin());
      alias.exact = line.fields[3] == "exact" || is_short(alias.text);
      alias.entity = entity->second;
      add(std::move(alias), file, line.line);
    }
    return {};
  }

  void add(Alias alias, const std::string& file, std::size_t line) {
    tables.aliases.push_back(std::move(alias));
    origins_.push_back({&file, line});
  }

  /// Names are strong aliases, unless an alias line says otherwise of the same spelling. A name of one word
  /// counts in its own letters only, a longer one in any case.
  Result add_names() {
    std::unordered_map<std::string, bool> listed;
    for (const Alias& alias : tables.aliases) listed.emplace(key_of(alias), true);
    const auto add_name = [&](AliasKind kind, std::uint32_t entity, const std::string& name,
                              const std::string& file, std::size_t line) {
      Alias alias{name, kind, AliasStrength::strong, name.find(' ') == std::string::npos, entity};
      if (!listed.contains(key_of(alias))) add(std::move(alias), file, line);
    };
    for (std::uint32_t i = 0; i < tables.providers.size(); ++i) {
      if (tables.providers[i].cls == "own") continue;
      add_name(AliasKind::provider, i, tables.providers[i].name, kProvidersFile, provider_lines_[i]);
    }
    for (std::uint32_t i = 0; i < tables.companies.size(); ++i) {
      add_name(AliasKind::company, i, tables.companies[i].name, kCompaniesFile, company_lines_[i]);
    }
    return {};
  }

  static std::string key_of(const Alias& alias) {
    return fmt::format("{}/{}/{}", static_cast<int>(alias.kind), alias.entity, folded(alias.text));
  }

  Result read_blockers_and_licences() {
    auto blockers = read_data_lines(files_, kBlockersFile, 1, 2);
    if (!blockers) return std::unexpected(blockers.error());
    for (const DataLine& line : *blockers) {
      add({std::string(line.fields[0]), AliasKind::blocker, AliasStrength::strong, false, 0}, kBlockersFile,
          line.line);
    }
    auto licences = read_data_lines(files_, kLicencesFile, 1, 1);
    if (!licences) return std::unexpected(licences.error());
    for (const DataLine& line : *licences) tables.licences.push_back(folded(line.fields[0]));
    return {};
  }

  /// Two entities of one kind may share a spelling only with different strengths: the stronger is meant then.
  Result check_conflicts() {
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < tables.aliases.size(); ++i) {
      const Alias& alias = tables.aliases[i];
      if (alias.kind == AliasKind::blocker) continue;
      const std::string spelling = alias.exact ? alias.text : folded(alias.text);
      const auto [first, fresh] =
          seen.emplace(fmt::format("{}/{}/{}/{}", static_cast<int>(alias.kind),
                                   static_cast<int>(alias.strength), alias.exact, spelling),
                       i);
      if (fresh || tables.aliases[first->second].entity == alias.entity) continue;
      return failure(*origins_[i].file, origins_[i].line,
                     fmt::format("the alias {} is {}'s already (line {})", alias.text,
                                 id_of(tables.aliases[first->second]), origins_[first->second].line));
    }
    return {};
  }

  const std::string& id_of(const Alias& alias) const {
    return alias.kind == AliasKind::provider ? tables.providers[alias.entity].id
                                             : tables.companies[alias.entity].id;
  }

  const DataFiles& files_;
  std::vector<std::string> parents_;
  std::vector<std::size_t> company_lines_;
  std::vector<std::size_t> provider_lines_;
  std::vector<Origin> origins_;
};

Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;
Catalog::Catalog(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}

std::expected<Catalog, DataError> Catalog::parse(const DataFiles& files) {
  CatalogParser parser(files);
  if (Result done = parser.run(); !done) return std::unexpected(done.error());
  return Catalog(std::make_unique<const Tables>(std::move(parser.tables)));
}

std::span<const Provider> Catalog::providers() const {
  return tables_->providers;
}
std::span<const Company> Catalog::companies() const {
  return tables_->companies;
}

std::optional<std::uint32_t> Catalog::provider_by_id(std::string_view id) const {
  const auto found = tables_->provider_ids.find(std::string(id));
  if (found == tables_->provider_ids.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint32_t> Catalog::company_by_id(std::string_view id) const {
  const auto found = tables_->company_ids.find(std::string(id));
  if (found == tables_->company_ids.end()) return std::nullopt;
  return found->second;
}

bool Catalog::same_group(std::uint32_t company, std::uint32_t provider) const {
  const auto& owner = tables_->providers[provider].company;
  return owner && tables_->companies[*owner].group == tables_->companies[company].group;
}

}  // namespace churnwire
