/* sharers: processes that write to one database at once, with a rollback journal and with a
 * write-ahead log: SQLite relies on locks of ranges and, in the second case, on shared memory. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 3, ROWS = 40 };

static sqlite3 *database;

static void
check (int result, const char *what)
{
    if (result == SQLITE_OK)
        return;
    printf ("%s: %s\n", what, sqlite3_errmsg (database));
    exit (1);
}

static int
show (void *label, int columns, char **values, char **names)
{
    (void)columns, (void)names;
    printf ("%s %s\n", (const char *)label, values[0]);
    return 0;
}

static void
run (const char *statement, const char *label)
{
    check (sqlite3_exec (database, statement, show, (void *)label, NULL), statement);
}

static void
begin (const char *path)
{
    check (sqlite3_open (path, &database), path);
    check (sqlite3_busy_timeout (database, 60000), "timeout");
}

static void
write_rows (const char *path, int writer)
{
    char statement[100];

    begin (path);
    for (int i = 0; i < ROWS; i++) {
        snprintf (statement, sizeof statement, "insert into t values(%d, %d)", writer, i);
        run (statement, "");
    }
    sqlite3_close (database);
    exit (0);
}

static void
share (const char *path, const char *mode)
{
    char statement[100];
    int status, bad = 0;

    begin (path);
    snprintf (statement, sizeof statement, "pragma journal_mode=%s", mode);
    run (statement, "mode");
    run ("create table t(writer, i, unique(writer, i))", "");
    sqlite3_close (database);
    fflush (stdout);
    for (int writer = 0; writer < WRITERS; writer++)
        if (fork () == 0)
            write_rows (path, writer);
    while (wait (&status) > 0)
        bad += status != 0;
    begin (path);
    printf ("%d writers have failed\n", bad);
    run ("select count(*) from t", "rows");
    run ("pragma integrity_check", "integrity");
    sqlite3_close (database);
}

int
main (int argc, char **argv)
{
    if (argc != 2)
        return 2;
    chdir (argv[1]);
    share ("journal", "delete");
    share ("log", "wal");
    return 0;
}
