#include "ui/edit.h"

#include <string.h>

#define LINE_MAX_BYTES 4000u
#define HISTORY_MAX    200u

void
edit_init (struct edit *edit)
{
    *edit = (struct edit){ .line = g_string_new (NULL) };
    edit->history = g_ptr_array_new_with_free_func (g_free);
}

static void
forget_choices (struct edit *edit)
{
    if (edit->choices != NULL)
        g_ptr_array_unref (edit->choices);
    edit->choices = NULL;
}

void
edit_clear (struct edit *edit)
{
    forget_choices (edit);
    g_string_free (edit->line, TRUE);
    g_ptr_array_unref (edit->history);
    g_free (edit->unsent);
}

void
edit_set (struct edit *edit, const char *text)
{
    forget_choices (edit);
    g_string_assign (edit->line, text);
    edit->cursor = edit->line->len;
    edit->recalled = edit->history->len;
    g_clear_pointer (&edit->unsent, g_free);
}

void
edit_remember (struct edit *edit)
{
    guint count = edit->history->len;

    if (edit->line->len == 0
        || (count != 0
            && strcmp (g_ptr_array_index (edit->history, count - 1), edit->line->str) == 0))
        return;
    g_ptr_array_add (edit->history, g_strdup (edit->line->str));
    if (edit->history->len > HISTORY_MAX)
        g_ptr_array_remove_index (edit->history, 0);
}

static gsize
before (const struct edit *edit, gsize at)
{
    return at == 0 ? 0 : (gsize)(g_utf8_prev_char (edit->line->str + at) - edit->line->str);
}

static gsize
after (const struct edit *edit, gsize at)
{
    return at >= edit->line->len
               ? edit->line->len
               : (gsize)(g_utf8_next_char (edit->line->str + at) - edit->line->str);
}

static void
recall (struct edit *edit, int step)
{
    guint to = edit->recalled;

    if ((step < 0 && to == 0) || (step > 0 && to >= edit->history->len))
        return;
    if (to == edit->history->len) {
        g_free (edit->unsent);
        edit->unsent = g_strdup (edit->line->str);
    }
    to = (guint)((int)to + step);
    g_string_assign (edit->line, to == edit->history->len
                                     ? edit->unsent
                                     : g_ptr_array_index (edit->history, to));
    edit->recalled = to;
    edit->cursor = edit->line->len;
}

/* As many letters as all choices share. */
static gsize
shared (const GPtrArray *choices)
{
    const char *first = g_ptr_array_index (choices, 0);
    gsize length = strlen (first);

    for (guint i = 1; i < choices->len; i++) {
        const char *other = g_ptr_array_index (choices, i);
        gsize same = 0;

        while (same < length && first[same] == other[same])
            same++;
        length = same;
    }
    return length;
}

static void
complete_word (struct edit *edit, edit_complete *complete, gpointer user)
{
    g_autofree char *line = g_strndup (edit->line->str, edit->cursor);
    const char *word = strrchr (line, ' ');
    GPtrArray *choices;
    gsize have, more;

    word = word != NULL ? word + 1 : line;
    have = strlen (word);
    choices = complete (line, user);
    forget_choices (edit);
    for (guint i = 0; i < choices->len;) /* what does not go on as typed is no choice */
        if (strncmp (g_ptr_array_index (choices, i), word, have) != 0)
            g_ptr_array_remove_index (choices, i);
        else
            i++;
    if (choices->len == 0) {
        g_ptr_array_unref (choices);
        return;
    }
    more = shared (choices) - have;
    g_string_insert_len (edit->line, (gssize)edit->cursor,
                         (const char *)g_ptr_array_index (choices, 0) + have, (gssize)more);
    edit->cursor += more;
    if (choices->len == 1) {
        g_string_insert_c (edit->line, (gssize)edit->cursor++, ' ');
        g_ptr_array_unref (choices);
    } else {
        edit->choices = choices;
    }
}

static void
erase (struct edit *edit, gsize from, gsize to)
{
    g_string_erase (edit->line, (gssize)from, (gssize)(to - from));
    edit->cursor = from;
}

static void
insert (struct edit *edit, ui_key key)
{
    char utf8[6];
    gint count;

    if (key < ' ' || !g_unichar_validate ((gunichar)key)
        || !g_unichar_isprint ((gunichar)key) || edit->line->len >= LINE_MAX_BYTES)
        return;
    count = g_unichar_to_utf8 ((gunichar)key, utf8);
    g_string_insert_len (edit->line, (gssize)edit->cursor, utf8, count);
    edit->cursor += (gsize)count;
}

enum edit_result
edit_key (struct edit *edit, ui_key key, edit_complete *complete, gpointer user)
{
    gsize at = edit->cursor;

    if (key != UI_KEY_TAB)
        forget_choices (edit);
    switch (key) {
    case UI_KEY_ENTER:
    case '\n':
        return EDIT_DONE;
    case UI_KEY_ESCAPE:
    case UI_KEY_CONTROL ('C'):
    case UI_KEY_CONTROL ('G'):
        return EDIT_CANCELLED;
    case UI_KEY_BACKSPACE:
    case 8:
        if (edit->line->len == 0)
            return EDIT_CANCELLED;
        erase (edit, before (edit, at), at);
        break;
    case UI_KEY_DELETE:
    case UI_KEY_CONTROL ('D'):
        erase (edit, at, after (edit, at));
        break;
    case UI_KEY_CONTROL ('U'):
        erase (edit, 0, at);
        break;
    case UI_KEY_CONTROL ('K'):
        g_string_truncate (edit->line, at);
        break;
    case UI_KEY_CONTROL ('W'):
        while (at > 0 && edit->line->str[at - 1] == ' ')
            at--;
        while (at > 0 && edit->line->str[at - 1] != ' ')
            at--;
        erase (edit, at, edit->cursor);
        break;
    case UI_KEY_LEFT:
        edit->cursor = before (edit, at);
        break;
    case UI_KEY_RIGHT:
        edit->cursor = after (edit, at);
        break;
    case UI_KEY_HOME:
    case UI_KEY_CONTROL ('A'):
        edit->cursor = 0;
        break;
    case UI_KEY_END:
    case UI_KEY_CONTROL ('E'):
        edit->cursor = edit->line->len;
        break;
    case UI_KEY_UP:
        recall (edit, -1);
        break;
    case UI_KEY_DOWN:
        recall (edit, 1);
        break;
    case UI_KEY_TAB:
        if (complete != NULL)
            complete_word (edit, complete, user);
        break;
    default:
        insert (edit, key);
        break;
    }
    return EDIT_MORE;
}

void
edit_draw (const struct edit *edit, struct pane *pane, int row, int column)
{
    g_autofree char *head = g_strndup (edit->line->str, edit->cursor);
    int room = MAX (pane->columns - column, 1);
    int cursor = text_columns (head);
    const char *from = edit->line->str;

    while (cursor >= room && *from != '\0') { /* the end of a long line */
        from = g_utf8_next_char (from);
        cursor = text_columns (from) - text_columns (edit->line->str + edit->cursor);
    }
    pane_put (pane, row, column, STYLE_INPUT, from);
    pane->grid->cursor_row = pane->top + row;
    pane->grid->cursor_column = pane->left + column + cursor;
}
