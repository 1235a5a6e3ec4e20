/* lib_regex: regular expressions of POSIX, without references to earlier groups.
 *
 * A pattern becomes a small program of instructions with relative jumps, so that a piece of
 * it can be moved or repeated as it is. All ways through it are followed at once, one byte
 * of the text at a time: no pattern takes more than (instructions x text) steps.
 */
#include "lib.h"

#include <ctype.h>
#include <string.h>

#define REGEX_INSTRUCTIONS_MAX 8192u
#define REGEX_REPEAT_MAX       255
#define REGEX_DEPTH_MAX        64

enum regex_code {
    REGEX_BYTE,
    REGEX_ANY,
    REGEX_SET,
    REGEX_START, /* of the line */
    REGEX_END,
    REGEX_WORD_START,
    REGEX_WORD_END,
    REGEX_JUMP,
    REGEX_SPLIT, /* goes on both at the next and at the target */
    REGEX_MATCH,
};

struct instruction {
    uint8_t code;
    uint8_t byte;
    int32_t target; /* relative to this instruction; SET: which set */
};

struct regex_set {
    uint8_t bits[32];
};

struct regex_list {
    uint32_t count;
    uint32_t *items;
};

struct Regex {
    struct instruction *program;
    uint32_t length, room;
    struct regex_set *sets;
    uint32_t set_count, set_room;
    unsigned flags;
    /* for the search: */
    struct regex_list now, next;
    uint32_t *stack;
    uint32_t *seen; /* for each instruction: in the list of which step */

    /* while the pattern is read: */
    const char *at;
    const char *problem;
    int depth;
};

static void regex_alternatives (Regex *regex);

/* ---- writing the program ---- */

static void
regex_reserve (Regex *regex, uint32_t more)
{
    if (regex->length + more <= regex->room)
        return;
    uint32_t room = (regex->length + more) * 2;
    regex->program = lib_grow (regex->program, regex->room * sizeof *regex->program,
                               room * sizeof *regex->program);
    regex->room = room;
}

static void
regex_emit (Regex *regex, enum regex_code code, unsigned char byte, int32_t target)
{
    if (regex->length >= REGEX_INSTRUCTIONS_MAX) {
        regex->problem = "Regular expression too big";
        return;
    }
    regex_reserve (regex, 1);
    regex->program[regex->length++]
        = (struct instruction){ .code = (uint8_t)code, .byte = byte, .target = target };
}

/* Puts a jump or split in front of the piece that starts at `start`. */
static void
regex_insert (Regex *regex, uint32_t start, enum regex_code code, int32_t target)
{
    regex_emit (regex, code, 0, target);
    if (regex->problem != NULL)
        return;
    struct instruction *piece = regex->program + start;
    struct instruction made = regex->program[regex->length - 1];
    memmove (piece + 1, piece, (regex->length - 1 - start) * sizeof *piece);
    *piece = made;
}

/* Appends a copy of the `length` instructions at `start`. */
static void
regex_repeat (Regex *regex, uint32_t start, uint32_t length)
{
    if (regex->length + length > REGEX_INSTRUCTIONS_MAX) {
        regex->problem = "Regular expression too big";
        return;
    }
    regex_reserve (regex, length);
    memcpy (regex->program + regex->length, regex->program + start,
            length * sizeof *regex->program);
    regex->length += length;
}

/* The piece from `start` to the end, between `least` and `most` times; most -1: any. */
static void
regex_times (Regex *regex, uint32_t start, int least, int most)
{
    uint32_t length = regex->length - start;

    if (most == 0) {
        regex->length = start;
        return;
    }
    for (int i = 1; i < least && regex->problem == NULL; i++)
        regex_repeat (regex, start, length);
    if (most < 0) {
        if (least > 0) { /* the last copy is the one that repeats */
            regex_emit (regex, REGEX_SPLIT, 0, -(int32_t)length);
            return;
        }
        regex_insert (regex, start, REGEX_SPLIT, (int32_t)length + 2);
        regex_emit (regex, REGEX_JUMP, 0, -(int32_t)length - 1);
        return;
    }
    int optional = most - least;
    if (least == 0 && optional > 0) {
        regex_insert (regex, start, REGEX_SPLIT, (int32_t)length + 1);
        start++;
        optional--;
    }
    for (; optional > 0 && regex->problem == NULL; optional--) {
        regex_emit (regex, REGEX_SPLIT, 0, (int32_t)length + 1);
        regex_repeat (regex, start, length);
    }
}

