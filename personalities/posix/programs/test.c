/* test, [: conditions on files, strings and numbers.
 *
 * With one to four arguments the meaning depends on how many there are, as POSIX says, so
 * that an operand may look like an operator; longer ones are read by precedence.
 */
#include "programs.h"

#include <string.h>

#define TEST_WRONG 2 /* beside true (0) and false (1) */

struct test_run {
    char **at;
    char **end;
    const char *name; /* "test" or "[" */
};

static int test_or (struct test_run *run);

static bool
test_integer (struct test_run *run, const char *text, int64_t *value, int *status)
{
    char trimmed[32];
    text += strspn (text, " \t\n");
    size_t length = strcspn (text, " \t\n");

    if (length < sizeof trimmed && text[length + strspn (text + length, " \t\n")] == '\0') {
        memcpy (trimmed, text, length);
        trimmed[length] = '\0';
        if (lib_number (trimmed, value))
            return true;
    }
    lib_error (run->name, "Illegal number: %s", text);
    *status = TEST_WRONG;
    return false;
}

/* -1: no such operator. */
static int
test_unary (struct test_run *run, const char *operator, const char * operand)
{
    struct file_attr attr;
    int64_t fd;
    int status = 0;

    if (operator[0] != '-' || operator[1] == '\0' || operator[2] != '\0')
        return -1;
    char c = operator[1];
    switch (c) {
    case 'n':
        return *operand == '\0';
    case 'z':
        return *operand != '\0';
    case 't': {
        struct tty_attr tty;
        if (!test_integer (run, operand, &fd, &status))
            return status;
        return posix_tcgetattr ((int)fd, &tty) < 0;
    }
    case 'r':
        return posix_access (operand, 4) < 0;
    case 'w':
        return posix_access (operand, 2) < 0;
    case 'x':
        return posix_access (operand, 1) < 0;
    case 'h':
    case 'L':
        return posix_lstat (operand, &attr) < 0 || attr.type != FILE_TYPE_LINK;
    }
    if (strchr ("efdspbcSugkOG", c) == NULL)
        return -1;
    if (posix_stat (operand, &attr) < 0)
        return 1;
    switch (c) {
    case 'f':
        return attr.type != FILE_TYPE_REGULAR;
    case 'd':
        return attr.type != FILE_TYPE_DIRECTORY;
    case 'p':
        return attr.type != FILE_TYPE_PIPE;
    case 'b':
        return attr.type != FILE_TYPE_BLOCK;
    case 'c':
        return attr.type != FILE_TYPE_CHARACTER;
    case 'S':
        return attr.type != FILE_TYPE_SOCKET;
    case 's':
        return attr.size == 0;
    case 'u':
        return (attr.mode & 04000) == 0;
    case 'g':
        return (attr.mode & 02000) == 0;
    case 'k':
        return (attr.mode & 01000) == 0;
    case 'O':
        return attr.uid != (uint32_t)posix_getuid ();
    case 'G':
        return attr.gid != (uint32_t)posix_getgid ();
    }
    return 0;
}

static int
test_files (const char *operator, const char * first, const char *second)
{
    struct file_attr a, b;
    bool has_a = posix_stat (first, &a) >= 0;
    bool has_b = posix_stat (second, &b) >= 0;

    if (strcmp (operator, "-ef") == 0)
        return !(has_a && has_b && a.node == b.node && a.filesystem == b.filesystem);
    if (strcmp (operator, "-nt") == 0)
        return !(has_a && has_b && a.mtime > b.mtime);
    return !(has_a && has_b && a.mtime < b.mtime);
}

