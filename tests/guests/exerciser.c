/* exerciser: random operations on files, each compared with a model in memory.
 *
 *     exerciser OPERATIONS SEED
 *
 * A few names in two folders, some of them the same file; contents up to 200,000 bytes. The first
 * difference is told, with the number of its operation, and ends it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NAMES     12
#define FOLDERS   2
#define FILE_MAX  200000
#define WRITE_MAX 9000

struct file {
    unsigned char bytes[FILE_MAX];
    off_t size;
    unsigned links; /* names; 0: free */
    unsigned mode;
};

static struct file files[NAMES];
static int name_of[FOLDERS][NAMES]; /* index of the file, or -1 */
static uint64_t state;
static long operation;
static unsigned char buffer[FILE_MAX];

static uint32_t
chance (uint32_t bound)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % bound;
}

static void
want (int right, const char *what)
{
    if (right)
        return;
    printf ("operation %ld: %s (errno %d: %s)\n", operation, what, errno, strerror (errno));
    exit (1);
}

static const char *
path (int folder, int name)
{
    static char paths[4][16];
    static unsigned next;

    next = (next + 1) % 4;
    snprintf (paths[next], sizeof paths[0], "%c/%d", 'a' + folder, name);
    return paths[next];
}

static void
fill (unsigned char *bytes, size_t count)
{
    unsigned char first = (unsigned char)chance (256);

    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)(first + i * 7);
}

static void
compare (struct file *file, int fd)
{
    off_t first  = file->size > 0 ? (off_t)chance ((uint32_t)file->size) : 0;
    size_t bytes = chance (2 * WRITE_MAX);
    ssize_t left = file->size - first < (off_t)bytes ? file->size - first : (off_t)bytes;

    want (pread (fd, buffer, bytes, first) == left, "read gave another count");
    want (memcmp (buffer, file->bytes + first, (size_t)left) == 0, "read gave other bytes");
}

static void
know (const struct file *file, const struct stat *st)
{
    want (st->st_size == file->size, "another size");
    want (st->st_nlink == file->links, "another count of links");
    want ((st->st_mode & 07777) == file->mode, "another mode");
}

static void
do_make (int folder, int name)
{
    int at = 0, fd = open (path (folder, name), O_CREAT | O_EXCL | O_RDWR, 0640);

    if (name_of[folder][name] >= 0) {
        want (fd == -1 && errno == EEXIST, "made what was there");
        return;
    }
    while (at < NAMES && files[at].links != 0)
        at++;
    if (at == NAMES) {
        want (fd >= 0 && unlink (path (folder, name)) == 0, "make and remove");
        close (fd);
        return;
    }
    want (fd >= 0 && close (fd) == 0, "make");
    files[at].size            = 0;
    files[at].links           = 1;
    files[at].mode            = 0640;
    name_of[folder][name] = at;
}

static void
do_write (struct file *file, int fd)
{
    off_t first  = (off_t)chance (FILE_MAX - WRITE_MAX);
    size_t bytes = chance (WRITE_MAX), half = bytes / 2;
    struct iovec pieces[2];

    if (chance (2) != 0 && file->size + WRITE_MAX < FILE_MAX)
        first = file->size;
    if (first > file->size && bytes > 0)
        memset (file->bytes + file->size, 0, (size_t)(first - file->size));
    fill (file->bytes + first, bytes);
    pieces[0] = (struct iovec){ file->bytes + first, half };
    pieces[1] = (struct iovec){ file->bytes + first + half, bytes - half };
    want (chance (2) != 0 ? pwrite (fd, file->bytes + first, bytes, first) == (ssize_t)bytes
                          : lseek (fd, first, SEEK_SET) == first
                                && writev (fd, pieces, 2) == (ssize_t)bytes,
          "write gave another count");
    if (bytes > 0 && first + (off_t)bytes > file->size)
        file->size = first + (off_t)bytes;
}

static void
do_truncate (struct file *file, int fd)
{
    off_t size = (off_t)chance (FILE_MAX);

    if (size > file->size)
        memset (file->bytes + file->size, 0, (size_t)(size - file->size));
    want (ftruncate (fd, size) == 0, "truncate");
    file->size = size;
}

static void
do_map (struct file *file, int fd)
{
    unsigned char *map;

    if (file->size == 0)
        return;
    map = mmap (NULL, (size_t)file->size, PROT_READ, MAP_PRIVATE, fd, 0);
    want (map != MAP_FAILED, "map");
    want (memcmp (map, file->bytes, (size_t)file->size) == 0, "other bytes in a mapping");
    munmap (map, (size_t)file->size);
}

