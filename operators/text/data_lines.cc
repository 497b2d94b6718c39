#include "operators/text/data_lines.h"

#include <fmt/format.h>

namespace churnwire {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\r')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::expected<std::vector<DataLine>, DataError> read_data_lines(const DataFiles& files,
                                                                const std::string& path,
                                                                std::size_t fields_min,
                                                                std::size_t fields_max) {
  const auto file = files.find(path);
  if (file == files.end()) return std::unexpected(DataError{path, 0, "the file is missing"});
  std::string_view rest = file->second;
  std::vector<DataLine> lines;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (trim(line).empty() || line.front() == '#') continue;
    DataLine parsed{number, {}};
    for (;;) {
      const std::size_t tab = line.find('\t');
      parsed.fields.push_back(trim(line.substr(0, tab)));
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
    if (parsed.fields.size() < fields_min || parsed.fields.size() > fields_max) {
      return std::unexpected(DataError{
          path, number,
          fmt::format("{} fields where {} to {} belong", parsed.fields.size(), fields_min, fields_max)});
    }
    parsed.fields.resize(fields_max);
    lines.push_back(std::move(parsed));
  }
  return lines;
}

}  // namespace churnwire
