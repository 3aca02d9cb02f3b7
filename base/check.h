// Broken invariants end the process, in release builds too: a wrong answer written down costs more than a restart.
#pragma once

#include <cstdio>
#include <cstdlib>

#define VIVID_CHECK(condition)                                                               \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: invariant broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
