/*
 * fold: the yardstick of the rows `rebuild-1m` and `rebuild-10m`.
 *
 * Reads a whole log in order and builds what a ledger's state needs at the least: checks every header and checksum,
 * decodes every event, indexes the natural keys of users, payments, refunds, codes and the explicit keys, and folds
 * payments, commissions, maturities and reversals into dense rows. Plain C on LMDB 0.9.24 and xxHash, one thread,
 * written from Documentation/log-format.md alone. What is not built: views, checkpoints, digests, texts kept in memory.
 *
 *   cc -O2 -Wall -Wextra -std=c11 -o fold fold.c -llmdb
 *   ./fold LOG_DIR [USERS_HINT]
 *
 * USERS_HINT makes room for so many users at once; without it memory grows as the log is read. The log is only read;
 * nobody may write to it meanwhile, for it is opened without a lock file.
 *
 * Random accesses wait in a ring while their cache lines are fetched, and rows lie in huge pages where there are any.
 *
 * Prints {"records","events","payments","users","seconds","paymentsPerSecond","pendingSum","availableSum",
 * "receivableSum","expenseSum"}: time of one pass after opening; sums in minor units over all users, programmes and
 * assets. A user's counters are over all programmes.
 * Leaves 0; 64 for wrong arguments, 65 when the log is broken or newer, 71 without memory, 74 when LMDB fails.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL

#include <errno.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <xxhash.h>

#include "settle.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a log is little-endian, and so must be this machine"
#endif

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define COLD __attribute__((noinline, cold, noreturn))
#define HOT static inline __attribute__((always_inline))

enum {
    HEADER_BYTES = 40,
    RECORD_BYTES = 256 * 1024,
    RECORD_EVENTS = 1024,
    LEVELS = 8,
    /* Operations between the fetch of a cache line and its use; a power of two. */
    LAG = 64,
};

/* A table's slot holds 30 bits of number + 1, so there are at most this many entities of a kind. */
static const uint32_t ENTITIES = (1u << 30) - 2;

/* Where the reading is, for messages. */
static uint64_t position_at;

COLD static void broken(const char *what) {
    fprintf(stderr, "fold: position %" PRIu64 ": %s\n", position_at, what);
    exit(65);
}

/* Every LMDB call goes through here. */
static void check(int code, const char *what) {
    if (code != MDB_SUCCESS) {
        fprintf(stderr, "fold: %s: %s\n", what, mdb_strerror(code));
        exit(74);
    }
}

COLD static void no_memory(void) {
    fprintf(stderr, "fold: memory: %s\n", strerror(errno));
    exit(71);
}

/* -- Memory -------------------------------------------------------------------------------------------------- */

/* Zeroed pages, huge ones if the system has them to give. */
static void *pages(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        no_memory();
    }
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

/* The same pages and zeroed ones behind them; they may move, nothing is copied. */
static void *more_pages(void *memory, size_t before, size_t after) {
    void *moved = mremap(memory, before, after, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) {
        no_memory();
    }
    (void)madvise(moved, after, MADV_HUGEPAGE);
    return moved;
}

/* -- Natural keys ---------------------------------------------------------------------------------------------- */

/*
 * From an id's hash to its number: open addressing, a word a slot: the upper 34 bits of the hash, 30 bits of
 * number + 1. The home slot is the hash's upper bits, so slots are in order of hash and growing is a sweep.
 */
struct table {
    uint64_t *slots;
    unsigned bits;
    size_t count;
};

static const uint64_t NUMBER_MASK = (UINT64_C(1) << 30) - 1;

static void table_init(struct table *table, size_t hint) {
    table->bits = 16;
    while (table->bits < 34 && hint > ((size_t)3 << table->bits) / 4) {
        table->bits += 1;
    }
    table->slots = pages(sizeof(uint64_t) << table->bits);
    table->count = 0;
}

HOT void table_place(uint64_t *slots, unsigned bits, uint64_t word) {
    size_t mask = ((size_t)1 << bits) - 1;
    size_t slot = word >> (64 - bits);
    while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
    }
    slots[slot] = word;
}

