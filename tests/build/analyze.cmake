# gcc's analyzer over the product, by hand; a finding is an error:
#   cmake -S . -B build/analyze -G Ninja -C tests/build/analyze.cmake -DCMAKE_C_COMPILER=gcc
#   cmake --build build/analyze -- -k 0
# Two of gcc 12's checks are off, which the sanitizers do better: it sees a leak wherever the result
# of realloc() is kept in a struct, and takes two pointers of a struct for one after a call that it
# cannot see into.
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_C_FLAGS "-fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-double-free"
    CACHE STRING "")
set(MINPING_TESTS OFF CACHE BOOL "")
