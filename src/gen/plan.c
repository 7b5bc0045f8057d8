#include "gen/plan.h"

#include "base/fs.h"
#include "base/path.h"
#include "text/diff.h"
#include "text/hash.h"
#include "text/json.h"

#include <errno.h>
#include <unistd.h>

enum { LARGEST_FILE = NB_BUF_TEXT };

#define MANIFEST "notebooked.json"

const char *nb_file_state_name(nb_file_state state)
{
    static const char *const names[] = {"new", "same", "changed", "edited", "gone"};
    return names[state];
}

nb_plan *nb_plan_new(nb_arena *arena, nb_str folder, nb_str disk)
{
    nb_plan *plan = NB_NEW(arena, nb_plan);
    *plan = (nb_plan){.arena = arena, .folder = folder, .disk = disk};
    return plan;
}

/* --- the last manifest ---------------------------------------------------------------------------------------- */

/* NULL when there is none that can be read: then everything counts as foreign. */
static const nb_json *last_manifest(const nb_plan *plan)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no manifest, or a broken one: the same to us */
    nb_str text;
    const nb_json *manifest = NULL;
    nb_str path = nb_path_join(plan->arena, plan->disk, NB_STR(MANIFEST));
    if (nb_file_read(plan->arena, path.at, LARGEST_FILE, &text, &ignored) != NB_OK ||
        nb_json_parse(plan->arena, text, path, NB_JSON_STRICT, &manifest, &ignored) != NB_OK)
        return NULL;
    return manifest;
}

static nb_str hash_in(const nb_json *manifest, nb_str name)
{
    const nb_json *files = manifest ? nb_json_get(manifest, "files") : NULL;
    for (const nb_json *file = files ? files->child : NULL; file; file = file->next)
        if (nb_str_eq(nb_json_get_str(file, "path"), name))
            return nb_json_get_str(file, "sha256");
    return NB_STR("");
}

static bool read_old(const nb_plan *plan, nb_str disk, nb_str *old)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* unreadable: the write will say why */
    return nb_file_read(plan->arena, disk.at, LARGEST_FILE, old, &ignored) == NB_OK;
}

bool nb_plan_is_fresh(nb_plan *plan, nb_str inputs)
{
    const nb_json *manifest = last_manifest(plan);
    if (!manifest || !nb_str_eq(nb_json_get_str(manifest, "inputs_sha256"), inputs))
        return false;
    const nb_json *files = nb_json_get(manifest, "files");
    for (const nb_json *file = files ? files->child : NULL; file; file = file->next) {
        nb_str old, disk = nb_path_join(plan->arena, plan->disk, nb_json_get_str(file, "path"));
        if (!read_old(plan, disk, &old) ||
            !nb_str_eq(nb_sha256_hex(plan->arena, old), nb_json_get_str(file, "sha256")))
            return false;
    }
    plan->up_to_date = files && files->count > 0;
    return plan->up_to_date;
}

/* --- comparing ------------------------------------------------------------------------------------------------- */

static void push_file(nb_plan *plan, nb_str name, nb_str text, nb_str old, nb_file_state state)
{
    nb_plan_file file = {.path = nb_path_join(plan->arena, plan->folder, name),
                         .disk = nb_path_join(plan->arena, plan->disk, name),
                         .text = text,
                         .sha256 = nb_sha256_hex(plan->arena, text),
                         .old = old,
                         .state = state};
    nb_vec_push(plan->arena, &plan->files, file);
}

