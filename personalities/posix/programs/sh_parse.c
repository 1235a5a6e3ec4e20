/* sh_parse: from text to a tree, one line of commands at a time.
 *
 * Words keep their quotes; only their ends are found here. A line that is not complete is
 * read again from its start when there is more of it, so nothing need be kept in between.
 */
#include "sh.h"

#include <string.h>

#define PARSE_DEPTH_MAX 24
#define PARSE_HERE_MAX  16

struct parser {
    struct pool *pool;
    const char *text;
    size_t at, length;
    bool final;
    int depth; /* of parentheses */
    bool incomplete;
    const char *problem;
    struct redirect *here[PARSE_HERE_MAX]; /* whose text is yet to come */
    int here_count;
};

static struct list *parse_list (struct parser *parser, bool inside);

/* ---- problems ---- */

static bool
parse_bad (const struct parser *parser)
{
    return parser->problem != NULL || parser->incomplete;
}

static void
parse_wrong (struct parser *parser, const char *first, const char *what, const char *rest)
{
    size_t a = strlen (first), b = strlen (what), c = strlen (rest);

    if (parse_bad (parser))
        return;
    char *text = pool_alloc (parser->pool, a + b + c + 1);
    memcpy (text, first, a);
    memcpy (text + a, what, b);
    memcpy (text + a + b, rest, c);
    parser->problem = text;
}

/* The text ends too early. */
static void
parse_short (struct parser *parser, const char *problem)
{
    if (parse_bad (parser))
        return;
    if (parser->final)
        parser->problem = problem;
    else
        parser->incomplete = true;
}

static void
parse_unexpected (struct parser *parser)
{
    char token[3] = { 0 };

    if (parser->at >= parser->length) {
        parse_short (parser, "end of file unexpected");
        return;
    }
    char c = parser->text[parser->at];
    token[0] = c;
    if (c == '\n')
        parse_wrong (parser, "newline", "", " unexpected");
    else {
        if (strchr ("&|;<>", c) != NULL && parser->text[parser->at + 1] == c)
            token[1] = c;
        parse_wrong (parser, "\"", token, "\" unexpected");
    }
}

/* ---- finding the end of a word ---- */

static char
parse_peek (const struct parser *parser, size_t ahead)
{
    size_t at = parser->at + ahead;

    return at < parser->length ? parser->text[at] : '\0';
}

static void skip_dollar (struct parser *parser);

static void
skip_single (struct parser *parser)
{
    const char *end
        = memchr (parser->text + parser->at + 1, '\'', parser->length - parser->at - 1);

    if (end == NULL)
        parse_short (parser, "Unterminated quoted string");
    else
        parser->at = (size_t)(end - parser->text) + 1;
}

static void
skip_backquote (struct parser *parser)
{
    for (parser->at++; !parse_bad (parser); parser->at++) {
        if (parser->at >= parser->length) {
            parse_short (parser, "EOF in backquote substitution");
            return;
        }
        char c = parser->text[parser->at];
        if (c == '`') {
            parser->at++;
            return;
        }
        if (c == '\\')
            parser->at++;
    }
}

static void
skip_double (struct parser *parser)
{
    parser->at++;
    while (!parse_bad (parser)) {
        if (parser->at >= parser->length) {
            parse_short (parser, "Unterminated quoted string");
            return;
        }
        char c = parser->text[parser->at];
        if (c == '"') {
            parser->at++;
            return;
        }
        if (c == '\\')
            parser->at += 2;
        else if (c == '$')
            skip_dollar (parser);
        else if (c == '`')
            skip_backquote (parser);
        else
            parser->at++;
    }
}

/* Up to the bracket that closes one; quotes inside hide brackets. */
static void
skip_balanced (struct parser *parser, char open, char close)
{
    int level = 0;

    if (++parser->depth > PARSE_DEPTH_MAX)
        parse_wrong (parser, "nested too deep", "", "");
    while (!parse_bad (parser)) {
        if (parser->at >= parser->length) {
            parse_short (parser, close == '}' ? "Missing '}'"
                                              : "end of file unexpected (expecting \")\")");
            break;
        }
        char c = parser->text[parser->at];
        if (c == '\'')
            skip_single (parser);
        else if (c == '"')
            skip_double (parser);
        else if (c == '`')
            skip_backquote (parser);
        else if (c == '\\')
            parser->at += 2;
        else if (c == '$' && level > 0)
            skip_dollar (parser);
        else {
            level += c == open;
            level -= c == close;
            parser->at++;
            if (level == 0)
                break;
        }
    }
    parser->depth--;
}

