/* lib_tree: walking, copying and removing whole trees of files.
 *
 * A walk keeps its way in memory of the process, not on the stack, so that its depth is
 * limited by the length of a path only.
 */
#include "lib.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* ---- walking ---- */

void
lib_walk_init (struct walk *walk, const char *root)
{
    size_t length = strlen (root);

    *walk = (struct walk){ .path_room = length + 512, .root_length = length };
    walk->path = lib_alloc (walk->path_room);
    memcpy (walk->path, root, length + 1);
}

void
lib_walk_free (struct walk *walk)
{
    while (walk->depth > 0)
        lib_names_free (&walk->frames[--walk->depth].names);
    program_free (walk->frames);
    program_free (walk->path);
}

static enum walk_event
walk_visit (struct walk *walk)
{
    walk->error = posix_lstat (walk->path, &walk->attr);
    if (walk->error < 0)
        return WALK_ERROR;
    walk->pending = walk->attr.type == FILE_TYPE_DIRECTORY;
    return walk->pending ? WALK_ENTER : WALK_FILE;
}

/* Reads the directory that was entered last. */
static bool
walk_descend (struct walk *walk)
{
    struct walk_frame frame = { .path_length = strlen (walk->path), .attr = walk->attr };

    walk->pending = false;
    walk->error = lib_directory_names (walk->path, &frame.names);
    if (walk->depth == walk->room) {
        uint32_t room = walk->room * 2 + 8;
        walk->frames
            = lib_grow (walk->frames, walk->room * sizeof frame, room * sizeof frame);
        walk->room = room;
    }
    walk->frames[walk->depth++] = frame;
    return walk->error >= 0;
}

enum walk_event
lib_walk_next (struct walk *walk)
{
    if (!walk->started) {
        walk->started = true;
        return walk_visit (walk);
    }
    if (walk->pending && !walk_descend (walk))
        return WALK_ERROR;
    if (walk->depth == 0)
        return WALK_END;

    struct walk_frame *frame = walk->frames + walk->depth - 1;
    walk->path[frame->path_length] = '\0';
    if (frame->next == frame->names.count) {
        walk->attr = frame->attr;
        lib_names_free (&frame->names);
        walk->depth--;
        return WALK_LEAVE;
    }
    const char *name = frame->names.items[frame->next++];
    size_t at = frame->path_length;
    size_t bytes = strlen (name) + 1;
    if (at + 1 + bytes > walk->path_room) {
        size_t room = walk->path_room * 2 + bytes;
        walk->path = lib_grow (walk->path, walk->path_room, room);
        walk->path_room = room;
    }
    if (at > 0 && walk->path[at - 1] != '/')
        walk->path[at++] = '/';
    memcpy (walk->path + at, name, bytes);
    return walk_visit (walk);
}

/* ---- removing ---- */

int
lib_tree_remove (const char *program, const char *path)
{
    struct walk walk;
    enum walk_event event;
    int status = 0;

    lib_walk_init (&walk, path);
    while ((event = lib_walk_next (&walk)) != WALK_END) {
        long failed = walk.error;
        if (event == WALK_ENTER)
            continue;
        if (event == WALK_FILE)
            failed = posix_unlink (walk.path);
        else if (event == WALK_LEAVE)
            failed = posix_rmdir (walk.path);
        if (failed < 0) {
            lib_error (program, "cannot remove '%s': %s", walk.path,
                       lib_error_text (failed));
            status = 1;
        }
    }
    lib_walk_free (&walk);
    return status;
}

/* ---- copying ---- */

static int
copy_failed (const char *program, const char *what, const char *path, long error)
{
    lib_error (program, "cannot %s '%s': %s", what, path, lib_error_text (error));
    return 1;
}

static void
copy_attributes (const char *to, const struct file_attr *attr)
{
    posix_utime (to, attr->atime, attr->mtime);
    posix_chown (to, (int)attr->uid, (int)attr->gid);
    posix_chmod (to, (int)attr->mode);
}

static int
copy_regular (const char *program, const char *from, const char *to,
              const struct file_attr *attr, unsigned flags)
{
    struct file_attr old;
    bool writing;

    if (posix_stat (to, &old) >= 0) {
        if (old.node == attr->node && old.filesystem == attr->filesystem) {
            lib_error (program, "'%s' and '%s' are the same file", from, to);
            return 1;
        }
        if (old.type == FILE_TYPE_DIRECTORY) {
            lib_error (program, "cannot overwrite directory '%s' with non-directory", to);
            return 1;
        }
    }
    long in = posix_open (from, O_RDONLY, 0);
    if (in < 0) {
        lib_error (program, "cannot open '%s' for reading: %s", from, lib_error_text (in));
        return 1;
    }
    int create = O_WRONLY | O_CREAT | O_TRUNC;
    long out = posix_open (to, create, (int)attr->mode & 0777);
    if (out < 0 && out != -ENOENT && (flags & COPY_FORCE) && posix_unlink (to) >= 0)
        out = posix_open (to, create, (int)attr->mode & 0777);
    if (out < 0) {
        posix_close ((int)in);
        return copy_failed (program, "create regular file", to, out);
    }
    long failed = lib_copy_data ((int)in, (int)out, &writing);
    if (failed < 0)
        lib_error (program, "error %s '%s': %s", writing ? "writing" : "reading",
                   writing ? to : from, lib_error_text (failed));
    posix_close ((int)in);
    posix_close ((int)out);
    return failed < 0;
}

