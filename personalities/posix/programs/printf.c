/* printf: prints its arguments by a format, again and again while arguments are left. */
#include "programs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTIVE_MAX 40

struct printf_run {
    struct output out;
    char **next; /* argument */
    int status;
    bool stop; /* \c was met */
};

static const char *
printf_argument (struct printf_run *run)
{
    return *run->next != NULL ? *run->next++ : NULL;
}

static void
printf_check (struct printf_run *run, const char *text, const char *end)
{
    if (end == text)
        lib_error ("printf", "%s: expected numeric value", text);
    else if (*end != '\0')
        lib_error ("printf", "%s: not completely converted", text);
    else if (errno == ERANGE)
        lib_error ("printf", "%s: Numerical result out of range", text);
    else
        return;
    run->status = 1;
}

static int64_t
printf_integer (struct printf_run *run, bool is_signed)
{
    const char *text = printf_argument (run);
    char *end;

    if (text == NULL || *text == '\0')
        return 0;
    if (*text == '"' || *text == '\'')
        return (unsigned char)text[1];
    errno = 0;
    int64_t value = is_signed ? strtoll (text, &end, 0) : (int64_t)strtoull (text, &end, 0);
    printf_check (run, text, end);
    return value;
}

static double
printf_real (struct printf_run *run)
{
    const char *text = printf_argument (run);
    char *end;

    if (text == NULL || *text == '\0')
        return 0;
    if (*text == '"' || *text == '\'')
        return (unsigned char)text[1];
    errno = 0;
    double value = strtod (text, &end);
    printf_check (run, text, end);
    return value;
}

/* %b: a string with escapes of its own, padded as %s would be. */
static void
printf_escaped (struct printf_run *run, int width, int precision)
{
    const char *at = printf_argument (run);
    size_t room = at != NULL ? strlen (at) + 1 : 1;
    char *text = lib_alloc (room);
    size_t length = 0;

    while (at != NULL && *at != '\0') {
        char byte = *at++;
        if (byte == '\\') {
            at = lib_escape (at, true, &byte);
            if (at == NULL) {
                run->stop = true;
                break;
            }
        }
        text[length++] = byte;
    }
    if (precision >= 0 && (size_t)precision < length)
        length = (size_t)precision;
    int pad = (width < 0 ? -width : width) - (int)length;
    for (int i = 0; width > 0 && i < pad; i++)
        lib_output_char (&run->out, ' ');
    lib_output_write (&run->out, text, length);
    for (int i = 0; width < 0 && i < pad; i++)
        lib_output_char (&run->out, ' ');
    program_free (text);
}

static const char *
printf_digits (struct printf_run *run, const char *at, int *value)
{
    if (*at == '*') {
        *value = (int)printf_integer (run, true);
        return at + 1;
    }
    *value = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (*value < 1000000)
            *value = *value * 10 + (*at - '0');
    return at;
}

/* One directive, `at` being behind its percent sign. NULL: it is wrong. */
static const char *
printf_directive (struct printf_run *run, const char *at)
{
    char format[DIRECTIVE_MAX] = "%";
    size_t flags = strspn (at, "#-+ 0");
    int width, precision = -1;
    const char *start = at;

    if (flags > 5)
        flags = 5;
    memcpy (format + 1, at, flags);
    at = printf_digits (run, at + flags, &width);
    if (*at == '.')
        at = printf_digits (run, at + 1, &precision);
    if (memchr (start, '-', flags) != NULL && width > 0)
        width = -width;
    if (*at == '\0') {
        lib_error ("printf", "missing format character");
        return NULL;
    }

    char *tail = format + 1 + flags;
    const char *text;
    char c[2] = { 0 };
    switch (*at) {
    case 'd':
    case 'i':
        memcpy (tail, "*.*lld", 7);
        lib_output_print (&run->out, format, width, precision,
                          (long long)printf_integer (run, true));
        break;
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        memcpy (tail, "*.*ll", 5);
        tail[5] = *at;
        tail[6] = '\0';
        lib_output_print (&run->out, format, width, precision,
                          (unsigned long long)printf_integer (run, false));
        break;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        memcpy (tail, "*.*", 3);
        tail[3] = *at;
        tail[4] = '\0';
        lib_output_print (&run->out, format, width, precision, printf_real (run));
        break;
    case 'c':
        text = printf_argument (run);
        c[0] = text != NULL ? *text : '\0';
        lib_output_print (&run->out, "%*s", width, c);
        break;
    case 's':
        text = printf_argument (run);
        lib_output_print (&run->out, "%*.*s", width, precision, text != NULL ? text : "");
        break;
    case 'b':
        printf_escaped (run, width, precision);
        break;
    default:
        lib_error ("printf", "%%%.*s: invalid directive", (int)(at - start) + 1, start);
        return NULL;
    }
    return at + 1;
}

int
program_printf (int argc, char **argv)
{
    struct printf_run run = { .next = argv + 1 };
    const char *format = printf_argument (&run);

    lib_output_init (&run.out, 1);
    if (format != NULL && strcmp (format, "--") == 0)
        format = printf_argument (&run);
    if (argc < 2 || format == NULL) {
        lib_error ("printf", "usage: printf format [arg ...]");
        return 2;
    }
    char **before;
    do {
        before = run.next;
        for (const char *at = format; *at != '\0' && !run.stop;) {
            char byte = *at++;
            if (byte == '\\') {
                at = lib_escape (at, false, &byte);
                lib_output_char (&run.out, byte);
            } else if (byte == '%' && *at != '%') {
                at = printf_directive (&run, at);
                if (at == NULL) {
                    lib_output_flush (&run.out);
                    return 2;
                }
            } else {
                at += byte == '%';
                lib_output_char (&run.out, byte);
            }
        }
    } while (run.next != before && *run.next != NULL && !run.stop);
    int status = lib_output_end (&run.out, "printf");
    return status != 0 ? status : run.status;
}