/* ---- reading the pattern ---- */

/* Basic expressions write \( what extended ones write (. */
static bool
regex_operator (const Regex *regex, char c)
{
    if (regex->flags & REGEX_EXTENDED)
        return regex->at[0] == c;
    return regex->at[0] == '\\' && regex->at[1] == c;
}

static void
regex_skip_operator (Regex *regex)
{
    regex->at += regex->flags & REGEX_EXTENDED ? 1 : 2;
}

static void
set_add (struct regex_set *set, unsigned c, unsigned flags)
{
    set->bits[c / 8] |= (uint8_t)(1u << c % 8);
    if (flags & REGEX_IGNORE_CASE) {
        unsigned other = (unsigned)(islower ((int)c) ? toupper ((int)c) : tolower ((int)c));
        set->bits[other / 8] |= (uint8_t)(1u << other % 8);
    }
}

/* "[:alpha:]" inside a set: asks the shell's patterns, which know the same classes. */
static bool
regex_class (Regex *regex, struct regex_set *set)
{
    uint16_t pattern[16] = { '[' };
    const char *end = strstr (regex->at, ":]");
    size_t length = end != NULL ? (size_t)(end - regex->at) + 2 : 0;

    if (regex->at[0] != '[' || regex->at[1] != ':' || length == 0 || length > 12)
        return false;
    for (size_t i = 0; i < length; i++)
        pattern[1 + i] = (unsigned char)regex->at[i];
    pattern[1 + length] = ']';
    bool any = false;
    for (unsigned c = 0; c < 256; c++) {
        char text = (char)c;
        if (lib_pattern_match (pattern, length + 2, &text, 1)) {
            set_add (set, c, regex->flags);
            any = true;
        }
    }
    if (!any)
        regex->problem = "Invalid character class name";
    regex->at += length;
    return true;
}

static void
regex_bracket (Regex *regex)
{
    struct regex_set set = { { 0 } };
    bool negate = *++regex->at == '^';

    regex->at += negate;
    for (bool first = true; regex->problem == NULL; first = false) {
        if (*regex->at == '\0')
            regex->problem = "Unmatched [, [^, [:, [., or [=";
        else if (*regex->at == ']' && !first) {
            regex->at++;
            break;
        } else if (!regex_class (regex, &set)) {
            unsigned low = (unsigned char)*regex->at++;
            unsigned high = low;
            if (regex->at[0] == '-' && regex->at[1] != ']' && regex->at[1] != '\0') {
                high = (unsigned char)regex->at[1];
                regex->at += 2;
            }
            if (low > high)
                regex->problem = "Invalid range end";
            for (unsigned c = low; c <= high; c++)
                set_add (&set, c, regex->flags);
        }
    }
    if (negate)
        for (size_t i = 0; i < sizeof set.bits; i++)
            set.bits[i] = (uint8_t)~set.bits[i];
    if (regex->set_count == regex->set_room) {
        uint32_t room = regex->set_room * 2 + 4;
        regex->sets
            = lib_grow (regex->sets, regex->set_room * sizeof set, room * sizeof set);
        regex->set_room = room;
    }
    regex->sets[regex->set_count] = set;
    regex_emit (regex, REGEX_SET, 0, (int32_t)regex->set_count++);
}

static void
regex_byte (Regex *regex, char c)
{
    if (regex->flags & REGEX_IGNORE_CASE)
        c = (char)tolower ((unsigned char)c);
    regex_emit (regex, REGEX_BYTE, (unsigned char)c, 0);
}

