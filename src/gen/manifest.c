#include "gen/manifest.h"

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

static void put_script(const nb_plan *plan, nb_json_writer *w, const nb_script *script)
{
    nb_json_key(w, nb_str_from(script->file));
    nb_json_begin_object(w);
    nb_json_member_str(w, "sha256", hash_of(plan, script->file));
    nb_json_key(w, NB_STR("lines"));
    NB_AUTO(nb_buf) rows = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < script->map.ranges.count; i++) {
        const nb_line_range *r = &script->map.ranges.at[i];
        nb_buf_printf(&rows, "%s[%u, %u, %u, %u]", i ? ", " : "[", r->line, r->count, r->cell,
                      r->cell_line);
    }
    nb_buf_putz(&rows, script->map.ranges.count ? "]" : "[]");
    nb_json_put_raw(w, nb_buf_view(&rows));
    nb_json_end_object(w);
}

/* A copied module: each of its lines is that line of the original. */
static void put_copy(nb_json_writer *w, const nb_plan_file *file)
{
    size_t lines = 0;
    nb_str rest = file->text;
    for (nb_str line; nb_str_line(&rest, &line);)
        lines++;
    nb_json_key(w, file->name);
    nb_json_begin_object(w);
    nb_json_member_str(w, "sha256", file->sha256);
    nb_json_member_str(w, "source", file->from);
    NB_AUTO(nb_buf) rows = NB_BUF_INIT(NB_BUF_TEXT);
    if (lines > 0)
        nb_buf_printf(&rows, "[[1, %zu, 0, 1]]", lines);
    else
        nb_buf_putz(&rows, "[]");
    nb_json_key(w, NB_STR("lines"));
    nb_json_put_raw(w, nb_buf_view(&rows));
    nb_json_end_object(w);
}

nb_str nb_manifest_map(nb_arena *arena, const nb_plan *plan, const nb_scripts *scripts,
                       nb_str notebook)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 1);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "version", 1);
    nb_json_member_str(&w, "notebook", notebook);
    nb_json_key(&w, NB_STR("files"));
    nb_json_begin_object(&w);
    for (nb_script_kind k = 0; k < NB_SCRIPT_COUNT; k++)
        if (scripts->list[k].file)
            put_script(plan, &w, &scripts->list[k]);
    for (size_t i = 0; i < plan->files.count; i++)
        if (plan->files.at[i].from.len > 0 && nb_str_ends(plan->files.at[i].name, NB_STR(".py")))
            put_copy(&w, &plan->files.at[i]);
    nb_json_end_object(&w);
    nb_json_end_object(&w);
    nb_buf_putc(&out, '\n');
    return nb_arena_str(arena, nb_buf_view(&out));
}
