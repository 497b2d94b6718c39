#include "operators/text/language.h"

#include <algorithm>
#include <utility>

#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

constexpr std::size_t kTokensRead = 600;
constexpr double kSureHits = 3.0;

/// Three-letter codes (ISO 639-2) of the languages read.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kLongCodes{{{"eng", "en"},
                                                                                    {"zho", "zh"},
                                                                                    {"chi", "zh"},
                                                                                    {"cmn", "zh"},
                                                                                    {"yue", "zh"},
                                                                                    {"jpn", "ja"},
                                                                                    {"deu", "de"},
                                                                                    {"ger", "de"},
                                                                                    {"fra", "fr"},
                                                                                    {"fre", "fr"},
                                                                                    {"spa", "es"},
                                                                                    {"kor", "ko"}}};

std::string primary_subtag(std::string_view tag) {
  std::string out;
  for (const char c : tag.substr(0, tag.find_first_of("-_"))) {
    out.push_back(is_ascii_upper(c) ? static_cast<char>(c + 32) : c);
  }
  for (const auto& [code, subtag] : kLongCodes) {
    if (out == code) return std::string(subtag);
  }
  return out;
}

struct Scripts {
  std::size_t latin = 0;
  std::size_t han = 0;
  std::size_t kana = 0;
  std::size_t hangul = 0;
  std::size_t other = 0;
};

void count_script(std::string_view token, Scripts& scripts) {
  const char32_t c = decode_utf8(token, 0).value;
  if (c < 0x250) {
    ++scripts.latin;
  } else if (c >= 0x3041 && c <= 0x30FF) {
    ++scripts.kana;
  } else if (c >= 0xAC00 && c <= 0xD7A3) {
    ++scripts.hangul;
  } else if (classify(c) == CharClass::ideograph) {
    ++scripts.han;
  } else {
    ++scripts.other;
  }
}

}  // namespace

std::expected<LanguageDetector, DataError> LanguageDetector::parse(const DataFiles& files) {
  LanguageDetector detector;
  auto lines = read_data_lines(files, "text/stopwords.tsv", 2, 2);
  if (!lines) return std::unexpected(lines.error());
  for (const DataLine& line : *lines) {
    const std::string language(line.fields[0]);
    auto known = std::find(detector.languages_.begin(), detector.languages_.end(), language);
    if (known == detector.languages_.end()) {
      detector.languages_.push_back(language);
      known = detector.languages_.end() - 1;
    }
    const auto index = static_cast<std::size_t>(known - detector.languages_.begin());
    std::string_view rest = line.fields[1];
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      const std::string word(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      auto& weights = detector.words_[word];
      const bool listed = std::any_of(weights.begin(), weights.end(),
                                      [index](const Weight& weight) { return weight.language == index; });
      if (!word.empty() && !listed) weights.push_back({index, 1.0});
    }
  }
  for (auto& [word, weights] : detector.words_) {
    const auto count = static_cast<double>(weights.size());
    for (Weight& weight : weights) weight.weight = 1.0 / (count * count);
  }
  return detector;
}

std::string LanguageDetector::detect(const Document& document, std::string_view declared) const {
  const std::string claim = primary_subtag(declared);
  const std::string fallback = claim.size() == 2 ? claim : std::string("und");
  Scripts scripts;
  std::vector<double> scores(languages_.size(), 0.0);
  std::size_t words = 0;
  const std::size_t count = std::min(document.tokens.size(), kTokensRead);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TokenKind kind = document.tokens[i].kind;
    if (kind != TokenKind::word && kind != TokenKind::cjk) continue;
    count_script(document.token_text(i), scripts);
    if (kind != TokenKind::word) continue;
    ++words;
    const auto found = words_.find(std::string(document.token_lower(i)));
    if (found == words_.end()) continue;
    for (const Weight& weight : found->second) scores[weight.language] += weight.weight;
  }
  const std::size_t cjk = scripts.han + scripts.kana;
  if (cjk >= 4 && cjk * 2 >= scripts.latin && cjk >= scripts.hangul) {
    if (scripts.kana * 12 >= cjk) return "ja";
    return claim == "ja" && cjk < 12 ? "ja" : "zh";
  }
  if (scripts.hangul > scripts.latin) return "ko";
  if (scripts.other > scripts.latin) return fallback == "en" ? "und" : fallback;
  const auto best = std::max_element(scores.begin(), scores.end());
  if (best == scores.end() || *best <= 0) return words < 12 ? fallback : "und";
  double second = 0;
  for (auto it = scores.begin(); it != scores.end(); ++it) {
    if (it != best) second = std::max(second, *it);
  }
  const std::string& top = languages_[static_cast<std::size_t>(best - scores.begin())];
  if (top == claim) return top;
  const bool sure = *best >= kSureHits && *best >= 1.5 * second && *best * 20 >= static_cast<double>(words);
  if (sure) return top;
  if (words < 25) return fallback != "und" ? fallback : (*best >= 1.5 * second && *best >= 1 ? top : "und");
  return "und";
}

}  // namespace churnwire