static __attribute__((noinline)) void table_grow(struct table *table) {
    size_t before = (size_t)1 << table->bits;
    unsigned bits = table->bits + 1;
    if (bits > 34) {
        broken("too many ids");
    }
    uint64_t *slots = pages(sizeof(uint64_t) << bits);
    for (size_t slot = 0; slot < before; slot += 1) {
        if (table->slots[slot] != 0) {
            table_place(slots, bits, table->slots[slot]);
        }
    }
    munmap(table->slots, before * sizeof(uint64_t));
    table->slots = slots;
    table->bits = bits;
}

HOT void table_prefetch(const struct table *table, uint64_t hash) {
    __builtin_prefetch(&table->slots[hash >> (64 - table->bits)], 1);
}

/* The log has been decided: a key is not looked for before it is put in. */
HOT void table_insert(struct table *table, uint64_t hash, uint32_t number) {
    if (table->count >= ((size_t)3 << table->bits) / 4) {
        table_grow(table);
    }
    table->count += 1;
    table_place(table->slots, table->bits, (hash & ~NUMBER_MASK) | (number + 1));
}

/* -- State ------------------------------------------------------------------------------------------------------ */

/* What a user has in one programme and asset. `settled` is available money above zero, debt below. */
struct account {
    int64_t pending;
    int64_t settled;
    int64_t earned;
    /* Programme << 16 | asset; 0: none yet. */
    uint32_t purse;
    /* Further accounts of the user: index + 1. */
    uint32_t more;
};

/* A user: one cache line. */
struct row {
    struct account account;
    int64_t attributed_at;
    /* Number + 1. */
    uint32_t parent;
    uint32_t referrals;
    uint32_t conversions;
    uint32_t payments;
    uint8_t stage;
    uint8_t unused[7];
};
_Static_assert(sizeof(struct row) == 64, "a row is a cache line");

struct payment {
    uint64_t position;
    uint32_t refunds;
    bool matured;
};

enum kind {
    OP_SIGNUP,
    OP_PAYMENT,
    OP_EARN,
    OP_MATURE,
    OP_REVERSE_PENDING,
    OP_REVERSE_MATURED,
    OP_ATTRIBUTE,
    OP_STAGE,
    OP_CONVERT,
    OP_REVERT,
};

/* A change of a row or a table, decoded and checked as far as that goes without the row. */
struct op {
    enum kind kind;
    uint32_t user;
    /* Of the key that is put in, or the referrer's, or a stage. */
    uint32_t number;
    uint32_t purse;
    uint64_t hash;
    int64_t first;
    int64_t second;
};

struct state {
    struct row *rows;
    size_t row_capacity;
    uint32_t users;
    struct payment *payments;
    size_t payment_capacity;
    uint32_t payment_count;
    /* The payment that was last looked for. */
    uint32_t last_found;
    struct account *further;
    uint32_t further_count;
    uint32_t further_capacity;
    struct table user_keys, payment_keys, refund_keys, code_keys, explicit_keys;
    uint64_t records;
    uint64_t events;
    uint64_t symbols;
    uint64_t programmes;
    int64_t recorded_at;
    int64_t expense;
    uint8_t ledger_id[16];
    uint64_t op_head;
    uint64_t op_tail;
    struct op ops[LAG];
};

static void state_init(struct state *state, size_t users_hint) {
    memset(state, 0, sizeof *state);
    state->row_capacity = users_hint > 4096 ? users_hint : 4096;
    state->rows = pages(state->row_capacity * sizeof(struct row));
    state->payment_capacity = 1 << 16;
    state->payments = pages(state->payment_capacity * sizeof(struct payment));
    table_init(&state->user_keys, users_hint);
    table_init(&state->payment_keys, 0);
    table_init(&state->refund_keys, 0);
    table_init(&state->code_keys, 0);
    table_init(&state->explicit_keys, 0);
}

/* Ids come from outside: a real ledger draws the seed. Spaces: kind, then provider or type, then programme. */
HOT uint64_t hash_of(const uint8_t *bytes, size_t count, uint64_t space) {
    const uint64_t seed = UINT64_C(0x5EED0F1D5EED0F1D);
    return XXH3_64bits_withSeed(bytes, count, seed ^ (space * UINT64_C(0x9E3779B97F4A7C15)));
}

HOT void add(int64_t *target, int64_t amount) {
    if (__builtin_add_overflow(*target, amount, target)) {
        broken("an amount leaves the range of 64 bits");
    }
}