static void
skip_dollar (struct parser *parser)
{
    parser->at++;
    if (parse_peek (parser, 0) == '{')
        skip_balanced (parser, '{', '}');
    else if (parse_peek (parser, 0) == '(')
        skip_balanced (parser, '(', ')');
}

static bool
parse_is_end (char c)
{
    return c == '\0' || strchr (" \t\n;&|<>()", c) != NULL;
}

/* The word at the present place, as typed; NULL if there is none. */
static const char *
parse_raw_word (struct parser *parser)
{
    size_t start = parser->at;

    while (parser->at < parser->length && !parse_bad (parser)) {
        char c = parser->text[parser->at];
        if (parse_is_end (c))
            break;
        if (c == '\\') {
            parser->at += 2;
            if (!parser->final
                && (parser->at > parser->length
                    || (parser->at == parser->length
                        && parser->text[parser->at - 1] == '\n')))
                parser->incomplete = true; /* the line goes on */
        } else if (c == '\'')
            skip_single (parser);
        else if (c == '"')
            skip_double (parser);
        else if (c == '$')
            skip_dollar (parser);
        else if (c == '`')
            skip_backquote (parser);
        else
            parser->at++;
    }
    if (parser->at > parser->length)
        parser->at = parser->length;
    if (parse_bad (parser) || parser->at == start)
        return NULL;
    return pool_copy (parser->pool, parser->text + start, parser->at - start);
}

/* Blanks, joined lines, a comment. */
static void
parse_blanks (struct parser *parser)
{
    for (;;) {
        char c = parse_peek (parser, 0);
        if (c == ' ' || c == '\t')
            parser->at++;
        else if (c == '\\' && parse_peek (parser, 1) == '\n') {
            parser->at += 2;
            if (parser->at >= parser->length && !parser->final)
                parser->incomplete = true;
        } else if (c == '#') {
            while (parser->at < parser->length && parser->text[parser->at] != '\n')
                parser->at++;
        } else
            return;
    }
}

/* ---- here-documents ---- */

/* The delimiter without its quotes. */
static char *
here_delimiter (struct parser *parser, const char *raw, bool *quoted)
{
    char *plain = pool_alloc (parser->pool, strlen (raw) + 1);
    size_t used = 0;

    *quoted = strpbrk (raw, "'\"\\") != NULL;
    for (; *raw != '\0'; raw++)
        if (strchr ("'\"\\", *raw) == NULL)
            plain[used++] = *raw;
    return plain;
}

/* Reads the lines up to the delimiter, which the redirect holds until then. */
static void
here_read (struct parser *parser, struct redirect *redirect)
{
    const char *delimiter = redirect->raw;
    char *body = pool_alloc (parser->pool, parser->length - parser->at + 1);
    size_t used = 0;

    for (;;) {
        if (parser->at >= parser->length) {
            if (!parser->final) {
                parser->incomplete = true;
                return;
            }
            break;
        }
        const char *line = parser->text + parser->at;
        const char *end = memchr (line, '\n', parser->length - parser->at);
        size_t length = end != NULL ? (size_t)(end - line) : parser->length - parser->at;
        parser->at += length + (end != NULL);
        while (redirect->strip && length > 0 && *line == '\t') {
            line++;
            length--;
        }
        if (length == strlen (delimiter) && memcmp (line, delimiter, length) == 0)
            break;
        memcpy (body + used, line, length);
        used += length;
        if (end != NULL)
            body[used++] = '\n';
    }
    redirect->raw = body;
}

/* A newline is the next character: takes it, and the here-documents behind it. */
static void
parse_newline (struct parser *parser)
{
    parser->at++;
    for (int i = 0; i < parser->here_count && !parse_bad (parser); i++)
        here_read (parser, parser->here[i]);
    parser->here_count = 0;
}

static void
parse_newlines (struct parser *parser)
{
    for (parse_blanks (parser); parse_peek (parser, 0) == '\n' && !parse_bad (parser);
         parse_blanks (parser))
        parse_newline (parser);
}

/* ---- commands ---- */