nb_code nb_plan_add(nb_plan *plan, const char *name, nb_str text, nb_error *err)
{
    nb_str disk = nb_path_join(plan->arena, plan->disk, nb_str_from(name)), old = NB_STR("");
    if (nb_is_dir(disk.at))
        return nb_fail(err, NB_ERR_EXISTS, "cannot write '" NB_STR_FMT "': it is a directory",
                       NB_STR_ARG(disk));
    if (!read_old(plan, disk, &old)) {
        push_file(plan, nb_str_from(name), text, NB_STR(""), NB_FILE_NEW);
        return NB_OK;
    }
    nb_str written = hash_in(last_manifest(plan), nb_str_from(name));
    nb_file_state state = NB_FILE_EDITED;
    if (nb_str_eq(old, text))
        state = NB_FILE_SAME;
    else if (written.len > 0 && nb_str_eq(written, nb_sha256_hex(plan->arena, old)))
        state = NB_FILE_CHANGED;
    push_file(plan, nb_str_from(name), text, old, state);
    return NB_OK;
}

static bool is_planned(const nb_plan *plan, nb_str name)
{
    for (size_t i = 0; i < plan->files.count; i++)
        if (nb_str_eq(nb_path_base(plan->files.at[i].path), name))
            return true;
    return false;
}

void nb_plan_find_gone(nb_plan *plan)
{
    const nb_json *manifest = last_manifest(plan),
                  *files = manifest ? nb_json_get(manifest, "files") : NULL;
    for (const nb_json *file = files ? files->child : NULL; file; file = file->next) {
        nb_str name = nb_json_get_str(file, "path"), old;
        nb_str disk = nb_path_join(plan->arena, plan->disk, name);
        if (nb_str_find_char(name, '/') >= 0 || is_planned(plan, name) ||
            !read_old(plan, disk, &old))
            continue;
        if (nb_str_eq(nb_sha256_hex(plan->arena, old), nb_json_get_str(file, "sha256")))
            push_file(plan, name, NB_STR(""), old, NB_FILE_GONE);
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
        nb_diag_help(
            diags, diag,
            "move your change into the notebook, or convert with --force to overwrite the file");
    }
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
        nb_diff_unified(out, old_name, file->old, new_name, file->text);
    }
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static nb_code write_file(const nb_plan_file *file, nb_error *err)
{
    switch (file->state) {
    case NB_FILE_SAME: return NB_OK;
    case NB_FILE_GONE:
        if (unlink(file->disk.at) < 0 && errno != ENOENT)
            return nb_fail_errno(err, "cannot remove '" NB_STR_FMT "'", NB_STR_ARG(file->path));
        return NB_OK;
    case NB_FILE_NEW:
    case NB_FILE_CHANGED:
    case NB_FILE_EDITED: break;
    }
    return nb_file_replace_one_of(file->disk.at, file->text, 0666,
                                  err); /* the manifest is the last */
}

/* Back to what was there: best effort, the first failure is the one to tell. */
static void undo(const nb_plan *plan, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
        const nb_plan_file *file = &plan->files.at[i];
        if (file->state == NB_FILE_NEW)
            (void)unlink(file->disk.at);
        else if (file->state != NB_FILE_SAME)
            (void)nb_file_replace(file->disk.at, file->old, 0666, &ignored);
    }
}

nb_code nb_plan_apply(nb_plan *plan, nb_str manifest, nb_error *err)
{
    if (nb_dir_make(plan->disk.at, err) != NB_OK)
        return nb_wrap(err, "cannot write to '" NB_STR_FMT "'", NB_STR_ARG(plan->folder));
    for (size_t i = 0; i < plan->files.count; i++) {
        if (write_file(&plan->files.at[i], err) == NB_OK)
            continue;
        undo(plan, i);
        return nb_wrap(err, "cannot write '" NB_STR_FMT "'", NB_STR_ARG(plan->files.at[i].path));
    }
    nb_str path = nb_path_join(plan->arena, plan->disk, NB_STR(MANIFEST));
    if (nb_file_replace(path.at, manifest, 0666, err) != NB_OK) {
        undo(plan, plan->files.count);
        return nb_wrap(err, "cannot write '" NB_STR_FMT "/" MANIFEST "'", NB_STR_ARG(plan->folder));
    }
    return NB_OK;
}
