/* driver: runs a target without a fuzzer. Every input follows from its number alone, so that
 * `fuzz_NAME N` makes the N-th again. With a file's name it takes that. */
#define _GNU_SOURCE
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define INPUT_BYTES_MAX 4096u

static GPtrArray *corpus; /* GBytes */

static uint64_t
chance (uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C (0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
corpus_read (void)
{
    const char *source            = getenv ("srcdir");
    g_autofree char *folder       = g_build_filename (source != NULL ? source : ".", "tests", "fuzz",
                                                      "corpus", fuzz_name, NULL);
    g_autoptr (GDir) open         = g_dir_open (folder, 0, NULL);
    g_autoptr (GPtrArray) names   = g_ptr_array_new_with_free_func (g_free);
    const char *name;

    corpus = g_ptr_array_new ();
    while (open != NULL && (name = g_dir_read_name (open)) != NULL)
        g_ptr_array_add (names, g_build_filename (folder, name, NULL));
    g_ptr_array_sort (names, by_name);
    for (guint i = 0; i < names->len; i++) {
        char *text;
        gsize bytes;

        if (g_file_get_contents (names->pdata[i], &text, &bytes, NULL))
            g_ptr_array_add (corpus, g_bytes_new_take (text, bytes));
    }
    if (corpus->len == 0)
        g_ptr_array_add (corpus, g_bytes_new (NULL, 0));
}

/* ---- mutations ---- */

static void
mutate (GByteArray *input, uint64_t *seed)
{
    static const uint64_t numbers[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff,
                                        0x80000000, 0xffffffff, INT64_MAX, UINT64_MAX };
    GBytes *other  = corpus->pdata[chance (seed) % corpus->len];
    gsize others   = g_bytes_get_size (other);
    guint at       = input->len != 0 ? (guint)(chance (seed) % input->len) : 0;
    guint left     = input->len - at;
    guint some     = left != 0 ? (guint)(1 + chance (seed) % MIN (left, 16u)) : 0;
    uint64_t value = numbers[chance (seed) % G_N_ELEMENTS (numbers)];

    switch (chance (seed) % 7) {
    case 0:
        if (left != 0)
            input->data[at] ^= (guint8)(1u << chance (seed) % 8);
        break;
    case 1:
        if (left != 0)
            input->data[at] = (guint8)chance (seed);
        break;
    case 2:
        memcpy (input->data + at, &value, MIN (left, 1u << chance (seed) % 4));
        break;
    case 3:
        if (some != 0)
            g_byte_array_remove_range (input, at, some);
        break;
    case 4:
        if (some != 0) {
            g_autofree guint8 *copy = g_memdup2 (input->data + at, some);
            g_byte_array_append (input, copy, some);
        }
        break;
    case 5: /* the beginning of this, the end of another */
        g_byte_array_set_size (input, at);
        if (others != 0) {
            gsize from = chance (seed) % others;
            g_byte_array_append (input, (const guint8 *)g_bytes_get_data (other, NULL) + from,
                                 (guint)(others - from));
        }
        break;
    default:
        for (guint i = 0; i < 8; i++) {
            guint8 byte = (guint8)chance (seed);
            g_byte_array_append (input, &byte, 1);
        }
    }
}

static void
run (uint64_t number)
{
    g_autoptr (GByteArray) input = g_byte_array_new ();
    uint64_t seed                = number;
    GBytes *base = corpus->pdata[number < corpus->len ? number : chance (&seed) % corpus->len];
    guint8 *exact;

    g_byte_array_append (input, g_bytes_get_data (base, NULL), (guint)g_bytes_get_size (base));
    if (number >= corpus->len)
        for (uint64_t times = 1 + chance (&seed) % 6; times > 0; times--)
            mutate (input, &seed);
    if (input->len > INPUT_BYTES_MAX)
        g_byte_array_set_size (input, INPUT_BYTES_MAX);
    /* Of just that size, for the address sanitizer to see who reads on. */
    exact = malloc (input->len + (input->len == 0));
    memcpy (exact, input->data, input->len);
    LLVMFuzzerTestOneInput (exact, input->len);
    free (exact);
}

/* In a child: whoever dies of an input is told by its number. */
static int
run_all (unsigned runs)
{
    uint64_t *number = mmap (NULL, sizeof *number, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status       = 0;
    pid_t process;

    printf ("1..1\n");
    fflush (stdout);
    process = fork ();
    if (process == 0) {
        for (*number = 0; *number < runs; ++*number)
            run (*number);
        fuzz_tell ();
        fflush (stdout);
        _exit (0);
    }
    waitpid (process, &status, 0);
    if (status != 0) {
        printf ("not ok 1 - %s: input %llu ends it, by %s; again: fuzz_%s %llu\n", fuzz_name,
                (unsigned long long)*number,
                WIFSIGNALED (status) ? strsignal (WTERMSIG (status)) : "its own exit", fuzz_name,
                (unsigned long long)*number);
        return 1;
    }
    printf ("ok 1 - %s: %u inputs, from a corpus of %u\n", fuzz_name, runs, corpus->len);
    return 0;
}

int
main (int argc, char **argv)
{
    const char *campaign = getenv ("KHIMERA_CAMPAIGN");
    unsigned times       = campaign != NULL && atoi (campaign) > 0 ? (unsigned)atoi (campaign) : 1;
    char *text;
    gsize bytes;

    corpus_read ();
    LLVMFuzzerInitialize (&argc, &argv);
    if (argc < 2)
        return run_all (fuzz_runs * times);
    if (g_file_get_contents (argv[1], &text, &bytes, NULL)) {
        LLVMFuzzerTestOneInput ((const uint8_t *)text, bytes);
        g_free (text);
    } else {
        run (strtoull (argv[1], NULL, 10));
    }
    return 0;
}
