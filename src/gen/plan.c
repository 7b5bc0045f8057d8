#include "gen/plan.h"

#include "base/fs.h"
#include "base/path.h"
#include "text/diff.h"
#include "text/hash.h"
#include "text/json.h"

enum { LARGEST_FILE = NB_BUF_TEXT };

const char *nb_file_state_name(nb_file_state state)
{
    static const char *const names[] = {"new", "same", "changed", "edited", "gone"};
    return names[state];
}

/* --- the last manifest ---------------------------------------------------------------------------------------- */

/* NULL when there is none that can be read: then everything counts as foreign. */
static const nb_json *last_manifest(const nb_plan *plan)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no manifest, or a broken one: the same to us */
    nb_str text;
    const nb_json *manifest = NULL;
    nb_str path = nb_path_join(plan->arena, plan->disk, NB_STR(NB_PLAN_MANIFEST));
    if (nb_file_read(plan->arena, path.at, LARGEST_FILE, &text, &ignored) != NB_OK ||
        nb_json_parse(plan->arena, text, path, NB_JSON_STRICT, &manifest, &ignored) != NB_OK)
        return NULL;
    return manifest;
}

/* A manifest is a file like any other: a name in it that leaves the folder is none of ours. */
static bool is_ours(const nb_plan *plan, nb_str name, nb_str *disk)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    return name.len > 0 && nb_path_inside(plan->arena, plan->disk, name, disk, &ignored) == NB_OK;
}

nb_plan *nb_plan_new(nb_arena *arena, nb_str folder, nb_str disk)
{
    nb_plan *plan = NB_NEW(arena, nb_plan);
    *plan = (nb_plan){.arena = arena, .folder = folder, .disk = disk};
    plan->last = last_manifest(plan);
    const nb_json *files = plan->last ? nb_json_get(plan->last, "files") : NULL;
    for (const nb_json *file = files ? files->child : NULL; file; file = file->next) {
        nb_str *sha256 = NB_NEW(arena, nb_str), ignored;
        *sha256 = nb_json_get_str(file, "sha256");
        if (is_ours(plan, nb_json_get_str(file, "path"), &ignored))
            nb_map_put(arena, &plan->written, nb_json_get_str(file, "path"), sha256);
    }
    return plan;
}

static bool read_old(const nb_plan *plan, nb_str disk, nb_str *old)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* unreadable: the write will say why */
    return nb_file_read(plan->arena, disk.at, LARGEST_FILE, old, &ignored) == NB_OK;
}

bool nb_plan_is_fresh(nb_plan *plan, nb_str inputs)
{
    if (!plan->last || !nb_str_eq(nb_json_get_str(plan->last, "inputs_sha256"), inputs))
        return false;
    for (size_t i = 0; i < plan->written.count; i++) {
        const nb_map_row *row = &plan->written.rows[i];
        nb_str old, disk = nb_path_join(plan->arena, plan->disk, row->key);
        if (!read_old(plan, disk, &old) ||
            !nb_str_eq(nb_sha256_hex(plan->arena, old), *(const nb_str *)row->value))
            return false;
    }
    plan->up_to_date = plan->written.count > 0;
    return plan->up_to_date;
}

/* --- comparing ------------------------------------------------------------------------------------------------- */

static void push_file(nb_plan *plan, nb_plan_file file)
{
    file.path = nb_path_join(plan->arena, plan->folder, file.name);
    file.sha256 = nb_sha256_hex(plan->arena, file.text);
    (void)nb_set_add(plan->arena, &plan->names, file.name);
    nb_vec_push(plan->arena, &plan->files, file);
}

/* Whether the text on disk is what we wrote there. */
static bool is_as_written(const nb_plan *plan, const nb_plan_file *file)
{
    const nb_str *written = nb_map_get(&plan->written, file->name);
    return written && nb_str_eq(*written, nb_sha256_hex(plan->arena, file->old));
}

