#include "requirements/requirements.h"

#include "base/fs.h"
#include "base/path.h"
#include "py/modules.h"
#include "requirements/build.h"
#include "requirements/local.h"
#include "requirements/provided.h"

#include <stdlib.h>

/* `from google.cloud import storage` asks for google.cloud.storage. */
static nb_str dotted_of(nb_arena *arena, const nb_module_use *use)
{
    if (use->name.len == 0 || nb_str_eqz(use->name, "*"))
        return use->module;
    return nb_arena_printf(arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(use->module),
                           NB_STR_ARG(use->name));
}

/* --- adding ------------------------------------------------------------------------------------ */

/* "uvicorn[standard]", when a file of the project asks for it so. */
static nb_str with_extras(nb_build *b, nb_str name)
{
    nb_locked row;
    if (!nb_locks_project(b->locks, name, &row) || row.extras.len == 0)
        return name;
    return nb_arena_printf(b->arena, NB_STR_FMT "[" NB_STR_FMT "]", NB_STR_ARG(name),
                           NB_STR_ARG(row.extras));
}

static void add_unpinned(nb_build *b, nb_str name, nb_str why)
{
    nb_vec_push(b->arena, &b->unpinned, name);
    nb_wanted_infer(&b->wanted, name, with_extras(b, name), why);
}

static void add_installed(nb_build *b, const nb_distribution *found, nb_str why)
{
    const char *between = found->address.len > 0 ? " @ " : "==";
    nb_str rest = found->address.len > 0 ? found->address : found->version;
    if (nb_wanted_has(&b->wanted, found->name))
        return;
    if (rest.len == 0)
        add_unpinned(b, found->name, why);
    else
        nb_wanted_infer(&b->wanted, found->name,
                        nb_arena_printf(b->arena, NB_STR_FMT "%s" NB_STR_FMT,
                                        NB_STR_ARG(with_extras(b, found->name)), between,
                                        NB_STR_ARG(rest)),
                        nb_evidence_installed(b, why, found));
}

/* Adds the project as the files of the project have it. False when they leave the version open. */
static bool add_locked(nb_build *b, const nb_locked *row, nb_str why)
{
    bool address = nb_str_starts(row->specifier, NB_STR("@"));
    if (nb_wanted_has(&b->wanted, row->name))
        return true;
    if (row->specifier.len == 0)
        return false;
    nb_str line =
        nb_arena_printf(b->arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(with_extras(b, row->name)),
                        address ? " " : "", NB_STR_ARG(row->specifier));
    nb_wanted_infer(&b->wanted, row->name, line, nb_evidence_locked(b, why, row));
    return true;
}

/* A project by name: as it is locked, else as it is installed, else without a version. */
static void add_project(nb_build *b, nb_str name, nb_str why)
{
    nb_distribution found;
    nb_locked row;
    if (nb_wanted_has(&b->wanted, name))
        return;
    if (nb_locks_project(b->locks, name, &row) && !row.local && add_locked(b, &row, why))
        return;
    if (nb_installed_project(b->installed, name, &found))
        add_installed(b, &found, why);
    else
        add_unpinned(b, name, why);
}

static void add_implied(nb_build *b, const nb_module_use *use, nb_str dotted)
{
    nb_needed needed = {nb_module_implies(dotted), dotted, true, use->spot};
    if (needed.needs.len == 0 || use->optional || nb_wanted_has(&b->wanted, needed.needs))
        return;
    nb_tell_needed(b, &needed, needed.needs);
    add_project(b, needed.needs, nb_evidence_needed(b, &needed));
}

/* --- one import -------------------------------------------------------------------------------- */

/* False when no file of the project names what provides the module. */
static bool take_locked(nb_build *b, const nb_module_use *use, nb_str dotted)
{
    nb_locked row;
    if (!nb_locks_module(b->locks, dotted, &row))
        return false;
    if (row.local && row.specifier.len == 0)
        nb_tell_local_project(b, use, row.name, nb_locked_source(b->arena, &row));
    else
        add_project(b, row.name, nb_evidence_import(b, use, dotted));
    return true;
}

