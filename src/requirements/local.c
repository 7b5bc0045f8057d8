#include "requirements/local.h"

#include "base/fs.h"
#include "base/path.h"
#include "requirements/local_parts.h"

/* --- what lies where ---------------------------------------------------------------------------- */

static bool has_file(const nb_local *local, nb_str path)
{
    return nb_map_has(&local->written, path) || nb_is_file(nb_arena_z(local->arena, path));
}

static bool is_below(nb_str path, nb_str folder)
{
    return path.len > folder.len && nb_str_starts(path, folder) && path.at[folder.len] == '/';
}

static bool has_folder(const nb_local *local, nb_str path)
{
    for (size_t i = 0; i < local->written.count; i++)
        if (is_below(local->written.rows[i].key, path))
            return true;
    return nb_is_dir(nb_arena_z(local->arena, path));
}

nb_str nb_local_shown(const nb_local *local, nb_str path)
{
    nb_str root = local->options.root;
    return root.len > 0 ? nb_path_relative(local->arena, root, path) : path;
}

typedef struct binaries {
    NB_VEC(nb_str) list;
} binaries;

/* Those of the folder, which is read once. */
static const binaries *binaries_of(const nb_local *local, nb_str folder)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no folder: nothing in it */
    nb_entry *entries = NULL;
    size_t count = 0;
    binaries *found = nb_map_get(local->binaries, folder);
    if (found)
        return found;
    found = NB_NEW(local->arena, binaries);
    nb_map_put(local->arena, local->binaries, folder, found);
    if (nb_dir_read(local->arena, nb_arena_z(local->arena, folder), &entries, &count, &ignored) !=
        NB_OK)
        return found;
    for (size_t i = 0; i < count; i++)
        if (nb_str_ends(entries[i].name, NB_STR(".so")) ||
            nb_str_ends(entries[i].name, NB_STR(".pyd")))
            nb_vec_push(local->arena, &found->list, entries[i].name);
    return found;
}

/* NAME.so, NAME.cpython-311-x86_64-linux-gnu.so, NAME.pyd: an empty view when the folder has none; the first one by name when it has several. */
static nb_str binary_in(const nb_local *local, nb_str folder, nb_str name)
{
    nb_str wanted = nb_str_concat(local->arena, name, NB_STR(".")), first = NB_STR("");
    const binaries *all = binaries_of(local, folder);
    for (size_t i = 0; i < all->list.count; i++)
        if (nb_str_starts(all->list.at[i], wanted) &&
            (first.len == 0 || nb_str_cmp(all->list.at[i], first) < 0))
            first = all->list.at[i];
    return first.len > 0 ? nb_path_join(local->arena, folder, first) : first;
}

/* --- one step of a dotted name --------------------------------------------------------------------- */

/* The unit of a module found in `folder`: that of the package around it, else one of its own. */
static nb_local_unit unit_of(const nb_local *local, const nb_local_module *parent, nb_str file,
                             bool folder)
{
    if (parent->kind == NB_LOCAL_IS_PACKAGE)
        return parent->unit;
    nb_str name = nb_path_base(file);
    if (parent->kind == NB_LOCAL_IS_SPACE)
        name = nb_path_join(local->arena, parent->unit.name, name);
    return (nb_local_unit){name, file, folder};
}

static bool look_in(const nb_local *local, const nb_local_module *parent, nb_str folder,
                    nb_local_module *found)
{
    nb_str name = found->dotted, rest = found->dotted;
    while (nb_str_split(&rest, '.', &name)) {
    }
    nb_str base = nb_path_join(local->arena, folder, name);
    nb_str init = nb_path_join(local->arena, base, NB_STR("__init__.py"));
    nb_str file = nb_str_concat(local->arena, base, NB_STR(".py"));
    if (has_file(local, init)) {
        found->kind = NB_LOCAL_IS_PACKAGE;
        found->path = init;
        found->unit = unit_of(local, parent, base, true);
        nb_str *one = NB_NEW(local->arena, nb_str);
        *one = base;
        found->folders = one;
        found->folder_count = 1;
        return true;
    }
    nb_str binary = has_file(local, file) ? NB_STR("") : binary_in(local, folder, name);
    if (binary.len == 0 && !has_file(local, file))
        return false;
    found->kind = binary.len > 0 ? NB_LOCAL_IS_BINARY : NB_LOCAL_IS_FILE;
    found->path = binary.len > 0 ? binary : file;
    found->unit = unit_of(local, parent, found->path, false);
    return true;
}

