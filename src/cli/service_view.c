#include "cli/service_view.h"

#include "base/fs.h"
#include "base/path.h"
#include "cli/origins.h"
#include "cli/project.h"
#include "cli/table.h"
#include "provider/values.h"
#include "text/json.h"

enum { LARGEST_EXAMPLE = 4 << 20, LONGEST_SHOWN = 300 };

/* --- JSON ------------------------------------------------------------------------------------------- */

void nb_service_view_version(nb_json_writer *w, const nb_service_version *version)
{
    nb_json_begin_object(w);
    nb_json_member_str(w, "name", version->name);
    nb_json_member_str(w, "model", version->model);
    nb_json_member_str(w, "state", version->state);
    nb_json_member_int(w, "weight", version->share.weight);
    nb_json_member_int(w, "shadow", version->share.shadow_percent);
    nb_json_end_object(w);
}

static void write_service(nb_json_writer *w, nb_str root, nb_arena *arena,
                          const nb_service *service)
{
    nb_json_member_str(w, "endpoint", service->name);
    nb_json_member_str(w, "provider", service->provider);
    nb_json_member_bool(w, "unchanged", service->unchanged);
    if (service->deployed.len > 0)
        nb_json_member_str(w, "deployed", service->deployed);
    nb_json_member_str(w, "state", nb_str_from(nb_service_state_name(service->state)));
    nb_json_member_str(w, "url", service->url);
    nb_json_member_str(w, "log", nb_project_path(arena, root, service->log));
    nb_json_key(w, NB_STR("versions"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < service->version_count; i++)
        nb_service_view_version(w, &service->versions[i]);
    nb_json_end_array(w);
}

/* --- a request to try ------------------------------------------------------------------------------- */

/* The example with its first row only; empty when it is no list of rows under one key. */
static nb_str first_row(nb_arena *arena, nb_str text, nb_str path)
{
    static const char *const keys[] = {"instances", "inputs", "dataframe_records"};
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then the file itself is sent */
    const nb_json *root = NULL;
    if (nb_json_parse(arena, text, path, NB_JSON_STRICT, &root, &ignored) != NB_OK)
        return NB_STR("");
    for (size_t i = 0; i < NB_LEN(keys); i++) {
        const nb_json *rows = nb_json_get(root, keys[i]);
        if (rows && rows->kind == NB_JSON_ARRAY && rows->child)
            return nb_arena_printf(arena, "{\"%s\": [" NB_STR_FMT "]}", keys[i],
                                   NB_STR_ARG(nb_values_compact(arena, rows->child)));
    }
    return NB_STR("");
}

/* What follows curl's -d: a row when it is short and needs no quoting, else the file. */
static nb_str example_of(nb_arena *arena, const nb_model *model)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str text = {0}, path = nb_path_join(arena, model->folder, NB_STR("input_example.json"));
    if (nb_file_read(arena, path.at, LARGEST_EXAMPLE, &text, &ignored) != NB_OK)
        return NB_STR("'{\"instances\": [...]}'");
    nb_str row = first_row(arena, text, path);
    if (row.len > 0 && row.len <= LONGEST_SHOWN && nb_str_find_char(row, '\'') < 0)
        return nb_arena_printf(arena, "'" NB_STR_FMT "'", NB_STR_ARG(row));
    return nb_arena_printf(arena, "@" NB_STR_FMT, NB_STR_ARG(nb_shown_path(arena, path)));
}

static nb_str token_of(nb_arena *arena, const nb_deploy_request *request)
{
    for (size_t i = request->given_count; i-- > 0;) {
        const nb_setting_value *each = &request->given[i];
        if (nb_str_eqz(each->name, "token-file") || nb_str_eqz(each->name, "token_file"))
            return nb_arena_printf(arena, " -H \"Authorization: Bearer $(head -1 " NB_STR_FMT ")\"",
                                   NB_STR_ARG(each->text));
    }
    return NB_STR("");
}

/* --- text ------------------------------------------------------------------------------------------- */

static void say_next(const nb_app *app, const nb_deploy_request *request, const nb_service *service)
{
    nb_str data = example_of(app->arena, request->model), token = token_of(app->arena, request);
    nb_app_say(app,
               "try it:  curl -s " NB_STR_FMT "/predict" NB_STR_FMT
               " -H 'Content-Type: application/json' -d " NB_STR_FMT,
               NB_STR_ARG(service->url), NB_STR_ARG(token), NB_STR_ARG(data));
    nb_app_say(app, "or:      notebooked predict --endpoint-name " NB_STR_FMT " --data ...",
               NB_STR_ARG(service->name));
    if (service->version_count > 1 && !service->unchanged)
        nb_app_say(app, "go back: notebooked rollback " NB_STR_FMT, NB_STR_ARG(service->name));
}

static void print(const nb_app *app, nb_str root, const nb_deploy_request *request,
                  const nb_service *service)
{
    nb_arena *arena = app->arena;
    nb_pairs pairs = {0};
    nb_pairs_add(arena, &pairs, "endpoint", service->name);
    nb_pairs_add(arena, &pairs, "version", service->deployed);
    nb_pairs_add(arena, &pairs, "model", request->model_name);
    nb_pairs_add(arena, &pairs, "url", service->url);
    nb_pairs_add(arena, &pairs, "log", nb_project_path(arena, root, service->log));
    nb_pairs_print(app, &pairs);
}

void nb_service_view_deployed(nb_app *app, nb_str root, const nb_deploy_request *request,
                              const nb_service *service)
{
    if (app->json) {
        write_service(app->json, root, app->arena, service);
        return;
    }
    if (service->unchanged)
        nb_app_say(app, "endpoint '" NB_STR_FMT "' serves this model already",
                   NB_STR_ARG(service->name));
    print(app, root, request, service);
    say_next(app, request, service);
}