/* A redirection, its descriptor number being `fd` or -1. */
static struct redirect *
parse_redirect (struct parser *parser, int fd)
{
    struct redirect *redirect = pool_alloc (parser->pool, sizeof *redirect);
    char first = parse_peek (parser, 0), second = parse_peek (parser, 1);
    bool quoted = false;

    redirect->fd = fd >= 0 ? fd : first == '<' ? 0 : 1;
    parser->at += 2;
    if (first == '<' && second == '<') {
        redirect->kind = REDIRECT_HERE;
        if (parse_peek (parser, 0) == '-') {
            redirect->strip = true;
            parser->at++;
        }
    } else if (second == '&')
        redirect->kind = REDIRECT_DUP;
    else if (first == '>' && second == '>')
        redirect->kind = REDIRECT_APPEND;
    else if (first == '<' && second == '>')
        redirect->kind = REDIRECT_BOTH;
    else if (first == '>' && second == '|')
        redirect->kind = REDIRECT_WRITE;
    else {
        parser->at--;
        redirect->kind = first == '<' ? REDIRECT_READ : REDIRECT_WRITE;
    }
    parse_blanks (parser);
    redirect->raw = parse_raw_word (parser);
    if (redirect->raw == NULL) {
        parse_unexpected (parser);
        return redirect;
    }
    if (redirect->kind == REDIRECT_HERE) {
        redirect->raw = here_delimiter (parser, redirect->raw, &quoted);
        redirect->literal = quoted;
        if (parser->here_count == PARSE_HERE_MAX)
            parse_wrong (parser, "too many here-documents", "", "");
        else
            parser->here[parser->here_count++] = redirect;
    }
    return redirect;
}

/* Words that begin, or belong to, what this shell does not have. */
static bool
parse_reserved (struct parser *parser, const char *raw)
{
    static const char *const lacking[] = { "if", "while", "until", "for", "case", "{" };
    static const char *const strays[]
        = { "then", "else", "elif", "fi", "do", "done", "esac", "}" };

    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++)
        if (strcmp (raw, lacking[i]) == 0) {
            parse_wrong (parser, "'", raw, "' is not supported by this shell");
            return true;
        }
    for (size_t i = 0; i < sizeof strays / sizeof *strays; i++)
        if (strcmp (raw, strays[i]) == 0) {
            parse_wrong (parser, "\"", raw, "\" unexpected");
            return true;
        }
    return false;
}

static struct command *
parse_subshell (struct parser *parser, struct command *command)
{
    size_t start = ++parser->at;
    int pending = parser->here_count;

    if (++parser->depth > PARSE_DEPTH_MAX)
        parse_wrong (parser, "nested too deep", "", "");
    else
        parse_list (parser, true);
    parser->depth--;
    if (parse_bad (parser))
        return command;
    if (parse_peek (parser, 0) != ')') {
        if (parser->at >= parser->length)
            parse_short (parser, "end of file unexpected (expecting \")\")");
        else
            parse_unexpected (parser);
        return command;
    }
    if (parser->here_count > pending)
        parse_wrong (parser, "a here-document must end inside its ( )", "", "");
    command->subshell = pool_copy (parser->pool, parser->text + start, parser->at - start);
    parser->at++;
    return command;
}

/* Takes a redirection if there is one. A number right before it is its descriptor. */
static bool
parse_if_redirect (struct parser *parser, struct redirect ***end)
{
    size_t digits = strspn (parser->text + parser->at, "0123456789");
    char c = parse_peek (parser, digits);

    if ((c != '<' && c != '>') || digits > 2)
        return false;
    int fd = -1;
    for (size_t i = 0; i < digits; i++)
        fd = (fd < 0 ? 0 : fd * 10) + (parser->text[parser->at + i] - '0');
    parser->at += digits;
    **end = parse_redirect (parser, fd);
    *end = &(**end)->next;
    return true;
}

static struct command *
parse_command (struct parser *parser)
{
    struct command *command = pool_alloc (parser->pool, sizeof *command);
    struct word **assignment_end = &command->assignments;
    struct word **word_end = &command->words;
    struct redirect **redirect_end = &command->redirects;
    bool any = false;

    parse_blanks (parser);
    if (parse_peek (parser, 0) == '(') {
        parse_subshell (parser, command);
        for (parse_blanks (parser); !parse_bad (parser); parse_blanks (parser))
            if (!parse_if_redirect (parser, &redirect_end))
                break;
        if (!parse_bad (parser) && parser->at < parser->length
            && !parse_is_end (parse_peek (parser, 0)))
            parse_wrong (parser, "word", "", " unexpected (expecting \")\")");
        return command;
    }
    for (; !parse_bad (parser); any = true) {
        parse_blanks (parser);
        if (parse_if_redirect (parser, &redirect_end))
            continue;
        const char *raw = parse_raw_word (parser);
        if (raw == NULL)
            break;
        struct word *word = pool_alloc (parser->pool, sizeof *word);
        word->raw = raw;
        if (command->words == NULL && sh_assignment (raw) > 0) {
            *assignment_end = word;
            assignment_end = &word->next;
            continue;
        }
        if (command->words == NULL && parse_reserved (parser, raw))
            break;
        *word_end = word;
        word_end = &word->next;
        parse_blanks (parser);
        if (parse_peek (parser, 0) == '(') {
            if (word == command->words && sh_is_name (raw, strlen (raw)))
                parse_wrong (parser, "functions are not supported by this shell", "", "");
            else
                parse_unexpected (parser);
        }
    }
    if (!any)
        parse_unexpected (parser);
    return command;
}

