#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <string>

#include "operators/data_files.h"
#include "schemas/errors.h"

namespace churnwire {

/// The folder that holds `operators/data` and `schemas`: $CHURNWIRE_DATA_DIR, else share/churnwire beside the
/// installed binary, else the source tree that it was built from.
std::filesystem::path default_data_root();

/// Reads every file below `root`/operators/data; keys are paths below that folder. Names the file that cannot
/// be read.
std::expected<DataFiles, DataError> read_data_files(const std::filesystem::path& root);

/// Reads `root`/schemas/feeds/*.yaml; keys are feed names (the file names without ".yaml").
std::expected<std::map<std::string, std::string>, DataError> read_feed_files(
    const std::filesystem::path& root);

}  // namespace churnwire