static __attribute__((noinline)) struct account *further_account(struct state *state, struct row *row, uint32_t purse) {
    for (uint32_t next = row->account.more; next != 0; next = state->further[next - 1].more) {
        if (state->further[next - 1].purse == purse) {
            return &state->further[next - 1];
        }
    }
    if (state->further_count == state->further_capacity) {
        state->further_capacity = state->further_capacity == 0 ? 1024 : 2 * state->further_capacity;
        state->further = realloc(state->further, state->further_capacity * sizeof *state->further);
        if (state->further == NULL) {
            no_memory();
        }
    }
    struct account *account = &state->further[state->further_count];
    *account = (struct account){.purse = purse, .more = row->account.more};
    state->further_count += 1;
    row->account.more = state->further_count;
    return account;
}

HOT struct account *account_of(struct state *state, struct row *row, uint32_t purse) {
    if (row->account.purse == 0) {
        row->account.purse = purse;
    }
    return LIKELY(row->account.purse == purse) ? &row->account : further_account(state, row, purse);
}

/* pending -> receivable up to the debt (second), the rest -> available (first) */
static void mature(struct account *account, const struct op *op) {
    int64_t amount = op->first;
    add(&amount, op->second);
    int64_t debt = account->settled < 0 ? -account->settled : 0;
    if (op->first < 0 || op->second < 0 || amount == 0 || amount > account->pending ||
        op->second != (debt < amount ? debt : amount)) {
        broken("a maturity does not follow from the balance");
    }
    account->pending -= amount;
    add(&account->settled, amount);
}

/* pending -> rewardExpense (first) */
static void reverse_pending(struct state *state, struct account *account, const struct op *op) {
    if (op->first <= 0 || op->first > account->pending) {
        broken("a reversal of nothing, or of more than is pending");
    }
    account->pending -= op->first;
    add(&account->earned, -op->first);
    add(&state->expense, -op->first);
}

/* available -> rewardExpense (first), as far as it goes; receivable -> rewardExpense (second), the rest */
static void reverse_matured(struct state *state, struct account *account, const struct op *op) {
    int64_t available = account->settled > 0 ? account->settled : 0;
    int64_t amount = op->first;
    add(&amount, op->second);
    if (op->first < 0 || op->second < 0 || amount == 0 || op->first > available ||
        (op->second > 0 && op->first != available)) {
        broken("a reversal does not follow from the balance");
    }
    add(&account->settled, -amount);
    if (account->settled == INT64_MIN) {
        broken("a debt leaves the range of 64 bits");
    }
    add(&account->earned, -amount);
    add(&state->expense, -amount);
}

HOT void apply(struct state *state, const struct op *op) {
    struct row *row = &state->rows[op->user];
    switch (op->kind) {
    case OP_SIGNUP:
        table_insert(&state->user_keys, op->hash, op->number);
        break;
    case OP_PAYMENT:
        table_insert(&state->payment_keys, op->hash, op->number);
        row->payments += 1;
        break;
    case OP_EARN: {
        struct account *account = account_of(state, row, op->purse);
        add(&account->pending, op->first);
        add(&account->earned, op->first);
        add(&state->expense, op->first);
        break;
    }
    case OP_MATURE:
        mature(account_of(state, row, op->purse), op);
        break;
    case OP_REVERSE_PENDING:
        reverse_pending(state, account_of(state, row, op->purse), op);
        break;
    case OP_REVERSE_MATURED:
        reverse_matured(state, account_of(state, row, op->purse), op);
        break;
    case OP_ATTRIBUTE:
        row->parent = op->number + 1;
        row->attributed_at = op->first;
        state->rows[op->number].referrals += 1;
        break;
    case OP_STAGE:
        row->stage = (uint8_t)op->number;
        break;
    case OP_CONVERT:
        row->conversions += 1;
        break;
    case OP_REVERT:
        row->conversions -= 1;
        break;
    }
}

/* Room for one more operation; the oldest is done to make it. */
HOT struct op *push(struct state *state, enum kind kind, uint32_t user) {
    if (LIKELY(state->op_tail - state->op_head == LAG)) {
        apply(state, &state->ops[state->op_head % LAG]);
        state->op_head += 1;
    }
    struct op *op = &state->ops[state->op_tail % LAG];
    state->op_tail += 1;
    op->kind = kind;
    op->user = user;
    __builtin_prefetch(&state->rows[user], 1);
    return op;
}

