#include "graph/purpose.h"

#include "graph/graph.h"
#include "graph/scene.h"
#include "py/facts.h"

typedef struct reader {
    nb_scene scene;
    nb_intent *intents;
} reader;

const char *nb_purpose_name(nb_purpose purpose)
{
    static const char *const names[NB_PURPOSE_COUNT] = {
        [NB_PURPOSE_NOTHING] = "nothing",
        [NB_PURPOSE_IMPORT] = "import",
        [NB_PURPOSE_SEED] = "seed",
        [NB_PURPOSE_SETTING] = "setting",
        [NB_PURPOSE_LITERAL] = "literal",
        [NB_PURPOSE_COMPUTE] = "compute",
        [NB_PURPOSE_LOAD] = "load",
        [NB_PURPOSE_SPLIT] = "split",
        [NB_PURPOSE_PREPARE] = "prepare",
        [NB_PURPOSE_MODEL] = "model",
        [NB_PURPOSE_FIT] = "fit",
        [NB_PURPOSE_PREDICT] = "predict",
        [NB_PURPOSE_EVALUATE] = "evaluate",
        [NB_PURPOSE_RESULT] = "result",
        [NB_PURPOSE_SAVE] = "save",
        [NB_PURPOSE_SHOW] = "show",
        [NB_PURPOSE_PLOT] = "plot",
        [NB_PURPOSE_ASK] = "ask",
        [NB_PURPOSE_DOWNLOAD] = "download",
        [NB_PURPOSE_DEFINES_HELPER] = "defines a helper",
        [NB_PURPOSE_DEFINES_DATA] = "defines data work",
        [NB_PURPOSE_DEFINES_MODEL] = "defines a model",
        [NB_PURPOSE_DEFINES_TRAINING] = "defines training",
        [NB_PURPOSE_DEFINES_EVALUATION] = "defines evaluation",
        [NB_PURPOSE_DEFINES_PREDICTION] = "defines prediction",
        [NB_PURPOSE_DEFINES_PLOT] = "defines a plot",
    };
    return names[purpose];
}

/* --- what a statement does ------------------------------------------------------------------------------------------------ */

static bool has(const nb_intent *intent, nb_job job)
{
    return (intent->jobs & NB_JOB_BIT(job)) != 0;
}

/* open(path, "w") saves, open(path) loads. */
static nb_job job_of_open(const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *mode = nb_py_argument(tree, call, "mode", 1);
    nb_str text = mode ? nb_py_text(tree, mode) : NB_STR("");
    bool writes = nb_str_contains(text, NB_STR("w")) || nb_str_contains(text, NB_STR("a"));
    return writes ? NB_JOB_SAVE : NB_JOB_LOAD;
}

static nb_str plain_name(const nb_py_tree *tree, const nb_py_node *node)
{
    return node && node->kind == NB_PY_NAME ? nb_py_text(tree, node) : NB_STR("");
}

static const nb_py_node *receiver_of(const nb_py_node *call)
{
    const nb_py_node *func = call->child;
    return func->kind == NB_PY_ATTRIBUTE ? nb_py_get(func, NB_PY_FIELD_VALUE) : NULL;
}

/* The callee and its first argument if that is a call or a name: GridSearchCV(SVC of GridSearchCV(SVC(), grid). */
static nb_str maker_text(const reader *r, const nb_py_tree *tree, const nb_py_node *call)
{
    nb_str callee = nb_last_name(nb_py_call_name(r->scene.arena, tree, call));
    const nb_py_node *first = nb_py_get(call, NB_PY_FIELD_ARGUMENT);
    nb_str inner = NB_STR("");
    if (first && first->kind == NB_PY_CALL)
        inner = nb_last_name(nb_py_call_name(r->scene.arena, tree, first));
    else if (first)
        inner = plain_name(tree, first);
    return nb_arena_printf(r->scene.arena, NB_STR_FMT "(" NB_STR_FMT, NB_STR_ARG(callee),
                           NB_STR_ARG(inner));
}

