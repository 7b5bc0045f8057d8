/* database.h - SQLite as the store uses it: statements with views, errors for people, schema versions. */
#ifndef NB_STORE_DATABASE_H
#define NB_STORE_DATABASE_H

#include "store/store.h"

#include <sqlite3.h>

struct nb_store {
    sqlite3 *db;
    char *path;
    bool writable;
};

/* The failure of the last call on the database as an error; `what` begins with "cannot". */
nb_code nb_store_fail(const nb_store *store, const char *what, nb_error *err);
/* Runs statements without values. */
nb_code nb_store_exec(const nb_store *store, const char *sql, const char *what, nb_error *err);
/* NULL on failure. */
sqlite3_stmt *nb_store_prepare(const nb_store *store, const char *sql);
/* The one number that `sql` gives. */
nb_code nb_store_number(const nb_store *store, const char *sql, const char *what, int64_t *out,
                        nb_error *err);
/* A text column as a copy in the arena. */
nb_str nb_store_text(nb_arena *arena, sqlite3_stmt *row, int column);

/* Brings the schema up to date (a new file included), or checks that it is when the store is read-only. migrate.c */
nb_code nb_store_migrate(nb_store *store, nb_error *err);

typedef sqlite3_stmt *nb_stmt;
static inline void nb_stmt_auto(nb_stmt *stmt)
{
    (void)sqlite3_finalize(*stmt);
}

#endif
