#include "config/starter.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "text/yaml.h"

#include <sys/stat.h>

enum { DEEPEST_FOLDER = 5, MOST_ENTRIES = 20000 };

/* --- notebooks --- */

typedef struct finder {
    nb_arena *arena;
    nb_str root;
    size_t entries;
    bool more;
    NB_VEC(nb_str) found; /* seen from the root */
} finder;

static bool is_passed_over(nb_str name)
{
    static const nb_str names[] = {
        NB_STR_ROW("node_modules"), NB_STR_ROW("__pycache__"), NB_STR_ROW("venv"),
        NB_STR_ROW("env"),          NB_STR_ROW("generated"),   NB_STR_ROW("models"),
        NB_STR_ROW("mlruns"),       NB_STR_ROW("mlartifacts"), NB_STR_ROW("site-packages"),
    };
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eq(name, names[i]))
            return true;
    return name.len == 0 || name.at[0] == '.';
}

/* Links to folders are not followed: they may lead back. */
static bool is_real_folder(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static nb_code find_below(finder *f, nb_str folder, unsigned depth, nb_error *err);

static void look_at(finder *f, nb_str path, nb_str name, unsigned depth)
{
    nb_str full = nb_path_join(f->arena, f->root, path);
    if (is_passed_over(name))
        return;
    if (nb_str_ends(name, NB_STR(".ipynb")) && nb_is_file(full.at)) {
        if (f->found.count < NB_STARTERS_MAX)
            nb_vec_push(f->arena, &f->found, path);
        else
            f->more = true;
        return;
    }
    if (depth == DEEPEST_FOLDER || !is_real_folder(full.at))
        return;
    NB_AUTO(nb_error) unreadable = NB_ERROR_INIT; /* somebody else's folder ends no search */
    (void)find_below(f, path, depth + 1, &unreadable);
}

static nb_code find_below(finder *f, nb_str folder, unsigned depth, nb_error *err)
{
    nb_str *names;
    size_t count;
    nb_str full = nb_path_join(f->arena, f->root, folder);
    if (nb_dir_list(f->arena, full.at, &names, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count && f->entries++ < MOST_ENTRIES; i++)
        look_at(f, folder.len > 0 ? nb_path_join(f->arena, folder, names[i]) : names[i], names[i],
                depth);
    return NB_OK;
}

/* "iris", then "iris-2" for the next notebook of that name; a name that would become too long gives up its end. */
static nb_str different_name(nb_arena *arena, nb_map *taken, nb_str name)
{
    nb_str candidate = name;
    for (unsigned n = 2; !nb_set_add(arena, taken, candidate); n++)
        candidate =
            nb_arena_printf(arena, NB_STR_FMT "-%u", NB_STR_ARG(nb_str_slice(name, 0, 58)), n);
    return candidate;
}

nb_starters nb_starters_of(nb_arena *arena, const nb_str *notebooks, size_t count)
{
    nb_experiment *list = NB_NEW_ARRAY(arena, nb_experiment, count);
    nb_map taken = NB_MAP_INIT;
    for (size_t i = 0; i < count; i++) {
        list[i] = *nb_config_adhoc(arena, notebooks[i]);
        list[i].name = different_name(arena, &taken, list[i].name);
    }
    return (nb_starters){.at = list, .count = count};
}

nb_code nb_starters_find(nb_arena *arena, const char *folder, nb_starters *out, nb_error *err)
{
    finder f = {.arena = arena, .root = nb_str_from(folder)};
    if (find_below(&f, NB_STR(""), 0, err) != NB_OK)
        return err->code;
    *out = nb_starters_of(arena, f.found.at, f.found.count);
    out->more = f.more;
    return NB_OK;
}

/* --- config.yaml --- */

static const char head[] =
    "# What notebooked knows about this project. docs/configuration.md explains every key;\n"
    "# 'notebooked config schema' prints a JSON Schema for editors.\n"
    "#\n"
    "# A line such as '#provider:' is an example: remove its '#' to use it.\n"
    "# Values may come from the environment: ${NAME} or ${NAME:-default}.\n"
    "# No passwords or keys here: this file is committed.\n"
    "\n"
    "mlflow:\n"
    "  # A tracking server (http://localhost:5000), a file, or \"\" for no tracking.\n"
    "  tracking_uri: sqlite:///mlflow.db\n"
    "  # The MLflow experiment of all runs; without it each experiment uses its own name.\n"
    "  #experiment_name: my-project\n"
    "\n"
    "# Where 'notebooked train' runs: local; sagemaker, azure and gcp are to follow.\n"
    "provider: local\n"
    "\n"
    "# Which findings about notebooks are told, and which kind fails 'notebooked check'.\n"
    "#check:\n"
    "#  select: [NB]\n"
    "#  ignore: [unused-definition]\n"
    "#  fail_on: warning\n"
    "\n"
    "# Credentials come from where each cloud's own tools have them.\n"
    "#aws:\n"
    "#  region: eu-west-1\n"
    "#  role_arn: arn:aws:iam::123456789012:role/SageMakerRole\n"
    "#  bucket: my-team-ml\n"
    "#  instance_type: ml.m5.xlarge\n"
    "#azure:\n"
    "#  subscription_id: 12345678-90ab-cdef-1234-567890abcdef\n"
    "#  resource_group: ml-group\n"
    "#  workspace: ml-workspace\n"
    "#gcp:\n"
    "#  project: my-project\n"
    "#  region: europe-west4\n"
    "#  bucket: my-team-ml\n"
    "\n"
    "# Cell tags of your own, and the section each one feeds: imports, parameters, utils,\n"
    "# preprocess, model, train, inference, requirements or skip.\n"
    "#tags:\n"
    "#  features: preprocess\n"
    "\n"
    "# What becomes of notebook commands that a script does not have.\n"
    "#ipython:\n"
    "#  shell: comment      # !command; or subprocess, drop\n"
    "#  timeit: unwrap      # or drop\n"
    "#  cd: comment         # or chdir\n"
    "#  writefile: drop     # or export\n"
    "#  run: comment        # or inline\n"
    "\n"
    "# One entry a notebook. Paths are seen from the folder of this file.\n";

/* The keys of the first experiment, each with its comment. */
static const char optional_keys[] =
    "    #description: what this experiment is about\n"
    "    # The training data: a file, a folder or a URI.\n"
    "    #data_path: data\n"
    "    # Values that a run can set, with their defaults: --set learning_rate=0.01\n"
    "    #hyperparameters:\n"
    "    #  learning_rate: 0.001\n"
    "    #  epochs: 20\n"
    "    # Metrics to log besides those that are found: variables, or names with an expression.\n"
    "    #metrics:\n"
    "    #  accuracy: model.score(X_test, y_test)\n"
    "    # Only where it is not found: the variable that holds the model, the call that trains,\n"
    "    # the framework that saves it (sklearn, xgboost, lightgbm, catboost, torch, keras, statsmodels).\n"
    "    #model_variable: model\n"
    "    #entrypoint: fit(load(data_path), epochs)\n"
    "    #framework: sklearn\n"
    "    # The Python to train with, and the folder to train in (the notebook's).\n"
    "    #python: .venv\n"
    "    #workdir: .\n"
    "    # Files that training and inference need elsewhere; further lines for requirements.txt, and\n"
    "    # lists of what the target has (pip freeze), which it leaves out.\n"
    "    #include: [features.py]\n"
    "    #requirements: [pandas]\n"
    "    #provided: [image.txt]\n"
    "    # What becomes of its notebook commands, where it is not as above.\n"
    "    #ipython: {shell: subprocess}\n"
    "    # How an endpoint on this machine serves its models.\n"
    "    #serving: {workers: 2, timeout: 5s}\n"
    "    # The MLflow experiment of its runs; the machines for training on a cloud.\n"
    "    #mlflow_experiment: another-name\n"
    "    #instance_type: ml.m5.xlarge\n"
    "    #instance_count: 1\n";

static const char no_notebooks[] = "#  - name: iris\n"
                                   "#    notebook: notebooks/iris.ipynb\n";

static bool is_plain(nb_str text)
{
    if (text.len == 0 || !(nb_is_alpha(text.at[0]) || text.at[0] == '.'))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!nb_is_alpha(text.at[i]) && !nb_is_digit(text.at[i]) && text.at[i] != '_' &&
            text.at[i] != '-' && text.at[i] != '.' && text.at[i] != '/')
            return false;
    return true;
}

/* As text in every case: in quotes unless it cannot be taken for anything else, references escaped. */
static void put_text(nb_buf *out, nb_str text)
{
    if (is_plain(text) && nb_yaml_resolve(text) == NB_YAML_STR) {
        nb_buf_put(out, text);
        return;
    }
    NB_AUTO(nb_buf) escaped = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < text.len; i++) {
        if (nb_str_starts(nb_str_from_at(text, i), NB_STR("${")))
            nb_buf_putc(&escaped, '$');
        nb_buf_putc(&escaped, text.at[i]);
    }
    nb_json_quote(out, nb_buf_view(&escaped));
}

