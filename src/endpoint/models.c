#include "endpoint/models.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/seal.h"
#include "text/json.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { LARGEST_FACTS = 16 << 20 };

/* --- one model ------------------------------------------------------------------------------------ */

/* A JSON object of the folder; NULL when there is none that can be read. */
static const nb_json *read_object(nb_arena *arena, nb_str path, nb_str *text)
{
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* what it says is for people: a model without it is one */
    const nb_json *root = NULL;
    if (nb_file_read(arena, path.at, LARGEST_FACTS, text, &ignored) != NB_OK ||
        nb_json_parse(arena, *text, path, NB_JSON_NAN | NB_JSON_SURROGATES, &root, &ignored) !=
            NB_OK)
        return NULL;
    return root->kind == NB_JSON_OBJECT ? root : NULL;
}

static int64_t size_of(nb_arena *arena, nb_str folder)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* deploying it tells what is wrong with it */
    nb_model_files files = {0};
    int64_t size = 0;
    if (nb_model_walk(arena, folder, &files, &ignored) != NB_OK)
        return 0;
    for (size_t i = 0; i < files.list.count; i++)
        size += files.list.at[i].size;
    return size;
}

static int64_t changed_ms(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

static void describe(nb_arena *arena, nb_model *model)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no manifest: not sealed */
    nb_manifest_text manifest = {0};
    nb_str text = {0}, facts_path = nb_path_join(arena, model->folder, NB_STR("notebooked.json"));
    const nb_json *facts = read_object(arena, facts_path, &text);
    bool sealed = nb_manifest_get(arena, model->folder, &manifest, &ignored) == NB_OK;
    nb_str framework = nb_json_get_str(facts, "framework");
    model->framework = framework.at ? framework : NB_STR("");
    model->metrics = NB_STR("");
    if (read_object(arena, nb_path_join(arena, model->folder, NB_STR("metrics.json")), &text))
        model->metrics = nb_str_trim(text);
    model->size = size_of(arena, model->folder);
    model->sha256 = sealed ? manifest.sha256 : NB_STR("");
    model->job = sealed && manifest.job.at ? manifest.job : NB_STR("");
    model->created_ms = sealed ? manifest.created_ms : changed_ms(facts_path.at);
    if (model->created_ms == 0)
        model->created_ms = changed_ms(model->folder.at);
    model->finished = sealed || facts;
}

/* --- the list ------------------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const nb_model *)a)->number, y = ((const nb_model *)b)->number;
    return x < y ? 1 : x > y ? -1 : 0;
}

typedef NB_VEC(nb_model) found_models;

static nb_str experiment_folder(nb_arena *arena, nb_str root, nb_str experiment)
{
    return nb_arena_printf(arena, NB_STR_FMT "/models/" NB_STR_FMT, NB_STR_ARG(root),
                           NB_STR_ARG(experiment));
}

static nb_code list_one(nb_arena *arena, nb_str root, nb_str experiment, found_models *out,
                        nb_error *err)
{
    nb_entry *entries = NULL;
    size_t count = 0, first = out->count;
    nb_str folder = experiment_folder(arena, root, experiment);
    if (!nb_is_dir(folder.at))
        return NB_OK;
    if (nb_dir_read(arena, folder.at, &entries, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        nb_model model = {.experiment = experiment};
        if (entries[i].kind != NB_ENTRY_FOLDER || !nb_is_digit(entries[i].name.at[0]) ||
            entries[i].name.at[0] == '0' || !nb_str_to_int(entries[i].name, &model.number))
            continue;
        model.folder = nb_path_join(arena, folder, entries[i].name);
        describe(arena, &model);
        nb_vec_push(arena, out, model);
    }
    if (out->count > first)
        qsort(out->at + first, out->count - first, sizeof *out->at, newest_first);
    return NB_OK;
}

nb_code nb_model_list(nb_arena *arena, nb_str root, nb_str experiment, nb_model **out,
                      size_t *count, nb_error *err)
{
    found_models found = {0};
    nb_str *names = &experiment, folder = nb_path_join(arena, root, NB_STR("models"));
    size_t experiments = 1;
    if (experiment.len == 0) {
        experiments = 0;
        if (nb_is_dir(folder.at) &&
            nb_dir_list(arena, folder.at, &names, &experiments, err) != NB_OK)
            return err->code;
    }
    for (size_t i = 0; i < experiments; i++)
        if (list_one(arena, root, names[i], &found, err) != NB_OK)
            return err->code;
    *out = found.at;
    *count = found.count;
    return NB_OK;
}

/* --- finding -------------------------------------------------------------------------------------- */

