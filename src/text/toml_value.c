#include "text/toml_parts.h"

/* --- arrays and inline tables ------------------------------------------------------------------ */

static bool deeper(nb_toml_reader *r)
{
    if (++r->depth > NB_TOML_MAX_DEPTH)
        return nb_toml_refuse(r, r->at, NULL, "deeper than %d levels", NB_TOML_MAX_DEPTH);
    r->at++;
    return true;
}

static bool read_array(nb_toml_reader *r, nb_toml *node)
{
    size_t open = r->at;
    if (!deeper(r))
        return false;
    while (nb_toml_skip_lines(r) && nb_toml_peek(r, 0) != ']') {
        if (r->at >= r->text.len)
            return nb_toml_refuse(r, open, "write ']'", "this '[' is never closed");
        nb_toml *element = nb_toml_add(r, node, NB_TOML_STRING, NB_TOML_MADE_WHOLE);
        if (!element || !nb_toml_read_value(r, element) || !nb_toml_skip_lines(r))
            return false;
        if (nb_toml_peek(r, 0) == ',')
            r->at++;
        else if (nb_toml_peek(r, 0) != ']' && r->at < r->text.len)
            return nb_toml_refuse(r, r->at, "write ','", "',' or ']' is expected here");
    }
    r->at++;
    r->depth--;
    return !r->bad;
}

static bool read_inline_table(nb_toml_reader *r, nb_toml *node)
{
    if (!deeper(r))
        return false;
    nb_toml_skip_blanks(r);
    bool more = nb_toml_peek(r, 0) != '}';
    while (more) {
        if (!nb_toml_read_pair(r, node))
            return false;
        nb_toml_skip_blanks(r);
        more = nb_toml_peek(r, 0) == ',';
        if (!more && nb_toml_peek(r, 0) != '}')
            return nb_toml_refuse(
                r, r->at, NULL, "',' or '}' is expected here: an inline table stands on one line");
        r->at += more;
        nb_toml_skip_blanks(r);
    }
    r->at++;
    r->depth--;
    node->making->made = NB_TOML_MADE_WHOLE;
    return true;
}

static bool read_container(nb_toml_reader *r, nb_toml *node, nb_toml_kind kind)
{
    node->kind = kind;
    node->making = NB_NEW(r->arena, struct nb_toml_making);
    node->making->made = NB_TOML_MADE_WHOLE;
    return kind == NB_TOML_ARRAY ? read_array(r, node) : read_inline_table(r, node);
}

bool nb_toml_read_value(nb_toml_reader *r, nb_toml *node)
{
    switch (nb_toml_peek(r, 0)) {
    case '"':
    case '\'': return nb_toml_read_string(r, false, &node->text);
    case '[': return read_container(r, node, NB_TOML_ARRAY);
    case '{': return read_container(r, node, NB_TOML_TABLE);
    default: return nb_toml_read_plain(r, node);
    }
}
