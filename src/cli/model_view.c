#include "cli/model_view.h"

#include "cli/table.h"
#include "cli/term.h"
#include "provider/job.h"

/* --- who serves it -------------------------------------------------------------------------------- */

static bool is_of(const nb_deployment *deployment, const nb_model_sight *sight)
{
    if (sight->model.sha256.len > 0)
        return nb_str_eq(deployment->sha256, sight->model.sha256);
    return nb_str_eq(deployment->model, sight->path);
}

/* "iris v3, other v1": where it is up. */
static nb_str served_by(nb_arena *arena, const nb_model_view *view, const nb_model_sight *sight)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t e = 0; e < view->endpoint_count; e++)
        for (size_t d = 0; d < view->endpoints[e].deployments.count; d++) {
            const nb_deployment *deployment = &view->endpoints[e].deployments.at[d];
            if (deployment->up && is_of(deployment, sight))
                nb_buf_printf(&text, "%s" NB_STR_FMT " v%u", text.len > 0 ? ", " : "",
                              NB_STR_ARG(view->endpoints[e].name), deployment->version);
        }
    return nb_arena_str(arena, nb_buf_view(&text));
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static void put_endpoints(nb_json_writer *w, const nb_model_view *view, const nb_model_sight *sight)
{
    nb_json_key(w, NB_STR("endpoints"));
    nb_json_begin_array(w);
    for (size_t e = 0; e < view->endpoint_count; e++)
        for (size_t d = 0; d < view->endpoints[e].deployments.count; d++) {
            const nb_deployment *deployment = &view->endpoints[e].deployments.at[d];
            if (!is_of(deployment, sight))
                continue;
            nb_json_begin_object(w);
            nb_json_member_str(w, "endpoint", view->endpoints[e].name);
            nb_json_member_int(w, "version", deployment->version);
            nb_json_member_bool(w, "up", deployment->up);
            nb_json_member_int(w, "weight", deployment->weight);
            nb_json_end_object(w);
        }
    nb_json_end_array(w);
}

static void put_json(nb_app *app, const nb_model_view *view, const nb_model_sight *sight)
{
    nb_json_writer *w = app->json;
    const nb_model *model = &sight->model;
    nb_json_begin_object(w);
    nb_json_member_known_str(w, "experiment", model->experiment);
    nb_json_member_known_int(w, "number", model->number);
    nb_json_member_str(w, "folder", sight->path);
    nb_json_member_str(w, "state", nb_str_from(nb_model_trust_name(sight->trust)));
    nb_json_member_known_str(w, "changed", sight->changed);
    nb_json_member_bool(w, "finished", model->finished);
    nb_json_member_known_str(w, "job", model->job);
    nb_json_member_known_str(w, "framework", model->framework);
    nb_json_member_known_int(w, "created_ms", model->created_ms);
    nb_json_member_int(w, "size", model->size);
    nb_json_member_known_str(w, "sha256", model->sha256);
    nb_json_member_values(app, "metrics", model->metrics);
    put_endpoints(w, view, sight);
    nb_json_end_object(w);
}

/* --- page ----------------------------------------------------------------------------------------- */

static nb_str state_of(const nb_model_sight *sight)
{
    if (!sight->model.finished)
        return NB_STR("unfinished");
    return nb_str_from(nb_model_trust_name(sight->trust));
}

static nb_str state_sentence(nb_arena *arena, const nb_model_sight *sight)
{
    if (!sight->model.finished)
        return NB_STR("unfinished: training has not come to its end");
    switch (sight->trust) {
    case NB_MODEL_OURS: return NB_STR("sealed, as training left it");
    case NB_MODEL_CHANGED:
        return nb_arena_printf(arena, "changed after it was sealed: " NB_STR_FMT,
                               NB_STR_ARG(sight->changed));
    case NB_MODEL_UNSEALED:
        return NB_STR("unsealed: not known to be of this project; deploying it needs --trust");
    }
    return NB_STR("");
}

