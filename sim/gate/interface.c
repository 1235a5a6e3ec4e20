/* interface: the tables behind interface.h, made from the .def files.
 *
 * The texts of the fields are parsed with the C rules for the layout of a struct, so that a
 * gate finds grants and a printer finds values without a line of code per operation. The
 * sizes found are compared with the compiler's once, at the start: a type that the parser
 * lays out differently ends the program there, and never in a running machine.
 */
#define DECLARE_OPERATIONS
#include "interfaces/interfaces.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fields of one request or reply; more than any operation has. */
#define FIELD_MAX 32u

struct interface interfaces[INTERFACE_COUNT] = {
#define INTERFACE(name) \
    { #name, name##_operations, sizeof name##_operations / sizeof *name##_operations },
#include "interfaces/interfaces.def"
#undef INTERFACE
};

/* The types that a .def may use. */
static const struct field_type {
    const char *text;
    const char *kind;
    uint16_t size;
    uint16_t align;
} field_types[] = {
    { "uint8_t", "u8", 1, 1 },
    { "uint16_t", "u16", 2, 2 },
    { "uint32_t", "u32", 4, 4 },
    { "uint64_t", "u64", 8, _Alignof (uint64_t) },
    { "int8_t", "i8", 1, 1 },
    { "int16_t", "i16", 2, 2 },
    { "int32_t", "i32", 4, 4 },
    { "int64_t", "i64", 8, _Alignof (int64_t) },
    { "char", "char", 1, 1 },
    { "grant", "grant", sizeof (grant), _Alignof (grant) },
    { "struct file_attr", "file_attr", sizeof (struct file_attr), _Alignof (struct file_attr) },
    { "struct tty_attr", "tty_attr", sizeof (struct tty_attr), _Alignof (struct tty_attr) },
    { "struct vm_numbers", "vm_numbers", sizeof (struct vm_numbers), _Alignof (struct vm_numbers) },
    { "struct vm_size", "vm_size", sizeof (struct vm_size), _Alignof (struct vm_size) },
    { "struct signal_info", "signal_info", sizeof (struct signal_info), _Alignof (struct signal_info) },
};

static bool
word_char (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || c == '_';
}

/* Skips what separates words: blanks, semicolons, the parentheses around a list. */
static const char *
skip_blank (const char *text)
{
    while (*text == ' ' || *text == '\n' || *text == '\t' || *text == ';' || *text == '('
           || *text == ')')
        text++;
    return text;
}

/* Copies the word at *text and moves past it. */
static void
next_word (const char **text, char *word, size_t word_bytes)
{
    size_t n = 0;

    *text = skip_blank (*text);
    for (; word_char (**text); (*text)++)
        if (n + 1 < word_bytes)
            word[n++] = **text;
    word[n] = '\0';
}

static const struct field_type *
type_find (const char *text)
{
    for (size_t i = 0; i < sizeof field_types / sizeof *field_types; i++)
        if (strcmp (field_types[i].text, text) == 0)
            return &field_types[i];
    fprintf (stderr, "interface: unknown type \"%s\" in a .def file\n", text);
    abort ();
}

static uint32_t
align_up (uint32_t value, uint32_t align)
{
    return (value + align - 1) / align * align;
}

/* As interface_fields; *bytes is the size of the struct. */
static unsigned
layout (const char *text, struct field *fields, unsigned max, uint32_t *bytes)
{
    uint32_t offset = 0;
    uint32_t align  = 1;
    unsigned count  = 0;

    for (text = skip_blank (text); *text != '\0'; text = skip_blank (text)) {
        char type_text[40] = "";
        char name[sizeof fields->name];
        char word[sizeof fields->name];

        next_word (&text, word, sizeof word);
        if (strcmp (word, "struct") == 0) {
            next_word (&text, word, sizeof word);
            snprintf (type_text, sizeof type_text, "struct %s", word);
        } else {
            snprintf (type_text, sizeof type_text, "%s", word);
        }
        const struct field_type *type = type_find (type_text);

        next_word (&text, name, sizeof name);
        uint32_t elements = 1;
        if (*text == '[') {
            elements = (uint32_t)strtoul (text + 1, (char **)&text, 10);
            assert (*text == ']' && elements > 0);
            text++;
        }
        offset = align_up (offset, type->align);
        if (count < max) {
            struct field *field = &fields[count++];
            memset (field, 0, sizeof *field);
            memcpy (field->name, name, sizeof name);
            snprintf (field->type, sizeof field->type, "%s", type->kind);
            field->offset = (uint16_t)offset;
            field->size   = type->size;
            field->count  = (uint16_t)elements;
        }
        offset += type->size * elements;
        if (type->align > align)
            align = type->align;
    }
    *bytes = align_up (offset, align);
    return count;
}

unsigned
interface_fields (const char *text, struct field *fields, unsigned max)
{
    uint32_t bytes;

    return layout (text, fields, max, &bytes);
}

/* The offset of the field with that name and type; -1: there is none. */
static int16_t
field_offset (const struct field *fields, unsigned count, const char *name, const char *type)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp (fields[i].name, name) == 0 && strcmp (fields[i].type, type) == 0)
            return (int16_t)fields[i].offset;
    return -1;
}

