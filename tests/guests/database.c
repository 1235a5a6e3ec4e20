/* database: how SQLite keeps a database whole.
 *
 *     database FILE journals       each journal mode: written, taken back, opened again
 *     database FILE stand MODE     stands in the middle of a transaction, until it is killed
 *     database FILE write MODE N   that many transactions; says of each when it is on the disk
 *     database FILE look           what is there, and whether it is whole
 *     database FILE upkeep N       N times what keeps a database in order: it is vacuumed, checkpointed,
 *                                  attached to another, backed up; whole after each
 *
 * What it prints depends on nothing but SQLite. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS "100" /* of a transaction */

static sqlite3 *database;

static int
row_show (void *user, int count, char **values, char **names)
{
    (void)user, (void)names;
    for (int i = 0; i < count; i++)
        printf ("%s%s", values[i] != NULL ? values[i] : "null", i + 1 < count ? " " : "\n");
    return 0;
}

/* Prints the rows, if there are any. `format` as of sqlite3_mprintf, with one word. */
static void
run (const char *format, const char *word)
{
    char *statements = sqlite3_mprintf (format, word), *message = NULL;

    if (sqlite3_exec (database, statements, row_show, NULL, &message) != SQLITE_OK) {
        printf ("%s: %s\n", statements, message);
        exit (1);
    }
    sqlite3_free (statements);
}

/* Few pages are kept in memory, so a transaction writes before its end. */
static void
open_it (const char *name)
{
    if (sqlite3_open (name, &database) != SQLITE_OK) {
        printf ("open: %s\n", sqlite3_errmsg (database));
        exit (1);
    }
    run ("pragma cache_size = 10", NULL);
}

static void
insert (void)
{
    run ("insert into t with recursive n (i) as (select 1 union all select i + 1 from n where i < " ROWS ") "
         "select null, hex (zeroblob (200 + i)) from n",
         NULL);
}

static void
look (void)
{
    run ("select count(*), sum(length(b)), max(a) from t; pragma integrity_check", NULL);
}

/* Ready to be written in that way; a table if there is none. */
static void
begin (const char *mode)
{
    run ("pragma journal_mode = %s", mode);
    run ("pragma synchronous = extra", NULL); /* else the end of a journal need not be on the disk */
    run ("create table if not exists t (a integer primary key, b text); create index if not exists i on t (b)",
         NULL);
}

static void
journals (const char *name)
{
    static const char *const modes[] = { "delete", "truncate", "persist", "memory", "wal", "off", "wal", "delete" };

    for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
        open_it (name);
        begin (modes[i]);
        run ("begin", NULL);
        insert ();
        run ("commit", NULL);
        if (strcmp (modes[i], "off") != 0) { /* there is no way back then */
            run ("begin; delete from t where a %% 3 = 0; update t set b = b || 'x'", NULL);
            run ("savepoint s; delete from t; rollback to s", NULL);
            run ("select count(*), sum(length(b)) from t; rollback", NULL);
        }
        look ();
        printf ("close %d\n", sqlite3_close (database));
    }
}

/* ---- upkeep ---- */

static void
whole (const char *after)
{
    printf ("%s: ", after);
    run ("pragma integrity_check", NULL);
}

/* Page by page into another file, while this one is read. */
static void
back_up (const char *name)
{
    sqlite3 *other         = NULL;
    sqlite3_backup *backup = NULL;
    int steps              = 0;

    if (sqlite3_open (name, &other) == SQLITE_OK)
        backup = sqlite3_backup_init (other, "main", database, "main");
    while (backup != NULL && sqlite3_backup_step (backup, 2) == SQLITE_OK)
        steps++;
    printf ("backup %d, %s, some steps: %s\n", sqlite3_backup_finish (backup), sqlite3_errmsg (other),
            steps > 3 ? "yes" : "no");
    sqlite3_close (other);
}

static void
upkeep (const char *name, int round)
{
    char *other = sqlite3_mprintf ("%s-%d", name, round);

    open_it (name);
    begin (round % 2 == 0 ? "wal" : "delete");
    for (int i = 0; i < 5; i++)
        insert ();
    run ("pragma wal_checkpoint(passive); pragma wal_checkpoint(truncate)", NULL);
    whole ("checkpoint");
    run ("delete from t where a %% 4 != 0; pragma freelist_count", NULL);
    run ("vacuum; pragma freelist_count; pragma page_count", NULL);
    whole ("vacuum");
    run ("vacuum into '%w.copy'", other);
    run ("attach '%w.copy' as o", other);
    run ("begin; insert into o.t select null, 'from ' || a from main.t; delete from main.t where a %% 8 = 0;"
         " commit; select count(*), sum(length(b)) from o.t; pragma o.integrity_check; detach o",
         NULL);
    look ();
    back_up (other);
    run ("pragma auto_vacuum = incremental; vacuum; delete from t where a %% 3 = 0; pragma incremental_vacuum;"
         " pragma freelist_count; reindex; analyze; select * from sqlite_stat1 order by idx; pragma optimize",
         NULL);
    look ();
    printf ("close %d\n", sqlite3_close (database));
    open_it (other); /* what was backed up */
    look ();
    printf ("close %d\n", sqlite3_close (database));
    sqlite3_free (other);
}

int
main (int argc, char **argv)
{
    const char *what = argc > 2 ? argv[2] : "", *mode = argc > 3 ? argv[3] : "delete";

    setvbuf (stdout, NULL, _IOLBF, 0);
    if (strcmp (what, "journals") == 0) {
        journals (argv[1]);
        return 0;
    }
    if (strcmp (what, "upkeep") == 0) {
        for (int round = 0; round < (argc > 3 ? atoi (argv[3]) : 1); round++)
            upkeep (argv[1], round);
        return 0;
    }
    open_it (argv[1]);
    if (strcmp (what, "look") == 0) {
        look ();
        return sqlite3_close (database);
    }
    begin (mode);
    if (strcmp (what, "stand") == 0) {
        insert ();
        run ("begin; update t set b = b || 'half done'", NULL);
        insert ();
        puts ("in the middle");
        pause ();
    }
    for (int i = 1; i <= (argc > 4 ? atoi (argv[4]) : 0); i++) {
        run ("begin", NULL);
        insert ();
        run ("commit", NULL);
        printf ("committed %d\n", i);
    }
    return sqlite3_close (database);
}
