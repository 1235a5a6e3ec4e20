/* programs: which files are programs, and what is said of those that are not. */
#include <elf.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "guests/case.h"

static char self[4096]; /* this program, which every script here leads to */

static void
put (const char *name, const void *bytes, size_t count)
{
    int fd = open (name, O_CREAT | O_TRUNC | O_WRONLY, 0755);

    if (write (fd, bytes, count) != (ssize_t)count || close (fd) != 0 || chmod (name, 0755) != 0)
        abort ();
}

static void
put_text (const char *name, const char *text)
{
    put (name, text, strlen (text));
}

/* A script of which the text's %s is this program. */
static void
script (const char *name, const char *text)
{
    char line[8192];

    snprintf (line, sizeof line, text, self);
    put_text (name, line);
}

/* What comes of it: 256 + errno, or its exit status, or 512 + a signal. */
static int
run (const char *name, char *argument)
{
    char *arguments[] = { (char *)name, argument, NULL };
    int status;

    fflush (stdout);
    if (fork () == 0) {
        execv (name, arguments);
        _exit (errno);
    }
    wait (&status);
    return WIFSIGNALED (status) ? 512 + WTERMSIG (status) : WEXITSTATUS (status);
}

#define RUNS(name, argument) is (name " is run", run (name, argument) == 77)
#define REFUSED(name, why)   is (name " " #why, run (name, NULL) == why)

/* Arguments as a script's interpreter gets them: `ARGUMENT PATH [...]`, of which it says whether
 * the first is what it should be: its length. */
static int
interpreted (int count, char **argument)
{
    if (count >= 3 && strncmp (argument[1], "length=", 7) == 0)
        return (int)strlen (argument[1]) == atoi (argument[1] + 7) ? 77 : 1;
    return 77;
}

static void
scripts (void)
{
    char text[400], name[16], line[300];

    script ("plain", "#!%s\n");
    RUNS ("plain", NULL);
    script ("argument", "#! \t %s  length=17-one two \t \n");
    RUNS ("argument", NULL);
    script ("no-newline", "#!%s");
    RUNS ("no-newline", NULL);
    script ("no-newline-argument", "#!%s length=09");
    RUNS ("no-newline-argument", NULL);
    /* 255 bytes are looked at: what is left of the argument then. */
    snprintf (line, sizeof line, "length=%03d-", 255 - 3 - (int)strlen (self));
    snprintf (text, sizeof text, "#!%s %s%0280d\nrest", self, line, 0);
    put_text ("long", text);
    RUNS ("long", NULL);
    snprintf (text, sizeof text, "#!/%0300d\n", 0);
    put_text ("long-name", text);
    REFUSED ("long-name", ENOEXEC);
    put_text ("empty", "#!");
    REFUSED ("empty", EACCES);
    put_text ("blank", "#!  \t \n");
    REFUSED ("blank", ENOEXEC);
    snprintf (text, sizeof text, "#!%300s", "");
    put_text ("all-blank", text);
    REFUSED ("all-blank", ENOEXEC);
    script ("return", "#!%s\r\n");
    REFUSED ("return", ENOENT);
    put_text ("missing", "#!/no/such/file\n");
    REFUSED ("missing", ENOENT);
    put_text ("directory", "#!/tmp\n");
    REFUSED ("directory", EACCES);
    put_text ("text", "hello\n");
    REFUSED ("text", ENOEXEC);
    script ("nested1", "#!%s\n");
    for (int i = 2; i <= 6; i++) {
        snprintf (name, sizeof name, "nested%d", i);
        snprintf (text, sizeof text, "#!./nested%d\n", i - 1);
        put_text (name, text);
    }
    RUNS ("nested4", NULL);
    RUNS ("nested5", NULL);
    REFUSED ("nested6", ELOOP);
    put_text ("itself", "#!./itself\n");
    REFUSED ("itself", ELOOP);
}

static char *
contents (const char *name, size_t *bytes)
{
    struct stat status;
    int fd = open (name, O_RDONLY);
    char *text;

    fstat (fd, &status);
    text = malloc ((size_t)status.st_size);
    *bytes = (size_t)read (fd, text, (size_t)status.st_size);
    close (fd);
    return text;
}

/* The smallest program: it ends with 77. Its headers are so many, all but one of them nothing. */
static void
small (const char *name, unsigned headers)
{
    static const unsigned char code[] = { 0xb8, 60, 0, 0, 0, 0xbf, 77, 0, 0, 0, 0x0f, 0x05 };
    size_t bytes     = sizeof (Elf64_Ehdr) + headers * sizeof (Elf64_Phdr) + sizeof code;
    char *file       = calloc (1, bytes);
    Elf64_Ehdr *elf  = (void *)file;
    Elf64_Phdr *load = (void *)(elf + 1);

    memcpy (elf->e_ident, ELFMAG, SELFMAG);
    elf->e_ident[EI_CLASS]   = ELFCLASS64;
    elf->e_ident[EI_DATA]    = ELFDATA2LSB;
    elf->e_ident[EI_VERSION] = EV_CURRENT;
    elf->e_type              = ET_EXEC;
    elf->e_machine           = EM_X86_64;
    elf->e_version           = EV_CURRENT;
    elf->e_entry             = 0x400000 + bytes - sizeof code;
    elf->e_phoff             = sizeof *elf;
    elf->e_ehsize            = sizeof *elf;
    elf->e_phentsize         = sizeof *load;
    elf->e_phnum             = (Elf64_Half)headers;
    load->p_type             = PT_LOAD;
    load->p_flags            = PF_R | PF_X;
    load->p_vaddr = load->p_paddr = 0x400000;
    load->p_filesz = load->p_memsz = bytes;
    load->p_align                  = 4096;
    memcpy (file + bytes - sizeof code, code, sizeof code);
    put (name, file, bytes);
    free (file);
}

static void
files (void)
{
    size_t bytes;
    char *program = contents (self, &bytes);
    Elf64_Ehdr *elf = (void *)program;

    put ("whole", program, bytes);
    is ("whole is run", run ("whole", "x") == 77);
    unlink ("whole"); /* it is long, and others come after us */
    put ("cut-at-10", program, 10);
    REFUSED ("cut-at-10", ENOEXEC);
    put ("cut-at-64", program, 64);
    REFUSED ("cut-at-64", ENOEXEC);
    put ("cut-at-100", program, 100);
    REFUSED ("cut-at-100", ENOEXEC);
    put ("cut-in-the-last-header", program, elf->e_phoff + elf->e_phnum * sizeof (Elf64_Phdr) - 1);
    REFUSED ("cut-in-the-last-header", ENOEXEC);
    put ("nothing", "", 0);
    REFUSED ("nothing", ENOEXEC);
    elf->e_phnum = 0;
    put ("no-headers", program, 4096);
    REFUSED ("no-headers", ENOEXEC);
    small ("one-header", 1);
    RUNS ("one-header", NULL);
    small ("33-headers", 33);
    RUNS ("33-headers", NULL);
    small ("1000-headers", 1000);
    RUNS ("1000-headers", NULL);
    small ("1171-headers", 1171);
    REFUSED ("1171-headers", ENOEXEC);
    free (program);
}

int
main (int count, char **argument)
{
    if (count > 1)
        return interpreted (count, argument);
    if (readlink ("/proc/self/exe", self, sizeof self - 1) < 0)
        strcpy (self, argument[0]);
    scripts ();
    files ();
    return done ();
}
