#include <algorithm>
#include <array>
#include <utility>

#include "operators/entities/names.h"
#include "operators/text/data_lines.h"

namespace churnwire {
namespace {

constexpr std::array<std::pair<std::string_view, NameCue>, 16> kCueWords{{
    {"common", NameCue::common},
    {"never", NameCue::never},
    {"person-title", NameCue::person_title},
    {"first-name", NameCue::first_name},
    {"job", NameCue::job},
    {"place", NameCue::place},
    {"suffix", NameCue::suffix},
    {"org-head", NameCue::org_head},
    {"connector", NameCue::connector},
    {"saying", NameCue::saying},
    {"org-noun", NameCue::org_noun},
    {"outlet", NameCue::outlet},
    {"ending", NameCue::ending},
    {"verb-after", NameCue::verb_after},
    {"abbreviated", NameCue::abbreviated},
    {"thing", NameCue::thing},
}};

}  // namespace

std::expected<NameFinder, DataError> NameFinder::parse(const DataFiles& files) {
  NameFinder finder;
  const std::string path = "text/name_cues.tsv";
  auto lines = read_data_lines(files, path, 2, 2);
  if (!lines) return std::unexpected(lines.error());
  for (const DataLine& line : *lines) {
    const auto cue = std::find_if(kCueWords.begin(), kCueWords.end(),
                                  [&](const auto& entry) { return entry.first == line.fields[0]; });
    if (cue == kCueWords.end()) {
      return std::unexpected(DataError{path, line.line, "the cue is unknown"});
    }
    std::string_view rest = line.fields[1];
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      if (end != 0) {
        if (cue->second == NameCue::ending) finder.endings_.emplace_back(rest.substr(0, end));
        auto& bits = finder.cues_[std::string(rest.substr(0, end))];
        bits = static_cast<std::uint16_t>(bits | std::to_underlying(cue->second));
      }
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  return finder;
}

bool NameFinder::has(std::string_view lower, NameCue cue) const {
  const auto found = cues_.find(std::string(lower));
  return found != cues_.end() && (found->second & std::to_underlying(cue)) != 0;
}

std::unordered_set<std::string> NameFinder::common_words() const {
  std::unordered_set<std::string> words;
  for (const auto& [word, bits] : cues_) {
    if ((bits & std::to_underlying(NameCue::common)) != 0) words.insert(word);
  }
  return words;
}

bool NameFinder::ends_plainly(std::string_view lower) const {
  return std::any_of(endings_.begin(), endings_.end(), [lower](const std::string& ending) {
    return lower.size() > ending.size() + 2 && lower.ends_with(ending);
  });
}

}  // namespace churnwire