static void drain(struct state *state) {
    while (state->op_head < state->op_tail) {
        apply(state, &state->ops[state->op_head % LAG]);
        state->op_head += 1;
    }
}

/* -- Encodings (section 2) ------------------------------------------------------------------------------------- */

struct text {
    const uint8_t *bytes;
    size_t count;
};

/* A record while it is read: its bytes, its place and its context (section 3). */
struct record {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t position;
    int64_t occurred_at;
    int64_t event_at;
    uint32_t programme;
    uint32_t payment_asset;
    /* 0: none yet. */
    uint64_t payment;
    int64_t payment_base;
    int64_t matures_at;
};

HOT uint16_t load16(const uint8_t *bytes) {
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

HOT uint32_t load32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

HOT uint64_t load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

HOT const uint8_t *take(struct record *record, size_t count) {
    const uint8_t *bytes = record->at;
    if (!LIKELY((size_t)(record->end - bytes) >= count)) {
        broken("the record ends inside a field");
    }
    record->at = bytes + count;
    return bytes;
}

HOT uint8_t u8(struct record *record) { return *take(record, 1); }

HOT uint64_t uleb(struct record *record) {
    uint64_t value = u8(record);
    if (value < 0x80) {
        return value;
    }
    value &= 0x7F;
    for (unsigned shift = 7; shift < 63; shift += 7) {
        uint64_t byte = u8(record);
        value |= (byte & 0x7F) << shift;
        if (byte < 0x80) {
            if (byte == 0) {
                broken("a number is longer than need be");
            }
            return value;
        }
    }
    if (u8(record) != 1) {
        broken("a number of more than 64 bits");
    }
    return value | UINT64_C(1) << 63;
}

HOT uint64_t below(struct record *record, uint64_t limit) {
    uint64_t value = uleb(record);
    if (!LIKELY(value < limit)) {
        broken("a number is out of its range");
    }
    return value;
}

HOT int64_t zig(struct record *record) {
    uint64_t raw = uleb(record);
    return (int64_t)((raw >> 1) ^ (0 - (raw & 1)));
}

HOT int64_t moment(struct record *record) {
    return (int64_t)((uint64_t)record->event_at + (uint64_t)zig(record));
}

/* An event before the one at hand: so far back from it. */
HOT uint64_t earlier(struct record *record) {
    uint64_t distance = uleb(record);
    if (distance == 0 || distance >= record->position) {
        broken("a reference to no earlier event");
    }
    return record->position - distance;
}

HOT struct text text(struct record *record) {
    size_t count = uleb(record);
    return (struct text){take(record, count), count};
}

HOT uint8_t flags(struct record *record, uint8_t known) {
    uint8_t value = u8(record);
    if (value & ~known) {
        broken("unknown flags");
    }
    return value;
}

HOT uint8_t one_of(struct record *record, uint8_t last) {
    uint8_t value = u8(record);
    if (value == 0 || value > last) {
        broken("a kind, reason or stage that is not known");
    }
    return value;
}

HOT uint32_t asset(struct record *record) { return (uint32_t)below(record, 1 << 16); }

HOT uint32_t user(struct record *record, const struct state *state) { return (uint32_t)below(record, state->users); }

HOT uint32_t purse_of(const struct record *record, uint32_t asset) {
    if (asset == 0) {
        broken("asset 0");
    }
    return record->programme << 16 | asset;
}

/* -- Events (section 4) ------------------------------------------------------------------------------------------ */

static void user_signed_up(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 31);
    if ((bits & 24) == 24) {
        broken("both a referrer and a code");
    }
    uint32_t number = (uint32_t)below(record, (uint64_t)state->users + 1);
    struct text id = text(record);
    if (bits & 1) {
        below(record, 1 << 16);
    }
    if ((bits & 2) && text(record).count % 17 != 0) {
        broken("signals are entries of 17 bytes");
    }
    if (bits & 4) {
        text(record);
    }
    if (bits & 24) {
        text(record);
    }
    if (number < state->users) {
        return; /* joins a further programme */
    }
    if (number >= ENTITIES) {
        broken("too many users");
    }
    state->users += 1;
    if (state->users > state->row_capacity) {
        size_t bytes = state->row_capacity * sizeof(struct row);
        state->rows = more_pages(state->rows, bytes, 2 * bytes);
        state->row_capacity *= 2;
    }
    struct op *op = push(state, OP_SIGNUP, number);
    op->number = number;
    op->hash = hash_of(id.bytes, id.count, 1);
    table_prefetch(&state->user_keys, op->hash);
}

