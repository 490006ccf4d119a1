/*
 * smallmap: lets LMDB run under Valgrind, which has less address space to give than our maps reserve.
 *
 *   cc -O2 -fPIC -shared -o smallmap.so smallmap.c
 *   LD_PRELOAD=./smallmap.so valgrind … PROGRAM …
 *
 * A shared mapping of a file above 1 GiB becomes one of 1 GiB. Only for work whose files stay below that: LMDB reserves
 * far ahead and touches what the file has.
 */
#define _GNU_SOURCE

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const size_t limit = (size_t)1 << 30;

void *mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset) {
    if ((flags & MAP_SHARED) && file >= 0 && bytes > limit) {
        bytes = limit;
    }
    return (void *)syscall(SYS_mmap, address, bytes, protection, flags, file, offset);
}

int munmap(void *address, size_t bytes) {
    /* What is above the limit was such a mapping: nothing else here is as large. */
    return (int)syscall(SYS_munmap, address, bytes > limit ? limit : bytes);
}
