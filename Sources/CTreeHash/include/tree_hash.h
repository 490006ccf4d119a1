#ifndef REFERRAL_LEDGER_TREE_HASH_H
#define REFERRAL_LEDGER_TREE_HASH_H

// SHA-256 (FIPS 180-4) for trees of RFC 6962, two messages at a time: x86's SHA instructions wait for their own
// results, so a second, independent message fills the gaps and comes nearly for free. libcrypto has no call for
// that. Without the instructions nothing here may be called; the caller asks first and uses libcrypto instead.

#include <stddef.h>
#include <stdint.h>

enum { tree_hash_bytes = 32, tree_hash_staged = 1024 };

// Whether this machine has the instructions (SHA, SSSE3, SSE4.1). Never changes; cost: one load.
int tree_hash_is_available(void);

// Up to two leaves that wait to be hashed together. All zero is empty.
typedef struct {
    uint32_t waiting;
    uint32_t blocks[2];
    uint8_t *out[2];
    uint8_t staged[2][tree_hash_staged];
} tree_hash_leaves;

// Takes a leaf: SHA-256(0x00 || data) will be at `out` after the next leaf, or after tree_hash_finish. The data is
// copied; `out` must stay where it is until then.
void tree_hash_add(tree_hash_leaves *leaves, const void *data, size_t byte_count, uint8_t *out);

// Hashes what waits.
void tree_hash_finish(tree_hash_leaves *leaves);

// For i < pairs: out[i] = SHA-256(0x01 || in[2i] || in[2i + 1]). `out` may be `in`.
void tree_hash_nodes(const uint8_t *in, uint8_t *out, size_t pairs);

#endif
