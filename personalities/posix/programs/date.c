/* date: the machine's time of day, in UTC, in a format of one's choice. */
#include "programs.h"

static bool
date_field (struct output *out, char field, const struct calendar *c, uint64_t time_ns)
{
    int twelve = c->hour % 12 == 0 ? 12 : c->hour % 12;

    switch (field) {
    case 'Y':
        lib_output_print (out, "%lld", (long long)c->year);
        break;
    case 'C':
        lib_output_print (out, "%02lld", (long long)(c->year / 100));
        break;
    case 'y':
        lib_output_print (out, "%02lld", (long long)(c->year % 100));
        break;
    case 'm':
        lib_output_print (out, "%02d", c->month);
        break;
    case 'd':
        lib_output_print (out, "%02d", c->day);
        break;
    case 'e':
        lib_output_print (out, "%2d", c->day);
        break;
    case 'H':
        lib_output_print (out, "%02d", c->hour);
        break;
    case 'I':
        lib_output_print (out, "%02d", twelve);
        break;
    case 'M':
        lib_output_print (out, "%02d", c->minute);
        break;
    case 'S':
        lib_output_print (out, "%02d", c->second);
        break;
    case 'N':
        lib_output_print (out, "%09llu", (unsigned long long)(time_ns % 1000000000));
        break;
    case 's':
        lib_output_print (out, "%llu", (unsigned long long)(time_ns / 1000000000));
        break;
    case 'j':
        lib_output_print (out, "%03d", c->year_day + 1);
        break;
    case 'u':
        lib_output_print (out, "%d", c->week_day == 0 ? 7 : c->week_day);
        break;
    case 'w':
        lib_output_print (out, "%d", c->week_day);
        break;
    case 'a':
        lib_output_print (out, "%.3s", lib_day_names[c->week_day]);
        break;
    case 'A':
        lib_output_text (out, lib_day_names[c->week_day]);
        break;
    case 'b':
    case 'h':
        lib_output_print (out, "%.3s", lib_month_names[c->month - 1]);
        break;
    case 'B':
        lib_output_text (out, lib_month_names[c->month - 1]);
        break;
    case 'p':
        lib_output_text (out, c->hour < 12 ? "AM" : "PM");
        break;
    case 'Z':
        lib_output_text (out, "UTC");
        break;
    case 'z':
        lib_output_text (out, "+0000");
        break;
    case 'n':
        lib_output_char (out, '\n');
        break;
    case 't':
        lib_output_char (out, '\t');
        break;
    case '%':
        lib_output_char (out, '%');
        break;
    case 'D':
        lib_output_print (out, "%02d/%02d/%02lld", c->month, c->day,
                          (long long)(c->year % 100));
        break;
    case 'F':
        lib_output_print (out, "%lld-%02d-%02d", (long long)c->year, c->month, c->day);
        break;
    case 'R':
        lib_output_print (out, "%02d:%02d", c->hour, c->minute);
        break;
    case 'T':
        lib_output_print (out, "%02d:%02d:%02d", c->hour, c->minute, c->second);
        break;
    default:
        return false;
    }
    return true;
}

int
program_date (int argc, char **argv)
{
    const char *format = "+%a %b %e %H:%M:%S %Z %Y";
    struct calendar calendar;
    struct options options;
    uint64_t uptime_ns, time_ns, given;
    int letter;

    posix_clock (&uptime_ns, &time_ns);
    lib_options_init (&options, "date", "ud:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'd') {
            if (*options.value != '@' || !lib_size (options.value + 1, &given)) {
                lib_error ("date", "invalid date '%s'; only @SECONDS is supported",
                           options.value);
                return 1;
            }
            time_ns = given * 1000000000;
        }
    }
    if (!lib_operands_between (&options, 0, 1))
        return 1;
    if (options.operands == 1)
        format = lib_operand (&options, 0);
    if (*format != '+') {
        lib_error ("date", "setting the time is not supported");
        return 1;
    }
    struct output out;
    lib_output_init (&out, 1);
    lib_calendar ((int64_t)(time_ns / 1000000000), &calendar);
    for (const char *at = format + 1; *at != '\0'; at++) {
        if (*at != '%' || at[1] == '\0')
            lib_output_char (&out, *at);
        else if (!date_field (&out, *++at, &calendar, time_ns)) {
            lib_error ("date", "%%%c is not supported", *at);
            return 1;
        }
    }
    lib_output_char (&out, '\n');
    return lib_output_end (&out, "date");
}
