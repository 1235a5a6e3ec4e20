/* processes: processes: who they are, their children, other programs. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "guests/case.h"

static void
processes (char *self)
{
    int status, p[2];
    pid_t child;
    char buffer[64];
    volatile int shared = 1;

    /* Who is in another space of process numbers, as leaders may be in a container, is 0. */
    YES (getpid () > 0 && getppid () >= 0 && getpgid (0) == getpgrp () && getsid (0) == getsid (getpid ()));
    if ((child = fork ()) == 0)
        _exit (getppid () > 1 ? 7 : 8);
    YES (waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) == 7);
    FAILS (waitpid (child, &status, 0), ECHILD);
    FAILS (wait (&status), ECHILD);
    if ((child = fork ()) == 0)
        for (;;)
            pause ();
    YES (waitpid (child, &status, WNOHANG) == 0 && kill (child, SIGKILL) == 0);
    YES (wait (&status) == child && WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
    if ((child = fork ()) == 0)
        *(volatile int *)8 = 0;
    YES (wait (&status) == child && WIFSIGNALED (status) && WTERMSIG (status) == SIGSEGV);
    if ((child = fork ()) == 0) {
        raise (SIGSTOP);
        _exit (3);
    }
    YES (waitpid (child, &status, WUNTRACED) == child && WIFSTOPPED (status) && WSTOPSIG (status) == SIGSTOP);
    YES (kill (child, SIGCONT) == 0 && waitpid (child, &status, 0) == child && WEXITSTATUS (status) == 3);
    if ((child = vfork ()) == 0) {
        shared = 2;
        _exit (0);
    }
    YES (shared == 2 && waitpid (child, NULL, 0) == child);
    shared = 1;
    if ((child = fork ()) == 0) {
        shared = 5;
        _exit (0);
    }
    YES (waitpid (child, NULL, 0) == child && shared == 1);
    YES (pipe (p) == 0);
    if ((child = fork ()) == 0) {
        char *arguments[] = { self, "child", "two words", NULL }, *environment[] = { "A=b", NULL };

        dup2 (p[1], 1);
        execve (self, arguments, environment);
        _exit (99);
    }
    YES (waitpid (child, &status, 0) == child && WEXITSTATUS (status) == 42);
    YES (read (p[0], buffer, 64) == 13 && memcmp (buffer, "two words A=b", 13) == 0);
    char *none[] = { "x", NULL };
    FAILS (execve ("none", none, NULL), ENOENT);
    FAILS (execve (".", none, NULL), EACCES);
    make ("text", "no program");
    FAILS (execve ("text", none, NULL), EACCES);
    chmod ("text", 0755);
    FAILS (execve ("text", none, NULL), ENOEXEC);
    if ((child = fork ()) == 0)
        _exit (setsid () == getpid () && getsid (0) == getpid () && getpgrp () == getpid () ? 0 : 1);
    YES (waitpid (child, &status, 0) == child && status == 0);
    if ((child = fork ()) == 0)
        _exit (setpgid (0, 0) == 0 && getpgrp () == getpid () ? 0 : 1);
    YES (waitpid (child, &status, 0) == child && status == 0);
    FAILS (setpgid (999999, 0), ESRCH);
    FAILS (getpgid (999999), ESRCH);
    struct utsname name;
    YES (uname (&name) == 0 && strcmp (name.sysname, "Linux") == 0 && strcmp (name.machine, "x86_64") == 0);
    struct rlimit limit;
    YES (getrlimit (RLIMIT_STACK, &limit) == 0 && limit.rlim_cur > 0);
    FAILS (getrlimit (99, &limit), EINVAL);
    FAILS (syscall (9999), ENOSYS);
    FAILS (syscall (SYS_prctl, 9999), EINVAL);
}

int
main (int argc, char **argv, char **environment)
{
    if (argc == 3 && strcmp (argv[1], "child") == 0) {
        printf ("%s %s", argv[2], environment[0]);
        fflush (stdout);
        return 42;
    }
    processes (argv[0]);
    return done ();
}
