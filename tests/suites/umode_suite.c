/* umode: the programs. Tasks are the nucleus's to make and run; here is what anybody may
 * ask, and how what makes no sense is refused. */
#include <string.h>

#include "suites.h"

/* A task that there is room for and that nobody uses. */
#define TASK 1000u

static enum status
find (struct probe *probe, grant name)
{
    struct umode_find_req req = { .from = name };
    struct umode_find_rep rep;

    return umode_find (probe->subject, &req, &rep);
}

static enum status
make (struct probe *probe, uint32_t task, const char *strings, uint32_t bytes,
      uint32_t arguments)
{
    struct umode_make_req req = { .task = task,
                                  .argument_count = arguments,
                                  .from = WINDOW ((void *)(uintptr_t)strings, bytes) };
    struct umode_make_rep rep;

    return umode_make (probe->subject, &req, &rep);
}

static enum status
free_task (struct probe *probe, uint32_t task)
{
    struct umode_free_req req = { .task = task };
    struct umode_free_rep rep;

    return umode_free (probe->subject, &req, &rep);
}

static void
finds_programs (struct probe *probe)
{
    SAME (find (probe, TEXT ("true")), OK);
    SAME (find (probe, TEXT ("/bin/true")), OK);
    SAME (find (probe, TEXT ("tru")), ERR_NOT_FOUND);
    SAME (find (probe, TEXT ("truer")), ERR_NOT_FOUND);
    SAME (find (probe, TEXT ("/usr/true")), ERR_NOT_FOUND);
    SAME (find (probe, TEXT ("")), ERR_NOT_FOUND);
    SAME (find (probe,
                TEXT ("a-name-that-is-longer-than-any-program-of-this-machine-will-ever-"
                      "have")),
          ERR_NOT_FOUND);
}

static void
names_programs (struct probe *probe)
{
    struct umode_name_req req;
    struct umode_name_rep rep;
    bool seen = false;
    uint32_t index = 0;
    enum status status;

    for (;; index++) {
        req = (struct umode_name_req){ .index = index };
        rep = (struct umode_name_rep){ .name = "untouched" };
        status = umode_name (probe->subject, &req, &rep);
        if (status != OK)
            break;
        SAME (find (probe, TEXT (rep.name)), OK);
        seen = seen || strcmp (rep.name, "true") == 0;
    }
    SAME (status, ERR_NOT_FOUND);
    CHECK (seen && index > 10);
    SAME_TEXT (rep.name, strlen (rep.name), "untouched");
    req.index = UINT32_MAX;
    SAME (umode_name (probe->subject, &req, &rep), ERR_NOT_FOUND);
}

static void
makes_and_frees (struct probe *probe)
{
    for (unsigned i = 0; i < 3; i++) {
        SAME (make (probe, TASK, "true\0true\0", 10, 1), OK);
        SAME (make (probe, TASK, "true\0true\0", 10, 1), ERR_INVALID); /* in use */
        SAME (free_task (probe, TASK), OK);
    }
}

static void
refuses_what_makes_no_sense (struct probe *probe)
{
    struct umode_resume_req resume = { .task = TASK };
    struct umode_resume_rep trap = { .trap = 77 };

    SAME (make (probe, TASK, "no-such-program\0x\0", 18, 1), ERR_NOT_FOUND);
    SAME (make (probe, TASK, "true", 4, 0), ERR_INVALID);
    SAME (make (probe, TASK, "", 0, 0), ERR_INVALID);
    SAME (make (probe, TASK, "true\0true\0", 10, 3), ERR_INVALID);
    SAME (make (probe, TASK, "true\0true\0", 10, UINT32_MAX), ERR_TOO_BIG);
    SAME (make (probe, UINT32_MAX, "true\0true\0", 10, 1), ERR_INVALID);
    SAME (free_task (probe, UINT32_MAX), ERR_INVALID);
    SAME (umode_resume (probe->subject, &resume, &trap), ERR_INVALID);
    resume.task = UINT32_MAX;
    SAME (umode_resume (probe->subject, &resume, &trap), ERR_INVALID);
    SAME (trap.trap, 77);
    SAME (make (probe, TASK, "true\0true\0", GRANT_MAX + 1, 1), ERR_INVALID);
}

const struct suite umode_suite = {
    .name = "umode",
    .cases = { { "finds programs", finds_programs },
               { "names programs", names_programs },
               { "makes and frees", makes_and_frees },
               { "refuses what makes no sense", refuses_what_makes_no_sense } },
};

const struct component_class probe_umode_class = {
    .name = "probe-umode",
    .summary = "tries out user mode",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (umode) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
