#include "text.h"

#include <string.h>

void
text_window (struct text *text, void *data, size_t room, uint64_t offset)
{
    text->data   = data;
    text->room   = room;
    text->skip   = offset;
    text->length = 0;
    text->total  = 0;
}

void
text_init (struct text *text, void *data, size_t room)
{
    text_window (text, data, room, 0);
}

void
text_bytes (struct text *text, const void *bytes, size_t count)
{
    const char *from = bytes;

    text->total += count;
    if (count <= text->skip) {
        text->skip -= count;
        return;
    }
    from += text->skip;
    count -= text->skip;
    text->skip = 0;
    if (count > text->room - text->length)
        count = text->room - text->length;
    if (count > 0)
        memcpy (text->data + text->length, from, count);
    text->length += count;
}

void
text_append (struct text *text, const char *string)
{
    text_bytes (text, string, strlen (string));
}

void
text_char (struct text *text, char c)
{
    text_bytes (text, &c, 1);
}

static void
text_digits (struct text *text, uint64_t value, unsigned base, unsigned width, char fill)
{
    char digits[64];
    unsigned count = 0;

    do {
        digits[sizeof digits - ++count] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    for (unsigned i = count; i < width; i++)
        text_char (text, fill);
    text_bytes (text, digits + sizeof digits - count, count);
}

void
text_number (struct text *text, uint64_t value)
{
    text_digits (text, value, 10, 0, ' ');
}

void
text_signed (struct text *text, int64_t value)
{
    if (value < 0)
        text_char (text, '-');
    text_number (text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void
text_hex (struct text *text, uint64_t value)
{
    text_digits (text, value, 16, 0, ' ');
}

void
text_octal (struct text *text, uint64_t value)
{
    text_digits (text, value, 8, 0, ' ');
}

void
text_number_width (struct text *text, uint64_t value, unsigned width, char fill)
{
    text_digits (text, value, 10, width, fill);
}

void
text_column (struct text *text, const char *string, unsigned width)
{
    size_t length = strlen (string);

    text_bytes (text, string, length);
    for (; length < width; length++)
        text_char (text, ' ');
    text_char (text, ' ');
}

bool
text_fits (const struct text *text)
{
    return text->length == text->total;
}

char *
text_end (struct text *text)
{
    if (text->room == 0)
        return text->data;
    if (text->length == text->room)
        text->length--;
    text->data[text->length] = '\0';
    return text->data;
}

void
text_copy (char *field, size_t field_bytes, const char *string)
{
    size_t length = strlen (string);

    if (length >= field_bytes)
        length = field_bytes - 1;
    memset (field, 0, field_bytes);
    memcpy (field, string, length);
}
