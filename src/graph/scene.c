#include "graph/scene.h"

#include "py/facts.h"

const nb_py_node *nb_base_name(const nb_py_node *node)
{
    while (node && (node->kind == NB_PY_SUBSCRIPT || node->kind == NB_PY_ATTRIBUTE))
        node = nb_py_get(node, NB_PY_FIELD_VALUE);
    return node && node->kind == NB_PY_NAME ? node : NULL;
}

nb_str nb_last_name(nb_str dotted)
{
    return nb_str_from_at(dotted, (size_t)(nb_str_rfind_char(dotted, '.') + 1));
}

static nb_str first_name(nb_str dotted)
{
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    return dot < 0 ? dotted : nb_str_slice(dotted, 0, (size_t)dot);
}

nb_thing *nb_scene_thing(const nb_scene *scene, nb_str name)
{
    nb_thing *local = scene->locals ? nb_map_get(scene->locals, name) : NULL;
    return local ? local : nb_map_get(&scene->things, name);
}

/* --- modules and own definitions ------------------------------------------------------------------------------------ */

static void add_module(nb_scene *scene, nb_str name, nb_str dotted)
{
    nb_str *row = NB_NEW(scene->arena, nb_str);
    *row = dotted;
    nb_map_put(scene->arena, &scene->modules, name, row);
}

/* import a.b binds a, import a.b as c binds a.b to c. */
static void add_import(nb_scene *scene, const nb_py_tree *tree, const nb_py_node *alias)
{
    const nb_py_node *as = nb_py_get(alias, NB_PY_FIELD_ASNAME);
    nb_str dotted = nb_py_text(tree, alias->child);
    if (as)
        add_module(scene, nb_py_text(tree, as), dotted);
    else
        add_module(scene, first_name(dotted), first_name(dotted));
}

static void add_from_import(nb_scene *scene, const nb_py_tree *tree, const nb_py_node *node)
{
    const nb_py_node *module = nb_py_get(node, NB_PY_FIELD_MODULE);
    for (const nb_py_node *alias = node->child; alias; alias = alias->next) {
        if (alias->kind != NB_PY_ALIAS)
            continue;
        const nb_py_node *as = nb_py_get(alias, NB_PY_FIELD_ASNAME);
        nb_str name = nb_py_text(tree, alias->child);
        nb_str from = module ? nb_py_text(tree, module) : NB_STR("");
        add_module(scene, as ? nb_py_text(tree, as) : name,
                   nb_arena_printf(scene->arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(from),
                                   NB_STR_ARG(name)));
    }
}

static void add_modules(nb_scene *scene, const nb_statement *s)
{
    const nb_py_tree *tree = s->cell->tree;
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_py_node *node = s->uses.list.at[i].node;
        if (node->kind != NB_PY_ALIAS)
            continue;
        if (node->parent->kind == NB_PY_IMPORT)
            add_import(scene, tree, node);
        else if (node->parent->child == node || node->parent->child->next == node)
            add_from_import(scene, tree, node->parent); /* its first name stands for all of them */
    }
}

static void add_own(nb_scene *scene, const nb_statement *s)
{
    nb_own *own = NB_NEW(scene->arena, nb_own);
    own->statement = s;
    own->name = nb_py_text(s->cell->tree, nb_py_get(s->node, NB_PY_FIELD_NAME));
    nb_map_put(scene->arena, &scene->owns, own->name, own);
}

void nb_scene_open(nb_scene *scene, const nb_source *source)
{
    *scene = (nb_scene){.source = source, .arena = source->arena};
    for (size_t i = 0; i < source->statement_count; i++) {
        const nb_statement *s = &source->statements[i];
        add_modules(scene, s);
        if (s->node->kind == NB_PY_FUNCTION || s->node->kind == NB_PY_CLASS)
            add_own(scene, s);
    }
    nb_scene_read_definitions(scene);
}

/* --- calls ----------------------------------------------------------------------------------------------------------- */