static void put_experiment(nb_buf *out, const nb_experiment *experiment)
{
    nb_buf_putz(out, "  - name: ");
    put_text(out, experiment->name);
    nb_buf_putz(out, "\n    notebook: ");
    put_text(out, experiment->notebook);
    nb_buf_putc(out, '\n');
}

void nb_starter_config(const nb_starters *starters, nb_buf *out)
{
    nb_buf_putz(out, head);
    nb_buf_putz(out, "experiments:\n");
    if (starters->count > 0)
        put_experiment(out, &starters->at[0]);
    else
        nb_buf_putz(out, no_notebooks);
    nb_buf_putz(out, optional_keys);
    for (size_t i = 1; i < starters->count; i++) {
        nb_buf_putc(out, '\n');
        put_experiment(out, &starters->at[i]);
    }
}

/* --- .gitignore --- */

static const struct {
    nb_str line;
    const char *comment; /* before it, or NULL */
} ignored[] = {
    {NB_STR_ROW(".env"),                    "secrets"                                    },
    {NB_STR_ROW("models/"),                 "what runs leave behind"                     },
    {NB_STR_ROW("mlflow.db"),               NULL                                         },
    {NB_STR_ROW("mlartifacts/"),            NULL                                         },
    {NB_STR_ROW(".notebooked/*"),           "state of this machine; templates are shared"},
    {NB_STR_ROW("!.notebooked/templates/"), NULL                                         },
};

