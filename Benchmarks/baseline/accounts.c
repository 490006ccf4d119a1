/*
 * accounts: what balances as rows of a B-tree cost. The yardstick of no row: it says why ours are not.
 *
 * Appends the same values under the same keys as `append`, and in the same LMDB transaction reads and writes the
 * four accounts that each payment touches: the payer's (payments, volume) and those of three referrers (pending).
 * Payments are drawn as our own side draws them (workload.h): the sum of all accounts is checked at the end.
 *
 *   cc -O2 -Wall -Wextra -std=c11 -o accounts accounts.c -llmdb
 *   ./accounts SOURCE_LOG_DIR OUT_DIR GROUP COUNT SKIP USERS FIRST
 *
 * COUNT records of the source from the SKIP-th on are the payments FIRST, FIRST + 1 …
 * Prints {"records":n,"seconds":s,"perSecond":r,"pending":sum}. Leaves 0, 64, 70 (the books are wrong), 74.
 */
#define _GNU_SOURCE

#include <inttypes.h>
#include <lmdb.h>
#include <string.h>
#include <sys/stat.h>

#include "settle.h"
#include "workload.h"

struct account {
    int64_t pending;
    int64_t volume;
    uint64_t payments;
};

static void check(int code, const char *what) {
    if (code != MDB_SUCCESS) {
        fprintf(stderr, "accounts: %s: %s\n", what, mdb_strerror(code));
        exit(74);
    }
}

struct values {
    uint64_t *keys;
    unsigned char **bytes;
    size_t *lengths;
};

static void *room(size_t bytes) {
    void *memory = malloc(bytes);
    if (memory == NULL) {
        fputs("accounts: memory\n", stderr);
        exit(71);
    }
    return memory;
}

static struct values read_values(const char *directory, size_t count, size_t skip) {
    struct values values = {room(count * sizeof(uint64_t)), room(count * sizeof(char *)), room(count * sizeof(size_t))};
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;
    MDB_val key, value;
    check(mdb_env_create(&env), "source: create");
    check(mdb_env_set_maxdbs(env, 16), "source: maxdbs");
    check(mdb_env_open(env, directory, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600), "source: open");
    check(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "source: begin");
    check(mdb_dbi_open(txn, "records", MDB_INTEGERKEY, &dbi), "source: records");
    check(mdb_cursor_open(txn, dbi, &cursor), "source: cursor");
    for (size_t i = 0; i < skip + count; i += 1) {
        check(mdb_cursor_get(cursor, &key, &value, MDB_NEXT), "source: next");
        if (i >= skip) {
            size_t at = i - skip;
            memcpy(&values.keys[at], key.mv_data, sizeof(uint64_t));
            values.lengths[at] = value.mv_size;
            values.bytes[at] = room(value.mv_size);
            memcpy(values.bytes[at], value.mv_data, value.mv_size);
        }
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return values;
}

static void change(MDB_txn *txn, MDB_dbi accounts, uint32_t user, int64_t pending, int64_t volume) {
    MDB_val key = {sizeof user, &user};
    MDB_val value;
    struct account account;
    check(mdb_get(txn, accounts, &key, &value), "account: get");
    memcpy(&account, value.mv_data, sizeof account);
    account.pending += pending;
    account.volume += volume;
    account.payments += volume > 0;
    value = (MDB_val){sizeof account, &account};
    check(mdb_put(txn, accounts, &key, &value, 0), "account: put");
}

static void open_accounts(MDB_env *env, uint32_t users, MDB_dbi *records, MDB_dbi *accounts) {
    MDB_txn *txn;
    struct account none = {0, 0, 0};
    check(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    check(mdb_dbi_open(txn, "records", MDB_INTEGERKEY | MDB_CREATE, records), "records");
    check(mdb_dbi_open(txn, "accounts", MDB_INTEGERKEY | MDB_CREATE, accounts), "accounts");
    for (uint32_t user = 0; user < users; user += 1) {
        MDB_val key = {sizeof user, &user};
        MDB_val value = {sizeof none, &none};
        check(mdb_put(txn, *accounts, &key, &value, MDB_APPEND), "account: append");
    }
    check(mdb_txn_commit(txn), "commit");
}

/* All accounts, added up. */
static struct account sum_up(MDB_env *env, MDB_dbi accounts) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    struct account sum = {0, 0, 0};
    check(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "begin");
    check(mdb_cursor_open(txn, accounts, &cursor), "cursor");
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        struct account account;
        memcpy(&account, value.mv_data, sizeof account);
        sum.pending += account.pending;
        sum.volume += account.volume;
        sum.payments += account.payments;
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return sum;
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fputs("usage: accounts SOURCE_LOG_DIR OUT_DIR GROUP COUNT SKIP USERS FIRST\n", stderr);
        return 64;
    }
    size_t group = workload_number(argv[3]), count = workload_number(argv[4]), skip = workload_number(argv[5]);
    uint32_t users = (uint32_t)workload_number(argv[6]), first = (uint32_t)workload_number(argv[7]);
    if (group == 0 || users <= WORKLOAD_TOP) {
        return 64;
    }
    struct values values = read_values(argv[1], count, skip);
    struct workload_payment *payments = workload_payments(first, count, users);
    uint32_t *parents = workload_tree(users);
    MDB_env *env;
    MDB_dbi records, accounts;
    mkdir(argv[2], 0700);
    check(mdb_env_create(&env), "create");
    check(mdb_env_set_maxdbs(env, 16), "maxdbs");
    check(mdb_env_set_mapsize(env, (size_t)1 << 36), "mapsize");
    check(mdb_env_open(env, argv[2], MDB_NOTLS, 0600), "open");
    open_accounts(env, users, &records, &accounts);

    struct account expected = {0, 0, count};
    settle(0);
    double start = workload_seconds();
    for (size_t next = 0; next < count;) {
        size_t end = count - next < group ? count : next + group;
        MDB_txn *txn;
        MDB_cursor *cursor;
        check(mdb_txn_begin(env, NULL, 0, &txn), "begin");
        check(mdb_cursor_open(txn, records, &cursor), "cursor");
        for (; next < end; next += 1) {
            struct workload_payment *payment = &payments[next];
            MDB_val key = {sizeof(uint64_t), &values.keys[next]};
            MDB_val value = {values.lengths[next], values.bytes[next]};
            check(mdb_cursor_put(cursor, &key, &value, MDB_APPEND), "put");
            change(txn, accounts, payment->payer, 0, payment->amount);
            expected.volume += payment->amount;
            uint32_t user = payment->payer;
            for (int level = 0; level < WORKLOAD_LEVELS; level += 1) {
                int64_t amount = workload_commission(payment->amount, workload_rates[level]);
                user = parents[user];
                change(txn, accounts, user, amount, 0);
                expected.pending += amount;
            }
        }
        mdb_cursor_close(cursor);
        check(mdb_txn_commit(txn), "commit");
    }
    double seconds = workload_seconds() - start;
    struct account sum = sum_up(env, accounts);
    mdb_env_close(env);
    if (memcmp(&sum, &expected, sizeof sum) != 0) {
        fputs("accounts: the books do not balance\n", stderr);
        return 70;
    }
    printf("{\"records\":%zu,\"seconds\":%.6f,\"perSecond\":%.0f,\"pending\":%" PRId64 "}\n", count, seconds,
           (double)count / seconds, sum.pending);
    return 0;
}
