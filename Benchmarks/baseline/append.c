/*
 * append: the yardstick of the rows `append-group` and `append-one`.
 *
 * Reads all (key, value) pairs of the database `records` of an existing log into memory, then, timed, appends the
 * same values under the same keys to another environment: plain C on LMDB 0.9.24, nothing decided, hashed or folded.
 * It puts through a cursor: MDB_APPEND then stays on the last page, where mdb_put would search for it each time.
 * The clock runs from before the first transaction until the last is durable.
 *
 *   cc -O2 -Wall -Wextra -std=c11 -o append append.c -llmdb
 *   ./append SOURCE_LOG_DIR OUT_DIR GROUP [COUNT [SKIP [onto]]]
 *
 * GROUP is the number of records of one durable transaction, COUNT how many records to take (default: all),
 * SKIP how many to leave out before them (default: none). OUT_DIR is made when it is missing, and must not hold a
 * data.mdb; with `onto` it must hold one, a copy of the source's as it was with SKIP records: so that both append to
 * the same file, with the same tree and the same free pages. The source is only read; nobody may write to it
 * meanwhile, for it is opened without a lock file.
 * Prints {"records":n,"seconds":s,"perSecond":r,"fileBytes":b}; fileBytes is the length of OUT_DIR's data.mdb.
 * Leaves 0, or 64 for wrong arguments, or 74 when something failed.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "settle.h"

/* One pair; the bytes are at `offset` of the arena. */
struct pair {
    uint64_t key;
    size_t offset;
    size_t length;
};

struct pairs {
    struct pair *items;
    size_t count;
    size_t capacity;
    unsigned char *arena;
    size_t used;
    size_t reserved;
};

static void fail(const char *what, const char *why) {
    fprintf(stderr, "append: %s: %s\n", what, why);
    exit(74);
}

/* Every LMDB call goes through here: a measurement with an error in it is none. */
static void check(int code, const char *what) {
    if (code != MDB_SUCCESS) {
        fail(what, mdb_strerror(code));
    }
}

static void *grown(void *memory, size_t bytes) {
    void *larger = realloc(memory, bytes);
    if (larger == NULL) {
        fail("memory", strerror(ENOMEM));
    }
    return larger;
}

static void add(struct pairs *pairs, const MDB_val *key, const MDB_val *value) {
    if (pairs->count == pairs->capacity) {
        pairs->capacity = pairs->capacity == 0 ? 1024 : 2 * pairs->capacity;
        pairs->items = grown(pairs->items, pairs->capacity * sizeof *pairs->items);
    }
    while (pairs->reserved - pairs->used < value->mv_size) {
        pairs->reserved = pairs->reserved == 0 ? (size_t)1 << 20 : 2 * pairs->reserved;
        pairs->arena = grown(pairs->arena, pairs->reserved);
    }
    struct pair *pair = &pairs->items[pairs->count];
    /* LMDB promises no alignment. */
    memcpy(&pair->key, key->mv_data, sizeof pair->key);
    pair->offset = pairs->used;
    pair->length = value->mv_size;
    if (value->mv_size > 0) {
        memcpy(pairs->arena + pairs->used, value->mv_data, value->mv_size);
    }
    pairs->used += value->mv_size;
    pairs->count += 1;
}

