/* Writing a plan: all of it or nothing. */
#include "base/fs.h"
#include "base/path.h"
#include "gen/plan.h"

#include <errno.h>
#include <unistd.h>

/* Removes the folders between the file and the plan's own that hold nothing any more. */
static void prune_folders(const nb_plan *plan, const nb_plan_file *file)
{
    nb_str name = nb_path_dir(file->name);
    while (nb_str_find_char(file->name, '/') >= 0 && !nb_str_eqz(name, ".")) {
        if (rmdir(nb_path_join(plan->arena, plan->disk, name).at) < 0)
            return; /* something else is in it */
        name = nb_path_dir(name);
    }
}

static nb_code remove_file(const nb_plan *plan, const nb_plan_file *file, nb_error *err)
{
    if (unlink(file->disk.at) < 0 && errno != ENOENT)
        return nb_fail_errno(err, "cannot remove '" NB_STR_FMT "'", NB_STR_ARG(file->path));
    prune_folders(plan, file);
    return NB_OK;
}

static nb_code write_file(const nb_plan *plan, const nb_plan_file *file, nb_error *err)
{
    switch (file->state) {
    case NB_FILE_SAME: return NB_OK;
    case NB_FILE_GONE: return remove_file(plan, file, err);
    case NB_FILE_NEW:
    case NB_FILE_CHANGED:
    case NB_FILE_EDITED: break;
    }
    bool below = nb_str_find_char(file->name, '/') >= 0;
    if (below && nb_dir_make(nb_arena_z(plan->arena, nb_path_dir(file->disk)), err) != NB_OK)
        return err->code;
    return nb_file_replace_one_of(file->disk.at, file->text, 0666,
                                  err); /* the manifest is the last */
}

/* Back to what was there: best effort, the first failure is the one to tell. */
static void undo(const nb_plan *plan, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
        const nb_plan_file *file = &plan->files.at[i];
        if (file->state == NB_FILE_NEW)
            (void)remove_file(plan, file, &ignored);
        else if (file->state != NB_FILE_SAME &&
                 nb_dir_make(nb_arena_z(plan->arena, nb_path_dir(file->disk)), &ignored) == NB_OK)
            (void)nb_file_replace(file->disk.at, file->old, 0666, &ignored);
    }
}

nb_code nb_plan_apply(nb_plan *plan, nb_str manifest, nb_error *err)
{
    if (nb_dir_make(plan->disk.at, err) != NB_OK)
        return nb_wrap(err, "cannot write to '" NB_STR_FMT "'", NB_STR_ARG(plan->folder));
    for (size_t i = 0; i < plan->files.count; i++) {
        if (write_file(plan, &plan->files.at[i], err) == NB_OK)
            continue;
        undo(plan, i);
        return nb_wrap(err, "cannot write '" NB_STR_FMT "'", NB_STR_ARG(plan->files.at[i].path));
    }
    nb_str path = nb_path_join(plan->arena, plan->disk, NB_STR(NB_PLAN_MANIFEST));
    if (nb_file_replace(path.at, manifest, 0666, err) != NB_OK) {
        undo(plan, plan->files.count);
        return nb_wrap(err, "cannot write '" NB_STR_FMT "/" NB_PLAN_MANIFEST "'",
                       NB_STR_ARG(plan->folder));
    }
    return NB_OK;
}