HOT void payment_received(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 1);
    uint32_t payer = user(record, state);
    uint64_t provider = below(record, state->symbols);
    struct text id = text(record);
    uint32_t in = asset(record);
    int64_t amount = zig(record);
    int64_t base = bits & 1 ? zig(record) : amount;
    if (base < 0 || base > amount || ((bits & 1) && base == amount)) {
        broken("a base that is not 0 to the amount, or that is the amount");
    }
    record->payment = record->position;
    record->payment_asset = in;
    record->payment_base = base;

    uint32_t number = state->payment_count;
    if (number == state->payment_capacity) {
        size_t bytes = state->payment_capacity * sizeof(struct payment);
        state->payments = more_pages(state->payments, bytes, 2 * bytes);
        state->payment_capacity *= 2;
    }
    if (number >= ENTITIES) {
        broken("too many payments");
    }
    state->payments[number].position = record->position;
    state->payment_count += 1;
    struct op *op = push(state, OP_PAYMENT, payer);
    op->number = number;
    op->hash = hash_of(id.bytes, id.count, UINT64_C(2) << 32 | provider << 16 | record->programme);
    table_prefetch(&state->payment_keys, op->hash);
}

/* The payment of a reference. Most follow in order. */
static struct payment *payment_at(struct state *state, uint64_t position) {
    uint32_t low = 0;
    uint32_t high = state->payment_count;
    for (uint32_t near = state->last_found; near < high && near < state->last_found + 2; near += 1) {
        if (state->payments[near].position == position) {
            state->last_found = near;
            return &state->payments[near];
        }
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (state->payments[middle].position < position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == state->payment_count || state->payments[low].position != position) {
        broken("no payment stands at the position referred to");
    }
    state->last_found = low;
    return &state->payments[low];
}

HOT void check_level(uint8_t bits) {
    if (bits >> 4 == 0 || bits >> 4 > LEVELS) {
        broken("a level that is not 1 to 8");
    }
}

HOT void commission_earned(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 0xF3);
    check_level(bits);
    uint32_t in = record->payment_asset;
    if (bits & 1) {
        uint64_t position = earlier(record);
        payment_at(state, position);
        in = asset(record);
        int64_t base = zig(record);
        if (position == record->payment && in == record->payment_asset && base == record->payment_base) {
            broken("a commission says again what the record said");
        }
    } else if (record->payment == 0) {
        broken("a commission of no payment");
    }
    uint32_t beneficiary = user(record, state);
    below(record, UINT64_C(1) << 32);
    int64_t amount = zig(record);
    if (amount <= 0) {
        broken("a commission that is not above zero");
    }
    if (!(bits & 2)) {
        int64_t before = record->matures_at;
        record->matures_at = moment(record);
        if (record->matures_at == before) {
            broken("a maturity says again what the record said");
        }
    }
    struct op *op = push(state, OP_EARN, beneficiary);
    op->purse = purse_of(record, in);
    op->first = amount;
}

static void reward_matured(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 0xF1);
    check_level(bits);
    payment_at(state, earlier(record))->matured = true;
    struct op *op = push(state, OP_MATURE, user(record, state));
    op->purse = purse_of(record, asset(record));
    op->first = zig(record);
    op->second = bits & 1 ? zig(record) : 0;
    if ((bits & 1) && op->second == 0) {
        broken("no debt was repaid");
    }
}

static void commission_reversed(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 0xF1);
    check_level(bits);
    payment_at(state, earlier(record));
    struct op *op = push(state, bits & 1 ? OP_REVERSE_MATURED : OP_REVERSE_PENDING, user(record, state));
    op->purse = purse_of(record, asset(record));
    moment(record);
    op->first = zig(record);
    op->second = bits & 1 ? zig(record) : 0;
}

static void refund_received(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 3);
    struct payment *payment = payment_at(state, earlier(record));
    uint64_t provider = below(record, state->symbols);
    struct text id = text(record);
    asset(record);
    if (zig(record) < 0) {
        broken("a refund that moves less than zero");
    }
    if (bits & 1) {
        zig(record);
        zig(record);
    }
    payment->refunds += 1;
    if (!(bits & 2)) {
        uint64_t hash = hash_of(id.bytes, id.count, UINT64_C(3) << 32 | provider << 16 | record->programme);
        table_insert(&state->refund_keys, hash, (uint32_t)state->refund_keys.count);
    }
}