/* False when the environment knows nothing about the module. */
static bool take_installed(nb_build *b, const nb_module_use *use, nb_str dotted)
{
    nb_distribution found;
    nb_locked row;
    if (!nb_installed_module(b->installed, dotted, &found))
        return false;
    nb_str why = nb_evidence_import(b, use, dotted);
    bool known = nb_str_eq(found.name, nb_module_distribution(b->arena, dotted));
    if (nb_locks_project(b->locks, found.name, &row) && !row.local && add_locked(b, &row, why))
        return true;
    if (found.local && !known && !nb_wanted_has(&b->wanted, found.name))
        nb_tell_local_project(b, use, found.name, NB_STR(""));
    else
        add_installed(b, &found, why);
    return true;
}

static void take_local(nb_build *b, const nb_module_use *use, nb_str top)
{
    nb_tell_travels(b, use, top);
    nb_local_take(b->local, use);
}

static void take_known(nb_build *b, const nb_module_use *use, nb_str dotted)
{
    nb_str top = nb_module_top(dotted), name = nb_module_distribution(b->arena, dotted);
    if (nb_module_left_stdlib(top, b->input->minor))
        nb_tell_stdlib_changed(b, use, top);
    else if (name.len > 0 && use->optional && !nb_wanted_has(&b->wanted, name))
        nb_tell_optional(b, use, name);
    else if (name.len > 0)
        add_project(b, name, nb_evidence_import(b, use, dotted));
    else if (nb_local_find(b->local, dotted) == NB_LOCAL_LAST)
        take_local(b, use, top);
    else
        nb_tell_unresolved(b, use, dotted);
}

static void take(nb_build *b, const nb_module_use *use)
{
    if (use->module.len == 0 || use->module.at[0] == '.') {
        nb_tell_relative(b, use);
        return;
    }
    nb_str dotted = dotted_of(b->arena, use), top = nb_module_top(dotted), platform;
    if (!nb_set_add(b->arena, &b->seen, dotted))
        return;
    nb_local_where where = nb_local_find(b->local, dotted);
    if (where == NB_LOCAL_EARLY) {
        take_local(b, use, top);
        return;
    }
    if (nb_module_is_stdlib(top, b->input->minor))
        return;
    if (where == NB_LOCAL_LATE && !nb_wanted_provides(&b->wanted, dotted)) {
        take_local(b, use, top);
        return;
    }
    nb_str advice = nb_module_platform_advice(dotted, &platform);
    if (advice.len > 0) {
        nb_tell_platform(b, use, dotted, platform, advice);
        return;
    }
    if (!nb_wanted_provides(&b->wanted, dotted) && !take_locked(b, use, dotted) &&
        !take_installed(b, use, dotted))
        take_known(b, use, dotted);
    add_implied(b, use, dotted);
}

/* Imports that must succeed come first: an optional one of the same module then adds nothing. */
static void take_all(nb_build *b, bool optional)
{
    for (size_t i = 0; i < b->input->use_count; i++)
        if (b->input->uses[i].optional == optional)
            take(b, &b->input->uses[i]);
}

/* The project's modules import as well, each other included: the list grows while it is read. */
static void take_local_imports(nb_build *b)
{
    for (size_t i = 0; i < b->local->imports.count; i++) {
        const nb_module_use use = b->local->imports.at[i];
        take(b, &use);
    }
}

static int by_text(const void *a, const void *b)
{
    return nb_str_cmp(*(const nb_str *)a, *(const nb_str *)b);
}

/* The first parts of what travels: "helpers.py", "pkg", "src" of "src/utils.py". */
static void finish_local(nb_build *b, nb_requirements *out)
{
    nb_map tops = NB_MAP_INIT;
    for (size_t i = 0; i < b->local->units.count; i++) {
        nb_str rest = b->local->units.rows[i].key, top = rest;
        (void)nb_str_split(&rest, '/', &top);
        (void)nb_set_add(b->arena, &tops, top);
    }
    nb_str *names = NB_NEW_ARRAY(b->arena, nb_str, tops.count + 1);
    for (size_t i = 0; i < tops.count; i++)
        names[i] = tops.rows[i].key;
    if (tops.count > 1)
        qsort(names, tops.count, sizeof(*names), by_text);
    out->local_modules = names;
    out->local_module_count = tops.count;
}

/* Without a search path of the notebook's the source folders are it. */
static nb_local *local_of(nb_arena *arena, const nb_requirements_input *input, nb_diags *diags)
{
    if (input->local)
        return input->local;
    nb_local_folder *folders = NB_NEW_ARRAY(arena, nb_local_folder, input->source_folder_count + 1);
    for (size_t i = 0; i < input->source_folder_count; i++)
        folders[i] =
            (nb_local_folder){input->source_folders[i], input->source_folders[i], true, false};
    nb_local_options options = {
        .folders = folders, .folder_count = input->source_folder_count, .minor = input->minor};
    if (options.folder_count > 0)
        options.root = folders[0].path;
    return nb_local_open(arena, &options, diags);
}

