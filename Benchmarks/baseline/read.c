/*
 * What a balance by a user's id costs at the least on this machine: from a text of 16 bytes to a row of 96 bytes.
 *
 *   read USERS READS
 *
 * The same steps as ours, and nothing else: hash of the id, a word of an open-addressing table (85 % full at the most),
 * the id itself to compare, the row. No lock, no undo, no check of anything, one asset; all in huge pages where the
 * system gives them; the row is asked for while the id is compared. Users are drawn as Benchmarks/LedgerBench/ReadRows
 * draws them: any one as likely as another. Prints nanoseconds a read, of a second pass over the same ids: where each read
 * begins when the one before is done, as callers' do, and where the processor may begin the next ones meanwhile.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

#include "workload.h"

enum { TEXT_BYTES = 24, ID_BYTES = 16 };
#define NUMBER_MASK ((UINT64_C(1) << 30) - 1)

struct row {
    uint32_t links[10];
    int64_t times[2];
    int64_t pending, settled, held, earned;
    uint16_t programme, asset;
    uint8_t stage, flags, spare[2];
};

struct book {
    uint64_t *slots;
    uint64_t count;
    char (*texts)[TEXT_BYTES];
    struct row *rows;
};

static void *memory(size_t bytes) {
    size_t huge = (size_t)2 << 20;
    void *found = aligned_alloc(huge, (bytes + huge - 1) / huge * huge);
    if (found == NULL) {
        fputs("memory\n", stderr);
        exit(71);
    }
    madvise(found, bytes, MADV_HUGEPAGE);
    memset(found, 0, bytes);
    return found;
}

static uint64_t home(const struct book *book, uint64_t hash) {
    return (uint64_t)(((unsigned __int128)hash * book->count) >> 64);
}

/* Pending of a user; -1 for an unknown one. */
static __attribute__((noinline)) int64_t pending(const struct book *book, const char *id, size_t count) {
    uint64_t hash = XXH3_64bits_withSeed(id, count, 7);
    uint64_t at = home(book, hash);
    while (book->slots[at] != 0) {
        uint64_t word = book->slots[at];
        if (((word ^ hash) & ~NUMBER_MASK) == 0) {
            uint64_t user = (word & NUMBER_MASK) - 1;
            __builtin_prefetch(&book->rows[user]);
            __builtin_prefetch((const char *)&book->rows[user] + sizeof(struct row) - 1);
            const char *text = book->texts[user];
            if ((uint8_t)text[TEXT_BYTES - 1] == count && memcmp(text, id, count) == 0) {
                const struct row *row = &book->rows[user];
                return row->asset == 840 ? row->pending : 0;
            }
        }
        at = at + 1 == book->count ? 0 : at + 1;
    }
    return -1;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: read USERS READS\n", stderr);
        return 64;
    }
    uint32_t users = (uint32_t)atol(argv[1]);
    size_t reads = (size_t)atol(argv[2]);
    struct book book = {.count = (uint64_t)users * 100 / 85 + 16};
    book.slots = memory(book.count * sizeof *book.slots);
    book.texts = memory((size_t)users * TEXT_BYTES);
    book.rows = memory((size_t)users * sizeof *book.rows);
    char text[TEXT_BYTES + 1];
    for (uint32_t user = 0; user < users; user += 1) {
        snprintf(text, sizeof text, "u-%014u", user);
        memcpy(book.texts[user], text, ID_BYTES);
        book.texts[user][TEXT_BYTES - 1] = ID_BYTES;
        book.rows[user].asset = 840;
        book.rows[user].pending = 1 + user % 7;
        uint64_t hash = XXH3_64bits_withSeed(text, ID_BYTES, 7), at = home(&book, hash);
        while (book.slots[at] != 0) { at = at + 1 == book.count ? 0 : at + 1; }
        book.slots[at] = (hash & ~NUMBER_MASK) | (user + 1);
    }
    char(*ids)[TEXT_BYTES] = memory(reads * TEXT_BYTES);
    uint64_t random = 99;
    for (size_t i = 0; i < reads; i += 1) {
        snprintf(text, sizeof text, "u-%014u", workload_below(&random, users));
        memcpy(ids[i], text, ID_BYTES);
    }
    int64_t sum = 0;
    double took[2] = {0, 0};
    /* Zero, which the compiler does not know: an index that needs the answer before. */
    volatile size_t zero = 0;
    for (int kind = 0; kind < 2; kind += 1) {
        size_t mask = kind == 0 ? zero : 0;
        for (int pass = 0; pass < 2; pass += 1) {
            struct timespec begin, end;
            clock_gettime(CLOCK_MONOTONIC, &begin);
            if (kind == 0) {
                for (size_t i = 0; i < reads; i += 1) { sum += pending(&book, ids[i + ((size_t)sum & mask)], ID_BYTES); }
            } else {
                for (size_t i = 0; i < reads; i += 1) { sum += pending(&book, ids[i], ID_BYTES); }
            }
            clock_gettime(CLOCK_MONOTONIC, &end);
            took[kind] = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
        }
    }
    if (sum <= 0) {
        fputs("the reads have no answers\n", stderr);
        return 70;
    }
    printf("{\"users\": %u, \"reads\": %zu, \"nanosecondsARead\": %.1f, \"overlapped\": %.1f, \"sum\": %lld}\n", users,
           reads, took[0] / (double)reads, took[1] / (double)reads, (long long)sum);
    return 0;
}
