#pragma once

/*
 * VECTOR marks a short loop over bytes that the compiler turns into vector code, once for every
 * machine and once more for those with AVX2, chosen when the program is loaded. Only speed depends
 * on it. The sanitizers come up after that choice would be made, so they get the plain one.
 */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define VECTOR __attribute__((target_clones("avx2", "default")))
#else
#define VECTOR
#endif
