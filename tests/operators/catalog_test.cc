#include "operators/entities/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/operators/text_data.h"

namespace churnwire {
namespace {

TEST(CatalogTest, ReadsProvidersAndCompanies) {
  const Catalog catalog = *Catalog::parse(testing_data::small_catalog());
  const auto suite = catalog.provider_by_id("microsoft-365");
  ASSERT_TRUE(suite);
  EXPECT_EQ(catalog.providers()[*suite].family, "azure");
  EXPECT_EQ(catalog.providers()[*catalog.provider_by_id("aws")].family, "aws");
  EXPECT_TRUE(catalog.providers()[*catalog.provider_by_id("fastly")].cdn);
  const Company& tiktok = catalog.companies()[*catalog.company_by_id("tiktok")];
  EXPECT_EQ(tiktok.group, catalog.company_by_id("bytedance"));
  EXPECT_EQ(tiktok.country, "CN");
  EXPECT_FALSE(catalog.provider_by_id("nobody"));
}

TEST(CatalogTest, KnowsGroups) {
  const Catalog catalog = *Catalog::parse(testing_data::small_catalog());
  EXPECT_TRUE(catalog.same_group(*catalog.company_by_id("tiktok"), *catalog.provider_by_id("volcano")));
  EXPECT_FALSE(catalog.same_group(*catalog.company_by_id("tiktok"), *catalog.provider_by_id("aws")));
  EXPECT_FALSE(catalog.same_group(*catalog.company_by_id("tiktok"), *catalog.provider_by_id("google-cloud")));
}

TEST(CatalogTest, TheProjectsOwnCatalogParses) {
  DataFiles files;
  const std::filesystem::path root =
      std::filesystem::path(CHURNWIRE_SOURCE_DIR) / "operators" / "data" / "catalog";
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    files["catalog/" + entry.path().filename().string()] = content.str();
  }
  const auto catalog = Catalog::parse(files);
  ASSERT_TRUE(catalog) << catalog.error().file << ":" << catalog.error().line << ": "
                       << catalog.error().message;
  EXPECT_GT(catalog->providers().size(), 100U);
}

struct BadCase {
  const char* name;
  std::string file;
  std::string line;  // appended to the file
  std::string message;
};

class BadCatalogTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadCatalogTest, IsRefusedWithItsLine) {
  DataFiles files = testing_data::small_catalog();
  std::string& content = files["catalog/" + GetParam().file];
  content += GetParam().line + "\n";
  const auto lines = static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
  const auto catalog = Catalog::parse(files);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().file, "catalog/" + GetParam().file);
  EXPECT_EQ(catalog.error().line, lines);
  EXPECT_THAT(catalog.error().message, testing::HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Errors, BadCatalogTest,
    testing::Values(BadCase{"UnknownProvider", "provider_aliases.tsv", "nobody\tX\tstrong\texact", "nobody"},
                    BadCase{"UnknownStrength", "provider_aliases.tsv", "aws\tX\tmighty\texact", "mighty"},
                    BadCase{"UnknownCase", "provider_aliases.tsv", "aws\tX\tstrong\tsome", "some"},
                    BadCase{"SameAliasTwice", "provider_aliases.tsv", "azure\tAWS\tstrong\texact",
                            "aws's already"},
                    BadCase{"ProviderTwice", "providers.tsv", "aws\tAWS\thyperscaler\t\t\t", "twice"},
                    BadCase{"UnknownFamily", "providers.tsv", "x\tX\tpaas\tnobody\t\t", "family"},
                    BadCase{"UnknownOwner", "providers.tsv", "x\tX\tpaas\t\tnobody\t", "nobody"},
                    BadCase{"UnknownFlag", "providers.tsv", "x\tX\tpaas\t\t\tnice", "nice"},
                    BadCase{"UnknownParent", "companies.tsv", "x\tX\tnobody\tUS\t", "parent"},
                    BadCase{"CircleOfParents", "companies.tsv", "x\tX\tx\tUS\t", "circle"},
                    BadCase{"TooFewFields", "companies.tsv", "x", "fields"},
                    BadCase{"CompanyProduct", "company_aliases.tsv", "tiktok\tT\tproduct\texact", "product"}),
    [](const testing::TestParamInfo<BadCase>& param) { return std::string(param.param.name); });

TEST(CatalogTest, AMissingFileIsNamed) {
  DataFiles files = testing_data::small_catalog();
  files.erase("catalog/blockers.tsv");
  const auto catalog = Catalog::parse(files);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().file, "catalog/blockers.tsv");
}

}  // namespace
}  // namespace churnwire
