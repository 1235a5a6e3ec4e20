/* text: build text without stdio, the whole of it or a window of it.
 *
 * A struct text keeps the bytes [skip, skip + room) of all that is appended and counts the
 * rest, so a generated file is produced whole for each read and only the part asked for is
 * kept. Nothing here allocates or fails; what does not fit is counted and dropped.
 */
#ifndef SERVERS_TEXT_H
#define SERVERS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *data;     /* the caller's */
    size_t room;    /* bytes behind data */
    uint64_t skip;  /* appended bytes still to be dropped before the window begins */
    size_t length;  /* bytes kept in data */
    uint64_t total; /* bytes appended */
};

void text_init (struct text *text, void *data, size_t room);
/* As text_init, keeping only what lies at `offset` and after. */
void text_window (struct text *text, void *data, size_t room, uint64_t offset);

void text_bytes (struct text *text, const void *bytes, size_t count);
void text_append (struct text *text, const char *string);
void text_char (struct text *text, char c);
void text_number (struct text *text, uint64_t value);
void text_signed (struct text *text, int64_t value);
void text_hex (struct text *text, uint64_t value);
void text_octal (struct text *text, uint64_t value);

/* At least `width` characters, filled on the left with `fill`. */
void text_number_width (struct text *text, uint64_t value, unsigned width, char fill);
/* Filled on the right with spaces to `width`, and one space more. */
void text_column (struct text *text, const char *string, unsigned width);

/* True if everything appended was kept. */
bool text_fits (const struct text *text);
/* Ends data with a zero, cutting the last byte if there is no room; answers data. */
char *text_end (struct text *text);

/* Copies a string into a field of a reply: cut to fit, always ended, the rest zero. */
void text_copy (char *field, size_t field_bytes, const char *string);

#endif
