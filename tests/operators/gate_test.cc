#include "operators/entities/gate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "operators/document_reader.h"
#include "operators/entities/word_masks.h"
#include "tests/operators/labelled_articles.h"
#include "tests/operators/text_data.h"
#include "tests/support/counting_new.h"

namespace churnwire {
namespace {

struct World {
  explicit World(DataFiles data) : files(std::move(data)) {}
  DataFiles files;
  Catalog catalog = *Catalog::parse(files);
  ReadingTables tables = *ReadingTables::parse(catalog, files);
  Gate gate = *Gate::make(catalog, files);
};

const World& small() {
  static const World kWorld(testing_data::small_catalog());
  return kWorld;
}

const World& full() {
  static const World kWorld(testing_data::project_data());
  return kWorld;
}

struct Case {
  const char* name;
  std::string title;
  std::string body;
  bool passes;
};

class GateTest : public testing::TestWithParam<Case> {};

TEST_P(GateTest, Decides) {
  EXPECT_EQ(small().gate.passes(GetParam().title, GetParam().body), GetParam().passes);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, GateTest,
    testing::Values(
        Case{"Nothing", "", "", false}, Case{"Other", "Cocoa", "Prices fell in London on Monday.", false},
        Case{"Strong", "", "It left AWS.", true}, Case{"StrongInTitle", "Bye, Aliyun", "", true},
        Case{"InsideAWord", "", "a lawsuit, LAWSUITS and AWSome", false},
        Case{"WrongCase", "", "the azure sky", false}, Case{"AnyCase", "", "we left aliyun", true},
        Case{"Shouted", "", "WE LEFT AZURE", true},
        Case{"WeakAlone", "", "It sells books through Amazon.", false},
        Case{"WeakLicensed", "", "Amazon lost workloads.", true},
        Case{"Product", "", "files in S3, all of them", true},
        Case{"AcrossLines", "", "It left Alibaba\nCloud.", true},
        Case{"AcrossHardSpace", "", "It left Alibaba\u00A0Cloud.", true},
        Case{"AcrossEntity", "", "It left Alibaba&nbsp;Cloud.", true},
        Case{"AcrossTags", "", "It left <b>Alibaba</b> <i>Cloud</i>.", true},
        Case{"ZeroWidthInside", "", "It left Ali\u200Byun.", true},
        Case{"SoftHyphenInside", "", "It left Ali\u00ADyun.", true},
        Case{"FullWidth", "", "\uFF21\uFF37\uFF33\u3092\u89e3\u7d04", true},
        Case{"Hyphenated", "", "the AWS-Ausstieg", true}, Case{"AfterChinese", "", "\u9000\u51faAWS", true},
        Case{"BeforeChinese", "", "AWS\u5931\u53bb", true},
        Case{"Chinese", "", "\u5ba2\u6237\u79bb\u5f00\u963f\u91cc\u4e91\u3002", true},
        Case{"GateWord", "", "Its hyperscaler lost it.", true},
        Case{"GatePhrase", "", "a Cloud Provider of note", true}, Case{"LastBytes", "", "we left AWS", true}),
    [](const testing::TestParamInfo<Case>& param) { return std::string(param.param.name); });

bool names_provider(const Document& document) {
  for (const Mention& mention : document.mentions) {
    if (mention.kind == MentionKind::provider && mention.strong) return true;
  }
  return false;
}

TEST(GatePropertyTest, LosesNoLabelledArticleThatNamesAProvider) {
  DocumentReader reader(full().catalog, full().tables);
  std::size_t articles = 0;
  const std::filesystem::path root = std::filesystem::path(CHURNWIRE_SOURCE_DIR) / "tests" / "corpus";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".jsonl") continue;
    for (const auto& [title, body] : testing_data::labelled_articles(entry.path())) {
      Article article;
      article.title = title;
      article.body = body;
      ++articles;
      if (names_provider(reader.read(article))) {
        EXPECT_TRUE(full().gate.passes(title, body)) << title;
      }
    }
  }
  EXPECT_GT(articles, 1000U);
}