/* A fit, told so that the same experiment with other settings reads the same: "GridSearchCV(SVC|X_train, y_train". */
static void note_fit(const reader *r, const nb_statement *s, const nb_py_node *call,
                     nb_intent *intent)
{
    const nb_py_tree *tree = s->cell->tree;
    const nb_py_node *receiver = receiver_of(call);
    nb_str name = plain_name(tree, nb_base_name(receiver));
    const nb_thing *thing = name.len > 0 ? nb_scene_thing(&r->scene, name) : NULL;
    const nb_py_node *made = receiver && receiver->kind == NB_PY_CALL ? receiver : NULL;
    const nb_py_tree *made_in = made || !thing ? tree : thing->tree;
    if (!made && thing)
        made = thing->made;
    bool own = nb_map_has(&r->scene.owns, nb_py_call_name(r->scene.arena, tree, call));
    if (name.len == 0 && !own)
        name = plain_name(tree, nb_statement_assigns(s, NULL));
    intent->what = name;
    const nb_py_node *first = nb_py_get(call, NB_PY_FIELD_ARGUMENT);
    nb_str data = NB_STR("");
    if (first)
        data = nb_str_slice(tree->text, first->start, call->end);
    nb_str maker = made ? maker_text(r, made_in, made) : NB_STR("");
    intent->how = nb_arena_printf(r->scene.arena, NB_STR_FMT "=" NB_STR_FMT "|" NB_STR_FMT,
                                  NB_STR_ARG(name), NB_STR_ARG(maker), NB_STR_ARG(data));
}

/* The data a model is asked about stands in the code: model.predict([[1, 40, 92]]). */
static bool asks_about_written(const reader *r, const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *first = nb_py_get(call, NB_PY_FIELD_ARGUMENT);
    if (!first)
        return false;
    return (nb_scene_kinds(&r->scene, tree, first) & NB_THING_WRITTEN) != 0 ||
           first->kind == NB_PY_LIST || first->kind == NB_PY_STRING;
}

static void note_call(reader *r, const nb_statement *s, const nb_py_node *call, nb_intent *intent)
{
    const nb_py_tree *tree = s->cell->tree;
    nb_job job = nb_scene_job(&r->scene, tree, call);
    if (job == NB_JOB_LOAD && nb_str_eqz(nb_py_call_method(tree, call), "open"))
        job = job_of_open(tree, call);
    intent->jobs |= NB_JOB_BIT(job);
    if (job == NB_JOB_FIT)
        note_fit(r, s, call, intent);
    if (job == NB_JOB_PREDICT)
        intent->new_data |= asks_about_written(r, tree, call);
}

static bool inside(const nb_py_node *node, const nb_py_node *top)
{
    for (node = node->parent; node && node != top; node = node->parent)
        if (node->kind == NB_PY_FOR || node->kind == NB_PY_WHILE || node->kind == NB_PY_IF ||
            node->kind == NB_PY_TRY)
            return true;
    return top->kind == NB_PY_FOR || top->kind == NB_PY_WHILE || top->kind == NB_PY_IF ||
           top->kind == NB_PY_TRY;
}

static void note_node(reader *r, const nb_statement *s, const nb_py_node *n, nb_intent *intent)
{
    const nb_py_tree *tree = s->cell->tree;
    if (n->kind == NB_PY_CALL)
        note_call(r, s, n, intent);
    if (n->kind == NB_PY_FOR)
        nb_scene_iterate(&r->scene, tree, n);
    nb_names changes = {0};
    nb_scene_changes(&r->scene, tree, n, &changes);
    for (size_t i = 0; i < changes.list.count; i++)
        nb_vec_push(r->scene.arena, &intent->changes, changes.list.at[i]);
}

