/* sh_job: the processes that the shell has started, as jobs.
 *
 * A job is one pipeline, or one background list. All waiting is done for any child: news of
 * other jobs are kept with them until somebody asks.
 */
#include "sh.h"

#include <errno.h>
#include <string.h>

struct job *
sh_job_new (Shell *sh, int count, const char *text)
{
    struct job *job = lib_alloc (sizeof *job);

    job->count = count;
    job->pids = lib_alloc ((size_t)count * sizeof *job->pids);
    job->ended = lib_alloc ((size_t)count * sizeof *job->ended);
    job->text = lib_copy (text);
    job->next = sh->jobs;
    sh->jobs = job;
    return job;
}

void
sh_job_start (struct job *job, int index, int pid)
{
    job->pids[index] = pid;
    job->ended[index] = pid <= 0;
}

void
sh_job_background (Shell *sh, struct job *job)
{
    int number = 1;

    for (const struct job *other = sh->jobs; other != NULL; other = other->next)
        if (other->number >= number)
            number = other->number + 1;
    job->number = number;
}

void
sh_job_remove (Shell *sh, struct job *job)
{
    struct job **link = &sh->jobs;

    while (*link != NULL && *link != job)
        link = &(*link)->next;
    if (*link != NULL)
        *link = job->next;
    program_free (job->pids);
    program_free (job->ended);
    program_free (job->text);
    program_free (job);
}

int
sh_job_status (const struct job *job)
{
    return lib_wait_status (job->status);
}

/* What wait told about `pid`. */
static void
job_news (Shell *sh, int pid, uint32_t status)
{
    for (struct job *job = sh->jobs; job != NULL; job = job->next) {
        bool mine = false, all = true;
        for (int i = 0; i < job->count; i++) {
            if (job->pids[i] == pid && !job->ended[i]) {
                mine = true;
                if ((status & 0xff) == 0x7f)
                    job->state = JOB_STOPPED;
                else
                    job->ended[i] = true;
                if (i == job->count - 1)
                    job->status = status;
            }
            all = all && job->ended[i];
        }
        if (all)
            job->state = JOB_DONE;
        if (mine)
            return;
    }
}

void
sh_job_reap (Shell *sh, bool block)
{
    int flags = sh->interactive ? WAIT_UNTRACED : 0;
    int status;
    long pid = posix_wait (-1, &status, flags | (block ? 0 : WAIT_NO_HANG));

    if (pid < 0 && pid != -EINTR) /* nobody is left to wait for, or nobody who knows */
        for (struct job *job = sh->jobs; job != NULL; job = job->next)
            job->state = JOB_DONE;
    while (pid > 0) { /* more than one may have ended */
        job_news (sh, (int)pid, (uint32_t)status);
        pid = posix_wait (-1, &status, flags | WAIT_NO_HANG);
    }
}

void
sh_job_foreground (Shell *sh, int group)
{
    if (sh->interactive)
        posix_tcsetpgrp (0, group);
}

int
sh_job_wait (Shell *sh, struct job *job)
{
    bool all = true;

    for (int i = 0; i < job->count; i++)
        all = all && job->ended[i];
    if (all)
        job->state = JOB_DONE;
    while (job->state == JOB_RUNNING)
        sh_job_reap (sh, true);
    if (job->group != 0)
        sh_job_foreground (sh, sh->group);
    int status = sh_job_status (job);
    if (job->state == JOB_STOPPED) {
        if (job->number == 0)
            sh_job_background (sh, job);
        lib_print (2, "\n[%d] + Stopped                 %s\n", job->number, job->text);
        return status;
    }
    int signal = (int)(job->status & 0x7f);
    if (signal != 0 && signal != SIGINT && signal != SIGPIPE)
        lib_print (2, "%s\n", lib_signal_text (signal));
    else if (signal == SIGINT && sh->interactive)
        lib_print (2, "\n");
    sh_job_remove (sh, job);
    return status;
}

void
sh_job_notify (Shell *sh)
{
    sh_job_reap (sh, false);
    for (struct job *job = sh->jobs, *next; job != NULL; job = next) {
        next = job->next;
        if (job->state != JOB_DONE || job->number == 0)
            continue;
        int signal = (int)(job->status & 0x7f);
        int status = sh_job_status (job);
        if (signal != 0)
            lib_print (2, "[%d] + %-23s %s\n", job->number, lib_signal_text (signal),
                       job->text);
        else if (status != 0)
            lib_print (2, "[%d] + Done(%d)                 %s\n", job->number, status,
                       job->text);
        else
            lib_print (2, "[%d] + Done                    %s\n", job->number, job->text);
        sh_job_remove (sh, job);
    }
}

struct job *
sh_job_find (Shell *sh, const char *text)
{
    struct job *latest = NULL;
    int64_t number = 0;
    bool by_number = text[0] == '%' && lib_number (text + 1, &number);
    bool by_pid = text[0] != '%' && lib_number (text, &number);

    for (struct job *job = sh->jobs; job != NULL; job = job->next) {
        if (job->number == 0)
            continue;
        if (by_number && job->number == number)
            return job;
        for (int i = 0; by_pid && i < job->count; i++)
            if (job->pids[i] == number)
                return job;
        if (latest == NULL || job->number > latest->number)
            latest = job;
    }
    bool current
        = strcmp (text, "%") == 0 || strcmp (text, "%%") == 0 || strcmp (text, "%+") == 0;
    return current ? latest : NULL;
}
