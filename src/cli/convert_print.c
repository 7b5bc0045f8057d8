#include "cli/convert_print.h"

#include "base/path.h"
#include "cli/report.h"
#include "cli/stdin.h"
#include "cli/targets.h"
#include "gen/dump.h"

const char *const nb_print_files[] = {"train", "inference", "preprocess", "requirements", NULL};
const char *const nb_print_dumps[] = {"cells", "extraction", "graph", "plan", NULL};

static const char *const file_names[] = {"train.py", "inference.py", "preprocess.py",
                                         "requirements.txt"};

/* --- the notebook ------------------------------------------------------------------------------------------------------ */

static nb_code find_target(nb_app *app, const nb_print *what, const char *const *operands,
                           size_t count, nb_diags *diags, nb_str *bytes, nb_target *target,
                           nb_error *err)
{
    const char *name;
    nb_target *targets;
    size_t found;
    if (nb_stdin_is_meant(operands, count)) {
        if (nb_stdin_read(app, what->stdin_filename, &name, bytes, err) != NB_OK)
            return err->code;
        operands = &name;
    }
    if (nb_targets_find(app, operands, count, false, diags, &targets, &found, err) != NB_OK)
        return err->code;
    if (found != 1)
        return nb_fail(err, NB_ERR_USAGE, "one notebook at a time can be printed, not %zu", found);
    *target = targets[0];
    return NB_OK;
}

/* --- one file ------------------------------------------------------------------------------------------------------------ */

static nb_code fail_no_file(const nb_print *what, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "the notebook gives no '%s'", file_names[what->file]);
    nb_error_hint(err, "tag the cells that belong to it '%s'", nb_print_files[what->file]);
    return err->code;
}

static nb_code put_file(nb_app *app, const nb_print *what, const nb_plan *plan, nb_error *err)
{
    const char *name = file_names[what->file];
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        if (file->state == NB_FILE_GONE || !nb_str_eqz(nb_path_base(file->path), name))
            continue;
        if (!app->json) {
            fwrite(file->text.at, 1, file->text.len, app->out);
            return NB_OK;
        }
        nb_json_member_str(app->json, "file", nb_str_from(name));
        nb_json_member_str(app->json, "text", file->text);
        return NB_OK;
    }
    return fail_no_file(what, err);
}

/* --- a dump -------------------------------------------------------------------------------------------------------------- */

/* A document of its own, or members of the command's. */
static nb_code put_dump(nb_app *app, const nb_print *what, const nb_target *target,
                        const nb_convert_options *options, nb_diags *diags, nb_error *err)
{
    enum { DUMP_LIMIT = 1024 * 1024 * 1024 };
    NB_AUTO(nb_buf) document = NB_BUF_INIT(DUMP_LIMIT);
    nb_json_writer own = NB_JSON_WRITER(&document, 2);
    nb_json_writer *json = app->json ? app->json : &own;
    if (!app->json)
        nb_json_begin_object(json);
    const nb_dump_input input = {target->config, target->experiment, options, app->env, diags};
    nb_code code = nb_dump(app->arena, &input, (nb_dump_kind)what->dump, json, err);
    if (app->json)
        return code;
    nb_json_end_object(json);
    nb_buf_putc(&document, '\n');
    if (document.full)
        return nb_fail(err, NB_ERR_IO, "the dump is larger than %d bytes", DUMP_LIMIT);
    fwrite(document.at, 1, document.len, app->out);
    return code;
}

/* --- the command --------------------------------------------------------------------------------------------------------- */

static nb_code print(nb_app *app, const nb_print *what, const nb_target *target,
                     const nb_convert_options *options, nb_diags *diags, nb_error *err)
{
    nb_conversion conversion = {0};
    if (what->dump != NB_PRINT_NOTHING)
        return put_dump(app, what, target, options, diags, err);
    if (nb_convert(app->arena, target->config, target->experiment, options, app->env, diags,
                   &conversion, err) != NB_OK)
        return err->code;
    return put_file(app, what, conversion.plan, err);
}

nb_code nb_print_notebook(nb_app *app, const nb_print *what, const char *const *operands,
                          size_t count, nb_convert_options *options, nb_error *err)
{
    nb_diags diags = {.arena = app->arena};
    nb_target target = {0};
    options->anew = true; /* what lies on disk does not matter */
    nb_code code = find_target(app, what, operands, count, &diags, &options->bytes, &target, err);
    if (code == NB_OK)
        code = print(app, what, &target, options, &diags, err);
    (void)fflush(app->out); /* one after the other where both go to one place */
    nb_report_diags(app, &diags);
    return code;
}
