/* linux_terminal: ioctl: terminals, and the little that other descriptors have of it. */
#include <sys/ioctl.h>

#include "personalities/linux/linux_file.h"

/* As Linux writes it. */
struct linux_termios {
    uint32_t input, output, control, local;
    uint8_t line;
    uint8_t characters[19];
};

_Static_assert (sizeof (struct linux_termios) == 36, "as Linux has it");

enum {
    INPUT_CRNL = 0x100, OUTPUT_PROCESS = 1, OUTPUT_NLCR = 4, CONTROL_PLAIN = 0xbf,
    LOCAL_SIGNALS = 1, LOCAL_CANONICAL = 2, LOCAL_ECHO = 8, LOCAL_ECHO_MORE = 0x30,
    LOCAL_EXTENDED = 0x8000
};

enum { VINTR_, VQUIT_, VERASE_, VKILL_, VEOF_, VTIME_, VMIN_, VSUSP_ = 10 };

static struct linux_termios
to_linux (const struct tty_attr *attr)
{
    struct linux_termios t = { .control = CONTROL_PLAIN, .local = LOCAL_EXTENDED };

    t.input  = (attr->modes & TTY_CRNL) != 0 ? INPUT_CRNL : 0;
    t.output = (attr->modes & TTY_NLCR) != 0 ? OUTPUT_PROCESS | OUTPUT_NLCR : 0;
    t.local |= ((attr->modes & TTY_SIGNALS) != 0 ? LOCAL_SIGNALS : 0)
               | ((attr->modes & TTY_CANONICAL) != 0 ? LOCAL_CANONICAL : 0)
               | ((attr->modes & TTY_ECHO) != 0 ? LOCAL_ECHO | LOCAL_ECHO_MORE : 0);
    t.characters[VINTR_]  = attr->interrupt;
    t.characters[VQUIT_]  = attr->quit;
    t.characters[VERASE_] = attr->erase;
    t.characters[VKILL_]  = attr->kill;
    t.characters[VEOF_]   = attr->eof;
    t.characters[VTIME_]  = attr->time;
    t.characters[VMIN_]   = attr->minimum;
    t.characters[VSUSP_]  = attr->suspend;
    return t;
}

static struct tty_attr
from_linux (const struct linux_termios *t)
{
    struct tty_attr attr = { 0 };

    attr.modes = ((t->input & INPUT_CRNL) != 0 ? TTY_CRNL : 0)
                 | ((t->output & OUTPUT_PROCESS) != 0 && (t->output & OUTPUT_NLCR) != 0
                        ? TTY_NLCR
                        : 0)
                 | ((t->local & LOCAL_SIGNALS) != 0 ? TTY_SIGNALS : 0)
                 | ((t->local & LOCAL_CANONICAL) != 0 ? TTY_CANONICAL : 0)
                 | ((t->local & LOCAL_ECHO) != 0 ? TTY_ECHO : 0);
    attr.interrupt = t->characters[VINTR_];
    attr.quit      = t->characters[VQUIT_];
    attr.erase     = t->characters[VERASE_];
    attr.kill      = t->characters[VKILL_];
    attr.eof       = t->characters[VEOF_];
    attr.time      = t->characters[VTIME_];
    attr.minimum   = t->characters[VMIN_];
    attr.suspend   = t->characters[VSUSP_];
    return attr;
}

enum {
    TERMINAL_GET = 0x5401, TERMINAL_SET, TERMINAL_SET_WAIT, TERMINAL_SET_FLUSH,
    TERMINAL_CONTROL = 0x540e, TERMINAL_GET_GROUP, TERMINAL_SET_GROUP, TERMINAL_GET_SIZE = 0x5413
};

/* A terminal that is nobody's is his who asks first, as if he had opened it in a session of
 * his own. */
static uint32_t
foreground_take (struct task *task, int32_t fd)
{
    struct process_info_req who = { .process = task->pid };
    struct process_info_rep known;
    struct file_tty_foreground_req set = { .process = task->pid, .fd = fd };
    struct file_tty_foreground_rep done;

    if (process_info (nucleus_link (INTERFACE_process), &who, &known) != OK)
        return 0;
    set.group = known.group;
    return file_tty_foreground (FILES, &set, &done) == OK ? known.group : 0;
}

