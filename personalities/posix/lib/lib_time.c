/* lib_time: seconds since 1970 to a date and back, in UTC, by the Gregorian rules. */
#include "lib.h"

const char lib_month_names[12][12]
    = { "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December" };
const char lib_day_names[7][12]
    = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

static bool
time_leap (int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of that month. */
static int64_t
time_days (int64_t year, int month)
{
    static const int16_t before[12]
        = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    int64_t y = year - 1; /* whole years before this one */

    return y * 365 + y / 4 - y / 100 + y / 400 - 719162 + before[month - 1]
           + (month > 2 && time_leap (year));
}

void
lib_calendar (int64_t seconds, struct calendar *calendar)
{
    int64_t days = seconds / 86400;
    int64_t rest = seconds % 86400;

    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int64_t year = 1970 + days / 366;
    if (days < 0)
        year = 1970 + days / 365 - 1;
    while (time_days (year + 1, 1) <= days)
        year++;
    int month = 12;
    while (time_days (year, month) > days)
        month--;
    *calendar = (struct calendar){
        .year = year,
        .month = month,
        .day = (int)(days - time_days (year, month)) + 1,
        .hour = (int)(rest / 3600),
        .minute = (int)(rest / 60 % 60),
        .second = (int)(rest % 60),
        .week_day = (int)(((days + 4) % 7 + 7) % 7),
        .year_day = (int)(days - time_days (year, 1)),
    };
}

int64_t
lib_calendar_seconds (const struct calendar *calendar)
{
    int64_t days = time_days (calendar->year, calendar->month) + calendar->day - 1;

    return days * 86400 + calendar->hour * 3600 + calendar->minute * 60 + calendar->second;
}
