#define _GNU_SOURCE
#include "peek.h"
#include "platform.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLOTS = 256, SPINS = 2000, PAUSE_MICROSECONDS = 20 };

static struct platform_peek_slot slots[SLOTS];
// Slots that were ever taken: those below.
static int claimed;
// What a thread has that got none: never free, so its reads take the lock.
static struct platform_peek_slot none = {.what = &none, .taken = true};

_Thread_local struct platform_peek_slot *platform_own_peek_slot;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t end_of_thread;
static bool available;

static int barrier(int command) { return (int)syscall(SYS_membarrier, command, 0, 0); }

static void give_back(void *slot) {
    platform_own_peek_slot = &none;
    __atomic_store_n(&((struct platform_peek_slot *)slot)->taken, false, __ATOMIC_RELEASE);
}

// In the child: the slots of threads that are not there any more would be waited for.
static void forget(void) {
    available = false;
    for (int i = 0; i < SLOTS; i++) slots[i].what = NULL;
    platform_own_peek_slot = &none;
}

static void prepare(void) {
    available = pthread_key_create(&end_of_thread, give_back) == 0 && pthread_atfork(NULL, NULL, forget) == 0 &&
                barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
                barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
}

bool platform_can_peek(void) {
    pthread_once(&once, prepare);
    return available;
}

struct platform_peek_slot *platform_claim_peek_slot(void) {
    platform_own_peek_slot = &none;
    if (!platform_can_peek()) return &none;
    for (int i = 0; i < SLOTS; i++) {
        bool expected = false;
        if (!__atomic_compare_exchange_n(&slots[i].taken, &expected, true, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        if (pthread_setspecific(end_of_thread, &slots[i]) != 0) {
            __atomic_store_n(&slots[i].taken, false, __ATOMIC_RELEASE);
            return &none;
        }
        int known = __atomic_load_n(&claimed, __ATOMIC_RELAXED);
        while (known <= i &&
               !__atomic_compare_exchange_n(&claimed, &known, i + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {}
        return platform_own_peek_slot = &slots[i];
    }
    return &none;
}

void platform_await_peeks(const void *what) {
    // Where nobody peeks, nothing need be waited for.
    if (!platform_can_peek()) return;
    if (barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) {
        // It was there before: a filter of system calls has come since. Whether somebody reads cannot be known any more.
        fputs("membarrier(2) is refused since this process has begun to use it\n", stderr);
        abort();
    }
    int bound = __atomic_load_n(&claimed, __ATOMIC_SEQ_CST);
    for (int i = 0; i < bound; i++) {
        for (int turns = 0; __atomic_load_n(&slots[i].what, __ATOMIC_ACQUIRE) == what; turns++) {
            // A reader needs less than a microsecond, unless its thread has lost the processor or waits for a page.
            if (turns < SPINS) platform_pause();
            else usleep(PAUSE_MICROSECONDS);
        }
    }
}
