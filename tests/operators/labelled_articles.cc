#include "tests/operators/labelled_articles.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "schemas/article_decoder.h"
#include "schemas/labelled_article.h"

namespace churnwire::testing_data {

std::vector<std::pair<std::string, std::string>> labelled_articles(const std::filesystem::path& path) {
  std::map<std::string, std::string> feeds;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(CHURNWIRE_SOURCE_DIR) /
                                                               "schemas" / "feeds")) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    std::stringstream content;
    content << in.rdbuf();
    feeds[entry.path().stem().string()] = content.str();
  }
  const auto mappings = FeedMappings::parse(feeds);
  std::vector<std::pair<std::string, std::string>> articles;
  if (!mappings) {
    ADD_FAILURE() << mappings.error().file << ": " << mappings.error().message;
    return articles;
  }
  ArticleDecoder decoder(*mappings, "native");
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto labelled = decode_labelled_article(line);
    if (!labelled) {
      ADD_FAILURE() << path << ": " << labelled.error().message;
      continue;
    }
    const auto article = decoder.decode(labelled->article, Timestamp{});
    if (!article) {
      ADD_FAILURE() << path << ": " << article.error().message;
      continue;
    }
    articles.emplace_back(article->title, article->body);
  }
  return articles;
}

}  // namespace churnwire::testing_data
