/*
 * The machine comes to rest before the clock runs: as `settle` in Benchmarks/LedgerBench/Measuring.swift, so that ours and
 * the yardsticks begin alike.
 */
#ifndef SETTLE_H
#define SETTLE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* For a stretch that takes much memory, of a second or two. */
enum { SETTLE_MEBIBYTES = 2048 };

/* Bytes that the machine can still give; 0 when it does not say. */
static inline size_t settle_available(void) {
    FILE *file = fopen("/proc/meminfo", "r");
    char line[256];
    size_t kibibytes = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "MemAvailable: %zu kB", &kibibytes) == 1) {
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kibibytes * 1024;
}

/*
 * What was written is on disk, and nobody's fsync waits for it. And memory is there: under a hypervisor that takes back what a
 * guest leaves free, the first touch of a page waits for the host. `mebibytes` are taken, touched and given back.
 */
static inline void settle(size_t mebibytes) {
    sync();
    size_t size = mebibytes << 20;
    size_t half = settle_available() / 2;
    size = (size < half ? size : half) / 4096 * 4096;
    if (size == 0) {
        return;
    }
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return;
    }
    /* What such a hypervisor takes back are huge pages. */
    (void)madvise(memory, size, MADV_HUGEPAGE);
    for (size_t offset = 0; offset < size; offset += 4096) {
        *(volatile char *)(memory + offset) = 1;
    }
    munmap(memory, size);
}

#endif