/* Reads up to `limit` pairs in the order of their keys. */
static struct pairs read_pairs(const char *directory, size_t limit, size_t skip) {
    struct pairs pairs = {0};
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;
    check(mdb_env_create(&env), "source: create");
    check(mdb_env_set_maxdbs(env, 16), "source: maxdbs");
    check(mdb_env_open(env, directory, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600), "source: open");
    check(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "source: begin");
    check(mdb_dbi_open(txn, "records", MDB_INTEGERKEY, &dbi), "source: records");
    check(mdb_cursor_open(txn, dbi, &cursor), "source: cursor");
    MDB_val key, value;
    int code = MDB_SUCCESS;
    while (pairs.count < limit && (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        if (key.mv_size != sizeof(uint64_t)) {
            fail("source: records", "a key is not an 8-byte integer");
        }
        if (skip > 0) {
            skip -= 1;
        } else {
            add(&pairs, &key, &value);
        }
    }
    if (code != MDB_NOTFOUND) {
        check(code, "source: next");
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return pairs;
}

static double seconds_now(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        fail("clock", strerror(errno));
    }
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The length of the data file; 0 when there is none. */
static intmax_t data_bytes(const char *directory) {
    char path[4096];
    struct stat status;
    int length = snprintf(path, sizeof path, "%s/data.mdb", directory);
    if (length < 0 || (size_t)length >= sizeof path) {
        fail(directory, "path too long");
    }
    if (stat(path, &status) != 0) {
        if (errno == ENOENT) {
            return 0;
        }
        fail(path, strerror(errno));
    }
    return (intmax_t)status.st_size;
}

/* What is there, twice what the values need, and never less than 1 GiB: the file stays sparse. */
static size_t map_bytes(const struct pairs *pairs, const char *directory) {
    size_t bytes = (size_t)data_bytes(directory) + 2 * pairs->used + pairs->count * 128 + ((size_t)1 << 30);
    return bytes / 4096 * 4096;
}

static double append_all(const struct pairs *pairs, size_t before, const char *directory, size_t group) {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;
    MDB_stat stat;
    check(mdb_env_create(&env), "output: create");
    check(mdb_env_set_maxdbs(env, 16), "output: maxdbs");
    check(mdb_env_set_mapsize(env, map_bytes(pairs, directory)), "output: mapsize");
    check(mdb_env_open(env, directory, MDB_NOTLS, 0600), "output: open");
    check(mdb_txn_begin(env, NULL, 0, &txn), "output: begin");
    check(mdb_dbi_open(txn, "records", MDB_INTEGERKEY | MDB_CREATE, &dbi), "output: records");
    check(mdb_stat(txn, dbi, &stat), "output: stat");
    if (stat.ms_entries != before) {
        fail(directory, "has another number of records than were to be left out");
    }
    check(mdb_txn_commit(txn), "output: commit");

    /* Of groups of one, as many as a run has, need little memory. */
    settle(group > 1 ? SETTLE_MEBIBYTES : 0);
    double start = seconds_now();
    size_t next = 0;
    while (next < pairs->count) {
        size_t end = pairs->count - next < group ? pairs->count : next + group;
        check(mdb_txn_begin(env, NULL, 0, &txn), "output: begin");
        check(mdb_cursor_open(txn, dbi, &cursor), "output: cursor");
        for (; next < end; next += 1) {
            struct pair *pair = &pairs->items[next];
            MDB_val key = {sizeof pair->key, &pair->key};
            MDB_val value = {pair->length, pairs->arena + pair->offset};
            check(mdb_cursor_put(cursor, &key, &value, MDB_APPEND), "output: put");
        }
        mdb_cursor_close(cursor);
        check(mdb_txn_commit(txn), "output: commit");
    }
    double seconds = seconds_now() - start;
    mdb_env_close(env);
    return seconds;
}

/* A positive decimal number, nothing else. */
static bool parse(const char *text, size_t *number) {
    if (*text < '0' || *text > '9') {
        return false;
    }
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *number = (size_t)value;
    return errno == 0 && *end == '\0' && value > 0;
}

int main(int argc, char **argv) {
    size_t group = 0;
    size_t limit = SIZE_MAX;
    size_t skip = 0;
    if (argc < 4 || argc > 7 || !parse(argv[3], &group) || (argc >= 5 && !parse(argv[4], &limit)) ||
        (argc >= 6 && !parse(argv[5], &skip)) || (argc == 7 && strcmp(argv[6], "onto") != 0)) {
        fprintf(stderr, "usage: append SOURCE_LOG_DIR OUT_DIR GROUP [COUNT [SKIP [onto]]]\n");
        return 64;
    }
    bool is_onto = argc == 7;
    if (mkdir(argv[2], 0700) != 0 && errno != EEXIST) {
        fail(argv[2], strerror(errno));
    }
    if ((data_bytes(argv[2]) != 0) != is_onto) {
        fail(argv[2], is_onto ? "holds no data.mdb" : "holds a data.mdb already");
    }
    struct pairs pairs = read_pairs(argv[1], limit, skip);
    if (pairs.count == 0) {
        fail(argv[1], "has no records to append");
    }
    double seconds = append_all(&pairs, is_onto ? skip : 0, argv[2], group);
    double rate = seconds > 0 ? (double)pairs.count / seconds : 0;
    printf("{\"records\":%zu,\"seconds\":%.6f,\"perSecond\":%.0f,\"fileBytes\":%" PRIdMAX "}\n", pairs.count,
           seconds, rate, data_bytes(argv[2]));
    free(pairs.items);
    free(pairs.arena);
    return 0;
}
