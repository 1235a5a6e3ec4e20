/* table: rows of text with a header: what lists show, and what is exported. */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "ui/filter.h"
#include "ui/pane.h"

#define TABLE_COLUMNS_MAX 14u

struct table_column {
    const char *title;
    int columns; /* at least; negative: aligned to the right */
};

struct table_row {
    enum style_id style;
    char *cells[TABLE_COLUMNS_MAX]; /* owned */
    char *line;                     /* owned; what filters match; NULL: the cells */
};

typedef struct Table {
    guint column_count;
    struct table_column column[TABLE_COLUMNS_MAX];
    guint flexible; /* the column that gives way if there is too little room; from 1; 0: none */
    GArray *rows; /* of struct table_row */
} Table;

Table *table_new (void);
void table_free (Table *table);
void table_column (Table *table, const char *title, int columns);
/* One string for each column, NULL at the end. */
void table_add (Table *table, enum style_id style, ...) G_GNUC_NULL_TERMINATED;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Table, table_free)

/* Where somebody is in a list. */
struct list {
    int selected, top, count, page; /* count and page are of the last drawing */
    bool stay; /* else the last row is selected, whatever comes */
};

void list_move (struct list *list, int move); /* enum move */
/* "follow", for lists that grow: stays where it is, or goes to the newest. False: another. */
bool list_command (struct list *list, const char *command);
const char *list_says (const struct list *list); /* which of the two */
/* Says which row is at the top, for `count` rows on a page of `page`. */
void list_place (struct list *list, int count, int page);

/* Header and rows that match; `from_the_end`: as a log, the newest is selected. */
void table_draw (const Table *table, struct pane *pane, struct list *list, const Filter *filter,
                 bool focused);

/* Whole, for files. The caller frees. */
char *table_text (const Table *table);
char *table_csv (const Table *table);
char *table_json (const Table *table);

#endif
