/*
 * decide: where this machine's limit lies for `append-group`. The yardstick of no row.
 *
 * What a ledger cannot do without for a durable payment, in plain C: the payer is found by id and the id confirmed,
 * the payment's id is looked for and put in, three referrers are walked to, commissions are reckoned (half to even),
 * four rows change with checks for overflow, the record is encoded as Documentation/log-format.md has it, checksum
 * included, and its group is appended to LMDB as `append` does it. Memory is asked for 64 payments ahead, in huge pages.
 * What is left out: policies, refusals in words, undoing a group, readers, the queue, receipts, the hash tree,
 * checkpoints.
 *
 *   cc -O2 -Wall -Wextra -std=c11 -o decide decide.c -llmdb -lpthread
 *   ./decide OUT_DIR GROUP USERS PAYMENTS THREADS
 *
 * THREADS 0: only decides and encodes; 1: decides, then appends, group after group; 2: decides a group while another
 * thread appends the one before. Payments are drawn as our own side draws them (workload.h); the sum of what is
 * pending is checked against them. Prints {"payments","threads","seconds","perSecond","valueBytes","pending"}.
 * Leaves 0, 64 for wrong arguments, 70 when the books are wrong, 71 without memory, 74 when LMDB fails.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL

#include <inttypes.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "settle.h"
#include "workload.h"

enum { HEADER_BYTES = 40, VALUE_BYTES = 256, USER_ID_BYTES = 16, AHEAD = 64, USD = 840 };

static const uint64_t NUMBER_MASK = (UINT64_C(1) << 30) - 1;
static const int64_t FOURTEEN_DAYS = INT64_C(14) * 86400 * 1000000000;

static void fail(int code, const char *what) {
    fprintf(stderr, "decide: %s\n", what);
    exit(code);
}

static void check(int code, const char *what) {
    if (code != MDB_SUCCESS) {
        fprintf(stderr, "decide: %s: %s\n", what, mdb_strerror(code));
        exit(74);
    }
}

static void *pages(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        fail(71, "memory");
    }
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

/* -- State ------------------------------------------------------------------------------------------------------ */

/* A user: one cache line. */
struct row {
    int64_t pending;
    int64_t settled;
    int64_t earned;
    int64_t attributed_at;
    /* Number + 1. */
    uint32_t parent;
    uint32_t payments;
    char id[USER_ID_BYTES];
    uint8_t stage;
    uint8_t unused[7];
};
_Static_assert(sizeof(struct row) == 64, "a row is a cache line");

/* Open addressing: a word a slot, the upper 34 bits of the hash and 30 bits of number + 1. Never over half full. */
struct table {
    uint64_t *slots;
    unsigned bits;
};

static struct row *rows;
static struct table user_keys, payment_keys;
static uint32_t *payment_flags;
static int64_t expense, paid;

static void table_init(struct table *table, size_t count) {
    table->bits = 16;
    while (((size_t)1 << table->bits) < 2 * count) {
        table->bits += 1;
    }
    table->slots = pages(sizeof(uint64_t) << table->bits);
    /* Faulted in before the clock runs. */
    memset(table->slots, 0, sizeof(uint64_t) << table->bits);
}

static inline uint64_t *table_slot(const struct table *table, uint64_t hash) {
    return &table->slots[hash >> (64 - table->bits)];
}

static inline uint64_t hash_of(const void *bytes, size_t count, uint64_t space) {
    return XXH3_64bits_withSeed(bytes, count, UINT64_C(0x5EED0F1D5EED0F1D) ^ space);
}

/* The first number whose hash matches, + 1, from *slot on; 0 and the free slot when there is none. */
static inline uint32_t table_next(const struct table *table, uint64_t hash, size_t *slot) {
    size_t mask = ((size_t)1 << table->bits) - 1;
    for (;; *slot = (*slot + 1) & mask) {
        uint64_t word = table->slots[*slot];
        if (word == 0) {
            return 0;
        }
        if (((word ^ hash) & ~NUMBER_MASK) == 0) {
            return (uint32_t)(word & NUMBER_MASK);
        }
    }
}