static void
holes_find (const struct field *fields, unsigned count, uint32_t bytes, struct hole *holes)
{
    uint32_t end = 0, found = 0;

    for (unsigned i = 0; i <= count; i++) {
        uint32_t next = i < count ? fields[i].offset : bytes;

        if (next != end) {
            assert (found < HOLES_MAX);
            holes[found++] = (struct hole){ (uint16_t)end, (uint16_t)(next - end) };
        }
        if (i < count)
            end = next + (uint32_t)fields[i].size * fields[i].count;
    }
}

static void
operation_init (const char *interface, struct operation *operation)
{
    struct field fields[FIELD_MAX];
    uint32_t request_bytes;
    uint32_t reply_bytes;
    unsigned count;
    bool wrong;

    count           = layout (operation->request_text, fields, FIELD_MAX, &request_bytes);
    operation->into = field_offset (fields, count, "into", "grant");
    operation->from = field_offset (fields, count, "from", "grant");
    wrong           = count == FIELD_MAX;
    holes_find (fields, count, request_bytes, operation->request_holes);

    unsigned grants = 0;
    for (unsigned i = 0; i < count; i++)
        grants += strcmp (fields[i].type, "grant") == 0 ? fields[i].count : 0;
    operation->lends = grants != 0;
    wrong |= grants != (unsigned)(operation->into >= 0) + (unsigned)(operation->from >= 0);

    count           = layout (operation->reply_text, fields, FIELD_MAX, &reply_bytes);
    operation->done = field_offset (fields, count, "done", "u32");
    holes_find (fields, count, reply_bytes, operation->reply_holes);
    for (unsigned i = 0; i < count; i++)
        wrong |= strcmp (fields[i].type, "grant") == 0;
    wrong |= count == FIELD_MAX;
    wrong |= operation->into >= 0 && operation->done < 0;
    wrong |= request_bytes != operation->request_bytes;
    wrong |= reply_bytes != operation->reply_bytes;
    if (wrong) {
        fprintf (stderr,
                 "interface: %s.%s is laid out otherwise by the compiler, or has a wrong "
                 "grant: request %u, not %u bytes; reply %u, not %u bytes\n",
                 interface, operation->name, request_bytes, operation->request_bytes,
                 reply_bytes, operation->reply_bytes);
        abort ();
    }
}

void
interfaces_init (void)
{
    for (unsigned i = 0; i < INTERFACE_COUNT; i++)
        for (unsigned j = 0; j < interfaces[i].operation_count; j++)
            operation_init (interfaces[i].name, &interfaces[i].operations[j]);
}

/* ---- printing ---- */

struct printer {
    char *out;
    size_t bytes;
    size_t used; /* never above bytes - 1 */
};

static void __attribute__ ((format (printf, 2, 3)))
print (struct printer *printer, const char *format, ...)
{
    va_list arguments;

    va_start (arguments, format);
    size_t left = printer->bytes - printer->used;
    int n       = vsnprintf (printer->out + printer->used, left, format, arguments);
    va_end (arguments);
    if (n > 0)
        printer->used += (size_t)n < left ? (size_t)n : left - 1;
}