static void note_assignment(reader *r, const nb_statement *s, const nb_py_node *n)
{
    const nb_py_node *value = nb_py_get(n, NB_PY_FIELD_VALUE);
    if ((n->kind != NB_PY_ASSIGN && n->kind != NB_PY_ANN_ASSIGN) || !value)
        return;
    for (const nb_py_node *t = n->child; t && t != value; t = t->next)
        if (t->field == NB_PY_FIELD_TARGET)
            nb_scene_assign(&r->scene, s->cell->tree, t, value, inside(n, s->node));
}

/* --- what it is for ---------------------------------------------------------------------------------------------------------- */

enum { MOST_FOLLOWED = 64 }; /* functions looked into for one statement */

/* Does the function use what training made? */
static bool uses_trained(const reader *r, const nb_own *own, unsigned depth, unsigned *budget)
{
    if (*budget == 0)
        return false;
    --*budget;
    const nb_uses *uses = &own->statement->uses;
    for (size_t i = 0; i < uses->list.count; i++) {
        const nb_thing *thing = uses->list.at[i].kind == NB_USE_READ_LATER
                                    ? nb_scene_thing(&r->scene, uses->list.at[i].name)
                                    : NULL;
        if (thing && thing->trained)
            return true;
    }
    for (size_t i = 0; i < own->calls.count && depth < 2; i++)
        if (uses_trained(r, own->calls.at[i], depth + 1, budget))
            return true;
    return false;
}

/* What the names that it reads hold, all together. */
static unsigned kinds_read(const reader *r, const nb_statement *s, bool *trained)
{
    unsigned kinds = 0, budget = MOST_FOLLOWED;
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        const nb_thing *thing =
            use->kind == NB_USE_READ ? nb_scene_thing(&r->scene, use->name) : NULL;
        const nb_own *own =
            use->kind == NB_USE_READ && !thing ? nb_map_get(&r->scene.owns, use->name) : NULL;
        kinds |= thing ? thing->kinds : 0;
        *trained |= (thing && thing->trained) || (own && uses_trained(r, own, 0, &budget));
    }
    return kinds;
}

static bool tells_metric(const reader *r, const nb_statement *s)
{
    static const char *const words[] = {"accuracy", "loss", "error",     "score",  "rmse",
                                        "mae",      "mse",  "precision", "recall", "auc",
                                        "f1",       "r2",   "r-squared", "mape",   "perplexity"};
    nb_str text = nb_str_lower(r->scene.arena, nb_py_text(s->cell->tree, s->node));
    for (size_t i = 0; i < NB_LEN(words); i++)
        if (nb_str_contains(text, nb_str_from(words[i])))
            return true;
    return false;
}

static bool is_text(const nb_py_node *node)
{
    return node->kind == NB_PY_PASS || (node->kind == NB_PY_EXPR && nb_py_is_literal(node->child));
}

/* An expression whose value is only displayed, or a call that only prints. */
static bool only_looks(const nb_statement *s, const nb_intent *intent)
{
    if (s->node->kind != NB_PY_EXPR)
        return false;
    return s->node->child->kind != NB_PY_CALL || has(intent, NB_JOB_PRINT) ||
           intent->changes.count == 0;
}

/* A loop or condition around nothing but prints. */
static bool binds_nothing(const nb_statement *s, const nb_intent *intent)
{
    bool compound = s->node->kind == NB_PY_FOR || s->node->kind == NB_PY_IF ||
                    s->node->kind == NB_PY_WITH || s->node->kind == NB_PY_WHILE;
    return compound && intent->changes.count == 0 && has(intent, NB_JOB_PRINT);
}

static nb_purpose purpose_of_definition(const reader *r, const nb_statement *s)
{
    nb_str name = nb_py_text(s->cell->tree, nb_py_get(s->node, NB_PY_FIELD_NAME));
    const nb_own *own = nb_map_get(&r->scene.owns, name);
    return own ? own->purpose : NB_PURPOSE_DEFINES_HELPER;
}

