#ifndef REFERRAL_LEDGER_PLATFORM_H
#define REFERRAL_LEDGER_PLATFORM_H

// The few lines Swift cannot say. Nothing here keeps a policy: each call does one thing and reports errno.

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "glance.h"
#include "peek.h"

// Takes an exclusive open-file-description lock on the whole file (fcntl F_OFD_SETLK, Linux 3.15).
// Returns 0, or errno at once: EAGAIN or EACCES when another open file description holds it.
// Unlike a POSIX record lock it belongs to the descriptor, so two handles in one process exclude each other
// and closing some other descriptor of the file does not drop it.
int platform_try_lock_exclusive(int descriptor);

// Gives that lock back, for every descriptor of the same open file description: those of forked children, too.
// Returns 0 or errno.
int platform_unlock(int descriptor);

// Whether another open file description holds a lock on the file (fcntl F_OFD_GETLK), without taking one:
// 0 no, 1 yes, or a negative errno. Whose it is the kernel does not tell of such locks.
int platform_is_locked(int descriptor);

// Asks for transparent huge pages on a range (madvise MADV_HUGEPAGE). Returns 0 or errno; advice only.
int platform_advise_huge_pages(void *address, size_t byte_count);

// How many forks lie between the program's start and this process. Read it through platform_fork_generation.
extern volatile uint32_t platform_fork_counter;

// Differs between a process and its forked children. One load: cheap enough to ask on every call.
static inline uint32_t platform_fork_generation(void) { return platform_fork_counter; }

// Starts loading a cache line that will be read (or written) soon. Any address is allowed.
static inline void platform_prefetch_read(const void *address) { __builtin_prefetch(address, 0, 3); }
static inline void platform_prefetch_write(const void *address) { __builtin_prefetch(address, 1, 3); }

// Lets the processor's other work go on for a moment, in a loop that waits for another thread.
static inline void platform_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Makes a mutex that tries for a moment before it puts its thread to sleep, where the system has such.
// Returns 0 or an error number.
int platform_make_mutex(pthread_mutex_t *mutex);

// A bit of a set in shared memory, read or set atomically, in no order with anything else.
static inline int platform_bit_is_set(const uint8_t *bits, uint64_t index) {
    return __atomic_load_n(&bits[index / 8], __ATOMIC_RELAXED) >> (index % 8) & 1;
}
static inline void platform_set_bit(uint8_t *bits, uint64_t index) {
    __atomic_fetch_or(&bits[index / 8], (uint8_t)(1u << (index % 8)), __ATOMIC_RELAXED);
}

// Names the calling thread for debuggers and /proc; at most 15 bytes are kept.
void platform_name_thread(const char *name);

// For a program, never for a library: from now on a fault on mapped memory (SIGSEGV, SIGBUS) writes the message
// and ends the process with the code, and so does abort(), whose cause has been told by then. LMDB follows
// the page numbers that it finds in a damaged file. The message must live for ever. Returns 0 or errno.
int platform_exit_on_damage(int exit_code, const char *message);

// Exchanges two names in one step (renameat2 RENAME_EXCHANGE, Linux 3.15) and syncs the folder of the first.
// Returns 0 or errno: EINVAL where the file system cannot.
int platform_exchange_paths(const char *a, const char *b);

#endif