TEST(GatePropertyTest, LosesNoRandomTextThatNamesAProvider) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces{"Alibaba",
                                        "alibaba",
                                        "CLOUD",
                                        "Cloud",
                                        "cloud",
                                        "AWS",
                                        "aws",
                                        "S3",
                                        "Amazon",
                                        "Oracle",
                                        "T-Systems",
                                        "T",
                                        "Systems",
                                        "Render",
                                        "Jeff",
                                        "Bezos",
                                        "'s",
                                        "\u2019s",
                                        "arm",
                                        "\u963f\u91cc",
                                        "\u4e91",
                                        "\u4e9a\u9a6c\u900a\u4e91\u79d1\u6280",
                                        "\u30a2\u30ea\u30d0\u30d0\u30af\u30e9\u30a6\u30c9",
                                        "the",
                                        "left",
                                        ".",
                                        ",",
                                        "-",
                                        " ",
                                        " ",
                                        " ",
                                        "\n",
                                        "\n\n",
                                        "\u00A0",
                                        "servers",
                                        "Azure",
                                        "AZURE",
                                        "5",
                                        "1.5",
                                        "x",
                                        "\u00e9",
                                        "Volcano",
                                        "Engine",
                                        "Microsoft",
                                        "365",
                                        "(",
                                        ")",
                                        "\""};
  DocumentReader reader(small().catalog, small().tables);
  std::size_t named = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string body;
    const std::size_t count = 1 + random() % 24;
    for (std::size_t i = 0; i < count; ++i) body += pieces[random() % pieces.size()];
    Article article;
    article.body = body;
    if (!names_provider(reader.read(article))) continue;
    ++named;
    ASSERT_TRUE(small().gate.passes("", body)) << body;
  }
  EXPECT_GT(named, 2000U);
}

TEST(GatePropertyTest, FindsANameAtEveryOffset) {
  for (std::size_t before = 0; before < 200; ++before) {
    for (const std::size_t base : {std::size_t{0}, std::size_t{4000}}) {
      const std::string body = std::string(base + before, 'x') + " AWS";
      ASSERT_TRUE(small().gate.passes("", body)) << before;
      ASSERT_TRUE(small().gate.passes("", body + std::string(before, ' '))) << before;
      ASSERT_FALSE(small().gate.passes("", body + "x")) << before;
    }
  }
}

TEST(GateTest, AllocatesNothing) {
  const std::string title = "A title of no note";
  std::string body;
  for (int i = 0; i < 400; ++i)
    body += "Amazon sold so many books, Ali\u200Bbaba ones too. \u4e2d\u6587\u3002 ";
  (void)full().gate.passes(title, body);
  const std::size_t before = testing_support::allocations();
  bool passed = false;
  for (int i = 0; i < 10; ++i) passed = full().gate.passes(title, body) || passed;
  EXPECT_EQ(testing_support::allocations(), before);
  std::string* counted = new std::string("a string that is surely too long for its own buffer");
  EXPECT_GT(testing_support::allocations(), before) << "the count does not count";
  delete counted;
}

TEST(WordMasksTest, VectorAndPortableAgree) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    std::string text(random() % 5000, ' ');
    for (char& c : text) c = static_cast<char>(random() % 3 == 0 ? random() % 256 : 32 + random() % 95);
    WordMasks fast;
    WordMasks portable;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = fill_word_masks(text, at, fast);
      ASSERT_EQ(size, fill_word_masks_portable(text, at, portable));
      const std::size_t words = (size + 63) / 64;
      for (std::size_t word = 0; word < words; ++word) ASSERT_EQ(fast.starts[word], portable.starts[word]);
      for (std::size_t word = 0; word <= words; ++word) ASSERT_EQ(fast.breaks[word], portable.breaks[word]);
      ASSERT_EQ(fast.hidden, portable.hidden);
      at += size;
    }
  }
}

TEST(GateTest, RefusesAShortStem) {
  DataFiles files = testing_data::small_catalog();
  files["cues/gate.tsv"] = "host*\n";
  const auto gate = Gate::make(small().catalog, files);
  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().file, "cues/gate.tsv");
  EXPECT_EQ(gate.error().line, 1U);
}

}  // namespace
}  // namespace churnwire
