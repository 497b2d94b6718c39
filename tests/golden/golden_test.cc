// Article in, exact signals out: each line of tests/golden/*.jsonl is {"name", "article", "signals"}. With
// CHURNWIRE_GOLDEN_REWRITE=1 the signals are written anew; review the diff. The ruleset's hash is left out of
// the comparison: every change of data changes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/golden/support.h"

namespace churnwire {
namespace {

namespace fs = std::filesystem;

std::string without_ruleset(std::string signals) {
  constexpr std::string_view kKey = "\"ruleset\":\"";
  for (std::size_t at = 0; (at = signals.find(kKey, at)) != std::string::npos; at += kKey.size()) {
    const std::size_t begin = at + kKey.size();
    signals.erase(begin, signals.find('"', begin) - begin);
  }
  return signals;
}

/// The raw text of a member of one line; the lines are our own and hold their members in this order.
std::string between(const std::string& line, std::string_view after, std::string_view before) {
  const std::size_t begin = line.find(after);
  const std::size_t end = line.rfind(before);
  if (begin == std::string::npos || end == std::string::npos || end < begin + after.size()) return {};
  return line.substr(begin + after.size(), end - begin - after.size());
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, SignalsAreAsWrittenDown) {
  const bool rewrite = std::getenv("CHURNWIRE_GOLDEN_REWRITE") != nullptr;
  std::ifstream in(GetParam());
  ASSERT_TRUE(in) << GetParam();
  golden::Reader reader;
  std::vector<std::string> rewritten;
  std::string line;
  std::size_t number = 0;
  while (std::getline(in, line)) {
    ++number;
    const std::string case_name = between(line, "{\"name\":\"", "\",\"article\":");
    const std::string article = between(line, "\"article\":", ",\"signals\":");
    const std::string expected = between(line, ",\"signals\":", "}");
    ASSERT_FALSE(case_name.empty()) << GetParam() << ":" << number << ": not a golden line";
    ASSERT_FALSE(article.empty()) << GetParam() << ":" << number << ": not a golden line";
    const std::string actual = without_ruleset(reader.signals(article));
    if (!rewrite) {
      EXPECT_EQ(actual, expected) << GetParam() << ":" << number << ": " << case_name;
    }
    rewritten.push_back("{\"name\":\"" + case_name + "\",\"article\":" + article + ",\"signals\":" + actual +
                        "}");
  }
  EXPECT_GT(number, 0U) << GetParam() << " is empty";
  if (rewrite) {
    std::ofstream out(GetParam());
    for (const std::string& row : rewritten) out << row << '\n';
  }
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(CHURNWIRE_SOURCE_DIR) / "tests" / "golden")) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(golden_files()),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace churnwire
