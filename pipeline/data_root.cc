#include "pipeline/data_root.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace churnwire {
namespace fs = std::filesystem;
namespace {

std::expected<std::string, DataError> read_file(const fs::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || text.fail()) {
    const char* why = errno != 0 ? std::strerror(errno) : "it cannot be read";
    return std::unexpected(DataError{path.string(), 0, std::string("cannot read this data file: ") + why});
  }
  return std::move(text).str();
}

/// Files below `folder` whose name ends in `suffix` (any, when empty), by path relative to it.
std::expected<std::map<std::string, std::string>, DataError> read_folder(const fs::path& folder,
                                                                         std::string_view suffix) {
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, error);
  if (error) {
    return std::unexpected(
        DataError{folder.string(), 0,
                  "cannot read this data folder: " + error.message() +
                      "; set CHURNWIRE_DATA_DIR to the folder that holds operators/data and schemas"});
  }
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : entries) {
    const std::string filename = entry.path().filename().string();
    if (!entry.is_regular_file() || filename.starts_with(".") || !filename.ends_with(suffix)) continue;
    auto text = read_file(entry.path());
    if (!text) return std::unexpected(std::move(text.error()));
    files.emplace(entry.path().lexically_relative(folder).generic_string(), *std::move(text));
  }
  return files;
}

}  // namespace

fs::path default_data_root() {
  if (const char* set = std::getenv("CHURNWIRE_DATA_DIR"); set != nullptr && *set != '\0') return set;
  std::error_code error;
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path installed = binary.parent_path().parent_path() / "share" / "churnwire";
    if (fs::is_directory(installed / "operators" / "data", error)) return installed;
  }
  return CHURNWIRE_SOURCE_DIR;
}

std::expected<DataFiles, DataError> read_data_files(const fs::path& root) {
  return read_folder(root / "operators" / "data", "");
}

std::expected<std::map<std::string, std::string>, DataError> read_feed_files(const fs::path& root) {
  auto files = read_folder(root / "schemas" / "feeds", ".yaml");
  if (!files) return files;
  std::map<std::string, std::string> feeds;
  for (auto& [path, text] : *files) feeds.emplace(fs::path(path).stem().string(), std::move(text));
  return feeds;
}

}  // namespace churnwire
