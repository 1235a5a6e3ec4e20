/* date: the machine's time of day, in UTC, in a format of one's choice. */
#include "programs.h"

/* False: no number has this letter. */
static bool
date_number (struct output *out, char field, const struct calendar *c, uint64_t time_ns)
{
    const char *format = "%02lld";
    long long value;

    switch (field) {
    case 'Y': value = c->year, format = "%lld"; break;
    case 'C': value = c->year / 100; break;
    case 'y': value = c->year % 100; break;
    case 'm': value = c->month; break;
    case 'd': value = c->day; break;
    case 'e': value = c->day, format = "%2lld"; break;
    case 'H': value = c->hour; break;
    case 'I': value = c->hour % 12 == 0 ? 12 : c->hour % 12; break;
    case 'M': value = c->minute; break;
    case 'S': value = c->second; break;
    case 'N': value = (long long)(time_ns % 1000000000), format = "%09lld"; break;
    case 's': value = (long long)(time_ns / 1000000000), format = "%lld"; break;
    case 'j': value = c->year_day + 1, format = "%03lld"; break;
    case 'u': value = c->week_day == 0 ? 7 : c->week_day, format = "%lld"; break;
    case 'w': value = c->week_day, format = "%lld"; break;
    default: return false;
    }
    lib_output_print (out, format, value);
    return true;
}

/* False: no word has this letter. */
static bool
date_word (struct output *out, char field, const struct calendar *c)
{
    switch (field) {
    case 'a': lib_output_print (out, "%.3s", lib_day_names[c->week_day]); break;
    case 'A': lib_output_text (out, lib_day_names[c->week_day]); break;
    case 'b':
    case 'h': lib_output_print (out, "%.3s", lib_month_names[c->month - 1]); break;
    case 'B': lib_output_text (out, lib_month_names[c->month - 1]); break;
    case 'p': lib_output_text (out, c->hour < 12 ? "AM" : "PM"); break;
    case 'Z': lib_output_text (out, "UTC"); break;
    case 'z': lib_output_text (out, "+0000"); break;
    case 'n': lib_output_char (out, '\n'); break;
    case 't': lib_output_char (out, '\t'); break;
    case '%': lib_output_char (out, '%'); break;
    default: return false;
    }
    return true;
}

static bool
date_field (struct output *out, char field, const struct calendar *c, uint64_t time_ns)
{
    switch (field) {
    case 'D':
        lib_output_print (out, "%02d/%02d/%02lld", c->month, c->day, (long long)(c->year % 100));
        return true;
    case 'F':
        lib_output_print (out, "%lld-%02d-%02d", (long long)c->year, c->month, c->day);
        return true;
    case 'R':
        lib_output_print (out, "%02d:%02d", c->hour, c->minute);
        return true;
    case 'T':
        lib_output_print (out, "%02d:%02d:%02d", c->hour, c->minute, c->second);
        return true;
    default:
        return date_number (out, field, c, time_ns) || date_word (out, field, c);
    }
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