static nb_job job_of_own(const nb_own *own)
{
    static const nb_job jobs[NB_PURPOSE_COUNT] = {
        [NB_PURPOSE_DEFINES_DATA] = NB_JOB_TRANSFORM,
        [NB_PURPOSE_DEFINES_MODEL] = NB_JOB_MODEL,
        [NB_PURPOSE_DEFINES_TRAINING] = NB_JOB_FIT,
        [NB_PURPOSE_DEFINES_EVALUATION] = NB_JOB_MEASURE,
        [NB_PURPOSE_DEFINES_PREDICTION] = NB_JOB_PREDICT,
        [NB_PURPOSE_DEFINES_PLOT] = NB_JOB_PLOT,
    };
    if (own->purpose == NB_PURPOSE_DEFINES_HELPER && (own->jobs & NB_JOB_BIT(NB_JOB_SEED)))
        return NB_JOB_SEED;
    return jobs[own->purpose];
}

/* A function of a library: first by its name, then by where it is from. */
static nb_job job_in_library(nb_str path)
{
    ptrdiff_t dot = nb_str_rfind_char(path, '.');
    nb_str module = nb_str_slice(path, 0, dot < 0 ? 0 : (size_t)dot), name = nb_last_name(path);
    nb_job of_module = nb_job_of_module(module), of_name = nb_job_of_name(name, false);
    if (nb_str_eqz(name, "train") && of_module == NB_JOB_MODEL)
        return NB_JOB_FIT;
    if (nb_is_transformer_name(name) || nb_is_transformer_name(nb_last_name(module)))
        return NB_JOB_TRANSFORM;
    return of_name != NB_JOB_UNKNOWN ? of_name : of_module;
}

static bool has_argument(const nb_py_node *call)
{
    return nb_py_get(call, NB_PY_FIELD_ARGUMENT) != NULL;
}

static bool mentions(nb_arena *arena, nb_str name, const char *const *words, size_t count)
{
    nb_str lower = nb_str_lower(arena, name);
    for (size_t i = 0; i < count; i++)
        if (nb_str_contains(lower, nb_str_from(words[i])))
            return true;
    return false;
}

/* agent.train(…), trainer.train(); model.train() of PyTorch only says that training begins. */
static bool trains(const nb_scene *scene, const nb_thing *thing, nb_str receiver,
                   const nb_py_node *call)
{
    static const char *const words[] = {"trainer", "agent", "solver"};
    return (thing && (thing->kinds & NB_THING_MODEL) && has_argument(call) &&
            nb_py_get(call, NB_PY_FIELD_ARGUMENT)->kind != NB_PY_CONSTANT) ||
           mentions(scene->arena, receiver, words, NB_LEN(words));
}

static bool prepares(const nb_scene *scene, const nb_py_tree *tree, const nb_thing *thing,
                     const nb_py_node *receiver)
{
    if (receiver && receiver->kind == NB_PY_CALL)
        return nb_scene_job(scene, tree, receiver) == NB_JOB_TRANSFORM;
    return thing && (thing->kinds & NB_THING_TRANSFORMER) && !(thing->kinds & NB_THING_MODEL);
}

/* A method of something that was made before, or of what another call gives. */
static nb_job job_of_method(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call)
{
    static const char *const steppers[] = {"optim", "opt", "sched", "grad_scaler"};
    const nb_py_node *receiver = nb_py_get(call->child, NB_PY_FIELD_VALUE);
    const nb_py_node *base = nb_base_name(receiver);
    nb_str method = nb_py_call_method(tree, call);
    nb_str name = base ? nb_py_text(tree, base) : NB_STR("");
    const nb_thing *thing = base ? nb_scene_thing(scene, name) : NULL;
    nb_job job = nb_job_of_name(method, true);
    if (thing && (thing->kinds & NB_THING_FIGURE) && job != NB_JOB_SAVE)
        return NB_JOB_PLOT;
    if (job == NB_JOB_FIT && prepares(scene, tree, thing, receiver))
        return NB_JOB_TRANSFORM;
    if (nb_str_eqz(method, "train"))
        return trains(scene, thing, name, call) ? NB_JOB_FIT : NB_JOB_CHANGE;
    if (nb_str_eqz(method, "step") || nb_str_eqz(method, "minimize"))
        return mentions(scene->arena, name, steppers, NB_LEN(steppers)) ? NB_JOB_STEP : job;
    return job;
}

