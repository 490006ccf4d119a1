#include "tree_hash.h"

#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,ssse3,sse4.1")))
#define INLINE_WITH_SHA static inline __attribute__((always_inline, target("sha,ssse3,sse4.1")))

enum { block_bytes = 64, longest_staged = tree_hash_staged - 10 }; // prefix, 0x80 and the length in bits

static int available;

__attribute__((constructor)) static void look_at_machine(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return;
    const unsigned needed = bit_SSSE3 | bit_SSE4_1;
    if ((c & needed) != needed || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
    available = (b >> 29) & 1;
}

int tree_hash_is_available(void) { return available; }

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t rounds[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// A state as the instructions want it: the words A B E F and C D G H, each from the highest down.
typedef struct {
    __m128i abef, cdgh;
} lane;

INLINE_WITH_SHA lane load_state(const uint32_t words[8]) {
    const __m128i dcba = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)words), 0xB1);
    const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(words + 4)), 0x1B);
    lane out = {_mm_alignr_epi8(dcba, efgh, 8), _mm_blend_epi16(efgh, dcba, 0xF0)};
    return out;
}

// The state as the 32 bytes of the hash.
INLINE_WITH_SHA void store_hash(lane state, uint8_t *out) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    const __m128i feba = _mm_shuffle_epi32(state.abef, 0x1B);
    const __m128i dchg = _mm_shuffle_epi32(state.cdgh, 0xB1);
    const __m128i dcba = _mm_blend_epi16(feba, dchg, 0xF0);
    const __m128i hgfe = _mm_alignr_epi8(dchg, feba, 8);
    _mm_storeu_si128((__m128i *)out, _mm_shuffle_epi8(dcba, big_endian));
    _mm_storeu_si128((__m128i *)(out + 16), _mm_shuffle_epi8(hgfe, big_endian));
}

// One block of each of `lanes` messages (1 or 2, a constant where it is inlined).
INLINE_WITH_SHA void compress(lane *states, const uint8_t *const *blocks, int lanes) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    lane before[2], now[2];
    __m128i words[2][4];
    for (int l = 0; l < lanes; l++) {
        before[l] = now[l] = states[l];
        for (int i = 0; i < 4; i++)
            words[l][i] =
                _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(blocks[l] + 16 * i)), big_endian);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) {
        const __m128i constants = _mm_load_si128((const __m128i *)(rounds + 4 * i));
#pragma clang loop unroll(full)
        for (int l = 0; l < lanes; l++) {
            __m128i *w = words[l];
            __m128i sum = _mm_add_epi32(w[i & 3], constants);
            now[l].cdgh = _mm_sha256rnds2_epu32(now[l].cdgh, now[l].abef, sum);
            now[l].abef = _mm_sha256rnds2_epu32(now[l].abef, now[l].cdgh, _mm_shuffle_epi32(sum, 0x0E));
            if (i < 12) {
                const __m128i seventh = _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4);
                const __m128i part = _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]), seventh);
                w[i & 3] = _mm_sha256msg2_epu32(part, w[(i + 3) & 3]);
            }
        }
    }
    for (int l = 0; l < lanes; l++) {
        states[l].abef = _mm_add_epi32(now[l].abef, before[l].abef);
        states[l].cdgh = _mm_add_epi32(now[l].cdgh, before[l].cdgh);
    }
}

// FIPS 180-4, 5.1.1: a one bit, zeros, the length in bits. Returns the blocks of the padded message.
static inline uint32_t pad(uint8_t *message, size_t byte_count) {
    const uint32_t blocks = (uint32_t)((byte_count + 9 + block_bytes - 1) / block_bytes);
    uint8_t *const end = message + (size_t)blocks * block_bytes;
    memset(message + byte_count, 0, (size_t)(end - message) - byte_count);
    message[byte_count] = 0x80;
    const uint64_t bits = __builtin_bswap64((uint64_t)byte_count * 8);
    memcpy(end - 8, &bits, 8);
    return blocks;
}

WITH_SHA static void hash_one(const uint8_t *message, uint32_t blocks, uint8_t *out) {
    lane state = load_state(initial);
    for (uint32_t i = 0; i < blocks; i++) {
        const uint8_t *at = message + (size_t)i * block_bytes;
        compress(&state, &at, 1);
    }
    store_hash(state, out);
}

