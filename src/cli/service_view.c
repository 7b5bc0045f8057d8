#include "cli/service_view.h"

#include "base/fs.h"
#include "base/path.h"
#include "cli/origins.h"
#include "cli/project.h"
#include "cli/table.h"
#include "proc/shell.h"
#include "provider/values.h"
#include "text/json.h"

enum { LARGEST_EXAMPLE = 4 << 20, LONGEST_SHOWN = 160 };

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

static nb_str in_quotes(nb_arena *arena, nb_str word)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_shell_put(&text, word);
    return nb_arena_str(arena, nb_buf_view(&text));
}

/* What the model was tried with; empty when there is nothing that would do. */
typedef struct example {
    nb_str file; /* "@models/iris/3/input_example.json", quoted for a shell */
    nb_str row;  /* its first row as a request, when it is short enough to be read, likewise */
} example;

static example example_of(const nb_app *app, const nb_model *model)
{
    nb_arena *arena = app->arena;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str text = {0}, path = nb_path_join(arena, model->folder, NB_STR("input_example.json"));
    if (nb_file_read(arena, path.at, LARGEST_EXAMPLE, &text, &ignored) != NB_OK)
        return (example){0};
    /* With -C we are not where the user is. */
    nb_str shown = app->folder ? path : nb_shown_path(arena, path);
    example found = {.file = in_quotes(arena, nb_str_concat(arena, NB_STR("@"), shown))};
    nb_str row = first_row(arena, text, path);
    if (row.len > 0 && row.len <= LONGEST_SHOWN && nb_str_find_char(row, '\'') < 0)
        found.row = nb_arena_printf(arena, "'" NB_STR_FMT "'", NB_STR_ARG(row));
    return found;
}

/* The shell reads the token: it stands in no history and on no screen. */
static nb_str token_of(nb_arena *arena, nb_str file)
{
    if (file.len == 0)
        return NB_STR("");
    return nb_arena_printf(arena, " -H \"Authorization: Bearer $(head -n 1 " NB_STR_FMT ")\"",
                           NB_STR_ARG(in_quotes(arena, file)));
}

/* --- text ------------------------------------------------------------------------------------------- */

/* The model's example is a request that the version in question has answered. */
static bool was_tried(const nb_service *service)
{
    for (size_t i = service->version_count; i-- > 0;) {
        const nb_service_version *each = &service->versions[i];
        if (service->unchanged ? each->share.weight > 0 : nb_str_eq(each->name, service->deployed))
            return each->tried;
    }
    return false;
}

static void say_next(const nb_app *app, const nb_deploy_request *request, const nb_service *service)
{
    const example e = was_tried(service) ? example_of(app, request->model) : (example){0};
    nb_str data = e.row.len > 0 ? e.row : e.file, name = service->name;
    if (data.len > 0)
        nb_app_say(app,
                   "try it:  curl -s " NB_STR_FMT "/predict" NB_STR_FMT
                   " -H 'Content-Type: application/json' -d " NB_STR_FMT,
                   NB_STR_ARG(service->url), NB_STR_ARG(token_of(app->arena, service->token_file)),
                   NB_STR_ARG(data));
    nb_app_say(app, "%s notebooked predict " NB_STR_FMT " --data " NB_STR_FMT,
               data.len > 0 ? "or:     " : "try it: ", NB_STR_ARG(name),
               NB_STR_ARG(data.len > 0 ? e.file : NB_STR("@FILE")));
    if (service->version_count > 1 && !service->unchanged)
        nb_app_say(app, "go back: notebooked rollback " NB_STR_FMT, NB_STR_ARG(name));
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