static int
copy_link (const char *program, const char *from, const char *to)
{
    char *contents = lib_alloc (FILE_PATH_MAX);
    long got = posix_readlink (from, contents, FILE_PATH_MAX - 1);

    if (got >= 0) {
        contents[got] = '\0';
        got = posix_symlink (contents, to);
        if (got == -EEXIST && !lib_is_directory (to) && posix_unlink (to) >= 0)
            got = posix_symlink (contents, to);
    }
    program_free (contents);
    return got < 0 ? copy_failed (program, "create symbolic link", to, got) : 0;
}

static int
copy_one (const char *program, const char *from, const char *to,
          const struct file_attr *attr, unsigned flags)
{
    int status = 0;
    long failed = 0;

    if (attr->type == FILE_TYPE_LINK)
        return copy_link (program, from, to);
    if (attr->type == FILE_TYPE_REGULAR || !(flags & COPY_TREES))
        status = copy_regular (program, from, to, attr, flags);
    else if ((failed
              = posix_mknod (to, (int)attr->type, (int)attr->mode, (int)attr->device))
             < 0)
        status = copy_failed (program, "create special file", to, failed);
    if (status == 0 && (flags & COPY_ATTRIBUTES))
        copy_attributes (to, attr);
    return status;
}

/* Makes the directory, writable for as long as it is being filled. */
static int
copy_enter (const char *program, const char *to, const struct file_attr *attr)
{
    struct file_attr old;
    long failed = posix_mkdir (to, (int)(attr->mode & 0777) | 0700);

    if (failed == -EEXIST && posix_stat (to, &old) >= 0 && old.type == FILE_TYPE_DIRECTORY)
        return 0;
    return failed < 0 ? copy_failed (program, "create directory", to, failed) : 0;
}

static void
copy_leave (const char *to, const struct file_attr *attr, unsigned flags)
{
    if (flags & COPY_ATTRIBUTES)
        copy_attributes (to, attr);
    else if ((attr->mode & 0700) != 0700) {
        int mask = (int)posix_umask (0);
        posix_umask (mask);
        posix_chmod (to, (int)attr->mode & 0777 & ~mask);
    }
}

/* Is `to` inside the directory `attr`? Then a copy would never end. */
static bool
copy_into_itself (const char *to, const struct file_attr *attr)
{
    char *parent = lib_copy (to);
    size_t length = (size_t)(lib_path_base (parent) - parent);
    bool inside = false;
    size_t last = 0;
    struct file_attr at, before = { 0 };

    parent[length] = '\0';
    if (length == 0) {
        program_free (parent);
        parent = lib_copy ("./");
        length = 2;
    }
    /* Up to the root, whose parent is itself. */
    while (posix_stat (parent, &at) >= 0) {
        inside = at.node == attr->node && at.filesystem == attr->filesystem;
        if (inside
            || (last > 0 && at.node == before.node && at.filesystem == before.filesystem))
            break;
        before = at;
        last = length;
        char *next = lib_path_join (parent, "../");
        program_free (parent);
        parent = next;
        length = strlen (parent);
        if (length > FILE_PATH_MAX - 8)
            break;
    }
    program_free (parent);
    return inside;
}

static int
copy_tree (const char *program, const char *from, const char *to,
           const struct file_attr *attr, unsigned flags)
{
    struct walk walk;
    enum walk_event event;
    int status = 0;

    if (copy_into_itself (to, attr)) {
        lib_error (program, "cannot copy a directory, '%s', into itself, '%s'", from, to);
        return 1;
    }
    lib_walk_init (&walk, from);
    while (status == 0 && (event = lib_walk_next (&walk)) != WALK_END) {
        const char *rest = walk.path + walk.root_length;
        char *target = lib_path_join (to, *rest == '/' ? rest + 1 : rest);
        if (*rest == '\0')
            target[strlen (to)] = '\0';
        switch (event) {
        case WALK_ENTER:
            status = copy_enter (program, target, &walk.attr);
            break;
        case WALK_LEAVE:
            copy_leave (target, &walk.attr, flags);
            break;
        case WALK_ERROR:
            status = copy_failed (program, "access", walk.path, walk.error);
            break;
        default:
            status = copy_one (program, walk.path, target, &walk.attr, flags);
            break;
        }
        program_free (target);
    }
    lib_walk_free (&walk);
    return status;
}

int
lib_tree_copy (const char *program, const char *from, const char *to, unsigned flags)
{
    struct file_attr attr;
    bool keep_links = flags & (COPY_TREES | COPY_LINKS);
    long failed = keep_links ? posix_lstat (from, &attr) : posix_stat (from, &attr);

    if (failed < 0)
        return copy_failed (program, "stat", from, failed);
    if (attr.type != FILE_TYPE_DIRECTORY)
        return copy_one (program, from, to, &attr, flags);
    if (!(flags & COPY_TREES)) {
        lib_error (program, "-r not specified; omitting directory '%s'", from);
        return 1;
    }
    return copy_tree (program, from, to, &attr, flags);
}
