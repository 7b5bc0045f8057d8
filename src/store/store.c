#include "store/store.h"

#include "base/fs.h"
#include "base/trace.h"
#include "store/database.h"

#include <errno.h>
#include <sys/stat.h>

enum { BUSY_MS = 10000, WAL_TRIES = 200, WAL_PAUSE_MS = 25 };

#define FOLDER ".notebooked"

/* What of the folder belongs into no repository; templates in it do. */
static const nb_str ignore_file = NB_STR_ROW("state.db*\nlogs/\n");

static nb_code make_folder(const nb_store *store, nb_arena *arena, const char *root, nb_error *err)
{
    const char *folder = nb_arena_printf(arena, "%s/" FOLDER, root).at;
    const char *ignore = nb_arena_printf(arena, "%s/.gitignore", folder).at;
    if (nb_dir_make(folder, err) != NB_OK)
        return err->code;
    if (nb_path_exists(store->path) || nb_path_exists(ignore))
        return NB_OK;
    return nb_file_replace(ignore, ignore_file, 0666, err);
}

/* The name of a file in a folder that nobody may write to: SQLite must not look for its companions there. */
static const char *immutable_uri(nb_arena *arena, const char *path)
{
    NB_AUTO(nb_buf) uri = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putz(&uri, "file:");
    for (const char *at = path; *at; at++) {
        if (*at == '%' || *at == '?' || *at == '#')
            nb_buf_printf(&uri, "%%%02X", (unsigned)*at);
        else
            nb_buf_putc(&uri, *at);
    }
    nb_buf_putz(&uri, "?immutable=1");
    return nb_arena_z(arena, nb_buf_view(&uri));
}

static nb_code connect(nb_store *store, const char *name, int flags, nb_error *err)
{
    (void)sqlite3_close(store->db);
    int code = sqlite3_open_v2(name, &store->db,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        return nb_store_fail(store, "cannot open", err);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    store->writable = sqlite3_db_readonly(store->db, "main") == 0;
    return NB_OK;
}

/* Readers and the writer do not wait for each other then. Where it cannot be had (some network file systems) the
 * usual journal does. The change of mode fails at once while another process makes it: SQLite does not wait here. */
static nb_code use_wal(const nb_store *store, nb_error *err)
{
    int code = SQLITE_BUSY;
    for (int i = 0; i < WAL_TRIES && (code & 0xff) == SQLITE_BUSY; i++) {
        code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((code & 0xff) == SQLITE_BUSY)
            sqlite3_sleep(WAL_PAUSE_MS);
    }
    return code == SQLITE_OK ? NB_OK : nb_store_fail(store, "cannot open", err);
}

static nb_code open_to_write(nb_store *store, nb_arena *arena, const char *root, nb_error *err)
{
    if (make_folder(store, arena, root, err) != NB_OK ||
        connect(store, store->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err) != NB_OK)
        return err->code;
    if (!store->writable)
        return nb_fail(err, NB_ERR_IO, "cannot write to '%s': it is read-only", store->path);
    return use_wal(store, err) == NB_OK ? nb_store_migrate(store, err) : err->code;
}

static nb_code open_to_look(nb_store *store, nb_arena *arena, nb_error *err)
{
    nb_code code = connect(store, store->path, SQLITE_OPEN_READWRITE, err);
    if (code == NB_OK)
        code = nb_store_migrate(store, err);
    int why = code == NB_OK ? SQLITE_OK : sqlite3_errcode(store->db) & 0xff;
    if (why != SQLITE_CANTOPEN && why != SQLITE_READONLY)
        return code;
    code = connect(store, immutable_uri(arena, store->path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                   err);
    return code == NB_OK ? nb_store_migrate(store, err) : code;
}

nb_code nb_store_open(const char *root, nb_store_mode mode, nb_store **out, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const char *path = nb_arena_printf(&arena, "%s/" FOLDER "/state.db", root).at;
    if (mode == NB_STORE_LOOK && !nb_path_exists(path)) {
        *out = NULL;
        return NB_OK;
    }
    nb_store *store = calloc(1, sizeof(*store));
    char *copy = strdup(path);
    if (!store || !copy)
        abort();
    store->path = copy;
    nb_code code = mode == NB_STORE_WRITE ? open_to_write(store, &arena, root, err)
                                          : open_to_look(store, &arena, err);
    if (code != NB_OK) {
        nb_store_close(store);
        return nb_wrap(err, "cannot use the project's list of jobs");
    }
    nb_trace(NB_TRACE_STORE, "opened %s%s", path, store->writable ? "" : ", read-only");
    *out = store;
    return NB_OK;
}

void nb_store_close(nb_store *store)
{
    if (!store)
        return;
    (void)sqlite3_close(store->db);
    free(store->path);
    free(store);
}

bool nb_store_writable(const nb_store *store)
{
    return store && store->writable;
}