/* Folders of that name without __init__.py make one package. */
static void look_for_space(const nb_local *local, const nb_local_module *parent,
                           nb_local_module *found)
{
    NB_VEC(nb_str) folders = {0};
    nb_str name = found->dotted, rest = found->dotted;
    while (nb_str_split(&rest, '.', &name)) {
    }
    for (size_t i = 0; i < parent->folder_count; i++) {
        nb_str folder = nb_path_join(local->arena, parent->folders[i], name);
        if (has_folder(local, folder))
            nb_vec_push(local->arena, &folders, folder);
    }
    if (folders.count == 0)
        return;
    found->kind = NB_LOCAL_IS_SPACE;
    found->folders = folders.at;
    found->folder_count = folders.count;
    found->unit = unit_of(local, parent, folders.at[0], true);
}

static nb_local_module step(const nb_local *local, const nb_local_module *parent, nb_str dotted)
{
    nb_local_module found = {.kind = NB_LOCAL_IS_NOTHING, .dotted = dotted};
    for (size_t i = 0; i < parent->folder_count; i++)
        if (look_in(local, parent, parent->folders[i], &found))
            return found;
    look_for_space(local, parent, &found);
    return found;
}

static nb_local_module search_path(const nb_local *local)
{
    size_t count = local->options.folder_count;
    nb_str *folders = NB_NEW_ARRAY(local->arena, nb_str, count + 1);
    for (size_t i = 0; i < count; i++)
        folders[i] = local->options.folders[i].path;
    return (nb_local_module){.folders = folders, .folder_count = count};
}

/* --- loading ------------------------------------------------------------------------------------------ */

static void load(nb_local *local, const nb_local_module *module)
{
    if (module->kind == NB_LOCAL_IS_SPACE)
        return; /* what is imported of it travels, not all that lies there */
    if (!nb_map_has(&local->units, module->unit.name)) {
        nb_local_unit *unit = NB_NEW(local->arena, nb_local_unit);
        *unit = module->unit;
        nb_map_put(local->arena, &local->units, unit->name, unit);
    }
    if (local->loaded.count >= NB_LOCAL_MOST ||
        !nb_set_add(local->arena, &local->loaded, module->path) ||
        module->kind == NB_LOCAL_IS_BINARY)
        return;
    nb_local_module *queued = NB_NEW(local->arena, nb_local_module);
    *queued = *module;
    nb_vec_push(local->arena, &local->queue, queued);
}

/* Walks the dotted name; with `loads` every module on the way. */
static bool walk(nb_local *local, nb_str dotted, bool loads, nb_local_module *last)
{
    *last = search_path(local);
    nb_str rest = dotted, part;
    while (nb_str_split(&rest, '.', &part)) {
        size_t end = (size_t)(part.at + part.len - dotted.at);
        nb_local_module next = step(local, last, nb_str_slice(dotted, 0, end));
        *last = next;
        if (next.kind == NB_LOCAL_IS_NOTHING)
            return false;
        if (loads)
            load(local, &next);
    }
    return true;
}

bool nb_local_load(nb_local *local, nb_str dotted, nb_str *missing)
{
    nb_local_module last;
    if (walk(local, dotted, true, &last))
        return true;
    *missing = last.dotted;
    return false;
}

static bool exists(nb_local *local, nb_str dotted)
{
    nb_local_module last;
    return walk(local, dotted, false, &last);
}

/* --- asking ------------------------------------------------------------------------------------------- */

nb_local *nb_local_open(nb_arena *arena, const nb_local_options *options, nb_diags *diags)
{
    nb_local *local = NB_NEW(arena, nb_local);
    *local = (nb_local){.arena = arena, .options = *options, .diags = diags};
    local->binaries = NB_NEW(arena, nb_map);
    for (size_t i = 0; i < options->written_count; i++) {
        nb_local_file *file = NB_NEW(arena, nb_local_file);
        *file = options->written[i];
        nb_map_put(arena, &local->written, file->disk, file);
    }
    return local;
}

static bool has_modules(const nb_local *local, nb_str folder)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* not a folder: no modules in it */
    nb_str *names = NULL;
    size_t count = 0;
    for (size_t i = 0; i < local->written.count; i++)
        if (is_below(local->written.rows[i].key, folder))
            return true;
    if (nb_dir_list(local->arena, nb_arena_z(local->arena, folder), &names, &count, &ignored) !=
        NB_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (nb_str_ends(names[i], NB_STR(".py")))
            return true;
    return false;
}