static void
do_file (int folder, int name)
{
    int at = name_of[folder][name], fd = open (path (folder, name), O_RDWR);
    struct file *file = &files[at];
    struct stat st;

    if (at < 0) {
        want (fd == -1 && errno == ENOENT, "opened what is not there");
        return;
    }
    want (fd >= 0, "open");
    switch (chance (8)) {
    case 0: case 1: case 2:
        do_write (file, fd);
        break;
    case 3:
        do_truncate (file, fd);
        break;
    case 4:
        want (fstat (fd, &st) == 0, "stat");
        know (file, &st);
        break;
    case 5:
        do_map (file, fd);
        break;
    default:
        compare (file, fd);
    }
    want (close (fd) == 0, "close");
}

static void
forget (int folder, int name)
{
    files[name_of[folder][name]].links--;
    name_of[folder][name] = -1;
}

static void
do_names (int folder, int name)
{
    int to_folder = (int)chance (FOLDERS), to = (int)chance (NAMES);
    int *from_file = &name_of[folder][name], *to_file = &name_of[to_folder][to];
    int result;

    errno = 0;
    switch (chance (4)) {
    case 0:
        result = unlink (path (folder, name));
        want (*from_file >= 0 ? result == 0 : result == -1 && errno == ENOENT, "unlink");
        if (result == 0)
            forget (folder, name);
        return;
    case 1:
        result = link (path (folder, name), path (to_folder, to));
        want (*from_file < 0 ? errno == ENOENT : *to_file >= 0 ? errno == EEXIST : result == 0,
              "link");
        if (result == 0) {
            *to_file = *from_file;
            files[*to_file].links++;
        }
        return;
    case 2:
        result = rename (path (folder, name), path (to_folder, to));
        want (*from_file >= 0 ? result == 0 : errno == ENOENT, "rename");
        if (result == 0 && *from_file != *to_file) {
            if (*to_file >= 0)
                forget (to_folder, to);
            *to_file   = *from_file;
            *from_file = -1;
        }
        return;
    default:
        result = chmod (path (folder, name), 0600 | chance (64));
        want (*from_file >= 0 ? result == 0 : errno == ENOENT, "chmod");
        if (result == 0) {
            struct stat st;

            want (stat (path (folder, name), &st) == 0, "stat");
            files[*from_file].mode = st.st_mode & 07777;
        }
    }
}

static void
check_folder (int folder)
{
    const char name[] = { (char)('a' + folder), 0 };
    DIR *dir = opendir (name);
    struct dirent *entry;
    int count = 0;

    want (dir != NULL, "opendir");
    while ((entry = readdir (dir)) != NULL)
        if (entry->d_name[0] != '.') {
            want (name_of[folder][atoi (entry->d_name)] >= 0, "a name too many");
            count++;
        }
    closedir (dir);
    for (int i = 0; i < NAMES; i++)
        count -= name_of[folder][i] >= 0;
    want (count == 0, "a name too few");
}

static void
check_all (void)
{
    for (int folder = 0; folder < FOLDERS; folder++) {
        check_folder (folder);
        for (int name = 0; name < NAMES; name++) {
            struct file *file = &files[name_of[folder][name] >= 0 ? name_of[folder][name] : 0];
            struct stat st;
            int fd;

            if (name_of[folder][name] < 0)
                continue;
            fd = open (path (folder, name), O_RDONLY);
            want (fd >= 0 && fstat (fd, &st) == 0, "open at the end");
            know (file, &st);
            want (read (fd, buffer, FILE_MAX) == file->size
                      && memcmp (buffer, file->bytes, (size_t)file->size) == 0,
                  "other contents at the end");
            close (fd);
        }
    }
}

int
main (int argc, char **argv)
{
    long operations = argc > 1 ? atol (argv[1]) : 1000;
    unsigned long sum = 0;

    state = argc > 2 ? (uint64_t)atol (argv[2]) : 1;
    memset (name_of, -1, sizeof name_of);
    want (mkdir ("a", 0755) == 0 && mkdir ("b", 0755) == 0, "mkdir");
    for (operation = 1; operation <= operations; operation++) {
        int folder = (int)chance (FOLDERS), name = (int)chance (NAMES);

        switch (chance (16)) {
        case 0: case 1:
            do_make (folder, name);
            break;
        case 2: case 3:
            do_names (folder, name);
            break;
        case 4:
            check_folder (folder);
            break;
        default:
            do_file (folder, name);
        }
    }
    check_all ();
    for (int i = 0; i < NAMES; i++)
        for (off_t at = 0; files[i].links != 0 && at < files[i].size; at++)
            sum = sum * 31 + files[i].bytes[at];
    printf ("%ld operations agree, sum %lx\n", operations, sum);
    return 0;
}
