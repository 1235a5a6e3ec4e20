/* sh_expand: parameters, command substitutions, quotes and fields.
 *
 * A word is first written out as wide characters, each carrying whether it was quoted and
 * whether it came from an expansion; then it is cut into fields, and fields that hold
 * unquoted pattern characters become the names that match.
 */
#include "sh.h"

#include <stdio.h>
#include <string.h>

#define EXPAND_DEPTH_MAX 24

struct expansion {
    Shell *sh;
    struct pool *pool;
    struct wide out;
    unsigned plain;    /* flags of unquoted literal text */
    bool no_arguments; /* "$@" was met and there were none */
    int depth;
};

static void expand_raw (struct expansion *e, const char *at, size_t length, bool quoted,
                        bool here);

void
fields_add (struct pool *pool, struct fields *fields, char *text)
{
    if (fields->count + 1 >= fields->room) {
        uint32_t room = fields->room * 2 + 8;
        char **items = pool_alloc (pool, room * sizeof *items);
        if (fields->count > 0)
            memcpy (items, fields->items, fields->count * sizeof *items);
        fields->items = items;
        fields->room = room;
    }
    fields->items[fields->count++] = text;
    fields->items[fields->count] = NULL;
}

void
wide_add (struct pool *pool, struct wide *wide, unsigned c)
{
    if (wide->count == wide->room) {
        size_t room = wide->room * 2 + 64;
        uint16_t *items = pool_alloc (pool, room * sizeof *items);
        if (wide->count > 0)
            memcpy (items, wide->items, wide->count * sizeof *items);
        wide->items = items;
        wide->room = room;
    }
    wide->items[wide->count++] = (uint16_t)c;
}

static void
expand_add (struct expansion *e, unsigned c)
{
    wide_add (e->pool, &e->out, c);
}

static void
expand_value (struct expansion *e, const char *value, bool quoted)
{
    for (; *value != '\0'; value++)
        expand_add (e, (unsigned char)*value | (quoted ? WIDE_QUOTED : WIDE_SPLIT));
}

static void
expand_failed (struct expansion *e)
{
    e->sh->failed = true;
    e->sh->status = 2;
}

/* ---- $@, $* ---- */

static void
expand_arguments (struct expansion *e, char name, bool quoted)
{
    const char *ifs = sh_get (e->sh, "IFS");
    char between = ifs == NULL ? ' ' : *ifs;

    if (e->sh->argument_count == 0 && quoted && name == '@')
        e->no_arguments = true;
    for (int i = 0; i < e->sh->argument_count; i++) {
        if (quoted && name == '*') {
            if (i > 0 && between != '\0')
                expand_add (e, (unsigned char)between | WIDE_QUOTED);
        } else {
            if (i > 0)
                expand_add (e, WIDE_BREAK);
            if (quoted)
                expand_add (e, WIDE_EMPTY);
        }
        expand_value (e, e->sh->arguments[i], quoted);
    }
}

/* ---- ${...} ---- */

/* The value of a parameter; NULL: not set. `number` holds it if it is not stored as text.
 */
static const char *
parameter_value (struct expansion *e, const char *name, char number[24])
{
    Shell *sh = e->sh;
    long value;

    switch (*name) {
    case '?':
        value = sh->status;
        break;
    case '$':
        value = sh->pid;
        break;
    case '#':
        value = sh->argument_count;
        break;
    case '!':
        if (sh->background == 0)
            return NULL;
        value = sh->background;
        break;
    case '-':
        return "";
    case '@':
    case '*':
        return sh->argument_count > 0 ? "" : NULL;
    default: {
        int64_t index;
        if (*name < '0' || *name > '9')
            return sh_get (sh, name);
        if (!lib_number (name, &index) || index > sh->argument_count)
            return NULL;
        return index == 0 ? sh->name : sh->arguments[index - 1];
    }
    }
    snprintf (number, 24, "%ld", value);
    return number;
}

/* Writes out the word of ${x-word} apart, and answers it as text. */
static char *
expand_apart (struct expansion *e, const char *at, size_t length, bool quoted,
              struct wide *wide)
{
    struct wide before = e->out;
    unsigned plain = e->plain;

    e->out = (struct wide){ 0 };
    e->plain = 0;
    expand_raw (e, at, length, quoted, false);
    struct wide made = e->out;
    e->out = before;
    e->plain = plain;
    const char *ifs = sh_get (e->sh, "IFS");
    char between = ifs != NULL ? *ifs : ' ';
    char *text = pool_alloc (e->pool, made.count + 1);
    size_t used = 0;
    for (size_t i = 0; i < made.count; i++) {
        uint16_t c = made.items[i];
        if ((c & WIDE_BREAK) && between != '\0')
            c = (uint16_t)(between | WIDE_QUOTED);
        if (c & (WIDE_BREAK | WIDE_EMPTY))
            continue;
        text[used] = (char)c;
        made.items[used++] = c & (0xff | WIDE_QUOTED);
    }
    made.count = used;
    if (wide != NULL)
        *wide = made;
    return text;
}