/* The jobs that settle it, the strongest first. */
static bool settled_by_job(const nb_intent *intent, nb_purpose *purpose)
{
    static const struct {
        nb_job job;
        nb_purpose purpose;
    } rows[] = {
        {NB_JOB_ASK,      NB_PURPOSE_ASK     },
        {NB_JOB_FIT,      NB_PURPOSE_FIT     },
        {NB_JOB_PLOT,     NB_PURPOSE_PLOT    },
        {NB_JOB_MEASURE,  NB_PURPOSE_EVALUATE},
        {NB_JOB_PREDICT,  NB_PURPOSE_PREDICT },
        {NB_JOB_SPLIT,    NB_PURPOSE_SPLIT   },
        {NB_JOB_SAVE,     NB_PURPOSE_SAVE    },
        {NB_JOB_LOAD,     NB_PURPOSE_LOAD    },
        {NB_JOB_DOWNLOAD, NB_PURPOSE_DOWNLOAD},
        {NB_JOB_SEED,     NB_PURPOSE_SEED    },
        {NB_JOB_SETTING,  NB_PURPOSE_SETTING },
        {NB_JOB_MODEL,    NB_PURPOSE_MODEL   },
    };
    for (size_t i = 0; i < NB_LEN(rows); i++)
        if (has(intent, rows[i].job)) {
            *purpose = rows[i].purpose;
            return true;
        }
    return false;
}

static nb_purpose purpose_of_value(const nb_statement *s, const nb_intent *intent, unsigned kinds)
{
    const nb_py_node *value = NULL;
    if (kinds & NB_THING_METRIC)
        return NB_PURPOSE_EVALUATE;
    if (intent->trained)
        return NB_PURPOSE_RESULT;
    if (kinds & NB_THING_FIGURE)
        return NB_PURPOSE_PLOT;
    if (has(intent, NB_JOB_TRANSFORM) || (kinds & NB_THING_DATA))
        return NB_PURPOSE_PREPARE;
    if (kinds & NB_THING_MODEL)
        return NB_PURPOSE_MODEL;
    return nb_statement_assigns(s, &value) && nb_py_is_literal(value) ? NB_PURPOSE_LITERAL
                                                                      : NB_PURPOSE_COMPUTE;
}

static nb_purpose purpose_of(const reader *r, const nb_statement *s, const nb_intent *intent,
                             unsigned kinds)
{
    nb_purpose purpose;
    if (is_text(s->node))
        return NB_PURPOSE_NOTHING;
    if (s->node->kind == NB_PY_FUNCTION || s->node->kind == NB_PY_CLASS)
        return purpose_of_definition(r, s);
    bool looks = only_looks(s, intent) || binds_nothing(s, intent);
    bool tells = (kinds & NB_THING_METRIC) || has(intent, NB_JOB_MEASURE) ||
                 (intent->trained && tells_metric(r, s));
    if (looks && !has(intent, NB_JOB_FIT) && !has(intent, NB_JOB_STEP) &&
        !has(intent, NB_JOB_ASK) && !has(intent, NB_JOB_SEED) && !has(intent, NB_JOB_SETTING) &&
        !has(intent, NB_JOB_SAVE) && !has(intent, NB_JOB_DOWNLOAD) && !intent->new_data) {
        if (has(intent, NB_JOB_PLOT))
            return NB_PURPOSE_PLOT;
        return tells ? NB_PURPOSE_EVALUATE : NB_PURPOSE_SHOW;
    }
    if (has(intent, NB_JOB_STEP)) /* one step alone is a demonstration */
        return s->node->kind == NB_PY_EXPR || s->node->kind == NB_PY_ASSIGN ? NB_PURPOSE_RESULT
                                                                            : NB_PURPOSE_FIT;
    if (settled_by_job(intent, &purpose))
        return purpose;
    return purpose_of_value(s, intent, kinds);
}

/* --- statement by statement ---------------------------------------------------------------------------------------------------- */

static void mark_trained(reader *r, nb_str name)
{
    nb_thing *thing = nb_scene_thing(&r->scene, name);
    if (thing)
        thing->trained = true;
}

