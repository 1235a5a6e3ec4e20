/* exec: from an executable file to a program about to begin.
 *
 * The loader is the kernel's own: static and static-PIE files, dynamic ones with the
 * interpreter they name, and text files that begin with `#!`. No address, time or chance of
 * the host reaches the program: everything lies where it always lies, and the random bytes
 * are seeded.
 */
#include <elf.h>
#include <string.h>

#include "guest/guest.h"
#include "nucleus/nucleus.h"
#include "nucleus/strings.h"
#include "personalities/linux/linux.h"

#define OPEN_TRIES    8u
#define STACK_ROOM    0x20000u /* below the strings at first: it comes down when it is used */
#define PIE_BASE      0x500000000000u
#define INTERP_BASE   0x580000000000u
#define HEADERS_MAX   (0x10000u / sizeof (Elf64_Phdr)) /* as Linux */
#define SCRIPT_DEPTH  5u   /* files in a row that begin with `#!` */
#define SCRIPT_LINE   256u /* what is looked at of one */

struct loaded {
    uint64_t entry, base, headers, end;
    uint16_t header_count;
    char interpreter[256];
};

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

/* ---- paths and permission ---- */

/* A link of proc says something else to each who asks, and the kernel opens the file. */
static enum status
follow (const struct task *task, char *path, uint32_t room)
{
    struct file_readlink_req request
        = { .process = task->pid,
            .from    = { .data = path, .length = (uint32_t)strlen (path) },
            .into    = { .length = room - 1 } };
    struct file_readlink_rep reply;

    if (strncmp (path, "/proc/", 6) != 0)
        return OK;
    request.into.data = component_alloc (self (), room);
    if (request.into.data == NULL)
        return ERR_NO_MEMORY;
    if (file_readlink (nucleus_link (INTERFACE_file), &request, &reply) == OK
        && *(const char *)request.into.data == '/') {
        memcpy (path, request.into.data, reply.done);
        path[reply.done] = '\0';
    }
    component_free (self (), request.into.data);
    return OK;
}

static enum status
absolute (const struct task *task, const char *path, char *into, uint32_t room)
{
    struct file_getcwd_req request
        = { .process = task->pid, .into = { .data = into, .length = room - 1 } };
    struct file_getcwd_rep reply = { 0 };
    size_t length                = strlen (path);
    enum status status           = OK;

    if (path[0] != '/') {
        status = file_getcwd (nucleus_link (INTERFACE_file), &request, &reply);
        if (status != OK)
            return status;
        into[reply.done++] = '/';
    }
    if (reply.done + length + 1 > room)
        return ERR_NAME_TOO_LONG;
    memcpy (into + reply.done, path, length + 1);
    return follow (task, into, room);
}

/* Which file it is that may be executed. */
static enum status
allowed (const struct task *task, const char *path, struct file_access_rep *which)
{
    struct file_access_req request
        = { .process = task->pid,
            .mode    = 1,
            .files   = 1,
            .from    = { .data = (void *)(uintptr_t)path, .length = (uint32_t)strlen (path) } };

    return file_access (nucleus_link (INTERFACE_file), &request, which);
}

/* What the file gives to those who execute it. ERR_STALE: it is not the one that may be executed. */
static enum status
rights_of (const struct image *image, const struct file_access_rep *which,
           struct guest_rights *rights)
{
    struct file_stat_req request = { .fd = image->fd }; /* the kernel's own */
    struct file_stat_rep known;
    const struct file_attr *attr = &known.attr;
    enum status status = file_stat (nucleus_link (INTERFACE_file), &request, &known);

    if (status != OK)
        return status;
    if (attr->node != which->node || attr->filesystem != which->filesystem)
        return ERR_STALE;
    *rights = (struct guest_rights){ .uid = attr->uid, .gid = attr->gid };
    if (attr->type == FILE_TYPE_REGULAR && (attr->mode & 04000) != 0)
        rights->become |= BECOME_USER;
    if (attr->type == FILE_TYPE_REGULAR && (attr->mode & 02010) == 02010)
        rights->become |= BECOME_GROUP;
    return OK;
}

