/* What travels for a module: its file, or all that belongs to its package. */
#include "base/fs.h"
#include "base/path.h"
#include "requirements/local_parts.h"
#include "text/hash.h"

#include <stdlib.h>

enum {
    DEEPEST_FOLDER = 16,
    DEEPEST_SPACE = 2 /* folders without a module of their own around one that has some */
};

/* --- folders ------------------------------------------------------------------------------------ */

/* Environments, what we made ourselves, what tools leave behind. */
static bool is_foreign_folder(nb_arena *arena, nb_str path)
{
    static const char *const names[] = {"__pycache__", "node_modules", "mlruns"};
    static const char *const signs[] = {"pyvenv.cfg", "notebooked.json", ".git"};
    nb_str base = nb_path_base(path);
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(base, names[i]))
            return true;
    for (size_t i = 0; i < NB_LEN(signs); i++)
        if (nb_path_exists(nb_path_join(arena, path, nb_str_from(signs[i])).at))
            return true;
    return base.at[0] == '.' || nb_str_ends(base, NB_STR(".egg-info"));
}

static bool is_foreign_file(nb_str name)
{
    return name.at[0] == '.' || nb_str_ends(name, NB_STR(".pyc")) ||
           nb_str_ends(name, NB_STR(".ipynb")) || nb_str_ends(name, NB_STR("~"));
}

static void walk(nb_arena *arena, nb_str folder, nb_str prefix, unsigned depth, nb_local_names *out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* unreadable: it cannot travel */
    nb_str *names = NULL;
    size_t count = 0;
    if (depth > DEEPEST_FOLDER || nb_dir_list(arena, folder.at, &names, &count, &ignored) != NB_OK)
        return;
    for (size_t i = 0; i < count && out->list.count < NB_LOCAL_MOST; i++) {
        nb_str path = nb_path_join(arena, folder, names[i]);
        nb_str name = nb_path_join(arena, prefix, names[i]);
        if (nb_is_dir(path.at)) {
            if (!is_foreign_folder(arena, path))
                walk(arena, path, name, depth + 1, out);
        } else if (nb_is_file(path.at) && !is_foreign_file(names[i])) {
            nb_vec_push(arena, &out->list, name);
        }
    }
}

static int by_text(const void *a, const void *b)
{
    return nb_str_cmp(*(const nb_str *)a, *(const nb_str *)b);
}

nb_local_names nb_local_walk(nb_arena *arena, nb_str folder)
{
    nb_local_names out = {0};
    walk(arena, nb_arena_str(arena, folder), NB_STR(""), 0, &out);
    if (out.list.count > 1)
        qsort(out.list.at, out.list.count, sizeof(*out.list.at), by_text);
    return out;
}

nb_local_names nb_local_walk_all(const nb_local *local, nb_str folder)
{
    nb_local_names out = nb_local_walk(local->arena, folder);
    for (size_t i = 0; i < local->written.count; i++) {
        nb_str path = local->written.rows[i].key;
        if (path.len > folder.len + 1 && nb_str_starts(path, folder) && path.at[folder.len] == '/')
            nb_vec_push(local->arena, &out.list, nb_str_from_at(path, folder.len + 1));
    }
    if (out.list.count > 1)
        qsort(out.list.at, out.list.count, sizeof(*out.list.at), by_text);
    return out;
}

/* --- collecting ------------------------------------------------------------------------------------ */

typedef struct collector {
    nb_local *local;
    nb_local_files *out;
    nb_map seen; /* names */
    size_t bytes;
} collector;

static bool is_test_folder(nb_str part)
{
    return nb_str_eqz(part, "tests") || nb_str_eqz(part, "test");
}

/* A folder of tests stays behind unless something in it is loaded. */
static bool is_unloaded_test(const nb_local *local, nb_str folder, nb_str name)
{
    for (size_t end = 0; end < name.len; end++) {
        if (name.at[end] != '/')
            continue;
        nb_str tests = nb_str_slice(name, 0, end);
        if (!is_test_folder(nb_path_base(tests)))
            continue;
        nb_str path = nb_path_join(local->arena, folder, nb_str_slice(name, 0, end + 1));
        for (size_t i = 0; i < local->loaded.count; i++)
            if (nb_str_starts(local->loaded.rows[i].key, path))
                return false;
        return true;
    }
    return false;
}

static void tell_left(collector *c, nb_str path, const char *why)
{
    nb_diag *diag = nb_diag_add(c->local->diags, NB_D_LOCAL_MODULE,
                                (nb_spot){.path = nb_local_shown(c->local, path)},
                                "the file does not travel with the scripts: %s", why);
    nb_diag_help(c->local->diags, diag, "put data below data_path");
}

static bool is_binary(nb_str name)
{
    return nb_str_ends(name, NB_STR(".so")) || nb_str_ends(name, NB_STR(".pyd"));
}

static void tell_binary(collector *c, nb_str path)
{
    nb_diag *diag = nb_diag_add(
        c->local->diags, NB_D_LOCAL_MODULE, (nb_spot){.path = nb_local_shown(c->local, path)},
        "an extension module was built for one Python on one sort of machine: elsewhere its "
        "import fails");
    nb_diag_help(c->local->diags, diag,
                 "publish it as a package, and name that in a cell tagged 'requirements'");
}

