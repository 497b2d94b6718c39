#pragma once

#include <cstddef>

/// A test binary that links counting_new.cc has every form of operator new counted, in all its threads and
/// libraries.
namespace churnwire::testing_support {

/// Calls of operator new in this process so far.
std::size_t allocations();

/// Calls of operator new while `work` ran.
template <class Work>
std::size_t allocations_of(Work&& work) {
  const std::size_t before = allocations();
  work();
  return allocations() - before;
}

}  // namespace churnwire::testing_support
