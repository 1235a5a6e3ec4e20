/* spawnload: starts children and waits for them, one by one, in crowds, and with signals,
 * and checks how each of them ended.
 *
 *     spawnload [-s SEED] [-n CHILDREN]
 *
 * With -x STATUS it is a child that ends at once, with -z one that waits to be killed.
 */
#include "programs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#define SPAWNLOAD_CROWD 8

/* `option` is "-x" or "-z". */
static long
spawnload_start (const char *option, int status, int *error)
{
    char number[16];
    char *arguments[] = { (char *)"spawnload", (char *)option, number, NULL };

    snprintf (number, sizeof number, "%d", status);
    if (option[1] == 'z')
        arguments[2] = NULL;
    long pid = lib_spawn (NULL, arguments, program_environment (), NULL, 0);
    if (pid < 0) {
        lib_error_number ("spawnload", "spawn", pid);
        *error = 1;
    }
    return pid;
}

static int
spawnload_check (long pid, uint32_t status, uint32_t wanted)
{
    if (status == wanted)
        return 0;
    lib_error ("spawnload", "process %ld ended with %#x, not %#x", pid, status, wanted);
    return 1;
}

/* Several at once; they may end in any order. */
static int
spawnload_crowd (struct load *load, uint64_t *left)
{
    long pids[SPAWNLOAD_CROWD];
    uint32_t wanted[SPAWNLOAD_CROWD];
    int count = 1 + (int)lib_load_below (load, SPAWNLOAD_CROWD);
    int error = 0;

    if ((uint64_t)count > *left)
        count = (int)*left;
    for (int i = 0; i < count; i++) {
        int status = (int)lib_load_below (load, 256);
        bool kill = lib_load_below (load, 4) == 0;
        pids[i] = spawnload_start (kill ? "-z" : "-x", status, &error);
        wanted[i] = kill ? WAIT_KILLED (SIGTERM) : WAIT_EXITED (status);
        if (pids[i] >= 0 && kill && posix_kill ((int)pids[i], SIGTERM) < 0) {
            lib_error ("spawnload", "process %ld cannot be killed", pids[i]);
            error = 1;
        }
        lib_load_add (load, wanted[i]);
    }
    *left -= (uint64_t)count;
    for (int i = 0; i < count && error == 0; i++) {
        int status = 0, found = -1;
        long pid = posix_wait (-1, &status, 0);
        for (int j = 0; j < count; j++)
            if (pids[j] == pid)
                found = j;
        if (found < 0) {
            lib_error ("spawnload", "wait answered %ld, which is no child of mine", pid);
            return 1;
        }
        pids[found] = -1;
        error = spawnload_check (pid, (uint32_t)status, wanted[found]);
    }
    return error;
}

static int
spawnload_single (struct load *load, uint64_t *left)
{
    int wanted = (int)lib_load_below (load, 256);
    int status = 0, error = 0;
    long pid = spawnload_start ("-x", wanted, &error);

    --*left;
    lib_load_add (load, (uint64_t)wanted);
    if (error != 0)
        return error;
    long answer = posix_wait ((int)pid, &status, 0);
    if (answer != pid) {
        lib_error ("spawnload", "wait for %ld answered %ld", pid, answer);
        return 1;
    }
    return spawnload_check (pid, (uint32_t)status, WAIT_EXITED (wanted));
}

int
program_spawnload (int argc, char **argv)
{
    uint64_t seed = 1, children = 100, status = 0;
    struct options options;
    struct load load;
    int letter;

    lib_options_init (&options, "spawnload", "s:n:x:z", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        uint64_t *value = letter == 's' ? &seed : letter == 'n' ? &children : &status;
        if (letter == 'z')
            for (;;)
                posix_nanosleep (1000000000000);
        if (letter == '?'
            || !lib_load_option ("spawnload", options.value, UINT64_MAX, value))
            return 2;
        if (letter == 'x')
            return (int)status;
    }
    if (!lib_operands_between (&options, 0, 0))
        return 2;
    lib_load_init (&load, "spawnload", seed);
    for (uint64_t left = children; left > 0;) {
        int error = lib_load_below (&load, 4) == 0 ? spawnload_crowd (&load, &left)
                                                   : spawnload_single (&load, &left);
        if (error != 0)
            return 1;
    }
    int unused = 0;
    long answer = posix_wait (-1, &unused, WAIT_NO_HANG);
    if (answer != -ECHILD) {
        lib_error ("spawnload", "a child is left: wait answered %ld", answer);
        return 1;
    }
    lib_print (1, "spawnload: seed %llu: %llu children, checksum %016llx\n",
               (unsigned long long)seed, (unsigned long long)children,
               (unsigned long long)load.sum);
    return 0;
}
