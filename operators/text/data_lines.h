#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "operators/data_files.h"
#include "schemas/errors.h"

namespace churnwire {

/// One line of a tab-separated data file. `fields` view the file's content.
struct DataLine {
  std::size_t line = 0;  // 1-based
  std::vector<std::string_view> fields;
};

/// The lines of `files[path]` without comments ('#' first) and blank lines, split at tabs, padded with empty
/// fields to `fields_max`. An absent file, a line with fewer fields than `fields_min` or more than
/// `fields_max` is an error.
std::expected<std::vector<DataLine>, DataError> read_data_lines(const DataFiles& files,
                                                                const std::string& path,
                                                                std::size_t fields_min,
                                                                std::size_t fields_max);

/// `text` without spaces at its ends.
std::string_view trim(std::string_view text);

}  // namespace churnwire
