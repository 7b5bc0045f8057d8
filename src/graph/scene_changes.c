#include "graph/scene.h"
#include "py/facts.h"

enum { MOST_HELD = 16, MOST_CHANGED = 32 };

/* The name, and what is reached through it. */
static void add_change(const nb_scene *scene, nb_str name, nb_names *out, unsigned depth)
{
    for (size_t i = 0; i < out->list.count; i++)
        if (nb_str_eq(out->list.at[i], name))
            return;
    if (out->list.count >= MOST_CHANGED)
        return;
    nb_vec_push(scene->arena, &out->list, name);
    const nb_thing *thing = nb_scene_thing(scene, name);
    for (size_t i = 0; thing && depth < 4 && i < thing->holds.list.count && i < MOST_HELD; i++)
        add_change(scene, thing->holds.list.at[i], out, depth + 1);
}

static void add_base(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *node,
                     nb_names *out)
{
    const nb_py_node *base = node ? nb_base_name(node) : NULL;
    if (!base)
        return;
    nb_str name = nb_py_text(tree, base);
    if (nb_scene_thing(scene, name) || !nb_map_has(&scene->modules, name))
        add_change(scene, name, out, 0);
}

/* Which parameter of the notebook's own function an argument is; 64 when that cannot be told. */
static unsigned parameter_of(const nb_scene *scene, const nb_own *own, nb_str keyword)
{
    const nb_statement *s = own->statement;
    nb_py_parameters parameters = {0};
    if (s->node->kind == NB_PY_FUNCTION)
        parameters = nb_py_parameters_of(scene->arena, s->cell->tree, s->node);
    for (unsigned i = 0; i < parameters.list.count && i < 64; i++)
        if (nb_str_eq(parameters.list.at[i].name, keyword))
            return i;
    return 64;
}

static bool changes_argument(const nb_scene *scene, const nb_py_tree *tree, const nb_own *own,
                             const nb_py_node *argument, unsigned position)
{
    bool keyword = argument->kind == NB_PY_KEYWORD && argument->child != argument->last;
    unsigned at = keyword ? parameter_of(scene, own, nb_py_text(tree, argument->child)) : position;
    return at < 64 && (own->changed >> at & 1);
}

/* Arguments that the call changes; `own`: the function of the notebook, which tells which; NULL: all of them. */
static void add_arguments(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call,
                          const nb_own *own, nb_names *out)
{
    unsigned position = 0;
    for (const nb_py_node *a = call->child; a; a = a->next) {
        if (a->field != NB_PY_FIELD_ARGUMENT)
            continue;
        if (!own || changes_argument(scene, tree, own, a, position))
            add_base(scene, tree, a->kind == NB_PY_KEYWORD ? a->last : a, out);
        position++;
    }
}

static bool stands_alone(const nb_py_node *call)
{
    const nb_py_node *parent = call->parent;
    while (parent && parent->kind == NB_PY_AWAIT)
        parent = parent->parent;
    return parent && parent->kind == NB_PY_EXPR;
}

static bool is_true(const nb_py_tree *tree, const nb_py_node *value)
{
    return value && value->kind == NB_PY_CONSTANT && nb_str_eqz(nb_py_text(tree, value), "True");
}

/* Methods that change their object whatever is done with what they give; and, of a call that stands alone, all that do not just look. */
static bool changes_receiver(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call,
                             nb_job job)
{
    if (is_true(tree, nb_py_argument(tree, call, "inplace", -1)))
        return true;
    bool looks = job == NB_JOB_PRINT || job == NB_JOB_PLOT || job == NB_JOB_SAVE ||
                 job == NB_JOB_PREDICT || job == NB_JOB_MEASURE;
    if (looks)
        return false;
    if (job == NB_JOB_CHANGE || job == NB_JOB_FIT || job == NB_JOB_STEP || job == NB_JOB_TRANSFORM)
        return true;
    const nb_py_node *base = nb_base_name(call->child);
    const nb_thing *thing = base ? nb_scene_thing(scene, nb_py_text(tree, base)) : NULL;
    bool table = thing && thing->kinds == NB_THING_DATA; /* df.dropna() alone gives a new one */
    return stands_alone(call) && !table;
}

static bool changes_arguments(nb_job job)
{
    return job == NB_JOB_UNKNOWN || job == NB_JOB_TRANSFORM || job == NB_JOB_MODEL ||
           job == NB_JOB_CHANGE || job == NB_JOB_FIT;
}

static void add_call_changes(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call,
                             nb_names *out)
{
    nb_job job = nb_scene_job(scene, tree, call);
    nb_str name = nb_py_call_name(scene->arena, tree, call);
    const nb_own *own = name.len > 0 ? nb_map_get(&scene->owns, name) : NULL;
    if (own) {
        add_arguments(scene, tree, call, own, out);
        for (size_t i = 0; i < own->changes.list.count; i++)
            add_change(scene, own->changes.list.at[i], out, 0);
        return;
    }
    const nb_py_node *base =
        call->child->kind == NB_PY_ATTRIBUTE ? nb_base_name(call->child) : NULL;
    nb_str receiver = base ? nb_py_text(tree, base) : NB_STR("");
    bool method =
        base && (nb_scene_thing(scene, receiver) || !nb_map_has(&scene->modules, receiver));
    if (method && changes_receiver(scene, tree, call, job))
        add_base(scene, tree, base, out);
    if (!method && stands_alone(call) && changes_arguments(job))
        add_arguments(scene, tree, call, NULL, out);
    if (nb_str_eqz(name, "next"))
        add_arguments(scene, tree, call, NULL, out);
}

void nb_scene_changes(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *node,
                      nb_names *out)
{
    bool part = node->kind == NB_PY_SUBSCRIPT || node->kind == NB_PY_ATTRIBUTE;
    bool target = node->field == NB_PY_FIELD_TARGET ||
                  (node->field == NB_PY_FIELD_ELEMENT && /* x[0], x[1] = … */
                   node->parent->field == NB_PY_FIELD_TARGET);
    if (node->kind == NB_PY_CALL)
        add_call_changes(scene, tree, node, out);
    else if (part && target)
        add_base(scene, tree, node, out);
}
