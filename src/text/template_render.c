/* Nodes and data to text. */
#include "text/template_ast.h"

#include "base/map.h"

enum {
    MAX_DEPTH = 64,      /* partials, parents and replaced blocks inside one another */
    MAX_STEPS = 2000000, /* nodes visited: templates that multiply themselves end with an error */
    MAX_INDENT = 4096
};

/* The values that names are looked up in, innermost first. */
typedef struct scope {
    const nb_value *value;
    const struct scope *outer;
} scope;

/* The blocks that one parent tag replaces; the outermost parent wins. */
typedef struct overrides {
    const nb_template *t; /* where the blocks are written */
    const nb_node *blocks;
    const struct overrides *inner;
} overrides;

typedef struct renderer {
    nb_arena *arena; /* of partials compiled on the way */
    nb_map compiled;
    const nb_template *t; /* being rendered */
    const nb_partials *partials;
    const overrides *overrides;
    nb_buf *out;
    nb_buf indent; /* what lines start with at the moment */
    unsigned depth, steps;
    nb_error *err;
} renderer;

static nb_code render_nodes(renderer *r, const nb_node *node, const scope *in);

/* --- failures -------------------------------------------------------------------------------- */

static void place_of(nb_str text, size_t at, nb_place *place)
{
    size_t start = at;
    while (start > 0 && text.at[start - 1] != '\n')
        start--;
    place->line = place->column = 1;
    for (size_t i = 0; i < start; i++)
        place->line += text.at[i] == '\n';
    for (size_t i = start; i < at; i++)
        place->column += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    nb_str rest = nb_str_from_at(text, start);
    (void)nb_str_line(&rest, &place->source);
}

nb_code nb_template_fail(nb_str text, nb_str path, size_t at, nb_str message, nb_error *err)
{
    nb_place place = {.path = path};
    nb_fail(err, NB_ERR_CONFIG, NB_STR_FMT, NB_STR_ARG(message));
    place_of(text, at, &place);
    nb_error_at(err, place);
    return NB_ERR_CONFIG;
}

static nb_code fail_at(const renderer *r, const nb_node *node, nb_str message)
{
    return nb_template_fail(r->t->text, r->t->path, node->at, message, r->err);
}

#define fail(r, node, ...) fail_at(r, node, nb_arena_printf((r)->arena, __VA_ARGS__))

/* The name in scope that is most like the missing one. */
static nb_str nearest_name(renderer *r, const scope *in, nb_str name)
{
    NB_VEC(nb_str) names = {0};
    for (; in; in = in->outer)
        for (size_t i = 0; i < in->value->fields.count; i++)
            nb_vec_push(r->arena, &names, in->value->fields.at[i].name);
    return nb_str_nearest(name, names.at, names.count);
}

