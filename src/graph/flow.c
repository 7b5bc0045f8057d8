#include "graph/flow.h"

#include "graph/graph.h"

typedef struct event {
    const nb_statement *at;
    bool binds; /* for certain: what stands above does not matter any more */
    bool weak;  /* may bind */
    bool told;  /* with everything above it that matters */
} event;

typedef struct history {
    NB_VEC(event) events; /* of one name, in notebook order */
    event *last;
} history;

struct nb_flow {
    const nb_source *source;
    const nb_intent *intents;
    nb_map names;              /* history by name */
    const nb_statement **user; /* by index of a definition: where it was followed last */
};

/* --- events ------------------------------------------------------------------------------------------------------------------- */

static history *history_of(nb_flow *flow, nb_str name)
{
    history *row = nb_map_get(&flow->names, name);
    if (row)
        return row;
    row = NB_NEW(flow->source->arena, history);
    nb_map_put(flow->source->arena, &flow->names, name, row);
    return row;
}

static void add_event(nb_flow *flow, nb_str name, event e)
{
    history *row = history_of(flow, name);
    if (row->last && row->last->at == e.at) {
        row->last->binds |= e.binds;
        row->last->weak |= e.weak;
        return;
    }
    nb_vec_push(flow->source->arena, &row->events, e);
    row->last = &row->events.at[row->events.count - 1];
}

/* for x in …, with … as x: bound for certain as soon as the body runs. */
static bool is_loop_target(const nb_py_node *node)
{
    while (node->parent && (node->parent->kind == NB_PY_TUPLE || node->parent->kind == NB_PY_LIST))
        node = node->parent;
    return node->field == NB_PY_FIELD_TARGET && node->parent &&
           (node->parent->kind == NB_PY_FOR || node->parent->kind == NB_PY_WITH_ITEM);
}

static void add_events(nb_flow *flow, const nb_statement *s)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind == NB_USE_BIND)
            add_event(flow, use->name,
                      (event){s, !use->conditional || is_loop_target(use->node), true, false});
        else if (use->kind == NB_USE_BIND_LATER)
            add_event(flow, use->name, (event){s, false, true, false});
    }
    const nb_intent *intent = &flow->intents[s->index];
    for (size_t i = 0; i < intent->changes.count; i++)
        add_event(flow, intent->changes.at[i], (event){s, false, false, false});
}

nb_flow *nb_flow_build(const nb_source *source, const nb_intent *intents)
{
    nb_flow *flow = NB_NEW(source->arena, nb_flow);
    *flow = (nb_flow){.source = source, .intents = intents};
    flow->user = NB_NEW_ARRAY(source->arena, const nb_statement *, source->statement_count + 1);
    for (size_t i = 0; i < source->statement_count; i++) {
        const nb_statement *s = &source->statements[i];
        if (!s->cell->broken && !(s->cell->sections & NB_BIT(NB_SECTION_SKIP)))
            add_events(flow, s);
    }
    return flow;
}

void nb_flow_forget(nb_flow *flow)
{
    for (size_t i = 0; i < flow->names.count; i++) {
        history *row = flow->names.rows[i].value;
        for (size_t k = 0; k < row->events.count; k++)
            row->events.at[k].told = false;
    }
    memset(flow->user, 0, flow->source->statement_count * sizeof(*flow->user));
}

/* How many events of the name stand above the statement. */
static size_t above(const history *row, const nb_statement *s)
{
    size_t low = 0, high = row->events.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (row->events.at[middle].at->index < s->index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const nb_statement *nb_flow_binder(const nb_flow *flow, const nb_statement *reader, nb_str name)
{
    const history *row = nb_map_get(&flow->names, name);
    size_t count = row ? above(row, reader) : 0;
    for (size_t i = count; i-- > 0;)
        if (row->events.at[i].weak)
            return row->events.at[i].at;
    for (size_t i = count; row && i < row->events.count; i++)
        if (row->events.at[i].weak)
            return row->events.at[i].at;
    return NULL;
}

bool nb_flow_is_bound(const nb_flow *flow, nb_str name)
{
    const history *row = nb_map_get(&flow->names, name);
    for (size_t i = 0; row && i < row->events.count; i++)
        if (row->events.at[i].weak)
            return true;
    return false;
}

/* --- needs --------------------------------------------------------------------------------------------------------------------- */

enum {
    DEEPEST = 200
}; /* functions that call one another; the rest is followed when their own cell is looked at */

typedef struct asker {
    nb_flow *flow;
    const nb_statement *reader;
    nb_flow_visit *visit;
    void *ctx;
    unsigned depth;
} asker;

static void ask_later(asker *a, const nb_statement *definition);

static void tell(asker *a, event *e, nb_str name)
{
    if (!e->told)
        a->visit(a->ctx, a->reader, e->at, name);
    if (nb_statement_is_def(e->at))
        ask_later(a, e->at);
}

static void ask_below(asker *a, history *row, size_t count, nb_str name)
{
    for (size_t i = count; i < row->events.count; i++) {
        event *e = &row->events.at[i];
        if (e->at == a->reader && e->weak)
            return; /* it binds what it reads: a loop, a function that calls itself */
        if (e->at == a->reader || !e->weak)
            continue;
        tell(a, e, name);
        return;
    }
}

static void ask(asker *a, nb_str name)
{
    history *row = nb_map_get(&a->flow->names, name);
    if (!row)
        return;
    size_t count = above(row, a->reader);
    bool bound = false, done = false;
    for (size_t i = count; i > 0 && !done;) {
        event *e = &row->events.at[--i];
        bool known = e->told; /* then so is all above it that matters */
        tell(a, e, name);
        e->told = true;
        done = e->binds || known;
        bound |= done || e->weak;
    }
    if (!bound)
        ask_below(a, row, count, name);
}

/* What the body of a function reads, as it is where the function is used. */
static void ask_later(asker *a, const nb_statement *definition)
{
    if (a->flow->user[definition->index] == a->reader || a->depth >= DEEPEST)
        return;
    a->depth++;
    a->flow->user[definition->index] = a->reader;
    for (size_t i = 0; i < definition->uses.list.count; i++) {
        const nb_use *use = &definition->uses.list.at[i];
        if (use->kind == NB_USE_READ_LATER && !use->guarded)
            ask(a, use->name);
    }
    a->depth--;
}

void nb_flow_needs(nb_flow *flow, const nb_statement *s, nb_flow_visit *visit, void *ctx)
{
    asker a = {flow, s, visit, ctx, 0};
    nb_map own =
        NB_MAP_INIT; /* what the statement bound itself by then: the loop's own variable, for one */
    bool simple = s->node->kind == NB_PY_ASSIGN || s->node->kind == NB_PY_EXPR;
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind == NB_USE_BIND && !simple && (!use->conditional || is_loop_target(use->node)))
            (void)nb_set_add(flow->source->arena, &own, use->name);
        if (nb_map_has(&own, use->name))
            continue;
        bool reads =
            use->kind == NB_USE_READ || (use->kind == NB_USE_READ_LATER && !nb_statement_is_def(s));
        if (reads && !use->guarded)
            ask(&a, use->name);
    }
    if (nb_statement_is_def(s))
        ask_later(&a, s);
}
