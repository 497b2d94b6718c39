#include "operators/churn/scorer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "operators/text/data_lines.h"

namespace churnwire {

std::expected<Scorer, DataError> Scorer::parse(const DataFiles& files, const std::string& language) {
  const std::string path = "weights/" + language + ".tsv";
  auto lines = read_data_lines(files, path, 2, 2);
  if (!lines) return std::unexpected(lines.error());
  Scorer scorer;
  for (const DataLine& line : *lines) {
    double value = 0;
    const std::string_view text = line.fields[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      return std::unexpected(
          DataError{path, line.line, "the weight must be a number, not \"" + std::string(text) + "\""});
    }
    const std::string_view name = line.fields[0];
    if (name == "@bias") {
      scorer.bias_ = value;
    } else if (name == "@slope") {
      scorer.slope_ = value;
    } else if (name == "@offset") {
      scorer.offset_ = value;
    } else if (name == "@threshold") {
      scorer.threshold_ = value;
    } else {
      scorer.weights_.emplace(name, value);
    }
  }
  return scorer;
}

double Scorer::probability(double score) const {
  return std::round(1e4 / (1 + std::exp(-(slope_ * score + offset_)))) / 1e4;
}

void FeatureSum::add(std::string_view name, double value) {
  const auto [entry, added] = seen_.emplace(name, value);
  if (added) score_ += value * scorer_.weight(name);
}

std::vector<FeatureShare> FeatureSum::take() {
  std::vector<FeatureShare> shares;
  if (!keep_) return shares;
  for (const auto& [name, value] : seen_) shares.push_back({name, value, value * scorer_.weight(name)});
  std::ranges::sort(shares, [](const FeatureShare& a, const FeatureShare& b) {
    return std::pair(-std::abs(a.share), std::string_view(a.name)) <
           std::pair(-std::abs(b.share), std::string_view(b.name));
  });
  return shares;
}

}  // namespace churnwire