static nb_code find_newest(nb_arena *arena, const nb_model_query *query, nb_model *out,
                           nb_error *err)
{
    nb_model *list = NULL;
    size_t count = 0;
    if (nb_model_list(arena, query->root, query->experiment, &list, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        if (list[i].finished) {
            *out = list[i];
            return NB_OK;
        }
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "experiment '" NB_STR_FMT "' has no %smodel",
                  NB_STR_ARG(query->experiment), count > 0 ? "finished " : "");
    nb_error_hint(err, "make one with 'notebooked train " NB_STR_FMT "'",
                  NB_STR_ARG(query->experiment));
    return err->code;
}

static nb_code find_number(nb_arena *arena, const nb_model_query *query, nb_str number,
                           nb_model *out, nb_error *err)
{
    nb_model model = {.experiment = query->experiment};
    model.folder =
        nb_path_join(arena, experiment_folder(arena, query->root, query->experiment), number);
    if (nb_str_to_int(number, &model.number) && model.number > 0 && nb_is_dir(model.folder.at)) {
        describe(arena, &model);
        *out = model;
        return NB_OK;
    }
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "experiment '" NB_STR_FMT "' has no model " NB_STR_FMT,
                  NB_STR_ARG(query->experiment), NB_STR_ARG(number));
    nb_error_hint(err, "see 'notebooked models list " NB_STR_FMT "'",
                  NB_STR_ARG(query->experiment));
    return err->code;
}

/* "iris-3" is the job that left models/iris/3. */
static bool is_job_id(const nb_model_query *query, nb_str *number)
{
    int64_t ignored;
    if (!nb_str_starts(query->uri, query->experiment) ||
        query->uri.len < query->experiment.len + 2 || query->uri.at[query->experiment.len] != '-')
        return false;
    *number = nb_str_from_at(query->uri, query->experiment.len + 1);
    return nb_is_digit(number->at[0]) && nb_str_to_int(*number, &ignored);
}

/* models/EXPERIMENT/N, when the folder is one. */
static void recognise(nb_arena *arena, nb_str root, nb_model *model)
{
    nb_str models = nb_path_join(arena, root, NB_STR("models/"));
    nb_str rest = model->folder, experiment;
    int64_t number;
    if (!nb_str_starts(rest, models))
        return;
    rest = nb_str_from_at(rest, models.len);
    if (nb_str_split(&rest, '/', &experiment) && nb_str_to_int(rest, &number) && number > 0) {
        model->experiment = experiment;
        model->number = number;
    }
}

nb_code nb_model_find(nb_arena *arena, const nb_model_query *query, nb_model *out, nb_error *err)
{
    nb_str number, folder = {0};
    int64_t ignored;
    if (query->uri.len == 0)
        return find_newest(arena, query, out, err);
    if (nb_is_digit(query->uri.at[0]) && nb_str_to_int(query->uri, &ignored))
        return find_number(arena, query, query->uri, out, err);
    if (nb_path_absolute(arena, query->uri, &folder, err) != NB_OK)
        return err->code;
    if (!nb_is_dir(folder.at) && is_job_id(query, &number))
        return find_number(arena, query, number, out, err);
    if (!nb_is_dir(folder.at)) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND, "there is no model '" NB_STR_FMT "'",
                      NB_STR_ARG(query->uri));
        nb_error_hint(
            err,
            "pass a folder, a job's id, or a number of 'notebooked models list " NB_STR_FMT "'",
            NB_STR_ARG(query->experiment));
        return err->code;
    }
    nb_model model = {.experiment = NB_STR(""), .folder = folder};
    recognise(arena, query->root, &model);
    describe(arena, &model);
    *out = model;
    return NB_OK;
}