static void
expand_trimmed (struct expansion *e, const char *value, char side, bool longest,
                const char *pattern, size_t length, bool quoted)
{
    struct wide wide;
    size_t start, end;

    /* Quotes inside the braces count even where the whole is quoted. */
    expand_apart (e, pattern, length, false, &wide);
    sh_trim (wide.items, wide.count, value, side, longest, &start, &end);
    expand_value (e, pool_copy (e->pool, value + start, end - start), quoted);
}

static void
expand_bad (struct expansion *e, const char *text, size_t length)
{
    sh_error ("${%.*s}: bad substitution", (int)length, text);
    expand_failed (e);
}

/* ${name=word}, ${name?word} of a parameter that is missing. The value; NULL: failed. */
static const char *
expand_missing (struct expansion *e, const char *name, char kind, const char *word,
                size_t length, bool quoted)
{
    const char *value = expand_apart (e, word, length, quoted, NULL);

    if (kind == '=' && sh_is_name (name, strlen (name))) {
        sh_set (e->sh, name, value);
        return value;
    }
    if (kind == '=')
        sh_error ("%s: bad variable name", name);
    else
        sh_error ("%s: %s", name, *value != '\0' ? value : "parameter not set or null");
    expand_failed (e);
    return NULL;
}

/* What stands behind the name: an operator, perhaps with a colon, and a word. */
static void
expand_operator (struct expansion *e, const char *name, const char *value, const char *at,
                 size_t left, bool quoted)
{
    bool list = *name == '@' || *name == '*';
    bool colon = left > 0 && *at == ':';

    at += colon;
    left -= colon;
    char kind = left > 0 ? *at : '\0';
    const char *word = left > 0 ? at + 1 : "";
    size_t length = left > 0 ? left - 1 : 0;
    bool missing = value == NULL || (colon && *value == '\0' && !list);

    if (kind == '%' || kind == '#') {
        bool longest = length > 0 && *word == kind;
        if (value != NULL)
            expand_trimmed (e, value, kind, longest, word + longest, length - longest,
                            quoted);
        return;
    }
    if ((kind == '-' && missing) || (kind == '+' && !missing)) {
        unsigned plain = e->plain;
        e->plain = WIDE_SPLIT;
        expand_raw (e, word, length, quoted, false);
        e->plain = plain;
        return;
    }
    if (kind == '+')
        return;
    if ((kind == '=' || kind == '?') && missing)
        value = expand_missing (e, name, kind, word, length, quoted);
    if (list && value != NULL)
        expand_arguments (e, *name, quoted);
    else if (value != NULL)
        expand_value (e, value, quoted);
}

/* ${name}, ${#name}, ${name operator word}: text[0 .. length) is what stands between the
 * braces. */
static void
expand_braces (struct expansion *e, const char *text, size_t length, bool quoted)
{
    char number[24];
    size_t name_length = 0;
    bool count = text[0] == '#' && length > 1;

    if (count) {
        text++;
        length--;
    }
    if (length > 0 && strchr ("?$#!-@*", text[0]) != NULL)
        name_length = 1;
    else if (length > 0 && text[0] >= '0' && text[0] <= '9')
        name_length = strspn (text, "0123456789");
    else
        while (name_length < length && sh_is_name (text, name_length + 1))
            name_length++;
    const char *name = pool_copy (e->pool, text, name_length);
    const char *rest = text + name_length;
    size_t left = length - name_length;
    bool known = left == 0 || strchr ("-=?+%#", *rest) != NULL
                 || (*rest == ':' && left > 1 && strchr ("-=?+", rest[1]) != NULL);
    if (name_length == 0 || (count && left > 0) || !known) {
        expand_bad (e, text, length);
        return;
    }
    const char *value = parameter_value (e, name, number);
    if (count) {
        bool list = *name == '@' || *name == '*';
        size_t size = value != NULL ? strlen (value) : 0;
        snprintf (number, sizeof number, "%zu",
                  list ? (size_t)e->sh->argument_count : size);
        expand_value (e, number, quoted);
        return;
    }
    expand_operator (e, name, value, rest, left, quoted);
}

/* ---- finding the ends ---- */

/* Where the bracket that opens at text[0] closes; the parser has seen that it does. */
static size_t
expand_closing (const char *text, size_t length, char open, char close)
{
    int level = 0;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '\\')
            i++;
        else if (c == '\'') {
            const char *end = memchr (text + i + 1, '\'', length - i - 1);
            if (end != NULL)
                i = (size_t)(end - text);
        } else if (c == '"') {
            for (i++; i < length && text[i] != '"'; i++)
                i += text[i] == '\\';
        } else if (c == open)
            level++;
        else if (c == close && --level == 0)
            return i;
    }
    return length;
}

