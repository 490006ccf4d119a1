#ifndef REFERRAL_LEDGER_PEEK_H
#define REFERRAL_LEDGER_PEEK_H

// Readers that announce themselves with a plain store, so that one read need not wait for the one before: what BiasedLock is
// made of. The order between a reader's store and its next load is made by who wants to exclude readers, with
// membarrier(2) (Linux 4.14): asymmetric fences, as in Dice and Kogan, "BRAVO", USENIX ATC 2019.

#include <stdbool.h>
#include <stddef.h>

// One thread's announcement. A cache line each.
struct platform_peek_slot {
    // What is being read; null for nothing. Written by its thread alone.
    const void *what;
    // Whether a thread has the slot.
    bool taken;
} __attribute__((aligned(64)));

extern _Thread_local struct platform_peek_slot *platform_own_peek_slot;

// Gives the calling thread a slot until it ends; one that is never free, for its whole life, when there is none to give. (A
// library that has this in it must not be unloaded: the end of a thread gives back its slot.)
struct platform_peek_slot *platform_claim_peek_slot(void);

// Whether threads can announce reads at all: the system has what it takes, and this process was not forked from one that could.
bool platform_can_peek(void);

// Announces that the calling thread reads `what`; false when it must not, as it reads something already. After it, and
// before reading, the caller asks whether reading is allowed.
static inline bool platform_begin_peek(const void *what) {
    struct platform_peek_slot *slot = platform_own_peek_slot;
    if (__builtin_expect(slot == NULL, 0)) slot = platform_claim_peek_slot();
    if (__builtin_expect(__atomic_load_n(&slot->what, __ATOMIC_RELAXED) != NULL, 0)) return false;
    __atomic_store_n(&slot->what, what, __ATOMIC_RELAXED);
    // For the compiler; for the processor, whoever waits for peeks sees to it.
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return true;
}

// Ends what the last successful platform_begin_peek of this thread began.
static inline void platform_end_peek(void) {
    __atomic_store_n(&platform_own_peek_slot->what, NULL, __ATOMIC_RELEASE);
}

// Waits until no thread reads `what`. Those that announce themselves from now on see what the caller stored before.
// Cost: a system call that interrupts this process's running threads, some microseconds.
void platform_await_peeks(const void *what);

#endif