static void collect_file(collector *c, nb_str name, nb_str path)
{
    nb_arena *arena = c->local->arena;
    nb_local_file file = {.name = name, .disk = path};
    if (!nb_set_add(arena, &c->seen, name))
        return;
    if (!nb_local_text(c->local, path, &file.text)) {
        tell_left(c, path, "it is larger than 4 MiB, or cannot be read");
        return;
    }
    c->bytes += file.text.len;
    if (c->bytes > NB_LOCAL_TOGETHER || c->out->list.count >= NB_LOCAL_MOST) {
        if (c->bytes - file.text.len <= NB_LOCAL_TOGETHER)
            tell_left(c, path, "with it they would be more than 32 MiB, or too many files");
        return;
    }
    if (is_binary(name))
        tell_binary(c, path);
    nb_vec_push(arena, &c->out->list, file);
}

static void collect_unit(collector *c, const nb_local_unit *unit)
{
    nb_arena *arena = c->local->arena;
    if (!unit->folder) {
        collect_file(c, unit->name, unit->disk);
        return;
    }
    nb_local_names names = nb_local_walk_all(c->local, unit->disk);
    for (size_t i = 0; i < names.list.count; i++)
        if (!is_unloaded_test(c->local, unit->disk, names.list.at[i]))
            collect_file(c, nb_path_join(arena, unit->name, names.list.at[i]),
                         nb_path_join(arena, unit->disk, names.list.at[i]));
}

static int by_name(const void *a, const void *b)
{
    return nb_str_cmp(((const nb_local_file *)a)->name, ((const nb_local_file *)b)->name);
}

nb_local_files nb_local_collect(nb_local *local)
{
    nb_local_files out = {0};
    collector c = {.local = local, .out = &out};
    for (size_t i = 0; i < local->units.count; i++)
        collect_unit(&c, local->units.rows[i].value);
    if (out.list.count > 1)
        qsort(out.list.at, out.list.count, sizeof(*out.list.at), by_name);
    return out;
}

/* --- digests ------------------------------------------------------------------------------------------ */

/* A NUL between, so that "ab", "c" and "a", "bc" differ. */
static void add_text(nb_sha256 *hash, nb_str text)
{
    nb_sha256_add(hash, text);
    nb_sha256_add(hash, (nb_str){"", 1});
}

static void add_file(nb_arena *arena, nb_sha256 *hash, nb_str path)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* such a file does not travel, then as now */
    nb_str text = NB_STR("");
    (void)nb_file_read(arena, path.at, NB_LOCAL_LARGEST, &text, &ignored);
    add_text(hash, text);
}

nb_str nb_local_digest(nb_arena *arena, nb_str disk)
{
    nb_sha256 *hash = nb_sha256_new(arena);
    disk = nb_arena_str(arena, disk);
    if (nb_is_file(disk.at)) {
        add_file(arena, hash, disk);
        return nb_sha256_end(hash, arena);
    }
    if (!nb_is_dir(disk.at))
        return NB_STR("");
    nb_local_names names = nb_local_walk(arena, disk);
    for (size_t i = 0; i < names.list.count; i++) {
        add_text(hash, names.list.at[i]);
        add_file(arena, hash, nb_path_join(arena, disk, names.list.at[i]));
    }
    return nb_sha256_end(hash, arena);
}

static bool is_module(nb_str name)
{
    return nb_str_ends(name, NB_STR(".py")) || is_binary(name);
}

/* Whether an import can mean something in the folder. Folders of data, of models and of generated scripts come and go without meaning anything. */
static bool has_modules(nb_arena *arena, nb_str folder, unsigned depth)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* unreadable: no import finds anything either */
    nb_entry *entries = NULL;
    size_t count = 0;
    if (is_foreign_folder(arena, folder) ||
        nb_dir_read(arena, folder.at, &entries, &count, &ignored) != NB_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (entries[i].kind != NB_ENTRY_FOLDER && is_module(entries[i].name))
            return true;
    for (size_t i = 0; i < count; i++)
        if (depth < DEEPEST_SPACE && entries[i].kind == NB_ENTRY_FOLDER &&
            has_modules(arena, nb_path_join(arena, folder, entries[i].name), depth + 1))
            return true;
    return false;
}

static bool is_importable(nb_arena *arena, nb_str folder, nb_str name)
{
    nb_str path = nb_path_join(arena, folder, name);
    return is_module(name) || (nb_is_dir(path.at) && has_modules(arena, path, 1));
}

nb_str nb_local_listing(nb_arena *arena, nb_str folder)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no folder: no modules */
    nb_sha256 *hash = nb_sha256_new(arena);
    nb_str *names = NULL;
    size_t count = 0;
    folder = nb_arena_str(arena, folder);
    if (nb_dir_list(arena, folder.at, &names, &count, &ignored) != NB_OK)
        return NB_STR("");
    for (size_t i = 0; i < count; i++)
        if (is_importable(arena, folder, names[i]))
            add_text(hash, names[i]);
    return nb_sha256_end(hash, arena);
}