/* What stands at text[0] == '$'. Returns how much was taken; 0: just a dollar sign. */
static size_t
expand_dollar (struct expansion *e, const char *text, size_t length, bool quoted)
{
    char c = length > 1 ? text[1] : '\0';

    if (c == '(') {
        size_t end = expand_closing (text + 1, length - 1, '(', ')') + 1;
        if (length > 2 && text[2] == '(') {
            sh_error ("arithmetic expansion $((...)) is not supported by this shell");
            expand_failed (e);
        } else
            expand_value (e, sh_substitute (e->sh, e->pool, text + 2, end - 2), quoted);
        return end + 1;
    }
    if (c == '{') {
        size_t end = expand_closing (text + 1, length - 1, '{', '}') + 1;
        expand_braces (e, pool_copy (e->pool, text + 2, end - 2), end - 2, quoted);
        return end + 1;
    }
    if (c == '@' || c == '*') {
        expand_arguments (e, c, quoted);
        return 2;
    }
    size_t name = 0;
    if (c != '\0' && (strchr ("?$#!-", c) != NULL || (c >= '0' && c <= '9')))
        name = 1;
    else
        while (name + 1 < length && sh_is_name (text + 1, name + 1))
            name++;
    if (name == 0)
        return 0;
    char number[24];
    const char *value = parameter_value (e, pool_copy (e->pool, text + 1, name), number);
    if (value != NULL)
        expand_value (e, value, quoted);
    return name + 1;
}

/* `...`: backslashes before $, `, \ go (and " inside double quotes). */
static size_t
expand_backquote (struct expansion *e, const char *text, size_t length, bool quoted)
{
    char *inner = pool_alloc (e->pool, length + 1);
    size_t used = 0, at = 1;

    for (; at < length && text[at] != '`'; at++) {
        if (text[at] == '\\' && at + 1 < length
            && (strchr ("$`\\", text[at + 1]) != NULL || (quoted && text[at + 1] == '"')))
            at++;
        inner[used++] = text[at];
    }
    expand_value (e, sh_substitute (e->sh, e->pool, inner, used), quoted);
    return at + 1;
}

/* ---- the walk over a word ---- */

/* "..." at text[0]. Returns its length. */
static size_t
expand_double (struct expansion *e, const char *text, size_t length)
{
    size_t end = 1;
    size_t before = e->out.count;

    while (end < length && text[end] != '"') {
        if (text[end] == '\\')
            end++;
        else if (text[end] == '$' && end + 1 < length && text[end + 1] == '(')
            end += 1 + expand_closing (text + end + 1, length - end - 1, '(', ')');
        else if (text[end] == '$' && end + 1 < length && text[end + 1] == '{')
            end += 1 + expand_closing (text + end + 1, length - end - 1, '{', '}');
        else if (text[end] == '`')
            for (end++; end < length && text[end] != '`'; end++)
                end += text[end] == '\\';
        end++;
    }
    e->no_arguments = false;
    expand_raw (e, text + 1, end - 1, true, false);
    if (e->out.count == before && !e->no_arguments)
        expand_add (e, WIDE_EMPTY);
    e->no_arguments = false;
    return end + 1;
}

/* A backslash at text[0]. Returns how much was taken. */
static size_t
expand_backslash (struct expansion *e, const char *text, size_t length, bool quoted,
                  bool here)
{
    char c = length > 1 ? text[1] : '\0';

    if (length > 1 && c == '\n')
        return 2;
    if (length < 2 || (quoted && (strchr ("$`\\", c) == NULL && (c != '"' || here)))) {
        expand_add (e, '\\' | WIDE_QUOTED);
        return 1;
    }
    expand_add (e, (unsigned char)c | WIDE_QUOTED);
    return 2;
}

static void
expand_raw (struct expansion *e, const char *at, size_t length, bool quoted, bool here)
{
    if (++e->depth > EXPAND_DEPTH_MAX) {
        sh_error ("expansion nested too deep");
        expand_failed (e);
    }
    for (const char *end = at + length; at < end && !e->sh->failed;) {
        size_t left = (size_t)(end - at);
        size_t taken = 0;
        char c = *at;
        if (c == '$')
            taken = expand_dollar (e, at, left, quoted);
        else if (c == '`')
            taken = expand_backquote (e, at, left, quoted);
        else if (c == '\\')
            taken = expand_backslash (e, at, left, quoted, here);
        else if (c == '"' && !here)
            taken = expand_double (e, at, left);
        else if (c == '\'' && !quoted) {
            const char *close = memchr (at + 1, '\'', left - 1);
            taken = close != NULL ? (size_t)(close - at) + 1 : left;
            if (taken == 2)
                expand_add (e, WIDE_EMPTY);
            for (size_t i = 1; i + 1 < taken; i++)
                expand_add (e, (unsigned char)at[i] | WIDE_QUOTED);
        }
        if (taken == 0) {
            expand_add (e, (unsigned char)c | (quoted ? WIDE_QUOTED : e->plain));
            taken = 1;
        }
        at += taken < left ? taken : left;
    }
    e->depth--;
}