nb_job nb_scene_job(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call)
{
    nb_str name = nb_py_call_name(scene->arena, tree, call), base = first_name(name);
    const nb_thing *thing = name.len > 0 ? nb_scene_thing(scene, base) : NULL;
    const nb_str *module = !thing && name.len > 0 ? nb_map_get(&scene->modules, base) : NULL;
    const nb_own *own = !thing && name.len > 0 ? nb_map_get(&scene->owns, name) : NULL;
    if (!own && !thing && name.len > base.len)
        own = nb_map_get(&scene->owns, base); /* Dataset.from_file(…) */
    if (own)
        return job_of_own(own);
    if (module)
        return job_in_library(base.len == name.len ? *module
                                                   : nb_str_concat(scene->arena, *module,
                                                                   nb_str_from_at(name, base.len)));
    if (call->child->kind == NB_PY_ATTRIBUTE)
        return job_of_method(scene, tree, call);
    if (thing)
        return thing->kinds & NB_THING_MODEL ? NB_JOB_PREDICT : NB_JOB_UNKNOWN;
    return nb_is_transformer_name(name) ? NB_JOB_TRANSFORM : nb_job_of_name(name, false);
}

/* --- things ---------------------------------------------------------------------------------------------------------- */

/* All that the names in an expression hold; not what is called. */
static unsigned kinds_of_names(const nb_scene *scene, const nb_py_tree *tree,
                               const nb_py_node *value)
{
    unsigned kinds = 0;
    for (const nb_py_node *n = value; n; n = nb_py_next(value, n, n->kind == NB_PY_LAMBDA)) {
        const nb_thing *thing =
            n->kind == NB_PY_NAME ? nb_scene_thing(scene, nb_py_text(tree, n)) : NULL;
        kinds |= thing ? thing->kinds : 0;
    }
    return kinds;
}

/* Samples that are typed in: np.array([[1, 40]]), pd.DataFrame({"age": [40]}); np.ones(3) is none. */
static bool is_written(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *value)
{
    bool list = false;
    for (const nb_py_node *n = value; n; n = nb_py_next(value, n, false)) {
        list |= n->kind == NB_PY_LIST || n->kind == NB_PY_DICT;
        if (n->kind != NB_PY_NAME || n->field == NB_PY_FIELD_NAME)
            continue;
        nb_str name = nb_py_text(tree, n);
        const nb_thing *thing = nb_scene_thing(scene, name);
        if (thing ? !(thing->kinds & NB_THING_WRITTEN)
                  : !nb_map_has(&scene->modules, name) && !nb_py_is_builtin(name))
            return false;
    }
    return list;
}

static bool is_capitalized(nb_str name)
{
    return name.len > 0 && name.at[0] >= 'A' && name.at[0] <= 'Z';
}

/* OneHotEncoder(), SimpleImputer(): an object of a library whose objects are fitted; no table or array. */
static bool makes_transformer(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call)
{
    nb_str dotted = nb_py_call_name(scene->arena, tree, call), name = nb_last_name(dotted);
    const nb_str *path = nb_map_get(&scene->modules, first_name(dotted));
    if (nb_is_transformer_name(name))
        return true;
    return is_capitalized(name) && path &&
           (nb_str_starts(*path, NB_STR("sklearn")) || nb_str_starts(*path, NB_STR("imblearn")) ||
            nb_str_starts(*path, NB_STR("category_encoders")));
}

