#include "operators/entities/alias_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace churnwire {
namespace {

using Words = std::vector<std::string>;

/// A dictionary and a text of words out of a small alphabet, so that many sequences nearly match.
struct Sample {
  std::map<Words, std::uint32_t> dictionary;
  std::string text;
  std::vector<Unit> units;
};

Sample make_sample(std::mt19937& random) {
  Sample sample;
  const auto word = [&random] {
    return std::string(1 + random() % 2, static_cast<char>('a' + random() % 4));
  };
  const std::size_t aliases = random() % 40;
  for (std::size_t i = 0; i < aliases; ++i) {
    Words words;
    for (std::size_t k = 0; k < 1 + random() % 4; ++k) words.push_back(word());
    sample.dictionary.emplace(words, static_cast<std::uint32_t>(sample.dictionary.size()));
  }
  for (std::size_t i = 0; i < random() % 30; ++i) {
    const std::string piece = word();
    const auto begin = static_cast<std::uint32_t>(sample.text.size());
    sample.text += piece;
    sample.units.push_back({begin, static_cast<std::uint32_t>(sample.text.size()),
                            static_cast<std::uint32_t>(i), unit_hash(piece)});
    sample.text += ' ';
  }
  return sample;
}

/// The words of `text`, which single spaces part.
[[gnu::noinline]] std::vector<Unit> units_of(const std::string& text) {
  std::vector<Unit> units;
  for (std::uint32_t begin = 0; begin < text.size();) {
    const auto end = static_cast<std::uint32_t>(std::min(text.find(' ', begin), text.size()));
    units.push_back({begin, end, static_cast<std::uint32_t>(units.size()),
                     unit_hash(std::string_view(text).substr(begin, end - begin))});
    begin = end + 1;
  }
  return units;
}

using Matches = std::vector<std::pair<std::uint32_t, std::size_t>>;  // value and units, longest first

Matches naive(const Sample& sample, std::size_t at) {
  Matches matches;
  for (std::size_t length = sample.units.size() - at; length > 0; --length) {
    Words words;
    for (std::size_t i = at; i < at + length; ++i) {
      const Unit& unit = sample.units[i];
      words.push_back(sample.text.substr(unit.begin, unit.end - unit.begin));
    }
    const auto found = sample.dictionary.find(words);
    if (found != sample.dictionary.end()) matches.emplace_back(found->second, length);
  }
  return matches;
}

TEST(AliasIndexTest, FindsWhatANaiveSearchFindsLongestFirst) {
  std::mt19937 random(5);
  std::size_t total = 0;
  for (int round = 0; round < 2000; ++round) {
    const Sample sample = make_sample(random);
    AliasIndex index;
    for (const auto& [words, value] : sample.dictionary) {
      const std::vector<std::string_view> views(words.begin(), words.end());
      index.add(views, value);
    }
    index.build();
    for (std::size_t at = 0; at < sample.units.size(); ++at) {
      Matches matches;
      index.match(sample.text, sample.units, at, [&](std::uint32_t value, std::size_t units) {
        matches.emplace_back(value, units);
        return false;
      });
      ASSERT_EQ(matches, naive(sample, at)) << sample.text;
      total += matches.size();
    }
  }
  EXPECT_GT(total, 5000U);
}

TEST(AliasIndexTest, StopsWhenAMatchIsAccepted) {
  AliasIndex index;
  const std::vector<std::string_view> one{"a"};
  const std::vector<std::string_view> two{"a", "b"};
  index.add(one, 1);
  index.add(two, 2);
  index.build();
  const std::string text = "a b";
  const std::vector<Unit> units = units_of(text);
  std::vector<std::uint32_t> seen;
  EXPECT_TRUE(index.match(text, units, 0, [&](std::uint32_t value, std::size_t) {
    seen.push_back(value);
    return true;
  }));
  EXPECT_EQ(seen, std::vector<std::uint32_t>{2});
}

TEST(AliasIndexTest, AnEmptyIndexFindsNothing) {
  AliasIndex index;
  index.build();
  const std::vector<Unit> units = units_of("a");
  EXPECT_FALSE(index.match("a", units, 0, [](std::uint32_t, std::size_t) { return true; }));
}

}  // namespace
}  // namespace churnwire
