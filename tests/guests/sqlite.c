/* sqlite: a database of 10,000 rows, written in transactions, some of which are taken back.
 * What it prints depends on nothing but SQLite. */
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>

static sqlite3 *database;

static void
check (int result, const char *what)
{
    if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW)
        return;
    printf ("%s: %s\n", what, sqlite3_errmsg (database));
    exit (1);
}

static void
run (const char *statement)
{
    check (sqlite3_exec (database, statement, NULL, NULL, NULL), statement);
}

static void
show (const char *query)
{
    sqlite3_stmt *statement;

    check (sqlite3_prepare_v2 (database, query, -1, &statement, NULL), query);
    while (sqlite3_step (statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count (statement); i++)
            printf ("%s%s", sqlite3_column_text (statement, i),
                    i + 1 < sqlite3_column_count (statement) ? " " : "\n");
    check (sqlite3_finalize (statement), query);
}

static void
insert (int first, int count)
{
    sqlite3_stmt *statement;

    check (sqlite3_prepare_v2 (database, "insert into t values (?, ?, ?)", -1, &statement, NULL),
           "insert");
    for (int i = first; i < first + count; i++) {
        char text[40];

        snprintf (text, sizeof text, "row %d of them", i);
        sqlite3_bind_int (statement, 1, i);
        sqlite3_bind_text (statement, 2, text, -1, SQLITE_TRANSIENT);
        sqlite3_bind_double (statement, 3, i / 8.0);
        check (sqlite3_step (statement), "step");
        sqlite3_reset (statement);
    }
    sqlite3_finalize (statement);
}

int
main (int argc, char **argv)
{
    (void)argc;
    check (sqlite3_open (argv[1], &database), "open");
    run ("create table t (a integer primary key, b text, c real); create index ib on t (b)");
    for (int i = 0; i < 20; i++) {
        run ("begin");
        insert (i * 500, 500);
        run ("commit");
    }
    run ("begin; delete from t where a % 3 = 0");
    insert (20000, 700);
    run ("rollback");
    show ("select count(*), sum(a), total(c), max(b) from t");
    run ("update t set b = b || ' again' where a % 7 = 0; delete from t where a between 100 and 199");
    show ("select count(*), sum(length(b)) from t");
    check (sqlite3_close (database), "close");
    check (sqlite3_open (argv[1], &database), "open");
    show ("pragma integrity_check");
    show ("select a, b, c from t where b like '%99% again' order by a limit 5");
    run ("vacuum");
    show ("pragma integrity_check");
    show ("pragma page_count");
    return sqlite3_close (database);
}