static void make_users(uint32_t users) {
    uint32_t *parents = workload_tree(users);
    rows = pages((size_t)users * sizeof *rows);
    table_init(&user_keys, users);
    for (uint32_t user = 0; user < users; user += 1) {
        char id[USER_ID_BYTES + 1];
        snprintf(id, sizeof id, "u-%014u", (unsigned)user);
        memcpy(rows[user].id, id, USER_ID_BYTES);
        rows[user].parent = user == 0 ? 0 : parents[user] + 1;
        rows[user].attributed_at = INT64_C(1704067200000000000);
        rows[user].stage = 5;
        uint64_t hash = hash_of(id, USER_ID_BYTES, 1);
        size_t slot = hash >> (64 - user_keys.bits);
        while (user_keys.slots[slot] != 0) {
            slot = (slot + 1) & (((size_t)1 << user_keys.bits) - 1);
        }
        user_keys.slots[slot] = (hash & ~NUMBER_MASK) | (user + 1);
    }
    free(parents);
}

/* -- Records ---------------------------------------------------------------------------------------------------- */

static inline uint8_t *uleb(uint8_t *out, uint64_t value) {
    while (value >= 0x80) {
        *out++ = (uint8_t)value | 0x80;
        value >>= 7;
    }
    *out++ = (uint8_t)value;
    return out;
}

