#include "graph/scene.h"
#include "py/facts.h"

/* --- bodies ------------------------------------------------------------------------------------------------------------ */

static void add_name(nb_arena *arena, nb_names *names, nb_str name)
{
    for (size_t i = 0; i < names->list.count; i++)
        if (nb_str_eq(names->list.at[i], name))
            return;
    nb_vec_push(arena, &names->list, name);
}

static int position_of(const nb_py_parameters *parameters, nb_str name)
{
    for (size_t i = 0; i < parameters->list.count && i < 64; i++)
        if (nb_str_eq(parameters->list.at[i].name, name))
            return (int)i;
    return -1;
}

static bool is_global(const nb_statement *s, nb_str name)
{
    for (size_t i = 0; i < s->uses.list.count; i++)
        if (nb_str_eq(s->uses.list.at[i].name, name) &&
            (s->uses.list.at[i].kind == NB_USE_READ_LATER ||
             s->uses.list.at[i].kind == NB_USE_BIND_LATER))
            return true;
    return false;
}

static void note_changes(nb_scene *scene, nb_own *own, const nb_py_parameters *parameters,
                         const nb_py_node *node)
{
    nb_names changes = {0};
    nb_scene_changes(scene, own->statement->cell->tree, node, &changes);
    for (size_t i = 0; i < changes.list.count; i++) {
        nb_str name = changes.list.at[i];
        int position = position_of(parameters, name);
        if (position >= 0)
            own->changed |= UINT64_C(1) << position;
        else if (is_global(own->statement, name))
            add_name(scene->arena, &own->changes, name);
    }
}

static void note_call(nb_scene *scene, nb_own *own, const nb_py_node *call)
{
    const nb_py_tree *tree = own->statement->cell->tree;
    nb_str name = nb_py_call_name(scene->arena, tree, call);
    nb_own *called = name.len > 0 ? nb_map_get(&scene->owns, name) : NULL;
    if (called && called != own &&
        (own->calls.count == 0 || own->calls.at[own->calls.count - 1] != called))
        nb_vec_push(scene->arena, &own->calls, called);
    own->jobs |= NB_JOB_BIT(nb_scene_job(scene, tree, call));
}

