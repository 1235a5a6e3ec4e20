/* lib_options: command lines, numbers, modes and signal names as people type them. */
#include "lib.h"

#include <signal.h>
#include <string.h>

/* ---- options ---- */

void
lib_options_init (struct options *options, const char *program, const char *allowed,
                  int argc, char **argv)
{
    *options = (struct options){
        .program = program, .allowed = allowed, .argc = argc, .argv = argv, .at = 1
    };
}

static int
options_finish (struct options *options)
{
    while (options->at < options->argc)
        options->argv[1 + options->operands++] = options->argv[options->at++];
    return -1;
}

int
lib_options_next (struct options *options)
{
    const char *allowed = options->allowed;
    bool in_order = *allowed == '+';

    while (options->letters == NULL || *options->letters == '\0') {
        if (options->at >= options->argc)
            return -1;
        char *word = options->argv[options->at];
        if (word[0] != '-' || word[1] == '\0') {
            if (in_order)
                return options_finish (options);
            /* Never ahead of `at`: a slot that was already looked at. */
            options->argv[1 + options->operands++] = word;
            options->at++;
        } else if (word[1] != '-') {
            options->letters = word + 1;
            options->at++;
        } else {
            options->at++;
            if (word[2] == '\0')
                return options_finish (options);
            lib_error (options->program, "unrecognized option '%s'", word);
            return '?';
        }
    }

    char letter = *options->letters++;
    const char *spec = letter == ':' || letter == '+' ? NULL : strchr (allowed, letter);
    if (spec == NULL) {
        lib_error (options->program, "invalid option -- '%c'", letter);
        return '?';
    }
    options->value = NULL;
    if (spec[1] == ':') {
        if (*options->letters != '\0')
            options->value = (char *)options->letters;
        else if (options->at < options->argc)
            options->value = options->argv[options->at++];
        else {
            lib_error (options->program, "option requires an argument -- '%c'", letter);
            return '?';
        }
        options->letters = NULL;
    }
    return letter;
}

bool
lib_operands_between (const struct options *options, int least, int most)
{
    if (options->operands < least) {
        if (options->operands == 0)
            lib_error (options->program, "missing operand");
        else
            lib_error (options->program, "missing operand after '%s'",
                       lib_operand (options, options->operands - 1));
        return false;
    }
    if (options->operands > most) {
        lib_error (options->program, "extra operand '%s'", lib_operand (options, most));
        return false;
    }
    return true;
}

const char *
lib_destination (const struct options *options)
{
    const char *to = lib_operand (options, options->operands - 1);

    if (options->operands == 0) {
        lib_error (options->program, "missing operand");
    } else if (options->operands == 1) {
        lib_error (options->program, "missing destination file operand after '%s'", to);
    } else if (options->operands > 2 && !lib_is_directory (to)) {
        lib_error (options->program, "target '%s' is not a directory", to);
    } else {
        return to;
    }
    return NULL;
}

/* ---- numbers ---- */

bool
lib_number (const char *text, int64_t *value)
{
    bool negative = *text == '-';
    uint64_t total = 0;

    if (*text == '-' || *text == '+')
        text++;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || total > (INT64_MAX - 9) / 10)
            return false;
        total = total * 10 + (uint64_t)(*text - '0');
    }
    *value = negative ? -(int64_t)total : (int64_t)total;
    return true;
}

bool
lib_size (const char *text, uint64_t *value)
{
    static const char letters[] = "KMGT";
    uint64_t total = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (total > (UINT64_MAX - 9) / 10)
            return false;
        total = total * 10 + (uint64_t)(*at - '0');
    }
    if (at == text)
        return false;
    uint64_t factor = 1;
    if (*at == 'b' && at[1] == '\0') {
        factor = 512;
        at++;
    } else if (*at == 'c' || *at == 'w') {
        factor = *at++ == 'w' ? 2 : 1;
    } else if (*at != '\0') {
        const char *letter = strchr (letters, *at == 'k' ? 'K' : *at);
        if (letter == NULL)
            return false;
        at++;
        uint64_t step = 1024;
        if (strcmp (at, "B") == 0) {
            step = 1000;
            at++;
        } else if (strcmp (at, "iB") == 0)
            at += 2;
        for (const char *l = letters; l <= letter; l++)
            factor *= step;
    }
    if (*at != '\0' || (total != 0 && factor > UINT64_MAX / total))
        return false;
    *value = total * factor;
    return true;
}

bool
lib_seconds (const char *text, uint64_t *nanoseconds)
{
    uint64_t whole = 0, part = 0, unit = 100000000, factor = 1;
    const char *at = text;
    bool digits = false;

    for (; *at >= '0' && *at <= '9'; at++, digits = true) {
        if (whole > 1000000000)
            return false;
        whole = whole * 10 + (uint64_t)(*at - '0');
    }
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++, digits = true) {
            part += (uint64_t)(*at - '0') * unit;
            unit /= 10;
        }
    switch (*at) {
    case 's':
        at++;
        break;
    case 'm':
        factor = 60, at++;
        break;
    case 'h':
        factor = 3600, at++;
        break;
    case 'd':
        factor = 86400, at++;
        break;
    }
    if (!digits || *at != '\0')
        return false;
    *nanoseconds = (whole * 1000000000 + part) * factor;
    return true;
}

/* ---- modes ---- */

