#pragma once
// The header-only form: hashing a hundred bytes should not cost a call through the PLT.
// Swift does not import the library's own macro names, hence the three lines below.
#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t xxhash_64(const void *bytes, size_t count, uint64_t seed) { return XXH64(bytes, count, seed); }
static inline uint64_t xxhash3_64(const void *bytes, size_t count, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, count, seed);
}