static size_t metrics_of(nb_arena *arena, const nb_model *model, nb_metric_value **out)
{
    const nb_job job = {.metrics = model->metrics};
    return nb_job_metrics(arena, &job, out);
}

static void print_metrics(nb_app *app, const nb_model *model)
{
    nb_metric_value *metrics = NULL;
    nb_pairs list = {0};
    size_t count = metrics_of(app->arena, model, &metrics);
    for (size_t i = 0; i < count; i++)
        nb_vec_push(app->arena, &list,
                    (nb_pair){metrics[i].name, nb_metric_text(app->arena, metrics[i].value)});
    if (count > 0)
        fputs("\nmetrics\n", app->out);
    nb_pairs_print(app, &list);
}

void nb_model_view_page(nb_app *app, const nb_model_view *view, const nb_model_sight *sight)
{
    const nb_model *model = &sight->model;
    nb_arena *arena = app->arena;
    nb_pairs list = {0};
    if (app->json) {
        nb_json_key(app->json, NB_STR("model"));
        put_json(app, view, sight);
        return;
    }
    nb_pairs_add(arena, &list, "model", sight->path);
    nb_pairs_add(arena, &list, "experiment", model->experiment);
    nb_pairs_add(arena, &list, "job", model->job);
    nb_pairs_add(arena, &list, "state", state_sentence(arena, sight));
    nb_pairs_add(arena, &list, "created", nb_time_text(arena, model->created_ms));
    nb_pairs_add(arena, &list, "framework", model->framework);
    nb_pairs_add(arena, &list, "size", nb_size_text(arena, model->size));
    nb_pairs_add(arena, &list, "sha256", model->sha256);
    nb_pairs_add(arena, &list, "served by", served_by(arena, view, sight));
    nb_pairs_print(app, &list);
    print_metrics(app, model);
}

/* --- table ---------------------------------------------------------------------------------------- */

enum { STATE_COLUMN = 1 };

static const nb_str titles[] = {NB_STR_ROW("MODEL"), NB_STR_ROW("STATE"),  NB_STR_ROW("CREATED"),
                                NB_STR_ROW("SIZE"),  NB_STR_ROW("METRIC"), NB_STR_ROW("SERVED BY")};

static const char *style_of(const nb_app *app, const nb_model_sight *sight)
{
    if (sight->model.finished && sight->trust == NB_MODEL_CHANGED)
        return nb_term_style(app->colour_out, NB_STYLE_ERROR);
    if (!sight->model.finished || sight->trust == NB_MODEL_UNSEALED)
        return nb_term_style(app->colour_out, NB_STYLE_WARNING);
    return "";
}

static nb_str key_metric(nb_arena *arena, const nb_model *model)
{
    nb_metric_value *metrics = NULL;
    if (metrics_of(arena, model, &metrics) == 0)
        return NB_STR("");
    return nb_arena_printf(arena, NB_STR_FMT " " NB_STR_FMT, NB_STR_ARG(metrics[0].name),
                           NB_STR_ARG(nb_metric_text(arena, metrics[0].value)));
}

void nb_model_view_table(nb_app *app, const nb_model_view *view, const nb_model_sight *sights,
                         size_t count)
{
    nb_table table = {.titles = titles, .columns = NB_LEN(titles), .styled = STATE_COLUMN};
    if (app->json) {
        nb_json_key(app->json, NB_STR("models"));
        nb_json_begin_array(app->json);
        for (size_t i = 0; i < count; i++)
            put_json(app, view, &sights[i]);
        nb_json_end_array(app->json);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const nb_model *model = &sights[i].model;
        nb_vec_push(app->arena, &table.rows,
                    (nb_table_row){
                        {sights[i].path, state_of(&sights[i]),
                         nb_minute_text(app->arena, model->created_ms),
                         nb_size_text(app->arena, model->size), key_metric(app->arena, model),
                         served_by(app->arena, view, &sights[i])},
                        style_of(app, &sights[i])
        });
    }
    nb_table_print(app, &table);
}
