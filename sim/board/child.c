#define _GNU_SOURCE
#include "board/child.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void
child_signal (const struct child *child, int number)
{
    syscall (SYS_pidfd_send_signal, child->pidfd, number, NULL, 0);
}

int
child_bury (struct child *child)
{
    siginfo_t info = { 0 };

    waitid (P_PIDFD, (id_t)child->pidfd, &info, WEXITED);
    close (child->pidfd);
    child->process = 0;
    return info.si_code == CLD_EXITED ? 0 : info.si_status;
}

bool
child_ended (const struct child *child)
{
    siginfo_t info = { 0 };

    return waitid (P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0
           || info.si_pid != 0;
}

bool
child_stop (const struct child *child)
{
    siginfo_t info = { 0 };

    child_signal (child, SIGSTOP);
    if (waitid (P_PIDFD, (id_t)child->pidfd, &info, WSTOPPED | WEXITED | WNOWAIT) != 0
        || info.si_code != CLD_STOPPED)
        return false;
    waitid (P_PIDFD, (id_t)child->pidfd, &info, WSTOPPED);
    return true;
}
