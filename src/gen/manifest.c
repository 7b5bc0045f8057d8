#include "gen/manifest.h"

#include "gen/written.h"
#include "text/json_write.h"

static void put_hyperparameters(nb_json_writer *w, const nb_params *params)
{
    nb_json_key(w, NB_STR("hyperparameters"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < params->list.count; i++) {
        const nb_param *param = &params->list.at[i];
        nb_json_begin_object(w);
        nb_json_member_str(w, "name", param->name);
        nb_json_member_str(w, "flag", param->flag);
        nb_json_member_str(w, "type", nb_str_from(param->type));
        nb_json_member_str(w, "default", param->literal);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_files(nb_json_writer *w, const nb_plan *plan)
{
    nb_json_key(w, NB_STR("files"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < plan->files.count; i++) {
        if (plan->files.at[i].state == NB_FILE_GONE)
            continue;
        nb_json_begin_object(w);
        nb_json_member_str(w, "path", plan->files.at[i].name);
        nb_json_member_str(w, "sha256", plan->files.at[i].sha256);
        if (plan->files.at[i].from.len > 0)
            nb_json_member_str(w, "from", plan->files.at[i].from);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

nb_str nb_manifest_write(const nb_analysis *a, const nb_plan *plan, nb_str inputs)
{
    const nb_scripts_input *input = &a->input;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 2);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "version", 1);
    nb_json_member_str(&w, "experiment", input->experiment->name);
    nb_json_member_str(&w, "notebook", input->experiment->notebook);
    nb_json_member_str(&w, "notebook_sha256", input->graph->source->notebook->sha256);
    nb_json_member_str(&w, "inputs_sha256", inputs);
    put_hyperparameters(&w, input->params);
    nb_json_member_bool(&w, "data_path", input->params->data_path_literal.len > 0);
    put_files(&w, plan);
    nb_travel_write(a->travel, &w);
    nb_json_end_object(&w);
    nb_buf_putc(&out, '\n');
    return nb_arena_str(a->arena, nb_buf_view(&out));
}

static nb_str hash_of(const nb_plan *plan, const char *file)
{
    for (size_t i = 0; i < plan->files.count; i++)
        if (nb_str_eqz(plan->files.at[i].name, file))
            return plan->files.at[i].sha256;
    return NB_STR("");
}

/* A file whose lines are lines of cells, or, with a `source`, of that file. */
static void put_mapped(nb_json_writer *w, nb_str name, nb_str sha256, nb_str source,
                       const nb_linemap *map)
{
    NB_AUTO(nb_buf) rows = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_key(w, name);
    nb_json_begin_object(w);
    nb_json_member_str(w, "sha256", sha256);
    if (source.len > 0)
        nb_json_member_str(w, "source", source);
    for (size_t i = 0; i < map->ranges.count; i++) {
        const nb_line_range *r = &map->ranges.at[i];
        nb_buf_printf(&rows, "%s[%u, %u, %u, %u]", i ? ", " : "[", r->line, r->count, r->cell,
                      r->cell_line);
    }
    nb_buf_putz(&rows, map->ranges.count ? "]" : "[]");
    nb_json_key(w, NB_STR("lines"));
    nb_json_put_raw(w, nb_buf_view(&rows));
    nb_json_end_object(w);
}

/* A copied module: each of its lines is that line of the original. */
static void put_copy(nb_arena *arena, nb_json_writer *w, const nb_plan_file *file)
{
    nb_linemap map = {0};
    nb_line_range all = {.line = 1, .cell_line = 1};
    nb_str rest = file->text;
    for (nb_str line; nb_str_line(&rest, &line);)
        all.count++;
    if (all.count > 0)
        nb_vec_push(arena, &map.ranges, all);
    put_mapped(w, file->name, file->sha256, file->from, &map);
}

/* A file that cells write, unless something else has taken its place. */
static void put_written(nb_json_writer *w, const nb_plan_file *file, const nb_written *written)
{
    for (size_t i = 0; i < written->kept.list.count; i++)
        if (nb_str_eq(written->kept.list.at[i].name, file->name) &&
            nb_str_eq(written->kept.list.at[i].text, file->text))
            put_mapped(w, file->name, file->sha256, NB_STR(""), &written->maps.at[i]);
}

static void put_maps(nb_json_writer *w, const nb_analysis *a, const nb_plan *plan)
{
    const nb_written written = nb_written_find(a->source, nb_analysis_folder(a));
    for (nb_script_kind k = 0; k < NB_SCRIPT_COUNT; k++) {
        const nb_script *script = &a->scripts.list[k];
        if (script->file)
            put_mapped(w, nb_str_from(script->file), hash_of(plan, script->file), NB_STR(""),
                       &script->map);
    }
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        if (!nb_str_ends(file->name, NB_STR(".py")))
            continue;
        if (file->from.len > 0)
            put_copy(a->arena, w, file);
        else
            put_written(w, file, &written);
    }
}

nb_str nb_manifest_map(const nb_analysis *a, const nb_plan *plan)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 1);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "version", 1);
    nb_json_member_str(&w, "notebook", a->experiment->notebook);
    nb_json_key(&w, NB_STR("files"));
    nb_json_begin_object(&w);
    put_maps(&w, a, plan);
    nb_json_end_object(&w);
    nb_json_end_object(&w);
    nb_buf_putc(&out, '\n');
    return nb_arena_str(a->arena, nb_buf_view(&out));
}
