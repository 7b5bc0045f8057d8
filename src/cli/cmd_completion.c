#include "cli/app.h"
#include "cli/complete.h"
#include "cli/project.h"
#include "endpoint/endpoint.h"
#include "endpoint/models.h"
#include "store/store.h"

/* ---- What the scripts ask for: names, one a line. */

static nb_code print_commands(nb_app *app, FILE *to, nb_error *err)
{
    (void)app, (void)err;
    for (const nb_command *const *row = nb_commands; *row; row++)
        fprintf(to, "%s\n", (*row)->name);
    return NB_OK;
}

static nb_code load(nb_app *app, const nb_config **config, nb_error *err)
{
    nb_diags diags = {.arena = app->arena}; /* findings are for commands that people run */
    return nb_config_load(app->arena, app->config, ".", app->env, &diags, config, err);
}

static nb_code print_experiments(nb_app *app, FILE *to, nb_error *err)
{
    const nb_config *config;
    if (load(app, &config, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < config->experiment_count; i++)
        fprintf(to, NB_STR_FMT "\n", NB_STR_ARG(config->experiments[i].name));
    return NB_OK;
}

static nb_code print_jobs(nb_app *app, FILE *to, nb_error *err)
{
    const nb_config *config;
    nb_store *store = NULL;
    nb_job *jobs;
    size_t count = 0;
    if (load(app, &config, err) != NB_OK ||
        nb_store_open(nb_arena_z(app->arena, config->root), NB_STORE_LOOK, &store, err) != NB_OK)
        return err->code;
    nb_code code = nb_store_list(store, app->arena, NB_STR(""), &jobs, &count, err);
    for (size_t i = 0; code == NB_OK && i < count; i++)
        fprintf(to, NB_STR_FMT "\n", NB_STR_ARG(jobs[i].id));
    nb_store_close(store);
    return code;
}

/* Endpoints and models are there without a configuration, too. */
static nb_code print_endpoints(nb_app *app, FILE *to, nb_error *err)
{
    const nb_config *config;
    nb_str *names = NULL;
    size_t count = 0;
    if (nb_app_project(app, &config, err) != NB_OK ||
        nb_endpoint_list(app->arena, config->root, &names, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        fprintf(to, NB_STR_FMT "\n", NB_STR_ARG(names[i]));
    return NB_OK;
}

/* "iris-3" is models/iris/3, from wherever it is named. */
static nb_code print_models(nb_app *app, FILE *to, nb_error *err)
{
    const nb_config *config;
    nb_model *models = NULL;
    size_t count = 0;
    if (nb_app_project(app, &config, err) != NB_OK ||
        nb_model_list(app->arena, config->root, NB_STR(""), &models, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        fprintf(to, NB_STR_FMT "-%lld\n", NB_STR_ARG(models[i].experiment),
                (long long)models[i].number);
    return NB_OK;
}

/* ---- The scripts. */

static nb_code print_bash(nb_app *app, FILE *to, nb_error *err)
{
    (void)app, (void)err;
    nb_complete_bash(to);
    return NB_OK;
}

static nb_code print_zsh(nb_app *app, FILE *to, nb_error *err)
{
    (void)app, (void)err;
    nb_complete_zsh(to);
    return NB_OK;
}

static nb_code print_fish(nb_app *app, FILE *to, nb_error *err)
{
    (void)app, (void)err;
    nb_complete_fish(to);
    return NB_OK;
}

static const struct {
    const char *name;
    nb_code (*print)(nb_app *app, FILE *to, nb_error *err);
} outputs[] = {
    {"bash",       print_bash       },
    {"zsh",        print_zsh        },
    {"fish",       print_fish       },
    {"command",    print_commands   },
    {"experiment", print_experiments},
    {"job",        print_jobs       },
    {"endpoint",   print_endpoints  },
    {"model",      print_models     },
};

static nb_code run(const void *args, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    (void)args, (void)count;
    for (size_t i = 0; i < NB_LEN(outputs); i++) {
        if (strcmp(outputs[i].name, operands[0]) != 0)
            continue;
        nb_app_text text;
        nb_code code = outputs[i].print(app, nb_app_text_open(app, &text), err);
        nb_app_text_close(app, &text, "text");
        return code;
    }
    (void)nb_fail(err, NB_ERR_USAGE, "there is no completion for '%s'", operands[0]);
    nb_error_hint(err, "write 'bash', 'zsh' or 'fish'");
    return err->code;
}

static const nb_example examples[] = {
    {"source <(notebooked completion bash)",            "for this bash"},
    {"notebooked completion fish >~/.config/fish/completions/notebooked.fish",                                                 "for fish, to stay"},
    {"notebooked completion zsh >~/.zfunc/_notebooked","for zsh, where ~/.zfunc is in $fpath"},
    {0},
};

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

const nb_command nb_cmd_completion = {
    .name = "completion",
    .operands = "SHELL",
    .summary = "Print the completion script for bash, zsh or fish.",
    .about =
        "'make install' and the Debian package put the scripts where the shells look.\n"
        "\n"
        "The scripts ask for names with 'experiment', 'job', 'model', 'endpoint' and 'command' in "
        "place of a shell; that prints what there is, a line each.",
    .examples = examples,
    .min_operands = 1,
    .max_operands = 1,
    .operand_words = shells,
    .run = run,
};