/* ~ and ~/... at the start of a word. */
static size_t
expand_tilde (struct expansion *e, const char *raw)
{
    const char *home = sh_get (e->sh, "HOME");

    if (raw[0] != '~' || (raw[1] != '/' && raw[1] != '\0') || home == NULL)
        return 0;
    for (; *home != '\0'; home++)
        expand_add (e, (unsigned char)*home | WIDE_QUOTED);
    return 1;
}

/* ---- fields ---- */

static void
field_end (struct expansion *e, size_t start, size_t end, struct fields *fields)
{
    uint16_t *pattern = pool_alloc (e->pool, (end - start + 1) * sizeof *pattern);
    size_t length = 0;
    bool magic = false;

    for (size_t i = start; i < end; i++) {
        unsigned c = e->out.items[i];
        if (c & WIDE_EMPTY)
            continue;
        pattern[length++] = (uint16_t)(c & (0xff | WIDE_QUOTED));
        magic = magic || (!(c & WIDE_QUOTED) && strchr ("*?[", (int)(c & 0xff)) != NULL);
    }
    if (magic && !e->sh->no_glob) {
        uint32_t before = fields->count;
        sh_glob (e->pool, pattern, length, fields);
        if (fields->count > before)
            return;
    }
    char *text = pool_alloc (e->pool, length + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)pattern[i];
    fields_add (e->pool, fields, text);
}

static void
expand_fields (struct expansion *e, struct fields *fields)
{
    const char *ifs = sh_get (e->sh, "IFS");
    size_t start = 0;
    bool content = false; /* the field under way exists even if it has no characters */
    bool after_blank
        = false; /* the last field ended at a blank: one more separator may follow */

    if (ifs == NULL)
        ifs = " \t\n";
    for (size_t i = 0; i < e->out.count; i++) {
        unsigned c = e->out.items[i];
        char byte = (char)(c & 0xff);
        bool divides = (c & WIDE_SPLIT) && byte != '\0' && strchr (ifs, byte) != NULL;
        if (c & WIDE_BREAK) {
            if (content)
                field_end (e, start, i, fields);
            start = i + 1;
            content = false;
            after_blank = false;
        } else if (divides && strchr (" \t\n", byte) != NULL) {
            if (content) {
                field_end (e, start, i, fields);
                after_blank = true;
            }
            start = i + 1;
            content = false;
        } else if (divides) {
            if (content || !after_blank)
                field_end (e, start, i, fields);
            start = i + 1;
            content = false;
            after_blank = false;
        } else {
            content = true;
            after_blank = false;
        }
    }
    if (content)
        field_end (e, start, e->out.count, fields);
}

bool
sh_expand_words (Shell *sh, struct pool *pool, const struct word *words,
                 struct fields *fields)
{
    *fields = (struct fields){ 0 };
    fields->items = pool_alloc (pool, sizeof *fields->items);
    for (; words != NULL && !sh->failed; words = words->next) {
        struct expansion e = { .sh = sh, .pool = pool };
        size_t tilde = expand_tilde (&e, words->raw);
        expand_raw (&e, words->raw + tilde, strlen (words->raw + tilde), false, false);
        if (!sh->failed)
            expand_fields (&e, fields);
    }
    return !sh->failed;
}

static char *
expand_joined (Shell *sh, struct pool *pool, const char *raw, bool quoted, bool here)
{
    struct expansion e = { .sh = sh, .pool = pool };
    size_t tilde = here ? 0 : expand_tilde (&e, raw);

    expand_raw (&e, raw + tilde, strlen (raw + tilde), quoted, here);
    const char *ifs = sh_get (sh, "IFS");
    char between = ifs != NULL ? *ifs : ' ';
    char *text = pool_alloc (pool, e.out.count + 1);
    size_t used = 0;
    for (size_t i = 0; i < e.out.count; i++) {
        if ((e.out.items[i] & WIDE_BREAK) && between != '\0')
            text[used++] = between;
        else if (!(e.out.items[i] & (WIDE_EMPTY | WIDE_BREAK)))
            text[used++] = (char)e.out.items[i];
    }
    return text;
}

char *
sh_expand_text (Shell *sh, struct pool *pool, const char *raw)
{
    return expand_joined (sh, pool, raw, false, false);
}

char *
sh_expand_here (Shell *sh, struct pool *pool, const char *raw)
{
    return expand_joined (sh, pool, raw, true, true);
}
