#pragma once

#include <cstddef>

namespace churnwire::testing_data {

/// Calls of operator new in this process so far.
std::size_t allocations();

}  // namespace churnwire::testing_data
