#include "ui/filter.h"

#include <string.h>

struct word {
    bool not_;
    char *field;   /* NULL: the whole line */
    char *text;    /* folded */
    GRegex *regex; /* NULL: text */
};

struct Filter {
    char *text;
    char *problem;
    GArray *words; /* of struct word */
};

static void
word_clear (gpointer data)
{
    struct word *word = data;

    g_free (word->field);
    g_free (word->text);
    if (word->regex != NULL)
        g_regex_unref (word->regex);
}

/* Up to the blank that ends it; a regular expression may hold blanks. */
static char *
word_take (const char **at)
{
    const char *start = *at, *end = start, *body = start;

    if (*body == '!')
        body++;
    while (g_ascii_isalpha (*body))
        body++;
    if (*body == ':')
        body++;
    if (*body == '/' && strchr (body + 1, '/') != NULL) {
        end = body + 1;
        while (*end != '/' || end[-1] == '\\') {
            if (*end == '\0')
                break;
            end++;
        }
        if (*end == '/')
            end++;
    }
    while (*end != '\0' && *end != ' ')
        end++;
    *at = end;
    return g_strndup (start, (gsize)(end - start));
}

static void
word_add (Filter *filter, char *taken)
{
    struct word word = { .not_ = taken[0] == '!' };
    char *body = taken + word.not_;
    char *colon = strchr (body, ':');
    gsize length;

    if (colon != NULL && colon > body
        && strspn (body, "abcdefghijklmnopqrstuvwxyz") == (gsize)(colon - body)) {
        word.field = g_strndup (body, (gsize)(colon - body));
        body = colon + 1;
    }
    length = strlen (body);
    if (length > 1 && body[0] == '/') {
        g_autofree char *pattern
            = g_strndup (body + 1, length - 1 - (body[length - 1] == '/'));
        g_autoptr (GError) error = NULL;

        word.regex = g_regex_new (pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &error);
        if (word.regex == NULL && filter->problem == NULL)
            filter->problem = g_strdup (error->message);
    }
    if (length == 0) {
        g_free (word.field);
        return;
    }
    word.text = g_utf8_casefold (body, -1);
    g_array_append_val (filter->words, word);
}

Filter *
filter_new (const char *text)
{
    g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
    const char *at = valid;
    Filter *filter;

    while (*at == ' ')
        at++;
    if (*at == '\0')
        return NULL;
    filter = g_new0 (Filter, 1);
    filter->text = g_strdup (at);
    filter->words = g_array_new (FALSE, TRUE, sizeof (struct word));
    g_array_set_clear_func (filter->words, word_clear);
    while (*at != '\0') {
        if (*at == ' ') {
            at++;
        } else {
            g_autofree char *taken = word_take (&at);

            word_add (filter, taken);
        }
    }
    return filter;
}

void
filter_free (Filter *filter)
{
    if (filter == NULL)
        return;
    g_array_unref (filter->words);
    g_free (filter->text);
    g_free (filter->problem);
    g_free (filter);
}

static bool
text_match (const struct word *word, const char *text)
{
    g_autofree char *folded = NULL;

    if (word->regex != NULL)
        return g_regex_match (word->regex, text, 0, NULL);
    folded = g_utf8_casefold (text, -1);
    return strstr (folded, word->text) != NULL;
}

/* The fields of a line are written key:value, with no blanks inside. */
static bool
field_match (const struct word *word, const char *line)
{
    bool either = strcmp (word->field, "component") == 0;
    bool some = false;

    for (const char *at = line; at != NULL && *at != '\0'; at = strchr (at, ' ')) {
        const char *colon;
        gsize length;

        while (*at == ' ')
            at++;
        colon = strpbrk (at, ": ");
        if (colon == NULL || *colon != ':')
            continue;
        length = (gsize)(colon - at);
        if ((either
             && ((length == 4 && strncmp (at, "from", 4) == 0)
                 || (length == 2 && strncmp (at, "to", 2) == 0)))
            || (length == strlen (word->field) && strncmp (at, word->field, length) == 0)) {
            /* A value may hold one blank ("errno 2"): it goes on to the next key. */
            const char *end = colon + 1;
            g_autofree char *value = NULL;

            while (*end != '\0'
                   && !(*end == ' ' && strchr (end + 1, ':') != NULL
                        && strcspn (end + 1, ":") < strcspn (end + 1, " ")))
                end++;
            value = g_strndup (colon + 1, (gsize)(end - colon - 1));
            some = some || text_match (word, value);
        }
    }
    return some;
}

bool
filter_match (const Filter *filter, const char *line)
{
    if (filter == NULL)
        return true;
    for (guint i = 0; i < filter->words->len; i++) {
        const struct word *word = &g_array_index (filter->words, struct word, i);
        bool match
            = word->field != NULL ? field_match (word, line) : text_match (word, line);

        if (match == word->not_)
            return false;
    }
    return true;
}

const char *
filter_text (const Filter *filter)
{
    return filter != NULL ? filter->text : "";
}

const char *
filter_problem (const Filter *filter)
{
    return filter != NULL ? filter->problem : NULL;
}
