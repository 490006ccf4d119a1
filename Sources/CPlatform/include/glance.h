#ifndef REFERRAL_LEDGER_GLANCE_H
#define REFERRAL_LEDGER_GLANCE_H

// Eight neighbouring words of an id table compared at once, without a branch that could go wrong.

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Index of the first of eight words whose upper 32 bits are `wanted`; 8 for none. On any processor.
static inline uint32_t platform_first_of_eight_plain(const void *words, uint32_t wanted) {
    uint32_t found = 8;
    for (int i = 7; i >= 0; i--) {
        uint64_t word;
        memcpy(&word, (const char *)words + i * 8, sizeof word);
        found = (uint32_t)(word >> 32) == wanted ? (uint32_t)i : found;
    }
    return found;
}

// The same, by what the processor compares four words with.
static inline uint32_t platform_first_of_eight(const void *words, uint32_t wanted) {
#if defined(__SSE2__)
    const float *from = (const float *)words;
    __m128i sought = _mm_set1_epi32((int)wanted);
    // Upper halves of four words each.
    __m128i low = _mm_castps_si128(
        _mm_shuffle_ps(_mm_loadu_ps(from), _mm_loadu_ps(from + 4), _MM_SHUFFLE(3, 1, 3, 1)));
    __m128i high = _mm_castps_si128(
        _mm_shuffle_ps(_mm_loadu_ps(from + 8), _mm_loadu_ps(from + 12), _MM_SHUFFLE(3, 1, 3, 1)));
    __m128i found = _mm_packs_epi32(_mm_cmpeq_epi32(low, sought), _mm_cmpeq_epi32(high, sought));
    uint32_t mask = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(found, _mm_setzero_si128()));
    return (uint32_t)__builtin_ctz(mask | 0x100);
#else
    return platform_first_of_eight_plain(words, wanted);
#endif
}

#endif
