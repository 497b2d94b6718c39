#include "pipeline/cli/load.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <utility>

#include "pipeline/data_root.h"

namespace churnwire::cli {
namespace {

void print(const DataError& error) {
  std::cerr << "churnwire: " << error.file;
  if (error.line != 0) std::cerr << ':' << error.line;
  std::cerr << ": " << error.message << '\n';
}

}  // namespace

std::optional<Knowledge> load_knowledge(const std::filesystem::path& root) {
  auto files = read_data_files(root);
  if (!files) {
    print(files.error());
    return std::nullopt;
  }
  auto knowledge = Knowledge::parse(*files);
  if (!knowledge) {
    knowledge.error().file = (root / "operators" / "data" / knowledge.error().file).string();
    print(knowledge.error());
    return std::nullopt;
  }
  return std::move(*knowledge);
}

std::optional<FeedMappings> load_feed_mappings(const std::filesystem::path& root) {
  auto files = read_feed_files(root);
  if (!files) {
    print(files.error());
    return std::nullopt;
  }
  auto mappings = FeedMappings::parse(*files);
  if (!mappings) {
    print(mappings.error());
    return std::nullopt;
  }
  return std::move(*mappings);
}

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

bool wants_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  return is_terminal(descriptor) && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace churnwire::cli