static void event_parked(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 3);
    uint8_t kind = one_of(record, 4);
    one_of(record, 4);
    /* A conversion has no provider: it says 0, whether or not there is one. */
    uint64_t provider = below(record, kind == 2 ? 1 : state->symbols);
    struct text id = text(record);
    if (bits & 2) {
        text(record);
    }
    asset(record);
    zig(record);
    if (bits & 1) {
        zig(record);
    }
    if (kind == 1) {
        uint64_t hash = hash_of(id.bytes, id.count, UINT64_C(3) << 32 | provider << 16 | record->programme);
        table_insert(&state->refund_keys, hash, (uint32_t)state->refund_keys.count);
    }
}

/* Look-alike codes are one: capitals, O is 0, I and L are 1 (rules.md, "signup"). */
static void code_issued(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 3);
    user(record, state);
    struct text code = text(record);
    if (bits & 2) {
        moment(record);
    }
    uint8_t skeleton[200];
    if (code.count > sizeof skeleton) {
        broken("a code of more than 50 characters");
    }
    for (size_t i = 0; i < code.count; i += 1) {
        uint8_t c = code.bytes[i];
        c = c >= 'a' && c <= 'z' ? c - 32 : c;
        skeleton[i] = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    table_insert(&state->code_keys, hash_of(skeleton, code.count, UINT64_C(4) << 32 | record->programme),
                 (uint32_t)state->code_keys.count);
}

static void referral_event(struct record *record, struct state *state, uint8_t type) {
    uint8_t bits = type == 28 ? flags(record, 3) : type == 34 ? flags(record, 1) : 0;
    uint32_t referee = user(record, state);
    struct op *op;
    switch (type) {
    case 28: /* ReferralAttributed */
        op = push(state, OP_ATTRIBUTE, referee);
        op->number = user(record, state);
        op->first = record->event_at;
        __builtin_prefetch(&state->rows[op->number], 1);
        if (bits & 2) {
            text(record);
        }
        break;
    case 29: /* AttributionRejected */
        one_of(record, 7);
        break;
    case 31: /* ReferralAdvanced */
        one_of(record, 7);
        op = push(state, OP_STAGE, referee);
        op->number = one_of(record, 7);
        break;
    case 32: /* ReferralExpired */
        one_of(record, 7);
        push(state, OP_STAGE, referee)->number = 6;
        break;
    case 33: /* ReferralReverted */
        push(state, OP_REVERT, user(record, state));
        push(state, OP_STAGE, referee)->number = 7;
        moment(record);
        break;
    default: /* ReferralConverted */
        push(state, OP_CONVERT, user(record, state));
        break;
    }
}

/* Events about the ledger itself: few, and nothing to fold here but their numbering. */
static void ledger_event(struct record *record, struct state *state, uint8_t type) {
    bool from_the_beginning;
    switch (type) {
    case 1: /* LedgerCreated */
        if (record->position != 1 || memcmp(take(record, 16), state->ledger_id, 16) != 0) {
            broken("another ledger's id, or not the first event");
        }
        break;
    case 2: /* ProgrammeCreated */
        if (record->programme != state->programmes) {
            broken("programmes are numbered in order");
        }
        state->programmes += 1;
        text(record);
        asset(record);
        break;
    case 8: /* PeriodClosed */
        one_of(record, 2);
        moment(record);
        moment(record);
        break;
    case 10: /* PolicyPublished */
        from_the_beginning = flags(record, 1);
        uleb(record);
        if (!from_the_beginning && moment(record) == INT64_MIN) {
            broken("the beginning is a flag");
        }
        take(record, 16);
        text(record);
        text(record);
        break;
    case 14: /* SymbolDefined */
        one_of(record, 2);
        if (below(record, 1 << 16) != state->symbols) {
            broken("symbols are numbered in order");
        }
        state->symbols += 1;
        text(record);
        break;
    case 15: /* ClockAdvanced */
        moment(record);
        break;
    case 19: /* CodeExpired */
        user(record, state);
        earlier(record);
        break;
    case 47: /* EventUnparked */
        earlier(record);
        break;
    case 120: /* ImportProgressed */
        text(record);
        for (int i = 0; i < 5; i += 1) {
            uleb(record);
        }
        break;
    default:
        broken("an event type that is not known");
    }
}