static int64_t
ioctl_terminal (struct task *task, const uint64_t *a)
{
    struct file_tty_get_req get = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_tty_get_rep known;
    int64_t bad = linux_result (file_tty_get (FILES, &get, &known));

    if (bad != 0)
        return bad;
    switch ((uint32_t)a[1]) {
    case FIONREAD:
        return linux_put (task, a[2], &known.pending, sizeof known.pending);
    case TERMINAL_GET: {
        struct linux_termios t = to_linux (&known.attr);

        return linux_put (task, a[2], &t, sizeof t);
    }
    case TERMINAL_SET:
    case TERMINAL_SET_WAIT:
    case TERMINAL_SET_FLUSH: {
        struct file_tty_set_req set = { .process = task->pid, .fd = (int32_t)a[0] };
        struct file_tty_set_rep done;
        struct linux_termios t;

        bad = linux_get (task, a[2], &t, sizeof t);
        if (bad != 0)
            return bad;
        set.attr = from_linux (&t);
        return linux_result (file_tty_set (FILES, &set, &done));
    }
    case TERMINAL_CONTROL:
        return 0;
    case TERMINAL_GET_GROUP:
        if (known.foreground == 0)
            known.foreground = foreground_take (task, (int32_t)a[0]);
        return linux_put (task, a[2], &known.foreground, sizeof known.foreground);
    case TERMINAL_SET_GROUP: {
        struct file_tty_foreground_req set = { .process = task->pid, .fd = (int32_t)a[0] };
        struct file_tty_foreground_rep done;

        bad = linux_get (task, a[2], &set.group, sizeof set.group);
        return bad != 0 ? bad : linux_result (file_tty_foreground (FILES, &set, &done));
    }
    case TERMINAL_GET_SIZE: {
        uint16_t size[4] = { known.attr.rows, known.attr.columns, 0, 0 };

        return linux_put (task, a[2], size, sizeof size);
    }
    default:
        return -ENOTTY;
    }
}

/* ---- all descriptors ---- */

/* How much could be read at once. Of a file all that is behind the position; a terminal says it
 * itself, and others do not know. */
static int64_t
ioctl_pending (struct task *task, const uint64_t *a)
{
    struct file_stat_req stat = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_stat_rep known;
    struct file_seek_req seek
        = { .process = task->pid, .fd = (int32_t)a[0], .whence = SEEK_FROM_CURRENT };
    struct file_seek_rep at   = { 0 };
    struct file_poll_req poll = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_poll_rep polled;
    int32_t pending;
    int64_t bad = linux_result (file_stat (FILES, &stat, &known));

    if (bad != 0)
        return bad;
    switch (known.attr.type) {
    case FILE_TYPE_REGULAR:
        bad     = linux_result (file_seek (FILES, &seek, &at));
        pending = (int32_t)((int64_t)known.attr.size - at.position);
        break;
    case FILE_TYPE_PIPE:
    case FILE_TYPE_SOCKET:
        bad     = linux_result (file_poll (FILES, &poll, &polled));
        pending = (int32_t)polled.pending;
        break;
    default:
        return ioctl_terminal (task, a);
    }
    return bad != 0 ? bad : linux_put (task, a[2], &pending, sizeof pending);
}

LINUX_FUNCTION (ioctl)
{
    int32_t on  = 1;
    int64_t bad = linux_file_flags (task, a[0]);

    if (bad < 0)
        return bad;
    switch ((uint32_t)a[1]) {
    case FIOCLEX:
    case FIONCLEX:
        bad = linux_descriptor_flags (task, a[0], OPEN_CLOEXEC,
                                      (uint32_t)a[1] == FIOCLEX ? OPEN_CLOEXEC : 0);
        return bad < 0 ? bad : 0;
    case FIONBIO:
        bad = linux_get (task, a[2], &on, sizeof on);
        if (bad == 0)
            bad = linux_descriptor_flags (task, a[0], OPEN_NONBLOCK, on != 0 ? OPEN_NONBLOCK : 0);
        return bad < 0 ? bad : 0;
    case FIONREAD:
        return ioctl_pending (task, a);
    default:
        return ioctl_terminal (task, a);
    }
}
