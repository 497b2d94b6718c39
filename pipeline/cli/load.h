#pragma once

#include <filesystem>
#include <optional>

#include "operators/detector.h"
#include "schemas/article_decoder.h"

/// What several verbs load first. Each prints what is wrong to standard error and returns nothing then; the
/// verb ends with exit status `bad_configuration`.
namespace churnwire::cli {

std::optional<Knowledge> load_knowledge(const std::filesystem::path& root);
std::optional<FeedMappings> load_feed_mappings(const std::filesystem::path& root);

/// True when standard error (2) or standard output (1) is a terminal.
bool is_terminal(int descriptor);
/// True when colour may be written to `descriptor`: a terminal, and NO_COLOR is not set.
bool wants_colour(int descriptor);

}  // namespace churnwire::cli