HOT void event(struct record *record, struct state *state) {
    uint8_t tag = u8(record);
    record->event_at = record->occurred_at;
    if (tag & 0x80) {
        record->event_at = (int64_t)((uint64_t)record->occurred_at + (uint64_t)zig(record));
        if (record->event_at == record->occurred_at) {
            broken("an event states the record's own moment");
        }
    }
    switch (tag & 0x7F) {
    case 50:
        commission_earned(record, state);
        break;
    case 40:
        payment_received(record, state);
        break;
    case 20:
        user_signed_up(record, state);
        break;
    case 28:
    case 29:
    case 31:
    case 32:
    case 33:
    case 34:
        referral_event(record, state, tag & 0x7F);
        break;
    case 52:
        reward_matured(record, state);
        break;
    case 53:
        commission_reversed(record, state);
        break;
    case 41:
        refund_received(record, state);
        break;
    case 46:
        event_parked(record, state);
        break;
    case 16:
        code_issued(record, state);
        break;
    default:
        ledger_event(record, state, tag & 0x7F);
        break;
    }
}

/* -- Records (section 3) ------------------------------------------------------------------------------------------ */

HOT void prelude(struct record *record, struct state *state) {
    uint8_t bits = flags(record, 15);
    record->programme = (uint32_t)below(record, 1 << 16);
    uleb(record);
    record->occurred_at = (int64_t)load64(take(record, 8));
    if (LIKELY(bits == 0)) {
        return;
    }
    if (bits & 1) {
        uint8_t role = u8(record);
        if (role > 3) {
            broken("an actor's role that is not known");
        }
        if (text(record).count == 0 && role == 0) {
            broken("an actor that says nothing");
        }
    }
    if ((bits & 2) && text(record).count == 0) {
        broken("an empty correlation id");
    }
    if ((bits & 4) && text(record).count == 0) {
        broken("an empty causation");
    }
    if (bits & 8) {
        uint64_t type = u8(record);
        struct text key = text(record);
        if (type == 0 || key.count == 0) {
            broken("an empty key, or one without the type of its command");
        }
        uint64_t hash = hash_of(key.bytes, key.count, UINT64_C(5) << 32 | type << 16 | record->programme);
        table_insert(&state->explicit_keys, hash, (uint32_t)state->explicit_keys.count);
    }
}

/* Section 5, 2 to 4. Returns the number of events. */
HOT unsigned check_header(const uint8_t *bytes, size_t count, uint64_t key, struct state *state) {
    if (count < HEADER_BYTES || count > RECORD_BYTES) {
        broken("not the size of a record");
    }
    if (bytes[0] != 1) {
        broken("a format version that is not known");
    }
    if (bytes[1] != 0 || load32(bytes + 4) != count) {
        broken("header flags or length");
    }
    XXH64_hash_t seed = XXH64(bytes, 32, 0);
    if (XXH64(bytes + HEADER_BYTES, count - HEADER_BYTES, seed) != load64(bytes + 32)) {
        broken("the checksum does not match");
    }
    unsigned events = load16(bytes + 2);
    int64_t recorded_at = (int64_t)load64(bytes + 24);
    if (events == 0 || events > RECORD_EVENTS) {
        broken("number of events");
    }
    if (load64(bytes + 16) != key || key != state->events + 1 || load64(bytes + 8) != state->records) {
        broken("records are not dense");
    }
    if (state->records > 0 && recorded_at <= state->recorded_at) {
        broken("recordedAt does not rise");
    }
    state->recorded_at = recorded_at;
    return events;
}

HOT void fold(const uint8_t *bytes, size_t count, uint64_t key, struct state *state) {
    position_at = key;
    unsigned events = check_header(bytes, count, key, state);
    struct record record = {
        .at = bytes + HEADER_BYTES, .end = bytes + count, .position = key, .matures_at = INT64_MIN};
    prelude(&record, state);
    for (unsigned i = 0; i < events; i += 1) {
        position_at = record.position;
        event(&record, state);
        record.position += 1;
    }
    if (record.at != record.end) {
        broken("bytes follow the last event");
    }
    state->records += 1;
    state->events += events;
}

