/* wc: counts lines, words and bytes. */
#include "programs.h"

#include <ctype.h>

#define WC_BYTES 16384

struct wc_count {
    uint64_t lines, words, bytes;
};

static long
wc_file (int fd, struct wc_count *count)
{
    char *buffer = lib_alloc (WC_BYTES);
    bool in_word = false;
    long got;

    *count = (struct wc_count){ 0 };
    while ((got = posix_read (fd, buffer, WC_BYTES)) > 0) {
        count->bytes += (uint64_t)got;
        for (long i = 0; i < got; i++) {
            unsigned char c = (unsigned char)buffer[i];
            count->lines += c == '\n';
            if (isspace (c)) {
                count->words += in_word;
                in_word = false;
            } else if (isprint (c))
                in_word = true;
        }
    }
    count->words += in_word;
    program_free (buffer);
    return got;
}

static void
wc_print (struct output *out, const struct wc_count *count, const bool wanted[3], int width,
          const char *name)
{
    const uint64_t values[3] = { count->lines, count->words, count->bytes };
    const char *before = "";

    for (int i = 0; i < 3; i++)
        if (wanted[i]) {
            lib_output_print (out, "%s%*llu", before, width, (unsigned long long)values[i]);
            before = " ";
        }
    lib_output_print (out, "%s%s\n", name != NULL ? " " : "", name != NULL ? name : "");
}

/* Columns are as wide as the sum of the files' sizes; 7 if a size cannot be known. */
static int
wc_width (const struct options *options, int columns)
{
    uint64_t total = 0;
    int least = 1, width = 1;

    if (columns == 1 && options->operands <= 1)
        return 1;
    for (int i = 0; i < options->operands || i == 0; i++) {
        struct file_attr attr;
        const char *path = lib_operand (options, i);
        bool input = path == NULL || (path[0] == '-' && path[1] == '\0');
        long failed = input ? posix_fstat (0, &attr) : posix_stat (path, &attr);
        if (failed < 0)
            continue;
        if (attr.type == FILE_TYPE_REGULAR)
            total += attr.size;
        else
            least = 7;
    }
    for (; total >= 10; total /= 10)
        width++;
    return width > least ? width : least;
}

int
program_wc (int argc, char **argv)
{
    static const char letters[] = "lwc";
    struct wc_count total = { 0 };
    bool wanted[3] = { false };
    struct options options;
    struct output out;
    int letter, columns = 0, status = 0;

    lib_options_init (&options, "wc", letters, argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        for (int i = 0; i < 3; i++)
            wanted[i] = wanted[i] || letters[i] == letter;
    }
    for (int i = 0; i < 3; i++)
        columns += wanted[i];
    if (columns == 0) {
        wanted[0] = wanted[1] = wanted[2] = true;
        columns = 3;
    }
    int width = wc_width (&options, columns);
    lib_output_init (&out, 1);
    for (int i = 0; i < options.operands || i == 0; i++) {
        const char *path = options.operands > 0 ? lib_operand (&options, i) : "-";
        int fd = lib_open_input ("wc", path);
        struct wc_count count;
        if (fd < 0) {
            status = 1;
            continue;
        }
        long failed = wc_file (fd, &count);
        lib_close_input (fd);
        if (failed < 0) {
            lib_error_number ("wc", path, failed);
            status = 1;
        }
        wc_print (&out, &count, wanted, width, lib_operand (&options, i));
        total.lines += count.lines;
        total.words += count.words;
        total.bytes += count.bytes;
    }
    if (options.operands > 1)
        wc_print (&out, &total, wanted, width, "total");
    return lib_output_end (&out, "wc") | status;
}
