/*
 * sqlite: a peer. The same payments in SQLite: WAL, synchronous=FULL, prepared statements, one writer.
 *
 * For each payment: the fact, unique by provider and id (a repeat changes nothing), three commissions found by
 * walking the referrers, a double entry for each (rewardExpense to the beneficiary's pending), the balances of payer
 * and beneficiaries. All that a group did is durable at its COMMIT.
 *
 *   cc -O2 -Wall -Wextra -std=c11 -o sqlite sqlite.c -lsqlite3
 *   ./sqlite populate FILE USERS
 *   ./sqlite append FILE USERS PAYMENTS GROUP
 *
 * Payments are drawn as our own side draws them (workload.h), from the number that the file already has on. Prints
 * {"payments","seconds","perSecond","pending","fileBytes"}; pending is the sum over all users, of all payments so far.
 * Checked at the end: entries sum to zero, accounts equal entries, the number of payments, a repeat is refused.
 * Leaves 0, 64, 70 (the books are wrong), 74.
 */
#define _GNU_SOURCE

#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "settle.h"
#include "workload.h"

static sqlite3 *db;

static void fail(int code, const char *what) {
    fprintf(stderr, "sqlite: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
    exit(code);
}

static void run(const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail(74, sql);
    }
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        fail(74, sql);
    }
    return statement;
}

/* One step of a statement that gives no rows. */
static void finish(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_reset(statement) != SQLITE_OK) {
        fail(74, sqlite3_sql(statement));
    }
}

