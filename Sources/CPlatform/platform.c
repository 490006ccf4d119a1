#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

int platform_try_lock_exclusive(int descriptor) {
    struct flock whole_file;
    memset(&whole_file, 0, sizeof whole_file); // l_pid must be 0 for an OFD lock
    whole_file.l_type = F_WRLCK;
    whole_file.l_whence = SEEK_SET;
    for (;;) {
        if (fcntl(descriptor, F_OFD_SETLK, &whole_file) == 0) return 0;
        if (errno != EINTR) return errno;
    }
}

int platform_unlock(int descriptor) {
    struct flock whole_file;
    memset(&whole_file, 0, sizeof whole_file);
    whole_file.l_type = F_UNLCK;
    whole_file.l_whence = SEEK_SET;
    return fcntl(descriptor, F_OFD_SETLK, &whole_file) == 0 ? 0 : errno;
}

int platform_is_locked(int descriptor) {
    struct flock whole_file;
    memset(&whole_file, 0, sizeof whole_file);
    whole_file.l_type = F_WRLCK;
    whole_file.l_whence = SEEK_SET;
    if (fcntl(descriptor, F_OFD_GETLK, &whole_file) != 0) return -errno;
    return whole_file.l_type != F_UNLCK;
}

int platform_advise_huge_pages(void *address, size_t byte_count) {
    return madvise(address, byte_count, MADV_HUGEPAGE) == 0 ? 0 : errno;
}

void platform_name_thread(const char *name) { (void)prctl(PR_SET_NAME, name, 0, 0, 0); }

volatile uint32_t platform_fork_counter = 0;

// Runs in the child before fork returns there, while the child has one thread.
static void count_fork(void) { platform_fork_counter += 1; }

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(NULL, NULL, count_fork); }

static int damage_exit_code;
static const char *damage_message;

// Async-signal-safe: write and _exit only. Whatever the address: on a damaged page LMDB follows pointers it
// never set, too.
static void end_on_damage(int number) {
    if (number != SIGABRT && write(STDERR_FILENO, damage_message, strlen(damage_message)) < 0)
        _exit(damage_exit_code);
    _exit(damage_exit_code);
}

int platform_exit_on_damage(int exit_code, const char *message) {
    damage_exit_code = exit_code;
    damage_message = message;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = end_on_damage;
    sigemptyset(&action.sa_mask);
    const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], &action, NULL) != 0) return errno;
    return 0;
}

int platform_exchange_paths(const char *a, const char *b) {
    if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) != 0) return errno;
    char folder[4096];
    size_t length = strlen(a);
    while (length > 0 && a[length - 1] != '/') length--;
    if (length >= sizeof folder) return 0;
    memcpy(folder, length ? a : ".", length ? length : 1);
    folder[length ? length : 1] = 0;
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    int code = fsync(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    return code;
}

int platform_make_mutex(pthread_mutex_t *mutex) {
    pthread_mutexattr_t attributes;
    int code = pthread_mutexattr_init(&attributes);
    if (code != 0) {
        return code;
    }
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
    code = pthread_mutex_init(mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return code;
}
