#include "check/rule.h"

#include "base/buf.h"
#include "py/facts.h"
#include "text/secret.h"
#include "text/utf8.h"

/* Secrets in string literals: by their shape, and by the name under which they are stored or passed. In exported code an error, because the script would
 * hold them; elsewhere a warning, because the notebook does. No finding shows one: this rule is asked last and masks what the others have shown. */

/* --- under which name? --------------------------------------------------------------------------------------------- */

static nb_str text_of(const nb_analysis *a, const nb_statement *s, const nb_py_node *node)
{
    nb_str value = NB_STR("");
    if (node->kind == NB_PY_STRING)
        return nb_py_string_value(a->arena, s->cell->tree, node, &value) ? value : NB_STR("");
    if (node->kind == NB_PY_ATTRIBUTE)
        return nb_py_text(s->cell->tree, node->last);
    if (node->kind == NB_PY_SUBSCRIPT)
        return text_of(a, s, node->last); /* os.environ["API_KEY"] = "…" */
    return node->kind == NB_PY_NAME ? nb_py_text(s->cell->tree, node) : NB_STR("");
}

/* wandb.login(key="…") */
static bool is_login(const nb_py_tree *tree, const nb_py_node *call)
{
    return call->kind == NB_PY_CALL &&
           nb_str_contains(nb_py_call_method(tree, call), NB_STR("login"));
}

static nb_str name_of(const nb_analysis *a, const nb_site *site)
{
    const nb_py_node *parent = site->node->parent;
    const nb_py_tree *tree = site->statement->cell->tree;
    bool stored = parent->kind == NB_PY_ASSIGN || parent->kind == NB_PY_ANN_ASSIGN ||
                  parent->kind == NB_PY_PAIR || parent->kind == NB_PY_KEYWORD ||
                  parent->kind == NB_PY_PARAMETER;
    if (!stored || parent->child == site->node)
        return NB_STR("");
    nb_str name = text_of(a, site->statement, parent->child);
    if (parent->kind == NB_PY_KEYWORD && nb_str_eqz(name, "key") && is_login(tree, parent->parent))
        return NB_STR("api_key");
    return name;
}

/* --- masking ------------------------------------------------------------------------------------------------------- */

/* The text with each `secret` in it as stars, one a character. */
static nb_str starred(nb_arena *arena, nb_str text, nb_str secret)
{
    ptrdiff_t at;
    nb_str done = NB_STR("");
    while (secret.len > 0 && (at = nb_str_find(text, secret)) >= 0) {
        nb_buf stars = NB_BUF_INIT(NB_BUF_TEXT);
        nb_buf_repeat(&stars, '*', nb_utf8_count(secret));
        done = nb_arena_printf(arena, NB_STR_FMT NB_STR_FMT NB_STR_FMT, NB_STR_ARG(done),
                               NB_STR_ARG(nb_str_slice(text, 0, (size_t)at)),
                               NB_STR_ARG(nb_buf_view(&stars)));
        nb_buf_release(&stars);
        text = nb_str_from_at(text, (size_t)at + secret.len);
    }
    return done.len > 0 ? nb_str_concat(arena, done, text) : text;
}

/* Between the quotes, as the cell has it; a short one with its quotes, so that no other word becomes stars. */
static nb_str inside(nb_str literal)
{
    size_t start = 0, end = literal.len;
    while (start < end && literal.at[start] != '"' && literal.at[start] != '\'')
        start++;
    char quote = start < end ? literal.at[start] : '"';
    while (start < end && literal.at[start] == quote)
        start++;
    while (end > start && literal.at[end - 1] == quote)
        end--;
    return nb_str_slice(literal, start, end);
}

static void mask_line(const nb_analysis *a, const nb_statement *s, nb_str secret)
{
    for (size_t i = 0; i < a->diags->list.count; i++) {
        nb_diag *diag = &a->diags->list.at[i];
        if (diag->spot.cell != s->cell->cell->number)
            continue;
        diag->spot.source = starred(a->arena, diag->spot.source, secret);
        diag->message = starred(a->arena, diag->message, secret);
        diag->help = starred(a->arena, diag->help, secret);
    }
}

static void mask(const nb_analysis *a, const nb_site *site)
{
    nb_str rest = inside(nb_py_text(site->statement->cell->tree, site->node)), line;
    while (nb_str_line(&rest, &line)) {
        line = nb_str_trim(line);
        if (line.len > 3)
            mask_line(a, site->statement, line);
    }
}

/* --- findings ------------------------------------------------------------------------------------------------------ */

/* "api_key" is read from API_KEY. */
static nb_str variable_of(nb_arena *arena, nb_str name)
{
    nb_str upper = nb_str_upper(arena, name);
    for (size_t i = 0; i < upper.len; i++)
        if (!nb_is_name(upper.at[i]))
            return NB_STR("SECRET");
    return upper.len > 0 ? upper : NB_STR("SECRET");
}

static void check_string(const nb_analysis *a, const nb_site *site)
{
    nb_literal literal;
    nb_str kind = NB_STR(""), name = name_of(a, site);
    if (!nb_sites_text(a->arena, site->statement, site->node, &literal))
        return;
    nb_secret_guess guess =
        nb_secret_in_code(literal.whole ? name : NB_STR(""), literal.text, &kind);
    if (guess == NB_SECRET_NONE)
        return;
    nb_spot spot =
        nb_source_spot(a->source, site->statement->cell, site->node->start, site->node->end);
    nb_diag *diag = nb_diag_add(a->diags, NB_D_SECRET_IN_CODE, spot,
                                NB_STR_FMT " is written in the %s", NB_STR_ARG(kind),
                                site->exported ? "code: the scripts would hold it" : "notebook");
    bool refused = site->exported && guess == NB_SECRET_SURE;
    diag->severity = refused ? NB_SEVERITY_ERROR : NB_SEVERITY_WARNING;
    nb_diag_help(a->diags, diag,
                 "read it from the environment, os.environ[\"" NB_STR_FMT
                 "\"], and revoke it where the notebook was shared",
                 NB_STR_ARG(variable_of(a->arena, name)));
    mask(a, site);
}

void nb_rule_secret(const nb_analysis *a)
{
    for (size_t i = 0; i < a->sites->strings.list.count; i++)
        check_string(a, &a->sites->strings.list.at[i]);
}
