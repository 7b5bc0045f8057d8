#include "store/database.h"

#include <errno.h>

/* What SQLite's codes mean for a person. */
static nb_code explain(const nb_store *store, const char *what, int code, nb_error *err)
{
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        (void)nb_fail(err, NB_ERR_IO, "%s '%s': the file is damaged (%s)", what, store->path,
                      sqlite3_errmsg(store->db));
        nb_error_hint(
            err,
            "move it away to start a new one: models and logs stay, only the list of jobs goes");
        return err->code;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        (void)nb_fail(err, NB_ERR_TIMEOUT, "%s '%s': another program keeps it locked", what,
                      store->path);
        nb_error_hint(err, "try again when that program has ended ('fuser %s' names it)",
                      store->path);
        return err->code;
    case SQLITE_FULL:
        (void)nb_fail(err, NB_ERR_IO, "%s '%s': no space left on the device", what, store->path);
        nb_error_hint(err, "make room on the disk, then run the command again");
        return err->code;
    case SQLITE_READONLY:
        return nb_fail(err, NB_ERR_IO, "%s '%s': it is read-only", what, store->path);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        errno = sqlite3_system_errno(store->db);
        if (errno != 0)
            return nb_fail_errno(err, "%s '%s'", what, store->path);
        break;
    }
    return nb_fail(err, NB_ERR_IO, "%s '%s': %s", what, store->path, sqlite3_errstr(code));
}

nb_code nb_store_fail(const nb_store *store, const char *what, nb_error *err)
{
    return explain(store, what, sqlite3_extended_errcode(store->db), err);
}

nb_code nb_store_exec(const nb_store *store, const char *sql, const char *what, nb_error *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return nb_store_fail(store, what, err);
    return NB_OK;
}

sqlite3_stmt *nb_store_prepare(const nb_store *store, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    return sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) == SQLITE_OK ? stmt : NULL;
}

nb_code nb_store_number(const nb_store *store, const char *sql, const char *what, int64_t *out,
                        nb_error *err)
{
    NB_AUTO(nb_stmt) stmt = nb_store_prepare(store, sql);
    if (!stmt || sqlite3_step(stmt) != SQLITE_ROW)
        return nb_store_fail(store, what, err);
    *out = sqlite3_column_int64(stmt, 0);
    return NB_OK;
}

nb_str nb_store_text(nb_arena *arena, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return nb_arena_str(arena,
                        (nb_str){text, text ? (size_t)sqlite3_column_bytes(row, column) : 0});
}