static unsigned kinds_of_fit(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *receiver =
        call->child->kind == NB_PY_ATTRIBUTE ? nb_py_get(call->child, NB_PY_FIELD_VALUE) : NULL;
    if (receiver && receiver->kind == NB_PY_CALL)
        return NB_THING_MODEL;
    nb_str name = nb_py_call_name(scene->arena, tree, call);
    if (nb_map_has(&scene->owns, name))
        return NB_THING_MODEL | NB_THING_RESULT;
    return receiver && nb_scene_thing(scene, nb_py_text(tree, receiver)) ? NB_THING_RESULT
                                                                         : NB_THING_MODEL;
}

static unsigned kinds_of_call(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call)
{
    unsigned keeps = NB_THING_DATA | NB_THING_RESULT | NB_THING_METRIC;
    const nb_py_node *base =
        call->child->kind == NB_PY_ATTRIBUTE ? nb_base_name(call->child) : NULL;
    const nb_thing *thing = base ? nb_scene_thing(scene, nb_py_text(tree, base)) : NULL;
    nb_job job = nb_scene_job(scene, tree, call);
    switch (job) {
    case NB_JOB_LOAD:
    case NB_JOB_SPLIT: return NB_THING_DATA;
    case NB_JOB_TRANSFORM:
        if (makes_transformer(scene, tree, call))
            return NB_THING_TRANSFORMER;
        return NB_THING_DATA |
               (kinds_of_names(scene, tree, call) & (NB_THING_RESULT | NB_THING_METRIC)) |
               (is_written(scene, tree, call) ? NB_THING_WRITTEN : 0U);
    case NB_JOB_MODEL: return NB_THING_MODEL;
    case NB_JOB_FIT: return kinds_of_fit(scene, tree, call);
    case NB_JOB_PREDICT: return NB_THING_RESULT;
    case NB_JOB_MEASURE: return NB_THING_METRIC;
    case NB_JOB_PLOT: return NB_THING_FIGURE;
    case NB_JOB_CHANGE: /* net.to(device) */
        return call->child->kind == NB_PY_ATTRIBUTE
                   ? nb_scene_kinds(scene, tree, nb_py_get(call->child, NB_PY_FIELD_VALUE))
                   : 0;
    case NB_JOB_UNKNOWN:
    case NB_JOB_STEP:
    case NB_JOB_SAVE:
    case NB_JOB_PRINT:
    case NB_JOB_ASK:
    case NB_JOB_DOWNLOAD:
    case NB_JOB_SEED:
    case NB_JOB_SETTING:
    case NB_JOB_COUNT: break;
    }
    unsigned kinds = thing ? thing->kinds : 0;
    for (const nb_py_node *a = call->child->next; a; a = a->next)
        kinds |= nb_scene_kinds(scene, tree, a->kind == NB_PY_KEYWORD ? a->last : a);
    if (call->child->kind == NB_PY_ATTRIBUTE)
        kinds |= nb_scene_kinds(scene, tree, call->child->child);
    return kinds & keeps;
}

unsigned nb_scene_kinds(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *value)
{
    unsigned keeps = NB_THING_DATA | NB_THING_RESULT | NB_THING_METRIC | NB_THING_FIGURE;
    if (nb_py_is_literal(value))
        return NB_THING_WRITTEN;
    if (value->kind == NB_PY_CALL)
        return kinds_of_call(scene, tree, value);
    if (value->kind == NB_PY_NAME)
        return kinds_of_names(scene, tree, value);
    unsigned kinds = 0;
    for (const nb_py_node *n = value; n; n = nb_py_next(value, n, n->kind == NB_PY_CALL))
        if (n->kind == NB_PY_CALL || n->kind == NB_PY_NAME)
            kinds |= nb_scene_kinds(scene, tree, n);
    if (value->kind == NB_PY_ATTRIBUTE && (kinds & NB_THING_MODEL)) {
        nb_str name = nb_py_text(tree, value->last);
        bool model =
            nb_str_contains(name, NB_STR("estimator")) || nb_str_contains(name, NB_STR("model"));
        return model ? NB_THING_MODEL : (kinds & keeps) | NB_THING_RESULT;
    }
    return kinds & keeps;
}

