#include "config/expand.h"

#include "text/utf8.h"

enum { MOST_NESTED = 8 };

typedef struct expander {
    const nb_env *env;
    nb_problems *problems;
    size_t left;   /* bytes that all results together may still have */
    nb_yaml *node; /* the scalar at work */
    nb_buf *out;
} expander;

/* The place of a reference: that of `text` in the shown line when it is there as written, else the scalar's. */
static nb_place place_of(const expander *e, nb_str text)
{
    nb_place place = nb_yaml_place(e->node, e->problems->path);
    size_t start = 0;
    for (unsigned column = 1; column < place.column && start < place.source.len; column++)
        (void)nb_utf8_next(place.source, &start);
    nb_str tail = nb_str_from_at(place.source, start);
    ptrdiff_t at = nb_str_find(tail, text);
    if (at > 0)
        place.column += (unsigned)nb_utf8_count(nb_str_slice(tail, 0, (size_t)at));
    return place;
}

static nb_problem *fail(const expander *e, nb_str reference, const char *what)
{
    return nb_problem_add(e->problems, NB_D_BAD_VALUE, place_of(e, reference), "%s", what);
}

static size_t name_length(nb_str text)
{
    size_t len = 0;
    while (len < text.len && (nb_is_alpha(text.at[len]) || text.at[len] == '_' ||
                              (len > 0 && nb_is_digit(text.at[len]))))
        len++;
    return len;
}

/* Length of a reference at the start of the text, with its closing brace; 0 when it is not closed. */
static size_t reference_length(nb_str text)
{
    unsigned depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '$' && i + 1 < text.len && text.at[i + 1] == '{') {
            depth++;
            i++;
        } else if (text.at[i] == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

static void put(expander *e, nb_str text)
{
    if (text.len > e->left) {
        if (!e->out->full)
            fail(e, NB_STR("${"), "the values of variables are too long");
        e->out->full = true;
        return;
    }
    e->left -= text.len;
    nb_buf_put(e->out, text);
}

static void put_expanded(expander *e, nb_str text, unsigned depth);

static void put_variable(expander *e, nb_str reference, nb_str name)
{
    const char *value = nb_env_get(e->env, nb_arena_z(e->problems->arena, name));
    nb_str text = nb_str_from(value);
    if (!value) {
        nb_problem *problem =
            nb_problem_add(e->problems, NB_D_UNSET_VARIABLE, place_of(e, reference),
                           "environment variable '" NB_STR_FMT "' is not set", NB_STR_ARG(name));
        nb_problem_hint(e->problems, problem,
                        "set it, or write a default: ${" NB_STR_FMT ":-VALUE}", NB_STR_ARG(name));
    } else if (nb_utf8_valid(text) < text.len) {
        nb_problem_add(e->problems, NB_D_BAD_VALUE, place_of(e, reference),
                       "environment variable '" NB_STR_FMT "' is not UTF-8", NB_STR_ARG(name));
    } else {
        put(e, text);
    }
}

/* `reference` is ${...} as a whole. */
static void put_reference(expander *e, nb_str reference, unsigned depth)
{
    nb_str inner = nb_str_slice(reference, 2, reference.len - 1);
    nb_str name = nb_str_slice(inner, 0, name_length(inner));
    nb_str rest = nb_str_from_at(inner, name.len);
    if (name.len > 0 && rest.len == 0) {
        put_variable(e, reference, name);
    } else if (name.len > 0 && nb_str_starts(rest, NB_STR(":-"))) {
        nb_str value = nb_env_str(e->env, nb_arena_z(e->problems->arena, name));
        if (value.len > 0)
            put_variable(e, reference, name);
        else
            put_expanded(e, nb_str_from_at(rest, 2), depth + 1);
    } else {
        nb_problem *problem = fail(e, reference, "this is no reference to a variable");
        nb_problem_hint(e->problems, problem,
                        "write ${NAME} or ${NAME:-DEFAULT}, and $${ for a literal ${");
    }
}

static void put_expanded(expander *e, nb_str text, unsigned depth)
{
    if (depth > MOST_NESTED) {
        fail(e, text, "defaults within defaults, too deep");
        return;
    }
    for (size_t at = 0; at < text.len;) {
        nb_str rest = nb_str_from_at(text, at);
        ptrdiff_t dollar = nb_str_find_char(rest, '$');
        size_t plain = dollar < 0 ? rest.len : (size_t)dollar;
        put(e, nb_str_slice(rest, 0, plain));
        at += plain;
        rest = nb_str_from_at(text, at);
        if (nb_str_starts(rest, NB_STR("$${"))) {
            put(e, NB_STR("${"));
            at += 3;
        } else if (nb_str_starts(rest, NB_STR("${"))) {
            size_t len = reference_length(rest);
            if (len == 0) {
                nb_problem *problem = fail(e, rest, "this '${' is never closed");
                nb_problem_hint(e->problems, problem, "write '}', or $${ for a literal ${");
                return;
            }
            put_reference(e, nb_str_slice(rest, 0, len), depth);
            at += len;
        } else if (rest.len > 0) {
            put(e, nb_str_slice(rest, 0, 1));
            at++;
        }
    }
}

static void expand_scalar(expander *e, nb_yaml *node)
{
    if (node->kind != NB_YAML_STR || !nb_str_contains(node->text, NB_STR("${")))
        return;
    e->node = node;
    nb_buf_clear(e->out);
    size_t before = e->problems->list.count;
    put_expanded(e, node->text, 0);
    node->refused = e->problems->list.count > before;
    node->text = nb_arena_str(e->problems->arena, nb_buf_view(e->out));
    node->expanded = true;
    if (node->plain)
        node->kind = nb_yaml_resolve(node->text);
    if (node->kind == NB_YAML_BOOL)
        node->text = nb_str_lower(e->problems->arena, node->text);
}

static void expand_below(expander *e, const nb_yaml *parent)
{
    for (nb_yaml *node = parent->child; node; node = node->next) {
        expand_scalar(e, node);
        expand_below(e, node);
    }
}

void nb_config_expand(const nb_yaml *root, const nb_env *env, nb_problems *problems)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_YAML_MAX_BYTES + 1);
    expander e = {.env = env, .problems = problems, .left = NB_YAML_MAX_BYTES, .out = &out};
    expand_below(&e, root);
}