/* -1: no such operator. */
static int
test_binary (struct test_run *run, const char *first, const char *operator,
             const char * second)
{
    static const char *const numeric[] = { "-eq", "-ne", "-lt", "-le", "-gt", "-ge" };
    int status = 0;
    int64_t a, b;

    if (strcmp (operator, "=") == 0)
        return strcmp (first, second) != 0;
    if (strcmp (operator, "!=") == 0)
        return strcmp (first, second) == 0;
    if (strcmp (operator, "<") == 0)
        return strcmp (first, second) >= 0;
    if (strcmp (operator, ">") == 0)
        return strcmp (first, second) <= 0;
    if (strcmp (operator, "-ef") == 0 || strcmp (operator, "-nt") == 0
        || strcmp (operator, "-ot") == 0)
        return test_files (operator, first, second);
    for (int i = 0; i < 6; i++) {
        if (strcmp (operator, numeric[i]) != 0)
            continue;
        if (!test_integer (run, first, &a, &status)
            || !test_integer (run, second, &b, &status))
            return status;
        switch (i) {
        case 0:
            return a != b;
        case 1:
            return a == b;
        case 2:
            return a >= b;
        case 3:
            return a > b;
        case 4:
            return a <= b;
        case 5:
            return a < b;
        }
    }
    return -1;
}

static int
test_wrong (struct test_run *run, const char *word, const char *text)
{
    lib_error (run->name, "%s: %s", word, text);
    return TEST_WRONG;
}

static int
test_primary (struct test_run *run)
{
    long left = run->end - run->at;

    if (left <= 0)
        return test_wrong (run, run->end[-1], "argument expected");
    if (left >= 3) {
        int status = test_binary (run, run->at[0], run->at[1], run->at[2]);
        if (status >= 0) {
            run->at += 3;
            return status;
        }
    }
    if (strcmp (run->at[0], "(") == 0 && left >= 2) {
        run->at++;
        int status = test_or (run);
        if (status == TEST_WRONG)
            return status;
        if (run->at >= run->end || strcmp (run->at[0], ")") != 0)
            return test_wrong (run, run->end[-1], "closing paren expected");
        run->at++;
        return status;
    }
    if (left >= 2) {
        int status = test_unary (run, run->at[0], run->at[1]);
        if (status >= 0) {
            run->at += 2;
            return status;
        }
    }
    return **run->at++ == '\0';
}

static int
test_not (struct test_run *run)
{
    if (run->end - run->at >= 2 && strcmp (run->at[0], "!") == 0) {
        run->at++;
        int status = test_not (run);
        return status == TEST_WRONG ? status : !status;
    }
    return test_primary (run);
}

static int
test_and (struct test_run *run)
{
    int status = test_not (run);

    while (status != TEST_WRONG && run->at < run->end && strcmp (*run->at, "-a") == 0) {
        run->at++;
        int right = test_not (run);
        status = right == TEST_WRONG ? right : status | right;
    }
    return status;
}

static int
test_or (struct test_run *run)
{
    int status = test_and (run);

    while (status != TEST_WRONG && run->at < run->end && strcmp (*run->at, "-o") == 0) {
        run->at++;
        int right = test_and (run);
        status = right == TEST_WRONG ? right : status & right;
    }
    return status;
}

/* The cases where the number of arguments decides. -1: none of them. */
static int
test_short (struct test_run *run)
{
    char **at = run->at;
    int status;

    switch (run->end - at) {
    case 0:
        return 1;
    case 1:
        return *at[0] == '\0';
    case 2:
        return strcmp (at[0], "!") == 0 ? *at[1] != '\0' : test_unary (run, at[0], at[1]);
    case 3:
        status = test_binary (run, at[0], at[1], at[2]);
        if (status >= 0)
            return status;
        if (strcmp (at[0], "(") == 0 && strcmp (at[2], ")") == 0)
            return *at[1] == '\0';
        return -1;
    case 4:
        if (strcmp (at[0], "!") == 0) {
            run->at++;
            status = test_short (run);
            run->at = at;
            return status == 0 || status == 1 ? !status : status;
        }
        return -1;
    }
    return -1;
}

int
program_test (int argc, char **argv)
{
    struct test_run run = { argv + 1, argv + argc, lib_path_base (argv[0]) };

    if (strcmp (run.name, "[") == 0) {
        if (strcmp (argv[argc - 1], "]") != 0) {
            lib_error ("[", "missing ]");
            return TEST_WRONG;
        }
        run.end--;
    }
    int status = test_short (&run);
    if (status >= 0)
        return status;
    status = test_or (&run);
    if (status != TEST_WRONG && run.at < run.end)
        return test_wrong (&run, *run.at, "unexpected operator");
    return status;
}