/* One clause: [ugoa]*[-+=][rwxXst]*, possibly several operators. NULL: wrong. */
static const char *
mode_clause (const char *at, uint32_t *mode, bool directory, uint32_t mask)
{
    uint32_t who = 0;

    for (;; at++) {
        if (*at == 'u')
            who |= 04700;
        else if (*at == 'g')
            who |= 02070;
        else if (*at == 'o')
            who |= 01007;
        else if (*at == 'a')
            who |= 07777;
        else
            break;
    }
    uint32_t limit = who != 0 ? who : 07777 & ~mask;
    if (who == 0)
        who = 07777;
    if (*at != '+' && *at != '-' && *at != '=')
        return NULL;
    while (*at == '+' || *at == '-' || *at == '=') {
        char what = *at++;
        uint32_t bits = 0;
        for (;; at++) {
            if (*at == 'r')
                bits |= 0444;
            else if (*at == 'w')
                bits |= 0222;
            else if (*at == 'x')
                bits |= 0111;
            else if (*at == 'X')
                bits |= directory || (*mode & 0111) ? 0111 : 0;
            else if (*at == 's')
                bits |= 06000;
            else if (*at == 't')
                bits |= 01000;
            else
                break;
        }
        if (what == '+')
            *mode |= bits & limit;
        else if (what == '-')
            *mode &= ~(bits & limit);
        else {
            uint32_t cleared = who & (directory ? 01777u : 07777u);
            *mode = (*mode & ~cleared) | (bits & limit);
        }
    }
    return at;
}

bool
lib_mode (const char *text, uint32_t mode, bool directory, uint32_t mask, uint32_t *result)
{
    if (*text >= '0' && *text <= '7') {
        uint32_t value = 0;
        for (; *text >= '0' && *text <= '7'; text++) {
            value = value * 8 + (uint32_t)(*text - '0');
            if (value > 07777)
                return false;
        }
        *result = value;
        return *text == '\0';
    }
    do {
        text = mode_clause (text, &mode, directory, mask);
        if (text == NULL)
            return false;
    } while (*text == ',' && *++text != '\0');
    *result = mode;
    return *text == '\0';
}

/* ---- escapes ---- */

const char *
lib_escape (const char *at, bool echo, char *byte)
{
    static const char letters[] = "abefnrtv\\";
    static const char bytes[] = "\a\b\033\f\n\r\t\v\\";
    const char *letter = *at != '\0' ? strchr (letters, *at) : NULL;

    if (letter != NULL) {
        *byte = bytes[letter - letters];
        return at + 1;
    }
    if (*at == 'c' && echo)
        return NULL;
    if (*at >= '0' && *at <= '7') {
        int digits = echo && *at == '0' ? 4 : 3;
        unsigned value = 0;
        for (; digits > 0 && *at >= '0' && *at <= '7'; digits--)
            value = value * 8 + (unsigned)(*at++ - '0');
        *byte = (char)value;
        return at;
    }
    *byte = '\\';
    return at;
}

/* ---- signals ---- */

static const struct {
    const char *name;
    const char *text;
} signals[] = {
    [SIGHUP] = { "HUP", "Hangup" },
    [SIGINT] = { "INT", "Interrupt" },
    [SIGQUIT] = { "QUIT", "Quit" },
    [SIGILL] = { "ILL", "Illegal instruction" },
    [SIGTRAP] = { "TRAP", "Trace/breakpoint trap" },
    [SIGABRT] = { "ABRT", "Aborted" },
    [SIGBUS] = { "BUS", "Bus error" },
    [SIGFPE] = { "FPE", "Floating point exception" },
    [SIGKILL] = { "KILL", "Killed" },
    [SIGUSR1] = { "USR1", "User defined signal 1" },
    [SIGSEGV] = { "SEGV", "Segmentation fault" },
    [SIGUSR2] = { "USR2", "User defined signal 2" },
    [SIGPIPE] = { "PIPE", "Broken pipe" },
    [SIGALRM] = { "ALRM", "Alarm clock" },
    [SIGTERM] = { "TERM", "Terminated" },
    [16] = { "STKFLT", "Stack fault" },
    [SIGCHLD] = { "CHLD", "Child exited" },
    [SIGCONT] = { "CONT", "Continued" },
    [SIGSTOP] = { "STOP", "Stopped (signal)" },
    [SIGTSTP] = { "TSTP", "Stopped" },
    [SIGTTIN] = { "TTIN", "Stopped (tty input)" },
    [SIGTTOU] = { "TTOU", "Stopped (tty output)" },
    [SIGURG] = { "URG", "Urgent I/O condition" },
    [SIGXCPU] = { "XCPU", "CPU time limit exceeded" },
    [SIGXFSZ] = { "XFSZ", "File size limit exceeded" },
    [SIGVTALRM] = { "VTALRM", "Virtual timer expired" },
    [SIGPROF] = { "PROF", "Profiling timer expired" },
    [SIGWINCH] = { "WINCH", "Window changed" },
    [SIGIO] = { "IO", "I/O possible" },
    [SIGPWR] = { "PWR", "Power failure" },
    [SIGSYS] = { "SYS", "Bad system call" },
};

#define SIGNALS_NAMED ((int)(sizeof signals / sizeof *signals))

int
lib_signal_number (const char *name)
{
    int64_t number;

    if (lib_number (name, &number))
        return number >= 0 && number < (int64_t)SIGNAL_COUNT ? (int)number : -1;
    if (strncmp (name, "SIG", 3) == 0)
        name += 3;
    if (strcmp (name, "EXIT") == 0)
        return 0;
    for (int i = 1; i < SIGNALS_NAMED; i++)
        if (strcmp (signals[i].name, name) == 0)
            return i;
    return -1;
}

const char *
lib_signal_name (int signal)
{
    return signal > 0 && signal < SIGNALS_NAMED ? signals[signal].name : NULL;
}

const char *
lib_signal_text (int signal)
{
    return signal > 0 && signal < SIGNALS_NAMED ? signals[signal].text : "Unknown signal";
}