static nb_thing *thing_for(nb_scene *scene, nb_str name)
{
    nb_map *map = scene->locals ? scene->locals : &scene->things;
    nb_thing *thing = nb_map_get(map, name);
    if (thing)
        return thing;
    thing = NB_NEW(scene->arena, nb_thing);
    nb_map_put(scene->arena, map, name, thing);
    return thing;
}

/* Names that the value is, or is a list of: what is changed through it is changed in them. */
static void add_held(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *value,
                     nb_names *holds)
{
    const nb_py_node *base = nb_base_name(value);
    if (base) {
        nb_str name = nb_py_text(tree, base);
        if (!nb_map_has(&scene->modules, name))
            nb_vec_push(scene->arena, &holds->list, name);
        return;
    }
    bool collection = value->kind == NB_PY_LIST || value->kind == NB_PY_TUPLE ||
                      value->kind == NB_PY_DICT || value->kind == NB_PY_PAIR;
    for (const nb_py_node *n = collection ? value->child : NULL; n; n = n->next)
        if (n->field != NB_PY_FIELD_KEY)
            add_held(scene, tree, n, holds);
}

static void assign_name(nb_scene *scene, const nb_py_tree *tree, const nb_py_node *target,
                        const nb_py_node *value, bool weak)
{
    unsigned kinds = nb_scene_kinds(scene, tree, value);
    nb_names holds = {0};
    add_held(scene, tree, value, &holds);
    nb_thing *thing = thing_for(scene, nb_py_text(tree, target));
    const nb_py_node *made = value->kind == NB_PY_CALL ? value : NULL;
    nb_str name = nb_py_text(tree, target);
    const nb_py_node *receiver = made ? nb_base_name(made->child) : NULL;
    bool itself = receiver && nb_str_eq(nb_py_text(tree, receiver), name);
    if (itself && (thing->kinds & NB_THING_MODEL))
        return; /* clf = clf.fit(X, y), net = net.to(device) */
    thing->kinds = weak ? thing->kinds | kinds : kinds;
    thing->trained = weak && thing->trained;
    thing->made = made;
    thing->tree = tree;
    if (!weak)
        thing->holds = holds;
    for (size_t i = 0; weak && i < holds.list.count; i++)
        nb_vec_push(scene->arena, &thing->holds.list, holds.list.at[i]);
}

void nb_scene_assign(nb_scene *scene, const nb_py_tree *tree, const nb_py_node *target,
                     const nb_py_node *value, bool weak)
{
    if (target->kind == NB_PY_NAME) {
        assign_name(scene, tree, target, value, weak);
        return;
    }
    if (target->kind != NB_PY_TUPLE && target->kind != NB_PY_LIST)
        return;
    bool pairs = value->kind == NB_PY_TUPLE || value->kind == NB_PY_LIST;
    const nb_py_node *part = pairs ? value->child : value;
    for (const nb_py_node *t = target->child; t && part; t = t->next) {
        nb_scene_assign(scene, tree, t, part, weak);
        part = pairs ? part->next : part;
    }
}

void nb_scene_iterate(nb_scene *scene, const nb_py_tree *tree, const nb_py_node *loop)
{
    const nb_py_node *target = nb_py_get(loop, NB_PY_FIELD_TARGET),
                     *iter = nb_py_get(loop, NB_PY_FIELD_ITER);
    if (!target || !iter)
        return;
    nb_names holds = {0};
    unsigned kinds = kinds_of_names(scene, tree, iter);
    for (const nb_py_node *n = iter; n; n = nb_py_next(iter, n, false))
        if (n->kind == NB_PY_NAME && n->field != NB_PY_FIELD_NAME &&
            !nb_py_is_builtin(nb_py_text(tree, n)))
            nb_vec_push(scene->arena, &holds.list, nb_py_text(tree, n));
    for (const nb_py_node *n = target; n; n = nb_py_next(target, n, false)) {
        if (n->kind != NB_PY_NAME)
            continue;
        nb_thing *thing = thing_for(scene, nb_py_text(tree, n));
        *thing = (nb_thing){.kinds = kinds, .holds = holds};
    }
}