static nb_code add(nb_plan *plan, nb_plan_file file, nb_error *err)
{
    file.disk = nb_path_join(plan->arena, plan->disk, file.name);
    if (nb_str_find_char(file.name, '/') >= 0 &&
        nb_path_inside(plan->arena, plan->disk, file.name, &file.disk, err) != NB_OK)
        return nb_wrap(err, "cannot write '" NB_STR_FMT "'", NB_STR_ARG(file.name));
    if (nb_is_dir(file.disk.at))
        return nb_fail(err, NB_ERR_EXISTS, "cannot write '" NB_STR_FMT "': it is a directory",
                       NB_STR_ARG(file.disk));
    file.state = NB_FILE_NEW;
    if (read_old(plan, file.disk, &file.old))
        file.state = nb_str_eq(file.old, file.text) ? NB_FILE_SAME
                     : is_as_written(plan, &file)   ? NB_FILE_CHANGED
                                                    : NB_FILE_EDITED;
    push_file(plan, file);
    return NB_OK;
}

nb_code nb_plan_add(nb_plan *plan, const char *name, nb_str text, nb_error *err)
{
    return add(plan, (nb_plan_file){.name = nb_str_from(name), .text = text}, err);
}

nb_code nb_plan_add_copy(nb_plan *plan, nb_str name, nb_str text, nb_str from, nb_error *err)
{
    return add(plan, (nb_plan_file){.name = name, .text = text, .from = from}, err);
}

bool nb_plan_has(const nb_plan *plan, nb_str name)
{
    return nb_map_has(&plan->names, name);
}

void nb_plan_find_gone(nb_plan *plan)
{
    for (size_t i = 0; i < plan->written.count; i++) {
        nb_plan_file file = {.name = plan->written.rows[i].key, .state = NB_FILE_GONE};
        file.disk = nb_path_join(plan->arena, plan->disk, file.name);
        if (!nb_plan_has(plan, file.name) && read_old(plan, file.disk, &file.old) &&
            is_as_written(plan, &file))
            push_file(plan, file);
    }
}

bool nb_plan_tells(const nb_plan *plan, const nb_plan_file *file)
{
    if (!nb_str_ends(file->path, NB_STR("/.notebooked-map.json")))
        return true;
    for (size_t i = 0; i < plan->files.count; i++)
        if (&plan->files.at[i] != file && plan->files.at[i].state != NB_FILE_SAME)
            return false;
    return file->state != NB_FILE_SAME;
}

size_t nb_plan_stale(const nb_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        count += file->state != NB_FILE_SAME && nb_plan_tells(plan, file);
    }
    return count;
}

void nb_plan_report_edited(const nb_plan *plan, nb_diags *diags)
{
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        if (file->state != NB_FILE_EDITED)
            continue;
        nb_diag *diag = nb_diag_add(
            diags, NB_D_EDITED, (nb_spot){.path = file->path},
            "the file was edited since it was generated, or notebooked did not write it");
        nb_diag_help(diags, diag,
                     "move your change into %s" NB_STR_FMT
                     "%s, or convert with --force to overwrite the file",
                     file->from.len > 0 ? "'" : "the notebook", NB_STR_ARG(file->from),
                     file->from.len > 0 ? "'" : "");
    }
}

static bool is_binary(nb_str text)
{
    return nb_str_find_char(text, '\0') >= 0;
}

static void diff_binary(nb_buf *out, const nb_plan_file *file, nb_str old_name, nb_str new_name)
{
    if (file->state != NB_FILE_SAME)
        nb_buf_printf(out, "Binary files " NB_STR_FMT " and " NB_STR_FMT " differ\n",
                      NB_STR_ARG(old_name), NB_STR_ARG(new_name));
}

void nb_plan_diff(const nb_plan *plan, nb_buf *out)
{
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        if (!nb_plan_tells(plan, file))
            continue;
        nb_str old_name = nb_str_concat(plan->arena, NB_STR("a/"), file->path);
        nb_str new_name = nb_str_concat(plan->arena, NB_STR("b/"), file->path);
        if (file->state == NB_FILE_NEW)
            old_name = NB_STR("/dev/null");
        if (file->state == NB_FILE_GONE)
            new_name = NB_STR("/dev/null");
        if (is_binary(file->old) || is_binary(file->text))
            diff_binary(out, file, old_name, new_name);
        else
            nb_diff_unified(out, old_name, file->old, new_name, file->text);
    }
}