static void mark_if_model(reader *r, nb_str name)
{
    const nb_thing *thing = nb_scene_thing(&r->scene, name);
    if (thing && (thing->kinds & NB_THING_MODEL))
        mark_trained(r, name);
}

/* Models that a function trains without being given them. */
static void mark_models_of(reader *r, const nb_own *own, unsigned depth, unsigned *budget)
{
    if (*budget == 0)
        return;
    --*budget;
    const nb_uses *uses = &own->statement->uses;
    for (size_t i = 0; i < uses->list.count; i++)
        if (uses->list.at[i].kind == NB_USE_READ_LATER)
            mark_if_model(r, uses->list.at[i].name);
    for (size_t i = 0; i < own->calls.count && depth < 2; i++)
        mark_models_of(r, own->calls.at[i], depth + 1, budget);
}

/* What training binds, and the models that it changes, are its results; data that it reads is not. */
static void spread_training(reader *r, const nb_statement *s, const nb_intent *intent)
{
    bool fits = intent->purpose == NB_PURPOSE_FIT;
    unsigned budget = MOST_FOLLOWED;
    for (size_t i = 0; i < s->uses.list.count && (fits || intent->trained); i++)
        if (s->uses.list.at[i].kind == NB_USE_BIND)
            mark_trained(r, s->uses.list.at[i].name);
    for (size_t i = 0; i < s->uses.list.count && fits; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind != NB_USE_READ)
            continue;
        mark_if_model(r, use->name);
        const nb_own *own = nb_map_get(&r->scene.owns, use->name);
        if (own)
            mark_models_of(r, own, 0, &budget);
    }
    if (fits)
        mark_trained(r, intent->what);
}

/* Names that are bound without an assignment hold what the statement reads: for x in data, with open(…) as f. */
static void know_bound(reader *r, const nb_statement *s, unsigned kinds)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind != NB_USE_BIND || nb_scene_thing(&r->scene, use->name) ||
            nb_purpose_defines(r->intents[s->index].purpose))
            continue;
        nb_thing *thing = NB_NEW(r->scene.arena, nb_thing);
        thing->kinds = kinds & ~(unsigned)(NB_THING_MODEL | NB_THING_TRANSFORMER);
        nb_map_put(r->scene.arena, &r->scene.things, use->name, thing);
    }
}

static nb_str bound_name(const nb_statement *s)
{
    for (size_t i = 0; i < s->uses.list.count; i++)
        if (s->uses.list.at[i].kind == NB_USE_BIND)
            return s->uses.list.at[i].name;
    return NB_STR("");
}

static void read_statement(reader *r, const nb_statement *s)
{
    nb_intent *intent = &r->intents[s->index];
    if (nb_statement_is_import(s)) {
        intent->purpose = NB_PURPOSE_IMPORT;
        return;
    }
    bool definition = s->node->kind == NB_PY_FUNCTION || s->node->kind == NB_PY_CLASS;
    bool trained = false;
    unsigned kinds = kinds_read(r, s, &trained);
    intent->trained = trained && !definition;
    for (const nb_py_node *n = s->node; n && !definition; n = nb_py_next(s->node, n, false)) {
        note_node(r, s, n, intent);
        note_assignment(r, s, n);
    }
    intent->purpose = purpose_of(r, s, intent, kinds);
    if (intent->what.len == 0 && intent->purpose != NB_PURPOSE_FIT)
        intent->what = bound_name(s);
    know_bound(r, s, kinds);
    spread_training(r, s, intent);
    intent->trained |= intent->purpose == NB_PURPOSE_FIT;
}

const nb_intent *nb_purposes_find(const nb_source *source)
{
    reader r = {0};
    nb_scene_open(&r.scene, source);
    r.intents = NB_NEW_ARRAY(source->arena, nb_intent, source->statement_count + 1);
    for (size_t i = 0; i < source->statement_count; i++)
        read_statement(&r, &source->statements[i]);
    return r.intents;
}