/* One thing that can be repeated. False: an anchor, which cannot. */
static bool
regex_atom (Regex *regex, bool first)
{
    bool extended = regex->flags & REGEX_EXTENDED;

    if (regex_operator (regex, '(')) {
        if (++regex->depth > REGEX_DEPTH_MAX)
            regex->problem = "Regular expression too big";
        regex_skip_operator (regex);
        if (regex->problem == NULL)
            regex_alternatives (regex);
        if (regex->problem != NULL)
            return true;
        if (!regex_operator (regex, ')')) {
            regex->problem = "Unmatched ( or \\(";
            return true;
        }
        regex_skip_operator (regex);
        regex->depth--;
        return true;
    }
    char c = *regex->at;
    if (c == '[')
        regex_bracket (regex);
    else if (c == '.') {
        regex_emit (regex, REGEX_ANY, 0, 0);
        regex->at++;
    } else if (c == '^' && (extended || first)) {
        regex_emit (regex, REGEX_START, 0, 0);
        regex->at++;
        return extended;
    } else if (c == '$'
               && (extended || regex->at[1] == '\0'
                   || (regex->at[1] == '\\' && strchr ("|)", regex->at[2]) != NULL
                       && regex->at[2] != '\0'))) {
        regex_emit (regex, REGEX_END, 0, 0);
        regex->at++;
        return extended;
    } else if (c == '\\') {
        char escaped = regex->at[1];
        regex->at += 2;
        if (escaped == '\0') {
            regex->at--;
            regex->problem = "Trailing backslash";
        } else if (escaped == '<' || escaped == '>')
            regex_emit (regex, escaped == '<' ? REGEX_WORD_START : REGEX_WORD_END, 0, 0);
        else if (escaped >= '1' && escaped <= '9')
            regex->problem = "references to groups are not supported";
        else if (strchr ("wWsSbB`'", escaped) != NULL)
            regex->problem = "\\w, \\s, \\b and their kin are not supported";
        else
            regex_byte (regex, escaped);
    } else {
        regex_byte (regex, c);
        regex->at++;
    }
    return true;
}

static int
regex_count (Regex *regex)
{
    int count = -1;

    for (; *regex->at >= '0' && *regex->at <= '9'; regex->at++) {
        count = (count < 0 ? 0 : count) * 10 + (*regex->at - '0');
        if (count > REGEX_REPEAT_MAX) {
            regex->problem = "Regular expression too big";
            return 0;
        }
    }
    return count;
}

/* "{2,5}", the brace being the next thing. */
static void
regex_braces (Regex *regex, uint32_t start)
{
    regex_skip_operator (regex);
    int least = regex_count (regex);
    int most = least;
    if (*regex->at == ',') {
        regex->at++;
        most = regex_count (regex);
    }
    if (regex->problem != NULL)
        return;
    if (!regex_operator (regex, '}') || (least < 0 && most < 0)
        || (most >= 0 && least > most)) {
        regex->problem = "Invalid content of \\{\\}";
        return;
    }
    regex_skip_operator (regex);
    regex_times (regex, start, least < 0 ? 0 : least, most);
}

static void
regex_sequence (Regex *regex)
{
    bool first = true;

    while (regex->problem == NULL && *regex->at != '\0' && !regex_operator (regex, '|')
           && !regex_operator (regex, ')')) {
        uint32_t start = regex->length;
        bool repeats = regex_atom (regex, first);
        while (repeats && regex->problem == NULL) {
            if (*regex->at == '*') {
                regex->at++;
                regex_times (regex, start, 0, -1);
            } else if (regex_operator (regex, '+')) {
                regex_skip_operator (regex);
                regex_times (regex, start, 1, -1);
            } else if (regex_operator (regex, '?')) {
                regex_skip_operator (regex);
                regex_times (regex, start, 0, 1);
            } else if (regex_operator (regex, '{'))
                regex_braces (regex, start);
            else
                break;
        }
        first = first && !repeats;
    }
}

static void
regex_alternatives (Regex *regex)
{
    uint32_t jumps = 0; /* the last jump to the end + 1; each holds the one before it */

    for (;;) {
        uint32_t start = regex->length;
        regex_sequence (regex);
        if (regex->problem != NULL || !regex_operator (regex, '|'))
            break;
        regex_skip_operator (regex);
        regex_insert (regex, start, REGEX_SPLIT, (int32_t)(regex->length - start) + 2);
        regex_emit (regex, REGEX_JUMP, 0, (int32_t)jumps);
        jumps = regex->length;
    }
    while (regex->problem == NULL && jumps > 0) {
        uint32_t jump = jumps - 1;
        jumps = (uint32_t)regex->program[jump].target;
        regex->program[jump].target = (int32_t)(regex->length - jump);
    }
}

