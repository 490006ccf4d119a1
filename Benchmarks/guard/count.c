/*
 * count: counts what a program allocates and what LMDB writes, whatever the machine's mood.
 *
 *   cc -O2 -fPIC -shared -o count.so count.c
 *   LD_PRELOAD=./count.so GUARD_COUNTS=FILE PROGRAM …
 *
 * At the end writes {"allocations","allocatedBytes","writes","writtenBytes","syncs"} to FILE: calls of malloc, calloc,
 * realloc and their aligned kin, and the bytes asked for; calls of pwrite, writev and pwritev, the bytes they wrote, and
 * calls of fdatasync and fsync. LMDB writes its pages by these; nothing else in the program uses them.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

/* glibc's own names of what is put in front of here. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

static atomic_uint_fast64_t allocations, allocated_bytes, writes, written_bytes, syncs;

static void count(size_t bytes) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&allocated_bytes, bytes, memory_order_relaxed);
}

void *malloc(size_t bytes) {
    count(bytes);
    return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes) {
    count(number * bytes);
    return __libc_calloc(number, bytes);
}

void *realloc(void *memory, size_t bytes) {
    count(bytes);
    return __libc_realloc(memory, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
    count(bytes);
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    *memory = memalign(alignment, bytes);
    return *memory == NULL ? 12 /* ENOMEM */ : 0;
}

static ssize_t note(ssize_t written) {
    atomic_fetch_add_explicit(&writes, 1, memory_order_relaxed);
    if (written > 0) {
        atomic_fetch_add_explicit(&written_bytes, (uint_fast64_t)written, memory_order_relaxed);
    }
    return written;
}

/* The function that this one stands in front of. */
#define NEXT(name, type)                                                                                               \
    static _Atomic(void *) known;                                                                                      \
    void *found = atomic_load(&known);                                                                                 \
    if (found == NULL) {                                                                                               \
        found = dlsym(RTLD_NEXT, name);                                                                                \
        atomic_store(&known, found);                                                                                   \
    }                                                                                                                  \
    __typeof__(type) next = (__typeof__(type))found

ssize_t pwrite(int file, const void *bytes, size_t number, off_t offset) {
    NEXT("pwrite", ssize_t (*)(int, const void *, size_t, off_t));
    return note(next(file, bytes, number, offset));
}

ssize_t pwrite64(int file, const void *bytes, size_t number, off64_t offset) {
    NEXT("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t));
    return note(next(file, bytes, number, offset));
}

ssize_t writev(int file, const struct iovec *parts, int number) {
    NEXT("writev", ssize_t (*)(int, const struct iovec *, int));
    return note(next(file, parts, number));
}

ssize_t pwritev(int file, const struct iovec *parts, int number, off_t offset) {
    NEXT("pwritev", ssize_t (*)(int, const struct iovec *, int, off_t));
    return note(next(file, parts, number, offset));
}

int fdatasync(int file) {
    NEXT("fdatasync", int (*)(int));
    atomic_fetch_add_explicit(&syncs, 1, memory_order_relaxed);
    return next(file);
}

int fsync(int file) {
    NEXT("fsync", int (*)(int));
    atomic_fetch_add_explicit(&syncs, 1, memory_order_relaxed);
    return next(file);
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("GUARD_COUNTS");
    char text[256];
    if (path == NULL) {
        return;
    }
    int length = snprintf(text, sizeof text,
                          "{\"allocations\":%" PRIuFAST64 ",\"allocatedBytes\":%" PRIuFAST64 ",\"writes\":%" PRIuFAST64
                          ",\"writtenBytes\":%" PRIuFAST64 ",\"syncs\":%" PRIuFAST64 "}\n",
                          allocations, allocated_bytes, writes, written_bytes, syncs);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, text, (size_t)length) != length) {
        _exit(74);
    }
    close(file);
}