/* The kernel opens it, who may open anything; and a path that leads to what may be executed may lead
 * elsewhere a moment later. Then it is looked at once more, but not for ever. */
static enum status
image_open_allowed (const struct task *task, const char *path, bool program,
                    struct guest_rights *rights, struct image **image)
{
    enum status status = ERR_STALE;

    for (unsigned i = 0; i < OPEN_TRIES && status == ERR_STALE; i++) {
        struct file_access_rep which;

        status = allowed (task, path, &which);
        if (status == OK)
            status = image_get (path, program, image);
        if (status != OK)
            break;
        status = rights_of (*image, &which, rights);
        if (status != OK) {
            image_put (*image);
            *image = NULL;
        }
    }
    return status == ERR_STALE ? ERR_ACCESS : status;
}

/* ---- `#!` ---- */

struct rewritten {
    char *strings; /* NULL: none; the nucleus's memory */
    char line[SCRIPT_LINE];
};

/* Cuts the first line into interpreter and one argument (NULL: none). One that does not end in
 * what is looked at (behind a shorter file are zeroes) is cut there, unless that is still the
 * interpreter's name. */
static enum status
script_parse (char line[SCRIPT_LINE], char **interpreter, char **argument)
{
    char *last = line + SCRIPT_LINE - 1, *end = memchr (line, '\n', SCRIPT_LINE), *at = line + 2;

    if (end == NULL) {
        while (at <= last && (*at == ' ' || *at == '\t'))
            at++;
        while (at <= last && *at != ' ' && *at != '\t' && *at != '\0')
            at++;
        if (at > last)
            return ERR_NOT_EXECUTABLE;
        end = last;
    }
    while (end > line + 2 && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end         = '\0';
    *interpreter = line + 2 + strspn (line + 2, " \t");
    *argument    = *interpreter + strcspn (*interpreter, " \t");
    if (**argument != '\0') {
        *(*argument)++ = '\0';
        *argument += strspn (*argument, " \t");
    }
    if (**argument == '\0')
        *argument = NULL;
    /* No name on a line that does not end names the directory; so Linux has it. */
    return **interpreter == '\0' && end != last ? ERR_NOT_EXECUTABLE : OK;
}

/* interpreter [argument] path arguments-but-the-first environment. */
static enum status
script_arguments (const struct task *task, struct guest_program *program, const char *path,
                  const char *interpreter, const char *argument, char **strings)
{
    const char *add[] = { interpreter, argument != NULL ? argument : path,
                          argument != NULL ? path : NULL };
    uint32_t skip     = program->arguments != 0 ? (uint32_t)strlen (program->strings) + 1 : 0;
    uint32_t bytes    = program->bytes - skip, at = 0;
    char *all;

    for (unsigned i = 0; i < 3 && add[i] != NULL; i++)
        bytes += (uint32_t)strlen (add[i]) + 1;
    all = bytes <= guest_limit_strings (task) ? component_alloc (self (), bytes) : NULL;
    if (all == NULL)
        return ERR_TOO_BIG;
    program->arguments -= program->arguments != 0;
    for (unsigned i = 0; i < 3 && add[i] != NULL; i++, program->arguments++) {
        uint32_t length = (uint32_t)strlen (add[i]) + 1;

        memcpy (all + at, add[i], length);
        at += length;
    }
    memcpy (all + at, program->strings + skip, program->bytes - skip);
    program->strings = all;
    program->bytes   = bytes;
    component_free (self (), *strings);
    *strings = all;
    return OK;
}

/* ---- programs of ours ---- */

/* A file with this stands for the built-in program of its name, so that real programs find it. */
static const char built_in_mark[] = "#!built-in\n";

/* The task goes on as that program: it has no guest any more. */
static enum status
become_built_in (struct task *task, const struct guest_program *program, const char *path)
{
    uint32_t path_bytes        = (uint32_t)strlen (path) + 1;
    uint32_t bytes             = path_bytes + program->bytes;
    char *strings              = bytes <= GRANT_MAX ? component_alloc (self (), bytes) : NULL;
    struct umode_make_req make = { .task              = task->id,
                                   .argument_count    = program->arguments,
                                   .environment_count = program->environment,
                                   .from              = { .data = strings, .length = bytes } };
    struct umode_make_rep made;
    enum status status;

    if (strings == NULL)
        return bytes <= GRANT_MAX ? ERR_NO_MEMORY : ERR_TOO_BIG;
    memcpy (strings, path, path_bytes);
    memcpy (strings + path_bytes, program->strings, program->bytes);
    status = umode_make (nucleus_link (INTERFACE_umode), &make, &made);
    component_free (self (), strings);
    if (status != OK)
        return status == ERR_NOT_FOUND ? ERR_NOT_EXECUTABLE : status;
    status = guest_end_others (task);
    if (status != OK) {
        struct umode_free_req unmake = { .task = task->id };
        struct umode_free_rep gone;

        umode_free (nucleus_link (INTERFACE_umode), &unmake, &gone);
        return status;
    }
    linux_robust_leave (task);
    strings_set (task, path, program->strings, program->bytes, program->arguments);
    linux_leave_signals (task);
    guest_free (task);
    return OK;
}

/* ---- ELF ---- */

/* *headers is the caller's to free; on failure there are none. */
static enum status
elf_headers (struct image *image, Elf64_Ehdr *elf, Elf64_Phdr **headers)
{
    enum status status = image_read (image, 0, elf, sizeof *elf);
    uint32_t bytes;

    *headers = NULL;
    if (status != OK)
        return status;
    if (image->size < sizeof *elf || memcmp (elf->e_ident, ELFMAG, SELFMAG) != 0
        || elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_machine != EM_X86_64
        || (elf->e_type != ET_EXEC && elf->e_type != ET_DYN)
        || elf->e_phentsize != sizeof **headers || elf->e_phnum == 0
        || elf->e_phnum > HEADERS_MAX || elf->e_phoff > image->size)
        return ERR_NOT_EXECUTABLE;
    bytes = elf->e_phnum * (uint32_t)sizeof **headers;
    if (bytes > image->size - elf->e_phoff)
        return ERR_NOT_EXECUTABLE;
    *headers = component_alloc (self (), bytes);
    if (*headers == NULL)
        return ERR_NO_MEMORY;
    status = image_read (image, elf->e_phoff, *headers, bytes);
    if (status != OK) {
        component_free (self (), *headers);
        *headers = NULL;
    }
    return status;
}

static enum status
segment_map (struct space *space, struct image *image, const Elf64_Phdr *header, uint64_t base)
{
    uint64_t mask   = PAGE_BYTES - 1;
    uint64_t start  = base + header->p_vaddr;
    uint64_t first  = start & ~mask, in_page = start & mask;
    uint64_t end    = (start + header->p_memsz + mask) & ~mask;
    uint64_t filled = (start + header->p_filesz + mask) & ~mask;
    uint32_t access = ((header->p_flags & PF_R) != 0 ? SPACE_READ : 0)
                      | ((header->p_flags & PF_W) != 0 ? SPACE_WRITE : 0)
                      | ((header->p_flags & PF_X) != 0 ? SPACE_EXECUTE : 0);
    enum status status = OK;

    if (header->p_filesz > header->p_memsz || header->p_memsz > GUEST_USER_END
        || header->p_vaddr > GUEST_USER_END || header->p_offset > image->size
        || (header->p_offset & mask) != (header->p_vaddr & mask))
        return ERR_NOT_EXECUTABLE;
    if (header->p_filesz != 0)
        status = space_map (space, first, filled - first, access, false, image,
                            header->p_offset - in_page,
                            header->p_filesz == header->p_memsz ? filled - first
                                                                : in_page + header->p_filesz);
    if (status == OK && end > filled)
        status = space_map (space, header->p_filesz != 0 ? filled : first,
                            end - (header->p_filesz != 0 ? filled : first), access, false, NULL,
                            0, 0);
    return status == ERR_INVALID ? ERR_NOT_EXECUTABLE : status;
}

/* The file's segments into a space; what is needed to start it into *loaded. */
static enum status
elf_map (struct space *space, struct image *image, const Elf64_Ehdr *elf,
         const Elf64_Phdr *headers, uint64_t base, struct loaded *loaded)
{
    enum status status = OK;

    if (elf->e_type == ET_EXEC)
        base = 0;
    loaded->base         = base;
    loaded->entry        = base + elf->e_entry;
    loaded->header_count = elf->e_phnum;
    loaded->headers      = 0;
    for (unsigned i = 0; i < elf->e_phnum && status == OK; i++) {
        const Elf64_Phdr *header = &headers[i];

        if (header->p_type != PT_LOAD || header->p_memsz == 0)
            continue;
        status = segment_map (space, image, header, base);
        if (base + header->p_vaddr + header->p_memsz > loaded->end)
            loaded->end = base + header->p_vaddr + header->p_memsz;
        if (elf->e_phoff >= header->p_offset
            && elf->e_phoff < header->p_offset + header->p_filesz)
            loaded->headers = base + header->p_vaddr + (elf->e_phoff - header->p_offset);
    }
    return status;
}

static enum status
image_map (struct space *space, struct image *image, uint64_t base, struct loaded *loaded)
{
    Elf64_Phdr *headers;
    Elf64_Ehdr elf;
    enum status status = elf_headers (image, &elf, &headers);

    if (status == OK)
        status = elf_map (space, image, &elf, headers, base, loaded);
    component_free (self (), headers);
    return status;
}

static enum status
interpreter_name (struct image *image, const Elf64_Ehdr *elf, const Elf64_Phdr *headers,
                  char *name, uint32_t room)
{
    name[0] = '\0';
    for (unsigned i = 0; i < elf->e_phnum; i++)
        if (headers[i].p_type == PT_INTERP) {
            if (headers[i].p_filesz >= room)
                return ERR_NOT_EXECUTABLE;
            name[headers[i].p_filesz] = '\0';
            return image_read (image, headers[i].p_offset, name, (uint32_t)headers[i].p_filesz);
        }
    return OK;
}

/* ---- the first stack ---- */

/* The mapping of a stack that begins with so many bytes. */
static enum status
stack_map (const struct task *task, struct space *space, uint64_t bytes)
{
    uint64_t most = task->guest->group->memory.stack, all = bytes + STACK_ROOM, place;

    if (all > most)
        all = most;
    if (all < bytes)
        all = bytes;
    all   = (all + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    place = GUEST_USER_END - all;
    return space_map_file (space, &place, all, SPACE_READ | SPACE_WRITE, VM_MAP_STACK, 0, 0, 0);
}

static enum status
stack_fill (const struct task *task, struct space *space, const struct guest_program *program,
            const char *path, const struct process_info_rep *who, const struct loaded *loaded,
            uint64_t interpreter_base, uint64_t *stack)
{
    uint64_t pointers = 1 + (uint64_t)program->arguments + 1 + program->environment + 1 + 2 * 20;
    uint64_t text     = program->bytes + strlen (path) + 1 + 16 + 8;
    uint64_t bytes    = (pointers * 8 + text + 15) & ~15ull;
    uint64_t bottom   = (GUEST_USER_END - bytes) & ~15ull, at, random[2];
    uint8_t *image    = component_alloc (self (), bytes);
    uint64_t *word    = (uint64_t *)(void *)image;
    uint64_t text_at  = pointers * 8, path_at;
    enum status status;

    if (image == NULL)
        return ERR_NO_MEMORY;
    random[0] = component_random (self ());
    random[1] = component_random (self ());
    memcpy (image + text_at, random, 16);
    path_at = text_at + 16;
    memcpy (image + path_at, path, strlen (path) + 1);
    at = path_at + strlen (path) + 1;
    memcpy (image + at, program->strings, program->bytes);
    *word++ = program->arguments;
    for (uint32_t i = 0; i < program->arguments + program->environment; i++) {
        if (i == program->arguments)
            *word++ = 0;
        *word++ = bottom + at;
        at += strlen ((const char *)image + at) + 1;
    }
    if (program->environment == 0)
        *word++ = 0;
    *word++ = 0;
    const uint64_t auxiliary[][2] = {
        { AT_PHDR, loaded->headers },
        { AT_PHENT, sizeof (Elf64_Phdr) },
        { AT_PHNUM, loaded->header_count },
        { AT_PAGESZ, PAGE_BYTES },
        { AT_BASE, interpreter_base },
        { AT_FLAGS, 0 },
        { AT_ENTRY, loaded->entry },
        { AT_UID, who->uid },
        { AT_EUID, who->effective_uid },
        { AT_GID, who->gid },
        { AT_EGID, who->effective_gid },
        { AT_SECURE, who->effective_uid != who->uid || who->effective_gid != who->gid },
        { AT_CLKTCK, 100 },
        { AT_RANDOM, bottom + text_at },
        { AT_EXECFN, bottom + path_at },
        { AT_NULL, 0 },
    };
    memcpy (word, auxiliary, sizeof auxiliary);
    status = stack_map (task, space, GUEST_USER_END - bottom);
    if (status == OK)
        status = space_write (space, bottom, image, bytes);
    component_free (self (), image);
    *stack = bottom;
    return status;
}

/* ---- all together ---- */

/* Once it executes its new program. */
static enum status
who_it_is (const struct task *task, struct process_info_rep *who)
{
    const struct guest_rights *rights = &task->guest->rights;
    struct process_info_req request   = { .process = task->pid };
    enum status status = process_info (nucleus_link (INTERFACE_process), &request, who);

    if ((rights->become & BECOME_USER) != 0)
        who->effective_uid = rights->uid;
    if ((rights->become & BECOME_GROUP) != 0)
        who->effective_gid = rights->gid;
    return status;
}

/* Fills a space that holds nothing. */
static enum status
fill (struct task *task, struct space *space, const struct guest_program *program,
      const char *path, struct image *image, struct image *interpreter)
{
    struct guest *guest   = task->guest;
    struct loaded loaded  = { 0 }, helper = { 0 };
    struct process_info_rep who;
    uint64_t stack        = 0;
    enum status status    = image_map (space, image, PIE_BASE, &loaded);

    if (status == OK && interpreter != NULL)
        status = image_map (space, interpreter, INTERP_BASE, &helper);
    if (status == OK)
        status = who_it_is (task, &who);
    if (status == OK)
        status = stack_fill (task, space, program, path, &who, &loaded, helper.base, &stack);
    if (status != OK)
        return status;
    space->heap_first = space->heap_end
        = (loaded.end + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    memset (guest->registers, 0, sizeof guest->registers);
    guest->registers[GUEST_RIP]   = interpreter != NULL ? helper.entry : loaded.entry;
    guest->registers[GUEST_RSP]   = stack;
    guest->registers[GUEST_FLAGS] = 0x202;
    guest->thread_pointer         = 0;
    return OK;
}

/* The point of no return is where other threads have ended for it, or behind the tests. */
static enum status
replace (struct task *task, const struct guest_program *program, const char *path,
         const struct guest_rights *rights, struct image *image, struct image *interpreter,
         bool *lost)
{
    struct guest *guest = task->guest;
    struct space *space = guest->space;
    bool alone          = guest->group->members == 1;
    enum status status  = guest_end_others (task);

    if (status != OK)
        return status;
    *lost = !alone;
    if (space == NULL || space->refs > 1) {
        space = space_new (task->pid);
        if (space == NULL)
            return ERR_NO_MEMORY;
        status = guest_process_take (space);
        if (status != OK) {
            space_put (space);
            return status;
        }
        linux_robust_leave (task);
        if (guest->space != NULL && guest->space->loaded == guest)
            guest->space->loaded = NULL;
        space_put (guest->space);
        guest->space = space;
        status       = guest_limit_space (task);
    } else {
        linux_robust_leave (task);
        space_clear (space);
    }
    *lost            = true;
    guest->clear_tid = 0;
    component_wake_all (self (), &guest->vfork);
    guest_process_fresh_state (space);
    component_free (self (), guest->state);
    guest->state  = NULL;
    guest->rights = *rights;
    space->loaded = guest;
    if (status == OK)
        status = fill (task, space, program, path, image, interpreter);
    if (status != OK)
        return status;
    strncpy (guest->path, path, sizeof guest->path - 1);
    linux_exec_signals (task);
    return OK;
}

/* Follows `#!` lines to a file that can be run; its image, or why not. No image and OK: the
 * task has become a program of ours. */
static enum status
find_program (struct task *task, struct guest_program *program, char *path, char **strings,
              struct guest_rights *rights, struct image **image)
{
    for (unsigned depth = 0;; depth++) {
        char line[SCRIPT_LINE], *interpreter, *argument;
        enum status status = image_open_allowed (task, path, true, rights, image);

        if (status != OK)
            return status == ERR_NOT_FOUND && depth != 0 ? ERR_NO_INTERPRETER : status;
        status = image_read (*image, 0, line, sizeof line);
        if (status == OK && (line[0] != '#' || line[1] != '!'))
            return OK;
        image_put (*image);
        *image = NULL;
        if (status != OK)
            return status;
        if (memcmp (line, built_in_mark, sizeof built_in_mark - 1) == 0)
            return become_built_in (task, program, path);
        status = script_parse (line, &interpreter, &argument);
        if (status == OK && depth == SCRIPT_DEPTH)
            status = ERR_LOOP;
        if (status == OK)
            status = script_arguments (task, program, program->path, interpreter, argument,
                                       strings);
        if (status == OK)
            status = absolute (task, interpreter, path, FILE_PATH_MAX);
        if (status != OK)
            return status;
        program->path = program->strings; /* the interpreter, as written */
    }
}

/* Looks for the interpreter of a dynamic one; then the task is another program. */
static enum status
load (struct task *task, const struct guest_program *program, const char *path,
      const struct guest_rights *rights, struct image *image, bool *lost)
{
    struct image *interpreter = NULL;
    struct guest_rights none; /* an interpreter gives none */
    char name[256];
    Elf64_Phdr *headers;
    Elf64_Ehdr elf;
    enum status status = elf_headers (image, &elf, &headers);

    if (status == OK)
        status = interpreter_name (image, &elf, headers, name, sizeof name);
    component_free (self (), headers);
    if (status == OK && name[0] != '\0')
        status = image_open_allowed (task, name, false, &none, &interpreter);
    if (status == ERR_NOT_FOUND)
        status = ERR_NO_INTERPRETER;
    if (status == OK && interpreter != NULL) { /* what is wrong with it shall be told, not kill */
        status = elf_headers (interpreter, &elf, &headers);
        component_free (self (), headers);
    }
    if (status == OK)
        status = task->ending ? ERR_INTERRUPTED
                              : replace (task, program, path, rights, image, interpreter, lost);
    if (status == OK)
        strings_set (task, path, program->strings, program->bytes, program->arguments);
    image_put (interpreter);
    return status;
}

enum status
guest_exec (struct task *task, const struct guest_program *wanted, bool *lost)
{
    struct guest_program program = *wanted;
    struct guest_rights rights;
    struct image *image = NULL;
    char *path = component_alloc (self (), FILE_PATH_MAX), *strings = NULL;
    enum status status = path != NULL ? OK : ERR_NO_MEMORY;

    *lost = false;
    if (status == OK)
        status = absolute (task, program.path, path, FILE_PATH_MAX);
    if (status == OK)
        status = find_program (task, &program, path, &strings, &rights, &image);
    if (status == OK && image != NULL)
        status = load (task, &program, path, &rights, image, lost);
    image_put (image);
    component_free (self (), strings);
    component_free (self (), path);
    return status;
}