Regex *
lib_regex_new (const char *pattern, unsigned flags, const char **problem)
{
    Regex *regex = lib_alloc (sizeof *regex);

    *regex = (Regex){ .flags = flags, .at = pattern };
    regex_alternatives (regex);
    if (regex->problem == NULL && *regex->at != '\0')
        regex->problem = "Unmatched ) or \\)";
    regex_emit (regex, REGEX_MATCH, 0, 0);
    if (regex->problem != NULL) {
        *problem = regex->problem;
        lib_regex_free (regex);
        return NULL;
    }
    regex->now.items = lib_alloc (regex->length * sizeof (uint32_t));
    regex->next.items = lib_alloc (regex->length * sizeof (uint32_t));
    regex->stack = lib_alloc ((regex->length + 1) * 2 * sizeof (uint32_t));
    regex->seen = lib_alloc (regex->length * sizeof (uint32_t));
    return regex;
}

void
lib_regex_free (Regex *regex)
{
    program_free (regex->program);
    program_free (regex->sets);
    program_free (regex->now.items);
    program_free (regex->next.items);
    program_free (regex->stack);
    program_free (regex->seen);
    program_free (regex);
}

/* ---- searching ---- */

static bool
regex_is_word (char c)
{
    return isalnum ((unsigned char)c) || c == '_';
}

/* Follows every jump from `start`; what reads a byte, or is the match, goes on the list. */
static void
regex_follow (const Regex *regex, struct regex_list *list, uint32_t start, uint32_t step,
              const char *text, size_t length, size_t at)
{
    uint32_t depth = 0;
    regex->stack[depth++] = start;

    while (depth > 0) {
        uint32_t i = regex->stack[--depth];
        if (regex->seen[i] == step)
            continue;
        regex->seen[i] = step;
        const struct instruction *instr = regex->program + i;
        bool before = at > 0 && regex_is_word (text[at - 1]);
        bool after = at < length && regex_is_word (text[at]);
        bool passes = false;
        switch (instr->code) {
        case REGEX_JUMP:
            regex->stack[depth++] = i + (uint32_t)instr->target;
            break;
        case REGEX_SPLIT:
            regex->stack[depth++] = i + (uint32_t)instr->target;
            passes = true;
            break;
        case REGEX_START:
            passes = at == 0;
            break;
        case REGEX_END:
            passes = at == length;
            break;
        case REGEX_WORD_START:
            passes = !before && after;
            break;
        case REGEX_WORD_END:
            passes = before && !after;
            break;
        default:
            list->items[list->count++] = i;
            break;
        }
        if (passes)
            regex->stack[depth++] = i + 1;
    }
}

/* The longest match that starts exactly at `start`. */
static bool
regex_match_at (const Regex *regex, const char *text, size_t length, size_t start,
                size_t *end)
{
    struct regex_list now = regex->now, next = regex->next;
    uint32_t step = 1;
    bool found = false;

    memset (regex->seen, 0, regex->length * sizeof *regex->seen);
    now.count = 0;
    regex_follow (regex, &now, 0, step, text, length, start);
    for (size_t at = start; now.count > 0; at++) {
        next.count = 0;
        step++;
        for (uint32_t n = 0; n < now.count; n++) {
            const struct instruction *instr = regex->program + now.items[n];
            if (instr->code == REGEX_MATCH) {
                found = true;
                *end = at;
                continue;
            }
            if (at >= length)
                continue;
            unsigned char c = (unsigned char)text[at];
            bool match = false;
            if (instr->code == REGEX_ANY)
                match = true;
            else if (instr->code == REGEX_SET)
                match = regex->sets[instr->target].bits[c / 8] >> c % 8 & 1;
            else
                match = (regex->flags & REGEX_IGNORE_CASE ? tolower (c) : c) == instr->byte;
            if (match)
                regex_follow (regex, &next, now.items[n] + 1, step, text, length, at + 1);
        }
        struct regex_list swap = now;
        now = next;
        next = swap;
    }
    return found;
}

bool
lib_regex_search (const Regex *regex, const char *text, size_t length, size_t from,
                  size_t *start, size_t *end)
{
    const struct instruction *first = regex->program;

    for (size_t at = from; at <= length; at++) {
        if (first->code == REGEX_BYTE && !(regex->flags & REGEX_IGNORE_CASE)) {
            /* Most lines do not hold the first byte at all. */
            const char *hit = memchr (text + at, first->byte, length - at);
            if (hit == NULL)
                return false;
            at = (size_t)(hit - text);
        }
        if (regex_match_at (regex, text, length, at, end)) {
            *start = at;
            return true;
        }
    }
    return false;
}
