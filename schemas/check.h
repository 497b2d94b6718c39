#pragma once

#include <cstdio>
#include <cstdlib>

/// Aborts, in release builds too, when `condition` does not hold: the program itself is wrong.
/// Never for input from outside, which gets a typed error instead.
#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
