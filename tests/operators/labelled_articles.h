#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace churnwire::testing_data {

/// Title and body of each article of a labelled file; a line that cannot be read fails the test.
std::vector<std::pair<std::string, std::string>> labelled_articles(const std::filesystem::path& path);

}  // namespace churnwire::testing_data