WITH_SHA static void hash_two(
    const uint8_t *const messages[2], const uint32_t blocks[2], uint8_t *const out[2]) {
    const lane start = load_state(initial);
    lane states[2] = {start, start};
    const uint32_t both = blocks[0] < blocks[1] ? blocks[0] : blocks[1];
    const uint8_t *at[2] = {messages[0], messages[1]};
    for (uint32_t i = 0; i < both; i++) {
        compress(states, at, 2);
        at[0] += block_bytes;
        at[1] += block_bytes;
    }
    for (int l = 0; l < 2; l++) {
        for (uint32_t i = both; i < blocks[l]; i++) {
            compress(states + l, at + l, 1);
            at[l] += block_bytes;
        }
        store_hash(states[l], out[l]);
    }
}

// A leaf that is too long to be staged whole: block by block through a small buffer.
WITH_SHA static void hash_long(const uint8_t *data, size_t byte_count, uint8_t *out) {
    uint8_t buffer[2 * block_bytes] = {0};
    lane state = load_state(initial);
    const uint8_t *at = buffer;
    memcpy(buffer + 1, data, block_bytes - 1);
    compress(&state, &at, 1);
    size_t done = block_bytes - 1;
    for (; byte_count - done >= block_bytes; done += block_bytes) {
        at = data + done;
        compress(&state, &at, 1);
    }
    const size_t rest = byte_count - done;
    memcpy(buffer, data + done, rest);
    const uint32_t blocks = pad(buffer, rest);
    const uint64_t bits = __builtin_bswap64(((uint64_t)byte_count + 1) * 8);
    memcpy(buffer + (size_t)blocks * block_bytes - 8, &bits, 8);
    for (uint32_t i = 0; i < blocks; i++) {
        at = buffer + (size_t)i * block_bytes;
        compress(&state, &at, 1);
    }
    store_hash(state, out);
}

void tree_hash_add(tree_hash_leaves *leaves, const void *data, size_t byte_count, uint8_t *out) {
    if (byte_count > longest_staged) {
        hash_long(data, byte_count, out);
        return;
    }
    const uint32_t place = leaves->waiting;
    uint8_t *const message = leaves->staged[place];
    message[0] = 0;
    if (byte_count > 0) memcpy(message + 1, data, byte_count);
    leaves->blocks[place] = pad(message, byte_count + 1);
    leaves->out[place] = out;
    if (place == 0) {
        leaves->waiting = 1;
        return;
    }
    leaves->waiting = 0;
    const uint8_t *const messages[2] = {leaves->staged[0], leaves->staged[1]};
    hash_two(messages, leaves->blocks, leaves->out);
}

void tree_hash_finish(tree_hash_leaves *leaves) {
    if (leaves->waiting == 0) return;
    leaves->waiting = 0;
    hash_one(leaves->staged[0], leaves->blocks[0], leaves->out[0]);
}

void tree_hash_nodes(const uint8_t *in, uint8_t *out, size_t pairs) {
    enum { node_bytes = 1 + 2 * tree_hash_bytes, node_blocks = 2 };
    uint8_t staged[2][node_blocks * block_bytes];
    const uint32_t blocks[2] = {node_blocks, node_blocks};
    for (int l = 0; l < 2; l++) {
        staged[l][0] = 1;
        pad(staged[l], node_bytes);
    }
    const uint8_t *const messages[2] = {staged[0], staged[1]};
    size_t i = 0;
    for (; i + 2 <= pairs; i += 2) {
        memcpy(staged[0] + 1, in + 2 * i * tree_hash_bytes, 2 * tree_hash_bytes);
        memcpy(staged[1] + 1, in + 2 * (i + 1) * tree_hash_bytes, 2 * tree_hash_bytes);
        uint8_t *const outs[2] = {out + i * tree_hash_bytes, out + (i + 1) * tree_hash_bytes};
        hash_two(messages, blocks, outs);
    }
    if (i < pairs) {
        memcpy(staged[0] + 1, in + 2 * i * tree_hash_bytes, 2 * tree_hash_bytes);
        hash_one(staged[0], node_blocks, out + i * tree_hash_bytes);
    }
}

#else

int tree_hash_is_available(void) { return 0; }
void tree_hash_add(tree_hash_leaves *leaves, const void *data, size_t byte_count, uint8_t *out) {
    (void)leaves, (void)data, (void)byte_count, (void)out;
    __builtin_trap();
}
void tree_hash_finish(tree_hash_leaves *leaves) {
    (void)leaves;
    __builtin_trap();
}
void tree_hash_nodes(const uint8_t *in, uint8_t *out, size_t pairs) {
    (void)in, (void)out, (void)pairs;
    __builtin_trap();
}

#endif
