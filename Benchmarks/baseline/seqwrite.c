/*
 * seqwrite: the yardstick of the row `rebuild-views`. Writes a file from its beginning to its end in pieces of 1 MiB,
 * makes it durable, and says how fast that was.
 *
 *   cc -O2 -Wall -Wextra -std=c11 -o seqwrite seqwrite.c
 *   ./seqwrite FILE BYTES
 *
 * Prints {"bytes":n,"seconds":s,"bytesPerSecond":r}. Leaves 0, 64, 74.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "settle.h"
#include "workload.h"

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: seqwrite FILE BYTES\n", stderr);
        return 64;
    }
    size_t bytes = workload_number(argv[2]);
    size_t piece = (size_t)1 << 20;
    unsigned char *buffer = malloc(piece);
    int file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (buffer == NULL || file < 0) {
        perror(argv[1]);
        return 74;
    }
    uint64_t random = 1;
    for (size_t i = 0; i + 8 <= piece; i += 8) {
        uint64_t word = workload_next(&random);
        memcpy(buffer + i, &word, 8);
    }
    settle(SETTLE_MEBIBYTES);
    double start = workload_seconds();
    for (size_t done = 0; done < bytes;) {
        ssize_t count = write(file, buffer, bytes - done < piece ? bytes - done : piece);
        if (count <= 0) {
            perror(argv[1]);
            return 74;
        }
        done += (size_t)count;
    }
    if (fdatasync(file) != 0) {
        perror(argv[1]);
        return 74;
    }
    double seconds = workload_seconds() - start;
    close(file);
    printf("{\"bytes\":%zu,\"seconds\":%.6f,\"bytesPerSecond\":%.0f}\n", bytes, seconds, (double)bytes / seconds);
    return 0;
}
