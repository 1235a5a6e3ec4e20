/* tty: a terminal at which nobody types. What is written comes out on the board. */
#include <string.h>

#include "suites.h"

static enum status
get (struct probe *probe, struct tty_get_rep *rep)
{
    struct tty_get_req req = {};

    return tty_get (probe->subject, &req, rep);
}

static enum status
set (struct probe *probe, const struct tty_attr *attr)
{
    struct tty_set_req req = { .attr = *attr };
    struct tty_set_rep rep;

    return tty_set (probe->subject, &req, &rep);
}

static enum status
write_text (struct probe *probe, grant from, uint32_t *done)
{
    struct tty_write_req req = { .from = from };
    struct tty_write_rep rep = { .done = *done };
    enum status status = tty_write (probe->subject, &req, &rep);

    *done = rep.done;
    return status;
}

static void
writes_everything (struct probe *probe)
{
    char *bytes = component_alloc (probe->self, GRANT_MAX);
    uint32_t done = 0;

    CHECK (bytes != NULL);
    memset (bytes, '.', GRANT_MAX);
    SAME (write_text (probe, TEXT ("suite of tty\n"), &done), OK);
    SAME (done, 13);
    SAME (write_text (probe, WINDOW (bytes, GRANT_MAX), &done), OK);
    SAME (done, GRANT_MAX);
    SAME (write_text (probe, WINDOW (bytes, 0), &done), OK);
    SAME (done, 0);
    done = 77;
    SAME (write_text (probe, WINDOW (bytes, GRANT_MAX + 1), &done), ERR_INVALID);
    SAME (done, 77);
    component_free (probe->self, bytes);
}

static void
keeps_its_settings (struct probe *probe)
{
    struct tty_get_rep first, second;
    struct tty_attr attr;

    SAME (get (probe, &first), OK);
    CHECK ((first.attr.modes & TTY_CANONICAL) != 0);
    SAME (first.attr.interrupt, 3);
    SAME (first.attr.rows, 24);
    SAME (first.attr.columns, 80);
    attr = first.attr;
    attr.modes = TTY_SIGNALS;
    attr.interrupt = 'q';
    attr.rows = 1; /* the window's size is the window's */
    SAME (set (probe, &attr), OK);
    SAME (get (probe, &second), OK);
    SAME (second.attr.modes, TTY_SIGNALS);
    SAME (second.attr.interrupt, 'q');
    SAME (second.attr.rows, 24);
    SAME (set (probe, &first.attr), OK);
    attr.modes = 1u << 31;
    SAME (set (probe, &attr), ERR_INVALID);
    SAME (get (probe, &second), OK);
    CHECK (memcmp (&first, &second, sizeof first) == 0);
}

static void
has_a_foreground_group (struct probe *probe)
{
    struct tty_foreground_req req = { .group = 12 };
    struct tty_foreground_rep rep;
    struct tty_get_rep got, before;

    SAME (get (probe, &before), OK);
    SAME (tty_foreground (probe->subject, &req, &rep), OK);
    SAME (get (probe, &got), OK);
    SAME (got.foreground, 12);
    req.group = UINT32_MAX;
    SAME (tty_foreground (probe->subject, &req, &rep), ERR_INVALID);
    SAME (get (probe, &got), OK);
    SAME (got.foreground, 12);
    req.group = before.foreground;
    SAME (tty_foreground (probe->subject, &req, &rep), OK);
}

static void
reads_the_end (struct probe *probe)
{
    char text[8] = "x";
    struct tty_read_req req = { .into = WINDOW (text, sizeof text) };
    struct tty_read_rep rep;

    for (unsigned i = 0; i < 4; i++) {
        req.nonblock = i % 2;
        rep.done = 77;
        SAME (tty_read (probe->subject, &req, &rep), OK);
        SAME (rep.done, 0);
        SAME (text[0], 'x');
    }
    req.into.length = GRANT_MAX + 1;
    rep.done = 77;
    SAME (tty_read (probe->subject, &req, &rep), ERR_INVALID);
    SAME (rep.done, 77);
}

const struct suite tty_suite = {
    .name = "tty",
    .cases = { { "writes everything", writes_everything },
               { "keeps its settings", keeps_its_settings },
               { "has a foreground group", has_a_foreground_group },
               { "reads the end", reads_the_end } },
};

const struct component_class probe_tty_class = {
    .name = "probe-tty",
    .summary = "tries out a terminal",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (tty) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
