/* The schema, step by step: a file of version n gets the steps n, n+1, ... Steps are never changed once released. */
#include "store/database.h"

#define APPLICATION_ID 1851941995 /* "nbdk" in the file's header */
#define AS_TEXT_(x)    #x
#define AS_TEXT(x)     AS_TEXT_(x)

static const char *const steps[] = {
    "CREATE TABLE jobs ("
    " id TEXT NOT NULL UNIQUE,"
    " experiment TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " provider TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " started_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL,"
    " exit_status INTEGER NOT NULL,"
    " signal INTEGER NOT NULL,"
    " pid INTEGER NOT NULL,"
    " pid_start INTEGER NOT NULL,"
    " watcher INTEGER NOT NULL,"
    " watcher_start INTEGER NOT NULL,"
    " boot_id TEXT NOT NULL,"
    " host TEXT NOT NULL,"
    " stop_requested INTEGER NOT NULL,"
    " hyperparameters TEXT NOT NULL,"
    " metrics TEXT NOT NULL,"
    " notebook TEXT NOT NULL,"
    " notebook_sha256 TEXT NOT NULL,"
    " git_commit TEXT NOT NULL,"
    " model_dir TEXT NOT NULL,"
    " log_path TEXT NOT NULL,"
    " python TEXT NOT NULL,"
    " run_id TEXT NOT NULL,"
    " UNIQUE (experiment, number)"
    ") STRICT;"
    "PRAGMA application_id = " AS_TEXT(APPLICATION_ID) ";",
};

static nb_code refuse_foreign(const nb_store *store, int64_t id, int64_t version, nb_error *err)
{
    if (id != APPLICATION_ID && (id != 0 || version != 0)) {
        (void)nb_fail(err, NB_ERR_CONFIG, "'%s' is a database of another program", store->path);
        nb_error_hint(err, "move it away; notebooked then makes its own");
        return err->code;
    }
    if (version > (int64_t)NB_LEN(steps)) {
        (void)nb_fail(err, NB_ERR_CONFIG, "'%s' was written by a newer version of notebooked",
                      store->path);
        nb_error_hint(err, "update notebooked, or move the file away to start a new one");
        return err->code;
    }
    return NB_OK;
}

/* The version first: another process may be making the tables, and sets it last. */
static nb_code versions(const nb_store *store, int64_t *version, nb_error *err)
{
    int64_t id = 0;
    if (nb_store_number(store, "PRAGMA user_version", "cannot read", version, err) != NB_OK ||
        nb_store_number(store, "PRAGMA application_id", "cannot read", &id, err) != NB_OK)
        return err->code;
    return refuse_foreign(store, id, *version, err);
}

static nb_code apply(const nb_store *store, int64_t from, nb_error *err)
{
    for (size_t i = (size_t)from; i < NB_LEN(steps); i++) {
        char mark[64];
        (void)snprintf(mark, sizeof mark, "PRAGMA user_version = %zu", i + 1);
        if (nb_store_exec(store, steps[i], "cannot bring up to date", err) != NB_OK ||
            nb_store_exec(store, mark, "cannot bring up to date", err) != NB_OK)
            return err->code;
    }
    return NB_OK;
}

/* The version is read again inside the transaction: another process may have been faster. */
static nb_code upgrade(const nb_store *store, nb_error *err)
{
    int64_t version = 0;
    if (nb_store_exec(store, "BEGIN IMMEDIATE", "cannot bring up to date", err) != NB_OK)
        return err->code;
    if (versions(store, &version, err) != NB_OK || apply(store, version, err) != NB_OK) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return err->code;
    }
    return nb_store_exec(store, "COMMIT", "cannot bring up to date", err);
}

nb_code nb_store_migrate(nb_store *store, nb_error *err)
{
    int64_t version = 0;
    if (versions(store, &version, err) != NB_OK)
        return err->code;
    if (version == (int64_t)NB_LEN(steps))
        return NB_OK;
    if (!store->writable)
        return nb_fail(err, NB_ERR_IO,
                       "'%s' is of an older version and cannot be updated: it is read-only",
                       store->path);
    return upgrade(store, err);
}