/* --- what nobody imports ------------------------------------------------------------------------ */

/* Of several projects that will do, the one that is there already; else the first. */
static nb_str best_of(const nb_build *b, nb_str names)
{
    nb_str rest = names, name, first = NB_STR("");
    nb_distribution found;
    while (nb_str_split(&rest, ' ', &name)) {
        if (nb_wanted_has(&b->wanted, name) || nb_locks_names(b->locks, name) ||
            nb_installed_project(b->installed, name, &found))
            return name;
        first = first.len > 0 ? first : name;
    }
    return first;
}

static void take_needed(nb_build *b, const nb_needed *needed)
{
    nb_str name = best_of(b, needed->needs);
    if (nb_wanted_has(&b->wanted, name))
        return;
    nb_tell_needed(b, needed, name);
    if (needed->certain)
        add_project(b, name, nb_evidence_needed(b, needed));
}

/* --- the project's own files ------------------------------------------------------------------- */

typedef NB_VEC(nb_script_text) script_list;

/* A module of the project may carry a block of inline metadata. */
static void add_script(nb_build *b, script_list *scripts, nb_str folder, nb_str top)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* most modules are none of the project */
    nb_script_text script = {.spot = {.path = nb_str_concat(b->arena, top, NB_STR(".py"))}};
    nb_str path = nb_path_join(b->arena, folder, script.spot.path);
    if (nb_file_read(b->arena, path.at, NB_LOCAL_LARGEST, &script.text, &ignored) == NB_OK &&
        nb_str_contains(script.text, NB_STR("# /// script")))
        nb_vec_push(b->arena, scripts, script);
}

static nb_locks *open_locks(nb_build *b)
{
    const nb_requirements_input *in = b->input;
    nb_locks_input locks = in->locks;
    script_list scripts = {0};
    nb_map read = NB_MAP_INIT;
    for (size_t i = 0; i < locks.script_count; i++)
        nb_vec_push(b->arena, &scripts, locks.scripts[i]);
    for (size_t i = 0; i < in->use_count && locks.folder_count > 0; i++) {
        nb_str top = nb_module_top(in->uses[i].module);
        if (top.len > 0 && nb_set_add(b->arena, &read, top))
            for (size_t k = 0; k < in->source_folder_count; k++)
                add_script(b, &scripts, in->source_folders[k], top);
    }
    locks.scripts = scripts.at;
    locks.script_count = scripts.count;
    locks.minor = in->minor;
    return nb_locks_open(b->arena, &locks, b->diags);
}

nb_requirements nb_requirements_build(nb_arena *arena, const nb_requirements_input *input,
                                      nb_diags *diags)
{
    nb_build b = {.arena = arena, .input = input, .diags = diags};
    b.wanted = (nb_wanted_list){.arena = arena,
                                .diags = diags,
                                .folders = input->source_folders,
                                .folder_count = input->source_folder_count};
    b.local = local_of(arena, input, diags);
    b.locks = open_locks(&b);
    b.installed = nb_installed_open(arena, input->site_packages, NB_LEN(input->site_packages));
    for (size_t i = 0; i < input->asked_count; i++)
        nb_wanted_ask(&b.wanted, &input->asked[i]);
    take_all(&b, false);
    take_all(&b, true);
    take_local_imports(&b);
    for (size_t i = 0; i < input->needed_count; i++)
        take_needed(&b, &input->needed[i]);
    for (size_t i = 0; i < b.local->needed.count; i++)
        take_needed(&b, &b.local->needed.at[i]);
    if (input->tracking && !nb_wanted_provides(&b.wanted, NB_STR("mlflow")))
        add_project(&b, NB_STR("mlflow"), NB_STR("tracking"));
    nb_tell_wrong_projects(&b);
    nb_tell_unpinned(&b);
    if (input->provided_count > 0)
        nb_provided_mark(
            nb_provided_open(arena, input->provided, input->provided_count, input->minor),
            &b.wanted);
    nb_requirements out = {0};
    finish_local(&b, &out);
    nb_wanted_finish(&b.wanted, &out);
    return out;
}
