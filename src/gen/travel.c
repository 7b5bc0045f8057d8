#include "gen/travel.h"

#include "base/fs.h"
#include "base/path.h"
#include "text/json.h"

/* --- collisions ---------------------------------------------------------------------------------- */

static bool is_script(nb_str name)
{
    return nb_str_eqz(name, "train.py") || nb_str_eqz(name, "inference.py") ||
           nb_str_eqz(name, "preprocess.py") || nb_str_starts(name, NB_STR("inference/"));
}

static bool imports(const nb_module_use *use, nb_str stem)
{
    nb_str rest = use->module, top = rest;
    (void)nb_str_split(&rest, '.', &top);
    return nb_str_eq(top, stem);
}

/* Who imports the module of that name: a cell, or another module of the project. */
static nb_spot importer(const nb_local *local, const nb_requirements_input *input, nb_str stem)
{
    for (size_t i = 0; i < input->use_count; i++)
        if (imports(&input->uses[i], stem))
            return input->uses[i].spot;
    for (size_t i = 0; i < local->imports.count; i++)
        if (imports(&local->imports.at[i], stem))
            return local->imports.at[i].spot;
    return (nb_spot){0};
}

static void tell_collision(const nb_local *local, const nb_requirements_input *input,
                           const nb_local_unit *unit)
{
    nb_str stem = unit->folder ? unit->name : nb_path_stem(unit->name);
    nb_diag *diag = nb_diag_add(local->diags, NB_D_MODULE_COLLISION, importer(local, input, stem),
                                "the project's own '" NB_STR_FMT "' and the generated " NB_STR_FMT
                                ".py cannot stand in one folder",
                                NB_STR_ARG(unit->name), NB_STR_ARG(stem));
    nb_diag_help(local->diags, diag,
                 "rename it, for example to '" NB_STR_FMT "_helpers%s', and correct its imports",
                 NB_STR_ARG(stem), unit->folder ? "" : ".py");
}

static void report_collisions(const nb_local *local, const nb_requirements_input *input)
{
    for (size_t i = 0; i < local->units.count; i++) {
        const nb_local_unit *unit = local->units.rows[i].value;
        nb_str inside =
            unit->folder ? nb_str_concat(local->arena, unit->name, NB_STR("/")) : unit->name;
        if (is_script(inside))
            tell_collision(local, input, unit);
    }
}

nb_travel *nb_travel_collect(nb_local *local, const nb_requirements_input *input)
{
    nb_travel *travel = NB_NEW(local->arena, nb_travel);
    report_collisions(local, input);
    *travel = (nb_travel){.local = local, .files = nb_local_collect(local)};
    return travel;
}

/* --- what `include:` lists ---------------------------------------------------------------------------- */

static bool has_file(const nb_travel *travel, nb_str name)
{
    for (size_t i = 0; i < travel->files.list.count; i++)
        if (nb_str_eq(travel->files.list.at[i].name, name))
            return true;
    return false;
}

static size_t size_of(const nb_local_files *files)
{
    size_t size = 0;
    for (size_t i = 0; i < files->list.count; i++)
        size += files->list.at[i].text.len;
    return size;
}

static bool read_file(nb_arena *arena, nb_str name, nb_str disk, nb_local_files *out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* it stays where it is */
    nb_local_file file = {.name = name, .disk = disk};
    if (nb_file_read(arena, disk.at, NB_LOCAL_LARGEST, &file.text, &ignored) != NB_OK)
        return false;
    nb_vec_push(arena, &out->list, file);
    return size_of(out) <= NB_LOCAL_TOGETHER && out->list.count < NB_LOCAL_MOST;
}

/* All files of an entry, or false: part of a folder would be taken for the whole. */
static bool read_entry(nb_arena *arena, const nb_included_path *one, nb_local_files *out)
{
    if (!nb_is_dir(one->disk.at))
        return read_file(arena, one->name, one->disk, out);
    nb_local_names names = nb_local_walk(arena, one->disk);
    for (size_t i = 0; i < names.list.count; i++)
        if (!read_file(arena, nb_path_join(arena, one->name, names.list.at[i]),
                       nb_path_join(arena, one->disk, names.list.at[i]), out))
            return false;
    return true;
}

static bool is_generated(nb_str name)
{
    return is_script(name) || nb_str_eqz(name, "requirements.txt") ||
           nb_str_eqz(name, NB_PLAN_MANIFEST) || nb_str_eqz(name, ".notebooked-map.json");
}

static void tell_taken(const nb_travel *travel, nb_str name, nb_spot spot)
{
    nb_diags *diags = travel->local->diags;
    nb_diag *diag = nb_diag_add(
        diags, NB_D_MODULE_COLLISION, spot,
        "'" NB_STR_FMT "' is to stand beside the scripts, and a generated file has that name",
        NB_STR_ARG(name));
    nb_diag_help(diags, diag, "rename the file, or put it into a folder");
}

