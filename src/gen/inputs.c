#include "gen/inputs.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/watch.h"
#include "gen/require.h"
#include "text/json.h"

static nb_code add(nb_arena *arena, nb_inputs *inputs, nb_input_kind kind, nb_str path,
                   nb_error *err)
{
    nb_str absolute;
    if (nb_path_absolute(arena, path, &absolute, err) != NB_OK)
        return err->code;
    nb_vec_push(arena, &inputs->list, (nb_input){kind, absolute});
    return NB_OK;
}

/* Modules that travel with the scripts, as the manifest in the folder has them; a folder where they were looked for ends in a slash. */
static nb_code add_sources(nb_arena *arena, const nb_plan *plan, nb_str root, nb_inputs *inputs,
                           nb_error *err)
{
    const nb_json *sources = plan->last ? nb_json_get(plan->last, "sources") : NULL;
    for (const nb_json *one = sources ? sources->child : NULL; one; one = one->next) {
        nb_str path = nb_json_get_str(one, "path");
        nb_input_kind kind = nb_str_ends(path, NB_STR("/")) ? NB_INPUT_SEARCHED : NB_INPUT_MODULE;
        if (path.len > 0 && add(arena, inputs, kind, nb_path_join(arena, root, path), err) != NB_OK)
            return err->code;
    }
    return NB_OK;
}

nb_code nb_inputs_of(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                     const nb_convert_options *options, const nb_env *env, nb_inputs *out,
                     nb_error *err)
{
    const nb_analysis a = {
        .arena = arena, .config = config, .experiment = experiment, .options = options, .env = env};
    nb_inputs inputs = {0};
    nb_str disk;
    nb_templates templates = nb_templates_open(arena, config->root, env);
    const nb_lock_paths locks = nb_require_lock_paths(&a);
    if (add(arena, &inputs, NB_INPUT_FILE, nb_path_join(arena, config->root, experiment->notebook),
            err) != NB_OK ||
        nb_convert_folder(arena, config, experiment, options, &disk, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < NB_LEN(templates.folders); i++)
        if (templates.folders[i].len > 0 &&
            add(arena, &inputs, NB_INPUT_FOLDER, templates.folders[i], err) != NB_OK)
            return err->code;
    for (size_t i = 0; i < locks.list.count; i++)
        if (add(arena, &inputs, NB_INPUT_FILE, locks.list.at[i], err) != NB_OK)
            return err->code;
    if (add_sources(arena, nb_plan_new(arena, NB_STR(""), disk), config->root, &inputs, err) !=
        NB_OK)
        return err->code;
    *out = inputs;
    return NB_OK;
}

static nb_str folder_stamp(nb_arena *arena, nb_str folder)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a folder that cannot be read is as good as none */
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str *names;
    size_t count = 0;
    nb_buf_put(&text, nb_path_stamp(arena, folder));
    if (nb_is_dir(nb_arena_z(arena, folder)))
        (void)nb_dir_list(arena, nb_arena_z(arena, folder), &names, &count, &ignored);
    for (size_t i = 0; i < count; i++) {
        nb_buf_putc(&text, ' ');
        nb_buf_put(&text, nb_path_stamp(arena, nb_path_join(arena, folder, names[i])));
    }
    return nb_arena_str(arena, nb_buf_view(&text));
}

nb_str nb_input_stamp(nb_arena *arena, const nb_input *input)
{
    switch (input->kind) {
    case NB_INPUT_FILE: return nb_path_stamp(arena, input->path);
    case NB_INPUT_FOLDER: return folder_stamp(arena, input->path);
    case NB_INPUT_MODULE: return nb_local_digest(arena, input->path);
    case NB_INPUT_SEARCHED: return nb_local_listing(arena, input->path);
    }
    return NB_STR("");
}