static bool is_model_name(nb_str name)
{
    static const char *const names[] = {"model",     "net",       "clf",      "classifier",
                                        "estimator", "regressor", "pipeline", "network"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

/* Parameters that are called `model` or `net` hold one. */
static void know_parameters(nb_scene *scene, const nb_py_parameters *parameters)
{
    for (size_t i = 0; i < parameters->list.count; i++) {
        nb_thing *thing = NB_NEW(scene->arena, nb_thing);
        if (is_model_name(parameters->list.at[i].name))
            thing->kinds = NB_THING_MODEL;
        nb_map_put(scene->arena, scene->locals, parameters->list.at[i].name, thing);
    }
}

static void read_body(nb_scene *scene, nb_own *own)
{
    const nb_statement *s = own->statement;
    const nb_py_tree *tree = s->cell->tree;
    nb_map locals = NB_MAP_INIT;
    nb_py_parameters parameters = {0};
    scene->locals = &locals;
    if (s->node->kind == NB_PY_FUNCTION) {
        parameters = nb_py_parameters_of(scene->arena, tree, s->node);
        know_parameters(scene, &parameters);
    }
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
        if (n->kind == NB_PY_ASSIGN && nb_py_get(n, NB_PY_FIELD_VALUE))
            nb_scene_assign(scene, tree, nb_py_get(n, NB_PY_FIELD_TARGET),
                            nb_py_get(n, NB_PY_FIELD_VALUE), true);
        if (n->kind == NB_PY_FOR)
            nb_scene_iterate(scene, tree, n);
        if (n->kind == NB_PY_CALL)
            note_call(scene, own, n);
        note_changes(scene, own, &parameters, n);
    }
    for (size_t i = 0; i < s->uses.list.count; i++)
        if (s->uses.list.at[i].kind == NB_USE_BIND_LATER)
            add_name(scene->arena, &own->changes, s->uses.list.at[i].name);
    scene->locals = NULL;
}

/* --- what a function is for --------------------------------------------------------------------------------------------- */

typedef enum word_set {
    DATA_WORDS,
    TRAIN_WORDS,
    PREDICT_WORDS,
    PLOT_WORDS,
    TEST_WORDS,
    MODEL_WORDS
} word_set;

/* Parts of names that people give to such functions: load_data, train_epoch, plot_history. */
static bool has_word(const nb_scene *scene, nb_str name, word_set set)
{
    static const char *const words[] = {
        [DATA_WORDS] = "load read clean prep data token encod feature augment normali split batch",
        [TRAIN_WORDS] = "train fit learn optimi",
        [PREDICT_WORDS] =
            "predict infer classify recommend translate generate forecast answer serve caption",
        [PLOT_WORDS] = "plot show draw visuali display graph",
        [TEST_WORDS] = "eval test valid score accuracy metric",
        [MODEL_WORDS] =
            "model net build classifier regressor generator discriminator encoder decoder",
    };
    nb_str lower = nb_str_lower(scene->arena, name), rest = nb_str_from(words[set]), word;
    while (nb_str_split(&rest, ' ', &word))
        if (nb_str_contains(lower, word))
            return true;
    return false;
}

/* Parameters that a caller must give; *models of them are the model by name. */
static unsigned required(const nb_scene *scene, const nb_own *own, unsigned *models)
{
    const nb_statement *s = own->statement;
    nb_py_parameters parameters = nb_py_parameters_of(scene->arena, s->cell->tree, s->node);
    unsigned count = 0;
    for (size_t i = 0; i < parameters.list.count; i++) {
        const nb_py_parameter *parameter = &parameters.list.at[i];
        bool rest = parameter->sort == NB_PY_PARAM_ARGS || parameter->sort == NB_PY_PARAM_KWARGS;
        if (rest || parameter->has_default)
            continue;
        count++;
        *models += is_model_name(parameter->name);
    }
    return count;
}

/* A handler of the serving platforms, with the parameters that they pass. */
static bool is_handler(const nb_scene *scene, const nb_own *own)
{
    unsigned models = 0;
    if (nb_str_eqz(own->name, "model_fn"))
        return required(scene, own, &models) == 1;
    return (nb_str_eqz(own->name, "input_fn") || nb_str_eqz(own->name, "predict_fn") ||
            nb_str_eqz(own->name, "output_fn")) &&
           required(scene, own, &models) == 2;
}

/* predict(data), predict(model, data): what can be called for a request. */
static bool can_serve(const nb_scene *scene, const nb_own *own)
{
    unsigned models = 0, count = required(scene, own, &models);
    return count == 1 || (count == 2 && models == 1);
}

static bool does(const nb_own *own, nb_job job)
{
    return (own->jobs & NB_JOB_BIT(job)) != 0;
}

static nb_purpose purpose_of_function(const nb_scene *scene, const nb_own *own)
{
    nb_str name = own->name;
    bool data = has_word(scene, name, DATA_WORDS), tests = has_word(scene, name, TEST_WORDS);
    if (is_handler(scene, own))
        return NB_PURPOSE_DEFINES_PREDICTION;
    if (does(own, NB_JOB_STEP) ||
        (does(own, NB_JOB_FIT) && !(data && !has_word(scene, name, TRAIN_WORDS))))
        return NB_PURPOSE_DEFINES_TRAINING;
    if (has_word(scene, name, PLOT_WORDS) || (does(own, NB_JOB_PLOT) && !data))
        return NB_PURPOSE_DEFINES_PLOT;
    if (has_word(scene, name, PREDICT_WORDS) && !(data && !does(own, NB_JOB_PREDICT)))
        return can_serve(scene, own) ? NB_PURPOSE_DEFINES_PREDICTION : NB_PURPOSE_DEFINES_HELPER;
    if (does(own, NB_JOB_MEASURE) || (does(own, NB_JOB_PREDICT) && tests))
        return NB_PURPOSE_DEFINES_EVALUATION;
    if (does(own, NB_JOB_PREDICT))
        return can_serve(scene, own) ? NB_PURPOSE_DEFINES_PREDICTION : NB_PURPOSE_DEFINES_HELPER;
    if (does(own, NB_JOB_MODEL) && (has_word(scene, name, MODEL_WORDS) || !data))
        return NB_PURPOSE_DEFINES_MODEL;
    if (does(own, NB_JOB_LOAD) || does(own, NB_JOB_SPLIT) || does(own, NB_JOB_DOWNLOAD) || data)
        return NB_PURPOSE_DEFINES_DATA;
    return NB_PURPOSE_DEFINES_HELPER;
}

/* --- what a class is for -------------------------------------------------------------------------------------------------- */

static bool has_method(const nb_own *own, const char *const *names, size_t count)
{
    const nb_py_node *body = nb_py_get(own->statement->node, NB_PY_FIELD_BODY);
    for (const nb_py_node *n = body ? body->child : NULL; n; n = n->next) {
        if (n->kind != NB_PY_FUNCTION)
            continue;
        nb_str name = nb_py_text(own->statement->cell->tree, nb_py_get(n, NB_PY_FIELD_NAME));
        for (size_t i = 0; i < count; i++)
            if (nb_str_eqz(name, names[i]))
                return true;
    }
    return false;
}

static bool derives(const nb_scene *scene, const nb_own *own, const char *const *endings,
                    size_t count, unsigned depth)
{
    const nb_statement *s = own->statement;
    nb_py_names bases = nb_py_bases(scene->arena, s->cell->tree, s->node);
    for (size_t i = 0; i < bases.list.count; i++) {
        const nb_own *base = nb_map_get(&scene->owns, bases.list.at[i]);
        if (base && base != own && depth < 8 && derives(scene, base, endings, count, depth + 1))
            return true;
        for (size_t k = 0; k < count; k++)
            if (nb_str_ends(bases.list.at[i], nb_str_from(endings[k])))
                return true;
    }
    return false;
}

static nb_purpose purpose_of_class(const nb_scene *scene, const nb_own *own)
{
    static const char *const models[] = {"Module",         "Model",           "Sequential",
                                         "Layer",          "BaseEstimator",   "ClassifierMixin",
                                         "RegressorMixin", "PreTrainedModel", "LightningModule"};
    static const char *const sets[] = {"Dataset", "DataModule", "TransformerMixin", "Sampler"};
    static const char *const data[] = {"transform", "__getitem__"};
    static const char *const trains[] = {"fit", "train", "forward", "predict", "call"};
    if (derives(scene, own, sets, NB_LEN(sets), 0) || has_method(own, data, NB_LEN(data)))
        return NB_PURPOSE_DEFINES_DATA;
    if (derives(scene, own, models, NB_LEN(models), 0) || has_method(own, trains, NB_LEN(trains)))
        return NB_PURPOSE_DEFINES_MODEL;
    return NB_PURPOSE_DEFINES_HELPER;
}

/* --- all of them ------------------------------------------------------------------------------------------------------------ */

static void decide(const nb_scene *scene, nb_own *own)
{
    own->purpose = own->statement->node->kind == NB_PY_CLASS ? purpose_of_class(scene, own)
                                                             : purpose_of_function(scene, own);
}

/* What a function calls, it does; not what a class of the notebook does when an object of it is made. */
static bool take_from_called(nb_scene *scene, nb_own *own)
{
    unsigned before = own->jobs;
    size_t changes = own->changes.list.count;
    for (size_t i = 0; i < own->calls.count; i++) {
        const nb_own *called = own->calls.at[i];
        if (called->statement->node->kind != NB_PY_FUNCTION)
            continue;
        own->jobs |= called->jobs;
        for (size_t k = 0; k < called->changes.list.count; k++)
            add_name(scene->arena, &own->changes, called->changes.list.at[k]);
    }
    return own->jobs != before || own->changes.list.count != changes;
}

enum { MOST_ROUNDS = 8 };

void nb_scene_read_definitions(nb_scene *scene)
{
    for (size_t i = 0; i < scene->owns.count; i++) {
        nb_own *own = scene->owns.rows[i].value;
        if (own->statement->node->kind == NB_PY_CLASS)
            decide(scene,
                   own); /* what making an object of it is, is known before bodies are read */
        else
            own->purpose = NB_PURPOSE_DEFINES_HELPER;
    }
    for (size_t i = 0; i < scene->owns.count; i++)
        read_body(scene, scene->owns.rows[i].value);
    bool changed = true;
    for (unsigned round = 0; changed && round < MOST_ROUNDS; round++) {
        changed = false;
        for (size_t i = 0; i < scene->owns.count; i++)
            changed |= take_from_called(scene, scene->owns.rows[i].value);
    }
    for (size_t i = 0; i < scene->owns.count; i++)
        if (((nb_own *)scene->owns.rows[i].value)->statement->node->kind == NB_PY_FUNCTION)
            decide(scene, scene->owns.rows[i].value);
}
