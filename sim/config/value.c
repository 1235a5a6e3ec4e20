/* value: numbers, times and switches as text. No allocation, no GLib. */
#include "config/value.h"

#include <stdio.h>
#include <string.h>

/* Digits of `base` with _ between them. Returns what follows, NULL if there are none, if
 * a _ does not stand between two digits, or if it is too large. */
static const char *
value_digits (const char *text, unsigned base, uint64_t *number)
{
    uint64_t sum = 0;
    bool digit_before = false;

    for (;; text++) {
        unsigned digit;

        if (*text >= '0' && *text <= '9')
            digit = (unsigned)(*text - '0');
        else if (base == 16 && *text >= 'a' && *text <= 'f')
            digit = (unsigned)(*text - 'a') + 10;
        else if (base == 16 && *text >= 'A' && *text <= 'F')
            digit = (unsigned)(*text - 'A') + 10;
        else if (*text == '_' && digit_before) {
            digit_before = false;
            continue;
        } else
            break;
        if (__builtin_mul_overflow (sum, (uint64_t)base, &sum)
            || __builtin_add_overflow (sum, (uint64_t)digit, &sum))
            return NULL;
        digit_before = true;
    }
    if (!digit_before)
        return NULL;
    *number = sum;
    return text;
}

bool
value_number (const char *text, uint64_t *number)
{
    static const char suffixes[] = "KMG";
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint64_t sum;

    text = value_digits (hex ? text + 2 : text, hex ? 16 : 10, &sum);
    if (text == NULL)
        return false;
    if (*text != '\0') {
        const char *suffix = strchr (suffixes, *text);

        if (suffix == NULL || text[1] != '\0')
            return false;
        for (const char *s = suffixes; s <= suffix; s++)
            if (__builtin_mul_overflow (sum, (uint64_t)1024, &sum))
                return false;
    }
    *number = sum;
    return true;
}

bool
value_time (const char *text, uint64_t *ns)
{
    static const struct {
        const char *unit;
        uint64_t ns;
    } units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };
    uint64_t sum;

    text = value_digits (text, 10, &sum);
    if (text == NULL)
        return false;
    if (*text == '\0' && sum == 0) {
        *ns = 0;
        return true;
    }
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp (text, units[i].unit) == 0) {
            if (__builtin_mul_overflow (sum, units[i].ns, &sum))
                return false;
            *ns = sum;
            return true;
        }
    return false;
}

bool
value_decimal (const char *text, uint64_t *thousandths)
{
    uint64_t sum;

    text = value_digits (text, 10, &sum);
    if (text == NULL || __builtin_mul_overflow (sum, (uint64_t)1000, &sum))
        return false;
    if (*text == '.') {
        uint64_t place = 100;

        if (*++text == '\0')
            return false;
        for (; *text >= '0' && *text <= '9' && place > 0; text++, place /= 10)
            if (__builtin_add_overflow (sum, (uint64_t)(*text - '0') * place, &sum))
                return false;
    }
    if (*text != '\0')
        return false;
    *thousandths = sum;
    return true;
}

bool
value_switch (const char *text, bool *on)
{
    if (strcmp (text, "on") != 0 && strcmp (text, "off") != 0)
        return false;
    *on = strcmp (text, "on") == 0;
    return true;
}

bool
value_name (const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    return *text != '\0' && strchr (letters, *text) != NULL
           && text[strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0'
           && strlen (text) <= VALUE_NAME_MAX;
}

const char *
value_domain_wrong (const char *name)
{
    static const struct {
        const char *name, *wrong;
    } taken[] = {
        { "user", "user is the programs' domain; write kernel, own, or another name" },
        { "nucleus", "\"nucleus\" cannot be a domain; write kernel, own, or another name" },
        { "board", "\"board\" cannot be a domain; write kernel, own, or another name" },
        { "none", "\"none\" cannot be a domain; write kernel, own, or another name" },
    };

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp (name, taken[i].name) == 0)
            return taken[i].wrong;
    return NULL;
}

void
value_print_size (uint64_t number, char out[32])
{
    static const char suffixes[] = "KMG";
    unsigned i = 0;

    while (i < 3 && number != 0 && number % 1024 == 0) {
        number /= 1024;
        i++;
    }
    if (i == 0)
        snprintf (out, 32, "%llu", (unsigned long long)number);
    else
        snprintf (out, 32, "%llu%c", (unsigned long long)number, suffixes[i - 1]);
}

void
value_print_time (uint64_t ns, char out[32])
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    unsigned i = 0;

    while (i < 3 && ns != 0 && ns % 1000 == 0) {
        ns /= 1000;
        i++;
    }
    snprintf (out, 32, "%llu%s", (unsigned long long)ns, ns == 0 ? "" : units[i]);
}