static void tell_large(const nb_travel *travel, const nb_included_path *one)
{
    nb_diag *diag =
        nb_diag_add(travel->local->diags, NB_D_FILE_TO_INCLUDE, one->spot,
                    "'" NB_STR_FMT "' is too large to stand beside the scripts: training copies it "
                    "from where it is to the model directory",
                    NB_STR_ARG(one->name));
    diag->severity = NB_SEVERITY_INFO;
}

static void include_one(nb_travel *travel, const nb_included_path *one)
{
    nb_arena *arena = travel->local->arena;
    nb_local_files files = {0};
    if (is_generated(one->name)) {
        tell_taken(travel, one->name, one->spot);
        return;
    }
    if (!read_entry(arena, one, &files) ||
        size_of(&files) + size_of(&travel->files) > NB_LOCAL_TOGETHER) {
        tell_large(travel, one);
        return;
    }
    for (size_t i = 0; i < files.list.count; i++)
        if (!has_file(travel, files.list.at[i].name))
            nb_vec_push(arena, &travel->files.list, files.list.at[i]);
}

/* What cells write stands beside the scripts, whoever reads it. */
static void include_written(nb_travel *travel)
{
    const nb_local_options *options = &travel->local->options;
    for (size_t i = 0; i < options->written_count; i++) {
        const nb_local_file *file = &options->written[i];
        if (is_generated(file->name))
            tell_taken(travel, file->name, (nb_spot){0});
        else if (!has_file(travel, file->name))
            nb_vec_push(travel->local->arena, &travel->files.list, *file);
    }
}

void nb_travel_include(nb_travel *travel, const nb_included *included)
{
    travel->included = *included;
    include_written(travel);
    for (size_t i = 0; i < included->list.count; i++)
        if (included->list.at[i].there)
            include_one(travel, &included->list.at[i]);
}

/* --- plan and manifest --------------------------------------------------------------------------------- */

nb_code nb_travel_plan(const nb_travel *travel, nb_plan *plan, nb_error *err)
{
    for (size_t i = 0; i < travel->files.list.count; i++) {
        const nb_local_file *file = &travel->files.list.at[i];
        bool written = nb_map_has(&travel->local->written, file->disk);
        nb_str from = written
                          ? NB_STR("")
                          : nb_path_relative(plan->arena, travel->local->options.root, file->disk);
        if (nb_plan_add_copy(plan, file->name, file->text, from, err) != NB_OK)
            return err->code;
    }
    return NB_OK;
}

static void put_source(nb_json_writer *w, nb_str path, nb_str sha256)
{
    nb_json_begin_object(w);
    nb_json_member_str(w, "path", path);
    nb_json_member_str(w, "sha256", sha256);
    nb_json_end_object(w);
}

void nb_travel_write(const nb_travel *travel, nb_json_writer *w)
{
    const nb_local *local = travel->local;
    nb_arena *arena = local->arena;
    nb_json_key(w, NB_STR("sources"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < local->units.count; i++) {
        const nb_local_unit *unit = local->units.rows[i].value;
        if (!nb_map_has(&local->written, unit->disk))
            put_source(w, nb_path_relative(arena, local->options.root, unit->disk),
                       nb_local_digest(arena, unit->disk));
    }
    for (size_t i = 0; travel->source && i < travel->source->ran.count; i++)
        put_source(w, nb_path_relative(arena, local->options.root, travel->source->ran.at[i]),
                   nb_local_digest(arena, travel->source->ran.at[i]));
    for (size_t i = 0; i < travel->included.list.count; i++) {
        nb_str disk = travel->included.list.at[i].disk;
        put_source(w, nb_path_relative(arena, local->options.root, disk),
                   nb_local_digest(arena, disk));
    }
    for (size_t i = 0; i < local->options.folder_count; i++) {
        nb_str folder = local->options.folders[i].path;
        nb_str path = nb_path_relative(arena, local->options.root, folder);
        put_source(w, nb_str_concat(arena, path, NB_STR("/")), nb_local_listing(arena, folder));
    }
    nb_json_end_array(w);
}

bool nb_travel_is_fresh(const nb_plan *plan, nb_str root)
{
    const nb_json *sources = plan->last ? nb_json_get(plan->last, "sources") : NULL;
    for (const nb_json *one = sources ? sources->child : NULL; one; one = one->next) {
        nb_str path = nb_json_get_str(one, "path");
        nb_str disk = nb_path_clean(plan->arena, nb_path_join(plan->arena, root, path));
        nb_str now = nb_str_ends(path, NB_STR("/")) ? nb_local_listing(plan->arena, disk)
                                                    : nb_local_digest(plan->arena, disk);
        if (!nb_str_eq(now, nb_json_get_str(one, "sha256")))
            return false;
    }
    return true;
}