static const char about_generated[] =
    "# generated/ holds the scripts: commit them so that they are reviewed, or ignore them\n"
    "#generated/\n";

/* "/models", "models/" and "models" are the same for us. */
static nb_str bare(nb_str line)
{
    line = nb_str_trim(line);
    if (line.len > 1 && line.at[0] == '/')
        line = nb_str_from_at(line, 1);
    if (line.len > 1 && line.at[line.len - 1] == '/')
        line.len--;
    return line;
}

static bool has_line(nb_str text, nb_str wanted)
{
    nb_str line;
    while (nb_str_line(&text, &line))
        if (nb_str_eq(bare(line), bare(wanted)))
            return true;
    return false;
}

static void put_gitignore_head(nb_str present, nb_buf *out)
{
    if (present.len > 0 && !nb_str_ends(present, NB_STR("\n")))
        nb_buf_putc(out, '\n');
    if (present.len > 0)
        nb_buf_putc(out, '\n');
    nb_buf_putz(out, "# notebooked\n");
}

void nb_starter_gitignore(nb_str present, nb_buf *out)
{
    bool any = false;
    bool all_state = has_line(present, NB_STR(".notebooked"));
    for (size_t i = 0; i < NB_LEN(ignored); i++) {
        bool state = nb_str_contains(ignored[i].line, NB_STR(".notebooked"));
        if (has_line(present, ignored[i].line) || (state && all_state))
            continue;
        if (!any)
            put_gitignore_head(present, out);
        any = true;
        if (ignored[i].comment)
            nb_buf_printf(out, "# %s\n", ignored[i].comment);
        nb_buf_put(out, ignored[i].line);
        nb_buf_putc(out, '\n');
    }
    if (any && !nb_str_contains(present, NB_STR("generated/")))
        nb_buf_putz(out, about_generated);
}