static void
print_chars (struct printer *printer, const unsigned char *text, unsigned count)
{
    print (printer, "\"");
    for (unsigned i = 0; i < count && text[i] != '\0'; i++)
        if (text[i] < 0x20 || text[i] >= 0x7f || text[i] == '"' || text[i] == '\\')
            print (printer, "\\x%02x", text[i]);
        else
            print (printer, "%c", text[i]);
    print (printer, "\"");
}

static bool
is_struct (const struct field *field)
{
    return strchr (field->type, '_') != NULL;
}

static void
print_struct (struct printer *printer, const char *type, const unsigned char *at)
{
    if (strcmp (type, "file_attr") == 0) {
        struct file_attr attr;
        memcpy (&attr, at, sizeof attr);
        print (printer,
               "{node=%" PRIu64 " size=%" PRIu64 " type=%" PRIu32 " mode=%" PRIo32
               " links=%" PRIu32 " uid=%" PRIu32 " gid=%" PRIu32 "}",
               attr.node, attr.size, attr.type, attr.mode, attr.links, attr.uid, attr.gid);
    } else if (strcmp (type, "signal_info") == 0) {
        struct signal_info info;
        memcpy (&info, at, sizeof info);
        print (printer, "{signal=%" PRIu32 " code=%" PRId32 " pid=%" PRIu32 " value=%" PRIu64 "}",
               info.signal, info.code, info.pid, info.value);
    } else if (strcmp (type, "vm_numbers") == 0) {
        struct vm_numbers numbers;
        memcpy (&numbers, at, sizeof numbers);
        print (printer, "{frames=%" PRIu64 " free=%" PRIu64 " faults=%" PRIu64 "}",
               numbers.frames, numbers.free, numbers.faults);
    } else if (strcmp (type, "vm_size") == 0) {
        struct vm_size of;
        memcpy (&of, at, sizeof of);
        print (printer, "{mapped=%" PRIu64 " present=%" PRIu64 " swapped=%" PRIu64 "}", of.mapped,
               of.present, of.swapped);
    } else {
        struct tty_attr attr;
        memcpy (&attr, at, sizeof attr);
        print (printer, "{modes=0x%" PRIx32 " rows=%u columns=%u}", attr.modes,
               (unsigned)attr.rows, (unsigned)attr.columns);
    }
}

static void
print_number (struct printer *printer, const struct field *field, const unsigned char *at)
{
    uint64_t value = 0;
    memcpy (&value, at, field->size); /* little-endian hosts only, as the arenas are */
    if (field->type[0] == 'i') {
        unsigned shift = 64 - 8 * field->size;
        print (printer, "%" PRId64, (int64_t)(value << shift) >> shift);
    } else {
        print (printer, "%" PRIu64, value);
    }
}

static void
print_field (struct printer *printer, const struct field *field, const unsigned char *at)
{
    if (strcmp (field->type, "char") == 0) {
        print_chars (printer, at, field->count);
        return;
    }
    for (unsigned i = 0; i < field->count; i++, at += field->size) {
        if (i > 0)
            print (printer, ",");
        if (strcmp (field->type, "grant") == 0) {
            grant grant;
            memcpy (&grant, at, sizeof grant);
            print (printer, "[%" PRIu32 "]", grant.length);
        } else if (is_struct (field)) {
            print_struct (printer, field->type, at);
        } else {
            print_number (printer, field, at);
        }
    }
}

void
interface_print (const char *text, const void *record, char *out, size_t out_bytes)
{
    struct field fields[FIELD_MAX];
    struct printer printer = { out, out_bytes, 0 };
    unsigned count         = interface_fields (text, fields, FIELD_MAX);

    if (out_bytes == 0)
        return;
    out[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        print (&printer, i > 0 ? " %s=" : "%s=", fields[i].name);
        print_field (&printer, &fields[i], (const unsigned char *)record + fields[i].offset);
    }
}