static inline uint8_t *zig(uint8_t *out, int64_t value) {
    return uleb(out, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

/* A group's values, one after another. */
struct group {
    uint8_t *bytes;
    size_t used;
    size_t count;
    size_t *ends;
    uint64_t *bases;
};

static uint64_t next_ordinal, next_position = 1;
static int64_t recorded_at = INT64_C(1800000000000000000);

static inline void add(int64_t *target, int64_t amount) {
    if (__builtin_add_overflow(*target, amount, target)) {
        fail(70, "an amount leaves the range of 64 bits");
    }
}

/* What the caller hands over: texts, amount, moment. */
struct command {
    char user[USER_ID_BYTES];
    char payment[WORKLOAD_ID_BYTES];
    int64_t amount;
    int64_t at;
};

/* All commands: a payment's id is confirmed here, where a ledger reads it in its log. */
static const struct command *all;

static void decide_one(const struct command *command, uint64_t user_hash, uint64_t payment_hash, struct group *group) {
    size_t slot = user_hash >> (64 - user_keys.bits);
    uint32_t found;
    while ((found = table_next(&user_keys, user_hash, &slot)) != 0 &&
           memcmp(rows[found - 1].id, command->user, USER_ID_BYTES) != 0) {
        slot = (slot + 1) & (((size_t)1 << user_keys.bits) - 1);
    }
    size_t free_slot = payment_hash >> (64 - payment_keys.bits);
    uint32_t same;
    while ((same = table_next(&payment_keys, payment_hash, &free_slot)) != 0 &&
           memcmp(all[same - 1].payment, command->payment, WORKLOAD_ID_BYTES) != 0) {
        free_slot = (free_slot + 1) & (((size_t)1 << payment_keys.bits) - 1);
    }
    if (found == 0 || same != 0) {
        fail(70, "a payer is unknown, or a payment is not");
    }
    uint32_t payer = found - 1;
    payment_keys.slots[free_slot] = (payment_hash & ~NUMBER_MASK) | (next_ordinal + 1);
    payment_flags[next_ordinal] = 0;
    rows[payer].payments += 1;
    add(&paid, command->amount);

    uint8_t *value = group->bytes + group->used;
    uint8_t *out = value + HEADER_BYTES;
    *out++ = 0;
    *out++ = 0;
    *out++ = 1;
    memcpy(out, &command->at, 8);
    out += 8;
    *out++ = 40;
    *out++ = 0;
    out = uleb(out, payer);
    *out++ = 0;
    *out++ = WORKLOAD_ID_BYTES;
    memcpy(out, command->payment, WORKLOAD_ID_BYTES);
    out += WORKLOAD_ID_BYTES;
    out = uleb(out, USD);
    out = zig(out, command->amount);
    uint16_t events = 1;
    uint32_t member = payer;
    for (int level = 0; level < WORKLOAD_LEVELS; level += 1) {
        const struct row *row = &rows[member];
        if (row->parent == 0 || row->attributed_at > command->at) {
            break;
        }
        member = row->parent - 1;
        int64_t amount = workload_commission(command->amount, workload_rates[level]);
        if (amount == 0) {
            continue;
        }
        add(&rows[member].pending, amount);
        add(&rows[member].earned, amount);
        add(&expense, amount);
        *out++ = 50;
        *out++ = (uint8_t)((level + 1) << 4 | (events > 1 ? 2 : 0));
        out = uleb(out, member);
        out = uleb(out, (uint64_t)workload_rates[level]);
        out = zig(out, amount);
        if (events == 1) {
            out = zig(out, FOURTEEN_DAYS);
        }
        events += 1;
    }
    uint32_t length = (uint32_t)(out - value);
    uint16_t format = 1;
    memcpy(value, &format, 2);
    memcpy(value + 2, &events, 2);
    memcpy(value + 4, &length, 4);
    memcpy(value + 8, &next_ordinal, 8);
    memcpy(value + 16, &next_position, 8);
    memcpy(value + 24, &recorded_at, 8);
    uint64_t sum = XXH64(value + HEADER_BYTES, length - HEADER_BYTES, XXH64(value, 32, 0));
    memcpy(value + 32, &sum, 8);
    group->used += length;
    group->ends[group->count] = group->used;
    group->bases[group->count] = next_position;
    group->count += 1;
    next_ordinal += 1;
    next_position += events;
    recorded_at += 1;
}

static void decide_group(const struct command *commands, size_t count, struct group *group) {
    uint64_t user_hashes[AHEAD], payment_hashes[AHEAD];
    uint32_t members[AHEAD];
    group->used = 0;
    group->count = 0;
    for (size_t first = 0; first < count; first += AHEAD) {
        size_t stretch = count - first < AHEAD ? count - first : AHEAD;
        for (size_t i = 0; i < stretch; i += 1) {
            user_hashes[i] = hash_of(commands[first + i].user, USER_ID_BYTES, 1);
            payment_hashes[i] = hash_of(commands[first + i].payment, WORKLOAD_ID_BYTES, 3);
            __builtin_prefetch(table_slot(&user_keys, user_hashes[i]));
            __builtin_prefetch(table_slot(&payment_keys, payment_hashes[i]), 1);
        }
        for (size_t i = 0; i < stretch; i += 1) {
            size_t slot = user_hashes[i] >> (64 - user_keys.bits);
            members[i] = table_next(&user_keys, user_hashes[i], &slot);
            if (members[i] != 0) {
                __builtin_prefetch(&rows[members[i] - 1], 1);
            }
        }
        for (int level = 0; level < WORKLOAD_LEVELS; level += 1) {
            for (size_t i = 0; i < stretch; i += 1) {
                if (members[i] != 0) {
                    members[i] = rows[members[i] - 1].parent;
                    __builtin_prefetch(&rows[members[i] - 1], 1);
                }
            }
        }
        for (size_t i = 0; i < stretch; i += 1) {
            decide_one(&commands[first + i], user_hashes[i], payment_hashes[i], group);
        }
    }
}

/* -- The log ---------------------------------------------------------------------------------------------------- */

static MDB_env *env;
static MDB_dbi dbi;

static void open_log(const char *directory, size_t payments) {
    MDB_txn *txn;
    if (mkdir(directory, 0700) != 0) {
        fail(74, "OUT_DIR cannot be made, or is there already");
    }
    check(mdb_env_create(&env), "create");
    check(mdb_env_set_maxdbs(env, 16), "maxdbs");
    check(mdb_env_set_mapsize(env, (payments * 512 + ((size_t)1 << 30)) / 4096 * 4096), "mapsize");
    check(mdb_env_open(env, directory, MDB_NOTLS, 0600), "open");
    check(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    check(mdb_dbi_open(txn, "records", MDB_INTEGERKEY | MDB_CREATE, &dbi), "records");
    check(mdb_txn_commit(txn), "commit");
}

static void append_group(const struct group *group) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    check(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    check(mdb_cursor_open(txn, dbi, &cursor), "cursor");
    size_t start = 0;
    for (size_t i = 0; i < group->count; i += 1) {
        uint64_t base = group->bases[i];
        MDB_val key = {sizeof base, &base};
        MDB_val value = {group->ends[i] - start, group->bytes + start};
        check(mdb_cursor_put(cursor, &key, &value, MDB_APPEND), "put");
        start = group->ends[i];
    }
    mdb_cursor_close(cursor);
    check(mdb_txn_commit(txn), "commit");
}

/* One group is appended while the other is filled. */
static struct group groups[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static size_t filled, appended;
static bool finished;

static void *append_groups(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (appended == filled && !finished) {
            pthread_cond_wait(&changed, &lock);
        }
        if (appended == filled) {
            pthread_mutex_unlock(&lock);
            return NULL;
        }
        size_t next = appended;
        pthread_mutex_unlock(&lock);
        append_group(&groups[next % 2]);
        pthread_mutex_lock(&lock);
        appended += 1;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
}

static void run(const struct command *commands, size_t payments, size_t size, unsigned long threads) {
    pthread_t committer;
    if (threads == 2 && pthread_create(&committer, NULL, append_groups, NULL) != 0) {
        fail(71, "thread");
    }
    for (size_t first = 0, number = 0; first < payments; first += size, number += 1) {
        size_t count = payments - first < size ? payments - first : size;
        if (threads == 2) {
            pthread_mutex_lock(&lock);
            while (filled - appended == 2) {
                pthread_cond_wait(&changed, &lock);
            }
            pthread_mutex_unlock(&lock);
        }
        struct group *group = &groups[number % 2];
        decide_group(commands + first, count, group);
        if (threads == 1) {
            append_group(group);
        }
        if (threads == 2) {
            pthread_mutex_lock(&lock);
            filled += 1;
            pthread_cond_broadcast(&changed);
            pthread_mutex_unlock(&lock);
        }
    }
    if (threads == 2) {
        pthread_mutex_lock(&lock);
        finished = true;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        pthread_join(committer, NULL);
    }
}

static int64_t expected_pending(const struct workload_payment *payments, size_t count) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i += 1) {
        for (int level = 0; level < WORKLOAD_LEVELS; level += 1) {
            sum += workload_commission(payments[i].amount, workload_rates[level]);
        }
    }
    return sum;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: decide OUT_DIR GROUP USERS PAYMENTS THREADS\n");
        return 64;
    }
    size_t size = workload_number(argv[2]), payments = workload_number(argv[4]);
    uint32_t users = (uint32_t)workload_number(argv[3]);
    unsigned long threads = workload_number(argv[5]);
    if (size == 0 || users <= WORKLOAD_TOP || payments == 0 || threads > 2) {
        fail(64, "GROUP, PAYMENTS > 0, USERS > 3, THREADS 0 to 2");
    }
    make_users(users);
    table_init(&payment_keys, payments);
    payment_flags = pages(payments * sizeof *payment_flags);
    struct workload_payment *drawn = workload_payments(0, payments, users);
    struct command *commands = pages(payments * sizeof *commands);
    for (size_t i = 0; i < payments; i += 1) {
        memcpy(commands[i].user, rows[drawn[i].payer].id, USER_ID_BYTES);
        memcpy(commands[i].payment, drawn[i].id, WORKLOAD_ID_BYTES);
        commands[i].amount = drawn[i].amount;
        commands[i].at = drawn[i].at;
    }
    all = commands;
    for (int i = 0; i < 2; i += 1) {
        groups[i].bytes = pages(size * VALUE_BYTES);
        groups[i].ends = pages(size * sizeof *groups[i].ends);
        groups[i].bases = pages(size * sizeof *groups[i].bases);
    }
    open_log(argv[1], payments);

    settle(SETTLE_MEBIBYTES);
    double start = workload_seconds();
    run(commands, payments, size, threads);
    double seconds = workload_seconds() - start;

    int64_t pending = 0;
    for (uint32_t user = 0; user < users; user += 1) {
        pending += rows[user].pending;
    }
    if (pending != expense || pending != expected_pending(drawn, payments)) {
        fail(70, "the books are wrong");
    }
    mdb_env_close(env);
    printf("{\"payments\":%zu,\"threads\":%lu,\"seconds\":%.6f,\"perSecond\":%.0f,\"valueBytes\":%.1f,\"pending\":%" PRId64
           "}\n",
           payments, threads, seconds, (double)payments / seconds,
           (double)(groups[0].used) / (double)groups[0].count, pending);
    return 0;
}
