#pragma once

#include <expected>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "schemas/article_decoder.h"
#include "schemas/check.h"

namespace churnwire::test {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

/// The mapping files of the source tree, by feed.
inline std::map<std::string, std::string> feed_files() {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(CHURNWIRE_SOURCE_DIR "/schemas/feeds")) {
    if (entry.path().extension() == ".yaml") files.emplace(entry.path().stem(), read_text(entry.path()));
  }
  return files;
}

/// The mappings of the source tree, parsed once.
inline const FeedMappings& shipped_mappings() {
  static const std::expected<FeedMappings, DataError> mappings = FeedMappings::parse(feed_files());
  CHECK(mappings.has_value());
  return *mappings;
}

}  // namespace churnwire::test
