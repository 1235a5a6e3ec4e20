/* log: lines go in, text comes out from a cursor on. */
#include <string.h>

#include "suites.h"

static enum status
write_line (struct probe *probe, uint32_t level, const char *line)
{
    struct log_write_req req = { .level = level, .source = "probe", .from = TEXT (line) };
    struct log_write_rep rep;

    return log_write (probe->subject, &req, &rep);
}

static enum status
read_from (struct probe *probe, uint64_t cursor, void *into, uint32_t length,
           struct log_read_rep *rep)
{
    struct log_read_req req = { .cursor = cursor, .into = WINDOW (into, length) };

    return log_read (probe->subject, &req, rep);
}

static enum status
clear (struct probe *probe)
{
    struct log_clear_req req = {};
    struct log_clear_rep rep;

    return log_clear (probe->subject, &req, &rep);
}

/* Behind the time, which is what the placement costs. */
static const char *
said (const char *line)
{
    return strchr (line, ']');
}

static void
begins_with_the_boot (struct probe *probe)
{
    char text[2048] = "";
    struct log_read_rep rep;

    SAME (read_from (probe, 0, text, sizeof text - 1, &rep), OK);
    CHECK (rep.done > 0 && rep.next >= rep.done);
    CHECK (text[rep.done - 1] == '\n');
    CHECK (strstr (text, "nucleus: ") != NULL);
}

static void
gives_back_what_was_written (struct probe *probe)
{
    char text[256] = "";
    struct log_read_rep rep;

    SAME (clear (probe), OK);
    SAME (write_line (probe, 6, "first line"), OK);
    SAME (write_line (probe, 7, "second\x01line\n"), OK);
    SAME (read_from (probe, 0, text, sizeof text - 1, &rep), OK);
    text[rep.done] = '\0';
    CHECK (said (text) != NULL && text[0] == '[');
    SAME_TEXT (said (text), strcspn (said (text), "\n"), "] probe: first line");
    const char *second = strchr (text, '\n') + 1;
    CHECK (said (second) != NULL);
    SAME_TEXT (said (second), strlen (said (second)), "] probe: second?line\n");
}

static void
goes_on_from_a_cursor (struct probe *probe)
{
    char text[256];
    struct log_read_rep rep;
    uint64_t end;

    SAME (read_from (probe, UINT64_MAX, text, sizeof text, &rep), OK);
    SAME (rep.done, 0);
    end = rep.next;
    SAME (write_line (probe, 6, "third"), OK);
    SAME (read_from (probe, end, text, sizeof text - 1, &rep), OK);
    text[rep.done] = '\0';
    SAME (rep.next, end + rep.done);
    CHECK (said (text) != NULL);
    SAME_TEXT (said (text), strlen (said (text)), "] probe: third\n");
    SAME (read_from (probe, rep.next, text, sizeof text, &rep), OK);
    SAME (rep.done, 0);
}

static void
hands_out_whole_lines (struct probe *probe)
{
    char text[64];
    struct log_read_rep rep;
    uint64_t end;

    SAME (clear (probe), OK);
    SAME (read_from (probe, 0, text, sizeof text, &rep), OK);
    end = rep.next;
    SAME (write_line (probe, 6, "one"), OK);
    SAME (write_line (probe, 6, "two"), OK);
    memset (text, '#', sizeof text);
    SAME (read_from (probe, end, text, 40, &rep), OK);
    CHECK (rep.done < 40 && text[rep.done - 1] == '\n');
    /* what is behind `done` is not touched */
    for (unsigned i = rep.done; i < sizeof text; i++)
        CHECK (text[i] == '#');
    /* but the beginning of a line where none fits */
    SAME (read_from (probe, end, text, 5, &rep), OK);
    SAME (rep.done, 5);
    CHECK (text[0] == '[');
}

static void
forgets_when_cleared (struct probe *probe)
{
    char text[64];
    struct log_read_rep rep;

    SAME (write_line (probe, 6, "gone"), OK);
    SAME (clear (probe), OK);
    SAME (read_from (probe, 0, text, sizeof text, &rep), OK);
    SAME (rep.done, 0);
}

static void
refuses_levels_that_are_none (struct probe *probe)
{
    char text[64];
    struct log_read_rep rep;

    SAME (write_line (probe, 8, "no"), ERR_INVALID);
    SAME (write_line (probe, UINT32_MAX, "no"), ERR_INVALID);
    SAME (read_from (probe, 0, text, sizeof text, &rep), OK);
    SAME (rep.done, 0);
}

static void
cuts_long_lines (struct probe *probe)
{
    char *line = component_alloc (probe->self, GRANT_MAX);
    char *text = component_alloc (probe->self, GRANT_MAX);
    struct log_write_req req
        = { .level = 6, .source = "probe", .from = WINDOW (line, GRANT_MAX) };
    struct log_write_rep rep;
    struct log_read_rep got;

    CHECK (line != NULL && text != NULL);
    memset (line, 'x', GRANT_MAX);
    SAME (clear (probe), OK);
    SAME (log_write (probe->subject, &req, &rep), OK);
    SAME (read_from (probe, 0, text, GRANT_MAX, &got), OK);
    CHECK (got.done > 100 && got.done <= 1024 && text[got.done - 1] == '\n');
    req.from.length = GRANT_MAX + 1;
    SAME (log_write (probe->subject, &req, &rep), ERR_INVALID);
    component_free (probe->self, line);
    component_free (probe->self, text);
}

/* Who was too slow goes on at the oldest line there is. */
static void
drops_the_oldest_lines (struct probe *probe)
{
    char text[64];
    struct log_read_rep rep;
    uint64_t begin;

    SAME (clear (probe), OK);
    SAME (read_from (probe, 0, text, sizeof text, &rep), OK);
    begin = rep.next;
    for (unsigned i = 0; i < 3000; i++)
        SAME (write_line (probe, 7, "a line that takes about fifty bytes of it"), OK);
    SAME (read_from (probe, begin, text, sizeof text, &rep), OK);
    CHECK (rep.done > 0 && text[0] == '[' && rep.next - rep.done > begin);
}

const struct suite log_suite = {
    .name = "log",
    .cases = { { "begins with the boot", begins_with_the_boot },
               { "gives back what was written", gives_back_what_was_written },
               { "goes on from a cursor", goes_on_from_a_cursor },
               { "hands out whole lines", hands_out_whole_lines },
               { "forgets when cleared", forgets_when_cleared },
               { "refuses levels that are none", refuses_levels_that_are_none },
               { "cuts long lines", cuts_long_lines },
               { "drops the oldest lines", drops_the_oldest_lines } },
};

const struct component_class probe_log_class = {
    .name = "probe-log",
    .summary = "tries out a log",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (log) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