static struct pipeline *
parse_pipeline (struct parser *parser)
{
    struct pipeline *pipeline = pool_alloc (parser->pool, sizeof *pipeline);
    struct command **end = &pipeline->commands;

    for (parse_blanks (parser);
         parse_peek (parser, 0) == '!' && parse_is_end (parse_peek (parser, 1));
         parse_blanks (parser)) {
        pipeline->negate = !pipeline->negate;
        parser->at++;
    }
    for (;;) {
        *end = parse_command (parser);
        if (parse_bad (parser))
            return pipeline;
        end = &(*end)->next;
        parse_blanks (parser);
        if (parse_peek (parser, 0) != '|' || parse_peek (parser, 1) == '|')
            return pipeline;
        parser->at++;
        parse_newlines (parser);
    }
}

static struct list *
parse_and_or (struct parser *parser)
{
    struct list *list = pool_alloc (parser->pool, sizeof *list);
    struct pipeline **end = &list->pipelines;
    size_t start = parser->at;
    int pending = parser->here_count;
    int join = JOIN_ALWAYS;

    for (;;) {
        *end = parse_pipeline (parser);
        if (parse_bad (parser))
            return list;
        (*end)->join = join;
        end = &(*end)->next;
        parse_blanks (parser);
        char c = parse_peek (parser, 0);
        if ((c != '&' && c != '|') || parse_peek (parser, 1) != c)
            break;
        join = c == '&' ? JOIN_AND : JOIN_OR;
        parser->at += 2;
        parse_newlines (parser);
    }
    if (parser->here_count == pending) {
        size_t end = parser->at;
        while (end > start
               && (parser->text[end - 1] == ' ' || parser->text[end - 1] == '\t'))
            end--;
        list->text = pool_copy (parser->pool, parser->text + start, end - start);
    }
    return list;
}

/* Commands up to the end of the line; inside parentheses, up to the closing one. */
static struct list *
parse_list (struct parser *parser, bool inside)
{
    struct list *first = NULL, **end = &first;

    for (;;) {
        if (inside)
            parse_newlines (parser);
        parse_blanks (parser);
        if (parse_bad (parser) || parser->at >= parser->length)
            return first;
        char c = parse_peek (parser, 0);
        if ((c == '\n' && !inside) || (c == ')' && inside && first != NULL))
            return first;
        *end = parse_and_or (parser);
        if (parse_bad (parser))
            return first;
        parse_blanks (parser);
        c = parse_peek (parser, 0);
        if (c == ';' || c == '&') {
            (*end)->background = c == '&';
            parser->at++;
            if (parse_peek (parser, 0) == ';') {
                parser->at--;
                parse_unexpected (parser);
                return first;
            }
        } else if (c != '\n') {
            if (parser->at < parser->length && !(c == ')' && inside))
                parse_unexpected (parser);
            return first;
        }
        end = &(*end)->next;
    }
}

enum parse_result
sh_parse (struct pool *pool, const char *text, size_t length, size_t *at, bool final,
          struct list **list, const char **problem)
{
    struct parser parser
        = { .pool = pool, .text = text, .at = *at, .length = length, .final = final };

    *list = NULL;
    if (*at >= length)
        return PARSE_END;
    *list = parse_list (&parser, false);
    if (!parse_bad (&parser) && parse_peek (&parser, 0) == '\n')
        parse_newline (&parser);
    else if (!parse_bad (&parser) && parser.here_count > 0) {
        if (!final)
            parser.incomplete = true;
        for (int i = 0; i < parser.here_count && final; i++)
            parser.here[i]->raw = ""; /* the text ended before the document began */
    }
    if (parser.problem != NULL) {
        *problem = parser.problem;
        return PARSE_WRONG;
    }
    if (parser.incomplete)
        return PARSE_INCOMPLETE;
    *at = parser.at;
    return PARSE_LINE;
}
