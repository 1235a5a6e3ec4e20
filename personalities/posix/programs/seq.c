/* seq: prints numbers from first to last, with as many decimals as the arguments have. */
#include "programs.h"

#include <stdio.h>
#include <string.h>

#define SEQ_DECIMALS 9

struct seq_number {
    int64_t value; /* scaled by the power of ten of SEQ_DECIMALS */
    int decimals;
};

static bool
seq_parse (const char *text, struct seq_number *number)
{
    bool negative = *text == '-';
    const char *at = text + (*text == '-' || *text == '+');
    uint64_t whole = 0, part = 0;
    int decimals = 0;
    bool digits = false;

    for (; *at >= '0' && *at <= '9' && whole < 1000000000; at++, digits = true)
        whole = whole * 10 + (uint64_t)(*at - '0');
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9' && decimals < SEQ_DECIMALS;
             at++, digits = true) {
            part = part * 10 + (uint64_t)(*at - '0');
            decimals++;
        }
    if (!digits || *at != '\0') {
        lib_error ("seq", "invalid floating point argument: '%s'", text);
        return false;
    }
    for (int i = decimals; i < SEQ_DECIMALS; i++)
        part *= 10;
    int64_t value = (int64_t)(whole * 1000000000 + part);
    number->value = negative ? -value : value;
    number->decimals = decimals;
    return true;
}

static int
seq_format (char *out, size_t room, int64_t value, int decimals, int width)
{
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    uint64_t part = size % 1000000000;
    char digits[32];

    for (int i = decimals; i < SEQ_DECIMALS; i++)
        part /= 10;
    int length
        = snprintf (digits, sizeof digits, "%llu", (unsigned long long)(size / 1000000000));
    if (decimals > 0)
        length += snprintf (digits + length, sizeof digits - (size_t)length, ".%0*llu",
                            decimals, (unsigned long long)part);
    int pad = width - length - (value < 0);
    return snprintf (out, room, "%s%.*s%s", value < 0 ? "-" : "", pad > 0 ? pad : 0,
                     "00000000000000000000", digits);
}

int
program_seq (int argc, char **argv)
{
    struct seq_number n[3] = { { 1000000000, 0 }, { 1000000000, 0 }, { 0, 0 } };
    const char *separator = "\n";
    bool equal = false;
    int at = 1;

    /* Not the common option parser: operands may be negative numbers. */
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp (argv[at], "-w") == 0)
            equal = true;
        else if (strcmp (argv[at], "-s") == 0 && at + 1 < argc)
            separator = argv[++at];
        else if (strncmp (argv[at], "-s", 2) == 0 && argv[at][2] != '\0')
            separator = argv[at] + 2;
        else if ((argv[at][1] >= '0' && argv[at][1] <= '9') || argv[at][1] == '.')
            break;
        else {
            lib_error ("seq", "invalid option -- '%c'", argv[at][1]);
            return 1;
        }
    }
    int count = argc - at;
    if (count < 1 || count > 3) {
        if (count < 1)
            lib_error ("seq", "missing operand");
        else
            lib_error ("seq", "extra operand '%s'", argv[at + 3]);
        return 1;
    }
    if (!seq_parse (argv[argc - 1], &n[2]) || (count > 1 && !seq_parse (argv[at], &n[0]))
        || (count > 2 && !seq_parse (argv[at + 1], &n[1])))
        return 1;
    if (n[1].value == 0) {
        lib_error ("seq", "invalid Zero increment value: '%s'", argv[at + 1]);
        return 1;
    }

    struct output out;
    char text[80];
    int decimals = n[0].decimals > n[1].decimals ? n[0].decimals : n[1].decimals;
    int width = 0;
    if (equal) {
        int first = seq_format (text, sizeof text, n[0].value, decimals, 0);
        width = seq_format (text, sizeof text, n[2].value, decimals, 0);
        width = first > width ? first : width;
    }
    lib_output_init (&out, 1);
    bool any = false;
    for (int64_t v = n[0].value; n[1].value > 0 ? v <= n[2].value : v >= n[2].value;
         v += n[1].value) {
        if (any)
            lib_output_text (&out, separator);
        seq_format (text, sizeof text, v, decimals, width);
        lib_output_text (&out, text);
        any = true;
        if (out.failed != 0)
            break;
    }
    if (any)
        lib_output_char (&out, '\n');
    return lib_output_end (&out, "seq");
}