/* -- The log (section 1) ------------------------------------------------------------------------------------------ */

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static MDB_env *open_log(const char *directory) {
    MDB_env *env;
    check(mdb_env_create(&env), "create");
    check(mdb_env_set_maxdbs(env, 2), "maxdbs");
    check(mdb_env_open(env, directory, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600), directory);
    return env;
}

static void read_meta(MDB_txn *txn, struct state *state) {
    static const char format[] = "referral-ledger log 1\n";
    MDB_dbi meta;
    MDB_val key = {6, "format"};
    MDB_val value;
    check(mdb_dbi_open(txn, "meta", 0, &meta), "meta");
    check(mdb_get(txn, meta, &key, &value), "meta: format");
    if (value.mv_size != sizeof format - 1 || memcmp(value.mv_data, format, sizeof format - 1) != 0) {
        broken("another format");
    }
    key = (MDB_val){8, "ledgerId"};
    check(mdb_get(txn, meta, &key, &value), "meta: ledgerId");
    if (value.mv_size != sizeof state->ledger_id) {
        broken("the ledger's id is not 16 bytes");
    }
    memcpy(state->ledger_id, value.mv_data, sizeof state->ledger_id);
}

/* One pass over all records. Returns the seconds it took. */
static double fold_log(MDB_txn *txn, struct state *state) {
    MDB_dbi records;
    MDB_cursor *cursor;
    MDB_val key, value;
    check(mdb_dbi_open(txn, "records", MDB_INTEGERKEY, &records), "records");
    check(mdb_cursor_open(txn, records, &cursor), "cursor");
    settle(SETTLE_MEBIBYTES);
    double start = seconds_now();
    int code;
    while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        if (key.mv_size != sizeof(uint64_t)) {
            broken("a key is not an 8-byte integer");
        }
        fold(value.mv_data, value.mv_size, load64(key.mv_data), state);
    }
    if (code != MDB_NOTFOUND) {
        check(code, "next");
    }
    drain(state);
    double seconds = seconds_now() - start;
    mdb_cursor_close(cursor);
    return seconds;
}

static void add_up(const struct account *account, int64_t *pending, int64_t *available, int64_t *receivable) {
    add(pending, account->pending);
    add(account->settled > 0 ? available : receivable, account->settled > 0 ? account->settled : -account->settled);
}

static void print(const struct state *state, double seconds) {
    int64_t pending = 0, available = 0, receivable = 0;
    for (uint32_t i = 0; i < state->users; i += 1) {
        add_up(&state->rows[i].account, &pending, &available, &receivable);
    }
    for (uint32_t i = 0; i < state->further_count; i += 1) {
        add_up(&state->further[i], &pending, &available, &receivable);
    }
    int64_t owned = pending;
    add(&owned, available);
    add(&owned, -receivable);
    if (owned != state->expense) {
        broken("the accounts do not balance");
    }
    printf("{\"records\":%" PRIu64 ",\"events\":%" PRIu64 ",\"payments\":%" PRIu32 ",\"users\":%" PRIu32
           ",\"seconds\":%.6f,\"paymentsPerSecond\":%.0f,\"pendingSum\":%" PRId64 ",\"availableSum\":%" PRId64
           ",\"receivableSum\":%" PRId64 ",\"expenseSum\":%" PRId64 "}\n",
           state->records, state->events, state->payment_count, state->users, seconds,
           seconds > 0 ? state->payment_count / seconds : 0, pending, available, receivable, state->expense);
}

int main(int argc, char **argv) {
    unsigned long long hint = 0;
    char *end = "";
    if (argc == 3) {
        hint = strtoull(argv[2], &end, 10);
    }
    if (argc < 2 || argc > 3 || *end != '\0' || hint > ENTITIES || (argc == 3 && (*argv[2] < '0' || *argv[2] > '9'))) {
        fprintf(stderr, "usage: fold LOG_DIR [USERS_HINT]\n");
        return 64;
    }
    static struct state state;
    state_init(&state, (size_t)hint);
    MDB_env *env = open_log(argv[1]);
    MDB_txn *txn;
    check(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "begin");
    read_meta(txn, &state);
    double seconds = fold_log(txn, &state);
    print(&state, seconds);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return 0;
}