static int64_t ask(const char *sql) {
    sqlite3_stmt *statement = prepare(sql);
    if (sqlite3_step(statement) != SQLITE_ROW) {
        fail(74, sql);
    }
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static void open_file(const char *path) {
    if (sqlite3_open(path, &db) != SQLITE_OK) {
        fail(74, path);
    }
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("PRAGMA cache_size=-1048576");
    run("PRAGMA mmap_size=8589934592");
    run("PRAGMA temp_store=MEMORY");
}

static void populate(const char *path, uint32_t users) {
    open_file(path);
    run("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, referrer INTEGER,"
        " pending INTEGER NOT NULL DEFAULT 0, payments INTEGER NOT NULL DEFAULT 0, volume INTEGER NOT NULL DEFAULT 0)");
    run("CREATE TABLE payments(number INTEGER PRIMARY KEY, provider INTEGER NOT NULL, id TEXT NOT NULL,"
        " payer INTEGER NOT NULL, amount INTEGER NOT NULL, at INTEGER NOT NULL)");
    run("CREATE UNIQUE INDEX payment_ids ON payments(provider, id)");
    /* A row is both sides of an entry: rewardExpense to pending(user). */
    run("CREATE TABLE entries(payment INTEGER NOT NULL, level INTEGER NOT NULL, user INTEGER NOT NULL,"
        " debit INTEGER NOT NULL, credit INTEGER NOT NULL, PRIMARY KEY(payment, level)) WITHOUT ROWID");
    run("CREATE UNIQUE INDEX user_names ON users(name)");
    uint32_t *parents = workload_tree(users);
    sqlite3_stmt *insert = prepare("INSERT INTO users(id, name, referrer) VALUES(?1, ?2, ?3)");
    run("BEGIN");
    for (uint32_t user = 0; user < users; user += 1) {
        char name[32];
        int length = snprintf(name, sizeof name, "u-%014u", (unsigned)user);
        sqlite3_bind_int64(insert, 1, user);
        sqlite3_bind_text(insert, 2, name, length, SQLITE_STATIC);
        if (user == 0) {
            sqlite3_bind_null(insert, 3);
        } else {
            sqlite3_bind_int64(insert, 3, parents[user]);
        }
        finish(insert);
    }
    run("COMMIT");
    run("PRAGMA wal_checkpoint(TRUNCATE)");
    printf("{\"users\":%u}\n", (unsigned)users);
}

static struct {
    sqlite3_stmt *begin, *commit, *find_user, *find_referrer, *insert_payment, *insert_entry, *add_volume, *add_pending;
} statements;

static void prepare_all(void) {
    statements.begin = prepare("BEGIN IMMEDIATE");
    statements.commit = prepare("COMMIT");
    statements.find_user = prepare("SELECT id, referrer FROM users WHERE name = ?1");
    statements.find_referrer = prepare("SELECT referrer FROM users WHERE id = ?1");
    statements.insert_payment = prepare("INSERT INTO payments(provider, id, payer, amount, at) VALUES(1, ?1, ?2, ?3, ?4)"
                                        " ON CONFLICT(provider, id) DO NOTHING");
    statements.insert_entry = prepare("INSERT INTO entries(payment, level, user, debit, credit) VALUES(?1, ?2, ?3, ?4, ?4)");
    statements.add_volume = prepare("UPDATE users SET payments = payments + 1, volume = volume + ?2 WHERE id = ?1");
    statements.add_pending = prepare("UPDATE users SET pending = pending + ?2 WHERE id = ?1");
}

/* Referrer of a user; false where there is none. */
static bool referrer(int64_t user, int64_t *above) {
    sqlite3_bind_int64(statements.find_referrer, 1, user);
    bool found = sqlite3_step(statements.find_referrer) == SQLITE_ROW &&
                 sqlite3_column_type(statements.find_referrer, 0) != SQLITE_NULL;
    *above = found ? sqlite3_column_int64(statements.find_referrer, 0) : 0;
    sqlite3_reset(statements.find_referrer);
    return found;
}

/* Whether the payment was new. */
static bool pay(const struct workload_payment *payment) {
    char name[32];
    int length = snprintf(name, sizeof name, "u-%014u", (unsigned)payment->payer);
    sqlite3_bind_text(statements.find_user, 1, name, length, SQLITE_STATIC);
    if (sqlite3_step(statements.find_user) != SQLITE_ROW) {
        fail(70, "an unknown user");
    }
    int64_t payer = sqlite3_column_int64(statements.find_user, 0);
    int64_t user = sqlite3_column_int64(statements.find_user, 1);
    bool has_referrer = sqlite3_column_type(statements.find_user, 1) != SQLITE_NULL;
    sqlite3_reset(statements.find_user);

    sqlite3_bind_text(statements.insert_payment, 1, payment->id, WORKLOAD_ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(statements.insert_payment, 2, payer);
    sqlite3_bind_int64(statements.insert_payment, 3, payment->amount);
    sqlite3_bind_int64(statements.insert_payment, 4, payment->at);
    finish(statements.insert_payment);
    if (sqlite3_changes(db) == 0) {
        return false;
    }
    int64_t number = sqlite3_last_insert_rowid(db);
    sqlite3_bind_int64(statements.add_volume, 1, payer);
    sqlite3_bind_int64(statements.add_volume, 2, payment->amount);
    finish(statements.add_volume);
    for (int level = 0; level < WORKLOAD_LEVELS && has_referrer; level += 1) {
        int64_t amount = workload_commission(payment->amount, workload_rates[level]);
        sqlite3_bind_int64(statements.insert_entry, 1, number);
        sqlite3_bind_int64(statements.insert_entry, 2, level + 1);
        sqlite3_bind_int64(statements.insert_entry, 3, user);
        sqlite3_bind_int64(statements.insert_entry, 4, amount);
        finish(statements.insert_entry);
        sqlite3_bind_int64(statements.add_pending, 1, user);
        sqlite3_bind_int64(statements.add_pending, 2, amount);
        finish(statements.add_pending);
        has_referrer = referrer(user, &user);
    }
    return true;
}

/* What must be true, or the run does not count. Returns what all users have pending. */
static int64_t check_books(int64_t payments, const struct workload_payment *last) {
    int64_t pending = ask("SELECT sum(pending) FROM users");
    int64_t credits = ask("SELECT sum(credit) FROM entries");
    if (ask("SELECT sum(debit - credit) FROM entries") != 0 || pending != credits) {
        fail(70, "the books do not balance");
    }
    if (ask("SELECT count(*) FROM payments") != payments || ask("SELECT sum(payments) FROM users") != payments ||
        ask("SELECT count(*) FROM entries") != WORKLOAD_LEVELS * payments) {
        fail(70, "payments or entries are missing");
    }
    if (ask("SELECT sum(volume) FROM users") != ask("SELECT sum(amount) FROM payments")) {
        fail(70, "volumes are wrong");
    }
    finish(statements.begin);
    if (pay(last)) {
        fail(70, "a repeat was taken");
    }
    finish(statements.commit);
    return pending;
}

static void append(const char *path, uint32_t users, size_t count, size_t group) {
    open_file(path);
    int64_t before = ask("SELECT count(*) FROM payments");
    struct workload_payment *payments = workload_payments((uint32_t)before, count, users);
    prepare_all();
    settle(0);
    double start = workload_seconds();
    for (size_t next = 0; next < count;) {
        size_t end = count - next < group ? count : next + group;
        finish(statements.begin);
        for (; next < end; next += 1) {
            if (!pay(&payments[next])) {
                fail(70, "a payment is known already");
            }
        }
        finish(statements.commit);
    }
    double seconds = workload_seconds() - start;
    int64_t pending = check_books(before + (int64_t)count, &payments[count - 1]);
    printf("{\"payments\":%zu,\"group\":%zu,\"seconds\":%.6f,\"perSecond\":%.0f,\"pending\":%" PRId64
           ",\"fileBytes\":%" PRId64 "}\n",
           count, group, seconds, (double)count / seconds, pending,
           ask("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"));
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "populate") == 0) {
        populate(argv[2], (uint32_t)workload_number(argv[3]));
    } else if (argc == 6 && strcmp(argv[1], "append") == 0) {
        uint32_t users = (uint32_t)workload_number(argv[3]);
        size_t count = workload_number(argv[4]), group = workload_number(argv[5]);
        if (users <= WORKLOAD_TOP || count == 0 || group == 0) {
            return 64;
        }
        append(argv[2], users, count, group);
    } else {
        fputs("usage: sqlite populate FILE USERS | append FILE USERS PAYMENTS GROUP\n", stderr);
        return 64;
    }
    sqlite3_close(db);
    return 0;
}