/* Folders without __init__.py count when the import leads to a file, or when there are modules to miss. */
static nb_local_where where_of_space(nb_local *local, const nb_local_module *space, nb_str dotted)
{
    nb_local_module last;
    for (size_t end = dotted.len; end > space->dotted.len; end--)
        if ((end == dotted.len || dotted.at[end] == '.') &&
            walk(local, nb_str_slice(dotted, 0, end), false, &last) &&
            last.kind != NB_LOCAL_IS_SPACE)
            return NB_LOCAL_LAST;
    for (size_t i = 0; i < space->folder_count; i++)
        if (has_modules(local, space->folders[i]))
            return NB_LOCAL_LAST;
    return NB_LOCAL_NOWHERE;
}

nb_local_where nb_local_find(nb_local *local, nb_str dotted)
{
    nb_local_module path = search_path(local);
    nb_str top = dotted;
    if (dotted.len == 0)
        return NB_LOCAL_NOWHERE;
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    if (dot >= 0)
        top = nb_str_slice(dotted, 0, (size_t)dot);
    for (size_t i = 0; i < path.folder_count; i++) {
        nb_local_module found = {.dotted = top};
        if (look_in(local, &path, path.folders[i], &found))
            return local->options.folders[i].early ? NB_LOCAL_EARLY : NB_LOCAL_LATE;
    }
    nb_local_module space = {.dotted = top};
    look_for_space(local, &path, &space);
    return space.kind == NB_LOCAL_IS_SPACE ? where_of_space(local, &space, dotted)
                                           : NB_LOCAL_NOWHERE;
}

static void tell_missing(nb_local *local, const nb_module_use *use, nb_str missing)
{
    if (use->optional)
        return;
    nb_diag *diag = nb_diag_add(local->diags, NB_D_MISSING_MODULE, use->spot,
                                "there is no module '" NB_STR_FMT "'", NB_STR_ARG(missing));
    ptrdiff_t dot = nb_str_rfind_char(missing, '.');
    nb_str folder = NB_STR(""), name = nb_str_from_at(missing, (size_t)(dot + 1));
    nb_local_module parent;
    if (dot >= 0 && walk(local, nb_str_slice(missing, 0, (size_t)dot), false, &parent) &&
        parent.folder_count > 0)
        folder = nb_local_shown(local, parent.folders[0]);
    if (folder.len > 0)
        nb_diag_help(local->diags, diag,
                     "put '" NB_STR_FMT ".py' into '" NB_STR_FMT "', or correct the import",
                     NB_STR_ARG(name), NB_STR_ARG(folder));
    else
        nb_diag_help(local->diags, diag,
                     "put '" NB_STR_FMT ".py' beside the notebook, or correct the import",
                     NB_STR_ARG(name));
}

/* A package may make more of itself than its folder shows. */
static bool may_extend(nb_local *local, nb_str missing)
{
    nb_local_module parent;
    nb_str text;
    ptrdiff_t dot = nb_str_rfind_char(missing, '.');
    if (dot < 0 || !walk(local, nb_str_slice(missing, 0, (size_t)dot), false, &parent) ||
        parent.kind == NB_LOCAL_IS_BINARY)
        return dot >= 0;
    return parent.path.len > 0 && nb_local_text(local, parent.path, &text) &&
           (nb_str_contains(text, NB_STR("__path__")) ||
            nb_str_contains(text, NB_STR("sys.modules")));
}

/* Whether `from module import name` may find something that is no module: only of folders and empty files can it be told that it does not. */
static bool may_bind(nb_local *local, nb_str module)
{
    nb_local_module last;
    nb_str text;
    if (!walk(local, module, false, &last) || last.kind == NB_LOCAL_IS_SPACE)
        return false;
    return last.kind == NB_LOCAL_IS_BINARY || !nb_local_text(local, last.path, &text) ||
           nb_str_trim(text).len > 0;
}

void nb_local_follow(nb_local *local, const nb_module_use *use)
{
    nb_str missing;
    if (!nb_local_load(local, use->module, &missing)) {
        if (!may_extend(local, missing))
            tell_missing(local, use, missing);
        return;
    }
    if (use->name.len == 0 || nb_str_eqz(use->name, "*"))
        return;
    nb_str dotted = nb_arena_printf(local->arena, NB_STR_FMT "." NB_STR_FMT,
                                    NB_STR_ARG(use->module), NB_STR_ARG(use->name));
    if (exists(local, dotted))
        (void)nb_local_load(local, dotted, &missing);
    else if (!may_bind(local, use->module))
        tell_missing(local, use, dotted);
}

void nb_local_take(nb_local *local, const nb_module_use *use)
{
    nb_local_follow(local, use);
    while (local->read < local->queue.count)
        nb_local_read(local, local->queue.at[local->read++]);
}
