#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/data_files.h"
#include "schemas/errors.h"

namespace churnwire {

/// A seller of cloud capacity.
struct Provider {
  std::string id;    // "alibaba-cloud"
  std::string name;  // "Alibaba Cloud"
  std::string cls;  // hyperscaler, regional, gpu, sovereign, hoster, paas, cdn, adjacent, own ("self-hosted")
  std::string
      family;  // id of the provider whose product or tenant this is ("azure" for microsoft-365), else own id
  std::optional<std::uint32_t> company;  // the owning company in companies(), where known
  bool cdn = false;
};

/// An organisation that may be a customer.
struct Company {
  std::string id;       // "bytedance"
  std::string name;     // "ByteDance"
  std::uint32_t group;  // index of the top of its ownership chain (itself when independent)
  std::optional<std::uint32_t> parent;
  std::vector<std::string> traits;  // sector and size words: "internet", "social-media", "short-video"
  std::string country;              // ISO 3166-1 alpha-2, or empty
};

/// Providers, companies, their aliases, products, ownership and blockers, parsed from data/catalog/*.tsv.
/// Immutable, shared by all workers.
class Catalog {
 public:
  static std::expected<Catalog, DataError> parse(const DataFiles& files);
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  ~Catalog();

  std::span<const Provider> providers() const;
  std::span<const Company> companies() const;
  std::optional<std::uint32_t> provider_by_id(std::string_view id) const;
  std::optional<std::uint32_t> company_by_id(std::string_view id) const;
  /// True when company and provider belong to one group (ByteDance and Volcano Engine): a move there is
  /// in-house.
  bool same_group(std::uint32_t company, std::uint32_t provider) const;

 private:
  friend class Matcher;
  friend class Gate;
  friend class CatalogParser;
  struct Tables;
  explicit Catalog(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace churnwire
