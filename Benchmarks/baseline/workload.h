/*
 * The work of the benchmark's rows, drawn as Benchmarks/LedgerBench/Workload.swift draws it: the same users on the
 * same tree, the same payments, the same commissions. So books of a peer can be compared with ours to the last unit.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    /* Users at the top who have not three others above them, and pay nothing. */
    WORKLOAD_TOP = 3,
    WORKLOAD_LEVELS = 3,
    WORKLOAD_ID_BYTES = 24,
};

/* Parts per million of level 1, 2, 3. */
static const int64_t workload_rates[WORKLOAD_LEVELS] = {200000, 100000, 50000};

/* SplitMix64. */
static inline uint64_t workload_next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint32_t workload_below(uint64_t *state, uint32_t bound) {
    return (uint32_t)(workload_next(state) % bound);
}

/* A payment as the caller has it. */
struct workload_payment {
    char id[WORKLOAD_ID_BYTES + 1];
    uint32_t payer;
    int64_t amount;
    /* Nanoseconds since 1970. */
    int64_t at;
};

/* The referrer of each user, for users 1 and up; users + 1 numbers, the first of no meaning. */
static inline uint32_t *workload_tree(uint32_t users) {
    uint32_t *parents = malloc(((size_t)users + 1) * sizeof *parents);
    uint64_t random = 1;
    if (parents == NULL) {
        fputs("memory\n", stderr);
        exit(71);
    }
    for (uint32_t user = 0; user < users; user += 1) {
        parents[user] = user == 0             ? 0
                        : user <= WORKLOAD_TOP ? user - 1
                                               : WORKLOAD_TOP + workload_below(&random, user - WORKLOAD_TOP);
    }
    return parents;
}

/* Payments first, first + 1 …: one stretch has one generator. */
static inline struct workload_payment *workload_payments(uint32_t first, size_t count, uint32_t users) {
    struct workload_payment *payments = malloc(count * sizeof *payments);
    uint64_t random = 7 + (uint64_t)first;
    if (payments == NULL) {
        fputs("memory\n", stderr);
        exit(71);
    }
    for (size_t i = 0; i < count; i += 1) {
        struct workload_payment *payment = &payments[i];
        snprintf(payment->id, sizeof payment->id, "pay_%020u", (unsigned)(first + i));
        payment->payer = WORKLOAD_TOP + workload_below(&random, users - WORKLOAD_TOP);
        payment->amount = 1000 + workload_below(&random, 9000);
        payment->at = INT64_C(1704067200000000000) + (int64_t)(first + i) * 100000000;
    }
    return payments;
}

/* A commission: half to even. */
static inline int64_t workload_commission(int64_t amount, int64_t rate) {
    int64_t product = amount * rate;
    int64_t whole = product / 1000000;
    int64_t rest = 2 * (product % 1000000);
    return rest > 1000000 || (rest == 1000000 && (whole & 1)) ? whole + 1 : whole;
}

static inline double workload_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A decimal number, nothing else; ends the program otherwise. */
static inline unsigned long workload_number(const char *text) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0') {
        fprintf(stderr, "'%s' is not a number\n", text);
        exit(64);
    }
    return value;
}

#endif
