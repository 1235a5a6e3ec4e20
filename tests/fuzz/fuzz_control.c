/* lines that come to the control socket, from a client that may only look. */
#include <string.h>

#include "board/board_inside.h"
#include "board/build.h"
#include "board/control_inside.h"
#include "fuzz/fuzz.h"

const char fuzz_name[]   = "control";
const unsigned fuzz_runs = 8000;

static MachineConfig *config;
static Machine *machine;
static const struct board_options options;
static struct board_result result;
static struct board board; /* of which nothing runs */
static Control control;

/* In the process that runs: a machine's memory is not inherited. */
static void
set_up (void)
{
    struct build_init init  = { .arguments = NULL };
    g_autofree char *report = NULL;

    config  = config_read ("microkernel", NULL, &report);
    machine = machine_build (config, &init, NULL);
    g_assert (machine != NULL);
    board   = (struct board){ .machine = machine, .options = &options, .result = &result };
    control = (struct Control){ .board    = &board,
                                .name     = g_strdup ("fuzz"),
                                .path     = g_strdup (""),
                                .listener = -1,
                                .config   = config,
                                .clients  = g_ptr_array_new (),
                                .reason   = g_strdup (""),
                                .console  = g_malloc0 (CONSOLE_BYTES) };
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes)
{
    struct client client = { .fd       = -1,
                             .readonly = true,
                             .in       = g_string_new (NULL),
                             .out      = g_byte_array_new () };
    const uint8_t *line = data, *end = data + bytes;

    if (machine == NULL)
        set_up ();
    while (line < end) {
        const uint8_t *newline = memchr (line, '\n', (size_t)(end - line));
        const uint8_t *after   = newline != NULL ? newline : end;

        control_line (&control, &client, (const char *)line, (size_t)(after - line));
        line = after + 1;
        /* Whatever it was, there is one whole line for it, or it waits. */
        g_assert (client.out->len == 0 || client.out->data[client.out->len - 1] == '\n');
        g_byte_array_set_size (client.out, 0);
    }
    json_decref (client.waiting_id);
    g_string_free (client.in, TRUE);
    g_byte_array_unref (client.out);
    return 0;
}

void
fuzz_tell (void)
{
}