static nb_code fail_missing(renderer *r, const nb_node *node, const scope *in)
{
    nb_str near = nearest_name(r, in, node->text);
    fail(r, node, "cannot fill in '" NB_STR_FMT "': the data has no such name",
         NB_STR_ARG(node->text));
    if (near.len > 0)
        nb_error_hint(r->err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    return NB_ERR_CONFIG;
}

/* --- data ------------------------------------------------------------------------------------ */

/* The first part of a dotted name is looked up outwards, the others only in what it gave. */
static const nb_value *look_up(const scope *in, nb_str name)
{
    if (nb_str_eqz(name, "."))
        return in->value;
    nb_str part;
    const nb_value *found = NULL;
    (void)nb_str_split(&name, '.', &part);
    for (; in && !found; in = in->outer)
        found = nb_value_get(in->value, part);
    while (found && nb_str_split(&name, '.', &part))
        found = nb_value_get(found, part);
    return found;
}

static bool is_true(const nb_value *value)
{
    switch (value->kind) {
    case NB_VALUE_TEXT: return value->text.len > 0;
    case NB_VALUE_BOOL: return value->truth;
    case NB_VALUE_LIST: return value->items.count > 0;
    case NB_VALUE_OBJECT: return true;
    }
    return false;
}

static nb_str text_of(const nb_value *value)
{
    if (value->kind == NB_VALUE_BOOL)
        return value->truth ? NB_STR("true") : NB_STR("false");
    return value->kind == NB_VALUE_TEXT ? value->text : (nb_str){0};
}

/* --- nodes ----------------------------------------------------------------------------------- */

static void render_text(renderer *r, const nb_node *node)
{
    bool at_start = r->out->len == 0 || r->out->at[r->out->len - 1] == '\n';
    if (node->line_start && at_start)
        nb_buf_put(r->out, nb_buf_view(&r->indent));
    nb_buf_put(r->out, node->text);
}

static nb_code render_variable(renderer *r, const nb_node *node, const scope *in)
{
    const nb_value *value = look_up(in, node->text);
    bool lenient = r->t->options.lenient;
    if (!value)
        return lenient ? NB_OK : fail_missing(r, node, in);
    if (value->kind != NB_VALUE_TEXT && !lenient)
        return fail(r, node, "cannot fill in '" NB_STR_FMT "': it is no text",
                    NB_STR_ARG(node->text));
    nb_filter_put(r->out, node->filter, text_of(value));
    return NB_OK;
}

static nb_code render_list(renderer *r, const nb_node *node, const nb_value *list, const scope *in)
{
    for (size_t i = 0; i < list->items.count; i++) {
        const scope inner = {list->items.at[i], in};
        if (render_nodes(r, node->child, &inner) != NB_OK)
            return r->err->code;
    }
    return NB_OK;
}

static nb_code render_section(renderer *r, const nb_node *node, const scope *in)
{
    const nb_value *value = look_up(in, node->text);
    if (!value && !r->t->options.lenient)
        return fail_missing(r, node, in);
    bool truth = value && is_true(value);
    if (node->kind == NB_NODE_INVERTED)
        return truth ? NB_OK : render_nodes(r, node->child, in);
    if (!truth)
        return NB_OK;
    if (value->kind == NB_VALUE_LIST)
        return render_list(r, node, value, in);
    if (value->kind == NB_VALUE_BOOL)
        return render_nodes(r, node->child, in);
    const scope inner = {value, in};
    return render_nodes(r, node->child, &inner);
}

/* --- partials, parents and blocks ------------------------------------------------------------ */

typedef struct cached {
    const nb_template *t;
} cached;

/* The template a tag names, compiled once; NULL when there is none or it is wrong. */
static const nb_template *find_template(renderer *r, const nb_node *node)
{
    nb_str text;
    cached *known = nb_map_get(&r->compiled, node->text);
    if (known)
        return known->t;
    if (!r->partials || !r->partials->find(r->partials->ctx, node->text, &text)) {
        if (!r->t->options.lenient) {
            fail(r, node, "there is no template '" NB_STR_FMT "'", NB_STR_ARG(node->text));
            return NULL;
        }
        text = NB_STR("");
    }
    known = NB_NEW(r->arena, cached);
    if (nb_template_compile(r->arena, text, node->text, &r->t->options, &known->t, r->err) != NB_OK)
        return NULL;
    nb_map_put(r->arena, &r->compiled, node->text, known);
    return known->t;
}

/* Renders nodes of another template, or another part of this one, `indent` deeper. */
static nb_code render_inside(renderer *r, const nb_node *at, const nb_template *t,
                             const nb_node *nodes, nb_str indent, const scope *in)
{
    const nb_template *outer = r->t;
    size_t width = r->indent.len;
    if (r->depth == MAX_DEPTH || width + indent.len > MAX_INDENT)
        return fail(r, at, "'" NB_STR_FMT "' is nested too deeply", NB_STR_ARG(at->text));
    nb_buf_put(&r->indent, indent);
    r->depth++;
    r->t = t;
    nb_code code = render_nodes(r, nodes, in);
    r->t = outer;
    r->depth--;
    r->indent.len = width;
    return code;
}

static nb_code render_partial(renderer *r, const nb_node *node, const scope *in)
{
    const nb_template *t = find_template(r, node);
    const overrides *outer = r->overrides;
    if (!t)
        return r->err->code;
    r->overrides = NULL;
    nb_code code = render_inside(r, node, t, t->first, node->indent, in);
    r->overrides = outer;
    return code;
}

/* The chain is kept outermost first, since that is the order in which blocks are looked up; a parent inside appends. */
static nb_code render_parent(renderer *r, const nb_node *node, const scope *in)
{
    const nb_template *t = find_template(r, node);
    if (!t)
        return r->err->code;
    const overrides *outer = r->overrides;
    overrides chain[MAX_DEPTH + 1];
    size_t count = 0;
    for (const overrides *o = outer; o && count < MAX_DEPTH; o = o->inner)
        chain[count++] = *o;
    chain[count++] = (overrides){r->t, node->child, NULL};
    for (size_t i = 0; i + 1 < count; i++)
        chain[i].inner = &chain[i + 1];
    r->overrides = chain;
    nb_code code = render_inside(r, node, t, t->first, node->indent, in);
    r->overrides = outer;
    return code;
}

static nb_code render_block(renderer *r, const nb_node *node, const scope *in)
{
    for (const overrides *o = r->overrides; o; o = o->inner)
        for (const nb_node *block = o->blocks; block; block = block->next)
            if (nb_str_eq(block->text, node->text))
                return render_inside(r, node, o->t, block->child, node->indent, in);
    return render_inside(r, node, r->t, node->child, node->standalone ? node->indent : (nb_str){0},
                         in);
}

static nb_code render_node(renderer *r, const nb_node *node, const scope *in)
{
    switch (node->kind) {
    case NB_NODE_TEXT: render_text(r, node); return NB_OK;
    case NB_NODE_VARIABLE: return render_variable(r, node, in);
    case NB_NODE_SECTION:
    case NB_NODE_INVERTED: return render_section(r, node, in);
    case NB_NODE_PARTIAL: return render_partial(r, node, in);
    case NB_NODE_PARENT: return render_parent(r, node, in);
    case NB_NODE_BLOCK: return render_block(r, node, in);
    }
    return NB_OK;
}

static nb_code render_nodes(renderer *r, const nb_node *node, const scope *in)
{
    for (; node; node = node->next) {
        if (r->steps++ >= MAX_STEPS || r->out->full)
            return fail(r, node, "the text that this template makes is too large");
        if (render_node(r, node, in) != NB_OK)
            return r->err->code;
    }
    return NB_OK;
}

nb_code nb_template_render(const nb_template *t, const nb_value *data, const nb_partials *partials,
                           nb_buf *out, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    renderer r = {.arena = &arena,
                  .t = t,
                  .partials = partials,
                  .out = out,
                  .indent = NB_BUF_INIT(MAX_INDENT + 1),
                  .err = err};
    const scope top = {data, NULL};
    size_t start = out->len;
    nb_code code = render_nodes(&r, t->first, &top);
    nb_buf_release(&r.indent);
    if (code == NB_OK && out->full)
        code = nb_fail(err, NB_ERR_CONFIG, "cannot fill in '" NB_STR_FMT "': the text is too large",
                       NB_STR_ARG(t->path));
    if (code != NB_OK && out->at)
        out->len = start;
    return code;
}
