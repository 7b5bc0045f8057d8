#include "requirements/code.h"

#include "py/facts.h"
#include "py/modules.h"
#include "requirements/code_rules.h"

/* --- names --------------------------------------------------------------------------------------- */

static nb_str first_part(nb_str dotted)
{
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    return dot < 0 ? dotted : nb_str_slice(dotted, 0, (size_t)dot);
}

static void stand_for(nb_arena *arena, nb_code_names *names, nb_str name, nb_str dotted)
{
    nb_str *value = NB_NEW(arena, nb_str);
    *value = dotted;
    nb_map_put(arena, &names->aliases, name, value);
    (void)nb_set_add(arena, &names->tops, first_part(dotted));
}

/* `import a.b` binds a, `import a.b as c` binds c, `from a import b as c` binds c. */
static void add_alias(nb_arena *arena, nb_code_names *names, const nb_py_tree *tree,
                      const nb_py_node *alias)
{
    const nb_py_node *asname = nb_py_get(alias, NB_PY_FIELD_ASNAME);
    const nb_py_node *from = nb_py_get(alias->parent, NB_PY_FIELD_MODULE);
    nb_str name = nb_py_text(tree, alias->child);
    nb_str bound = asname ? nb_py_text(tree, asname) : name;
    if (alias->parent->kind == NB_PY_IMPORT) {
        stand_for(arena, names, asname ? bound : first_part(name),
                  asname ? name : first_part(name));
    } else if (from) {
        nb_str module = nb_py_text(tree, from);
        stand_for(arena, names, bound,
                  nb_arena_printf(arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(module),
                                  NB_STR_ARG(name)));
    }
}

void nb_code_names_add(nb_arena *arena, nb_code_names *names, const nb_py_tree *tree)
{
    for (const nb_py_node *n = tree->module; n; n = nb_py_next(tree->module, n, false))
        if (n->kind == NB_PY_ALIAS)
            add_alias(arena, names, tree, n);
}

/* "pd.read_csv" gives "pandas.read_csv"; empty when the first name is no import. */
static nb_str resolve(nb_arena *arena, const nb_code_names *names, nb_str dotted)
{
    nb_str top = first_part(dotted);
    const nb_str *known = nb_map_get(&names->aliases, top);
    if (!known || dotted.len == 0)
        return NB_STR("");
    return nb_str_concat(arena, *known, nb_str_from_at(dotted, top.len));
}

/* --- literals ------------------------------------------------------------------------------------ */

/* What stands between the quotes, escapes unread; empty for anything but one string. */
static nb_str literal(const nb_py_tree *tree, const nb_py_node *node)
{
    if (!node || node->kind != NB_PY_STRING || (node->string_flags & NB_PY_STRING_JOINED))
        return NB_STR("");
    nb_str text = nb_py_text(tree, node);
    while (text.len > 0 && text.at[0] != '"' && text.at[0] != '\'')
        text = nb_str_from_at(text, 1);
    size_t quotes = text.len >= 6 && text.at[1] == text.at[0] && text.at[2] == text.at[0] ? 3 : 1;
    return text.len < 2 * quotes ? NB_STR("") : nb_str_slice(text, quotes, text.len - quotes);
}

static bool fits(nb_str text, const char *wanted)
{
    nb_str want = nb_str_from(wanted);
    if (text.len == 0)
        return false;
    return nb_str_starts(want, NB_STR("*")) ? nb_str_ends(text, nb_str_from_at(want, 1))
                                            : nb_str_starts(text, want);
}

static nb_str argument_text(const nb_py_tree *tree, const nb_py_node *argument)
{
    return literal(tree, argument->kind == NB_PY_KEYWORD ? nb_py_get(argument, NB_PY_FIELD_VALUE)
                                                         : argument);
}

/* An argument, or the value of one, that is a string and fits. */
static bool has_text(const nb_py_tree *tree, const nb_py_node *call, const char *wanted)
{
    for (const nb_py_node *n = call->child; n; n = n->next)
        if (n->field == NB_PY_FIELD_ARGUMENT && fits(argument_text(tree, n), wanted))
            return true;
    return false;
}

/* --- calls --------------------------------------------------------------------------------------- */

typedef struct finder {
    nb_arena *arena;
    const nb_py_tree *tree;
    const nb_code_names *names;
    nb_code_needs *out;
} finder;

static bool any_imported(const nb_code_names *names, const char *modules)
{
    nb_str rest = nb_str_from(modules), module;
    while (rest.len > 0 && nb_str_split(&rest, ' ', &module))
        if (nb_map_has(&names->tops, module))
            return true;
    return !modules;
}

static bool is_named(const finder *f, const nb_code_rule *rule, nb_str name, nb_str method)
{
    nb_str call = nb_str_from(rule->call);
    if (call.at[0] == '.')
        return nb_str_eq(method, nb_str_from_at(call, 1)) && any_imported(f->names, rule->with);
    if (nb_str_ends(call, NB_STR(".*")))
        return nb_str_starts(name, nb_str_slice(call, 0, call.len - 1));
    return nb_str_eq(name, call);
}

static bool arguments_fit(const finder *f, const nb_code_rule *rule, const nb_py_node *call)
{
    if (!rule->keyword)
        return !rule->text || has_text(f->tree, call, rule->text);
    const nb_py_node *value = nb_py_argument(f->tree, call, rule->keyword, -1);
    if (!value)
        return false;
    nb_str text = nb_py_text(f->tree, value);
    if (rule->text)
        return fits(literal(f->tree, value), rule->text);
    return !nb_str_eqz(text, "False") && !nb_str_eqz(text, "None");
}

static void add_need(finder *f, const nb_py_node *node, const char *needs, nb_str what,
                     bool certain)
{
    nb_vec_push(f->arena, &f->out->list, (nb_code_need){node, nb_str_from(needs), what, certain});
}

static void find_rule(finder *f, const nb_py_node *call, nb_str name, nb_str method)
{
    for (size_t i = 0; i < nb_code_rule_count; i++) {
        const nb_code_rule *rule = &nb_code_rules[i];
        if (!is_named(f, rule, name, method) || !arguments_fit(f, rule, call))
            continue;
        nb_str what = rule->call[0] == '.' ? nb_str_from(rule->call + 1) : name;
        add_need(f, call, rule->needs, what, rule->certain);
        return;
    }
}

static void find_scheme(finder *f, const nb_py_node *call, const nb_code_scheme *schemes,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_text(f->tree, call, schemes[i].scheme)) {
            add_need(f, call, schemes[i].needs, nb_str_from(schemes[i].scheme), true);
            return;
        }
}

/* Functions that take the address of data: read_csv, to_parquet, open_dataset. */
static bool takes_address(nb_str method)
{
    return nb_str_starts(method, NB_STR("read_")) || nb_str_starts(method, NB_STR("to_")) ||
           nb_str_starts(method, NB_STR("open_")) || nb_str_eqz(method, "load_dataset");
}

static void find_addresses(finder *f, const nb_py_node *call, nb_str name, nb_str method)
{
    bool sql = nb_str_eqz(method, "to_sql") || nb_str_starts(method, NB_STR("read_sql"));
    if (nb_str_eqz(name, "fsspec.open") ||
        (takes_address(method) && any_imported(f->names, "pandas geopandas dask xarray datasets")))
        find_scheme(f, call, nb_code_storage, nb_code_storage_count);
    if (!sql && !nb_str_eqz(method, "create_engine"))
        return;
    size_t before = f->out->list.count;
    find_scheme(f, call, nb_code_databases, nb_code_database_count);
    if (sql && f->out->list.count > before) /* pandas opens the address itself */
        add_need(f, call, "sqlalchemy", method, true);
}

/* tf.keras.utils.plot_model needs what its import would. */
static void find_attribute(finder *f, const nb_py_node *call, nb_str name)
{
    nb_str needs = nb_module_implies(name);
    if (needs.len > 0)
        nb_vec_push(f->arena, &f->out->list, (nb_code_need){call, needs, name, true});
}

nb_code_needs nb_code_needs_find(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *top,
                                 const nb_code_names *names)
{
    nb_code_needs out = {0};
    finder f = {arena, tree, names, &out};
    for (const nb_py_node *call = top; call; call = nb_py_next(top, call, false)) {
        if (call->kind != NB_PY_CALL)
            continue;
        nb_str name = resolve(arena, names, nb_py_call_name(arena, tree, call));
        nb_str method = nb_py_call_method(tree, call);
        find_rule(&f, call, name, method);
        find_addresses(&f, call, name, method);
        find_attribute(&f, call, name);
    }
    return out;
}

/* --- imports ------------------------------------------------------------------------------------- */

static bool is_inside(const nb_py_node *node, const nb_py_node *top, nb_py_kind a, nb_py_kind b)
{
    for (const nb_py_node *n = node->parent; n && n != top->parent; n = n->parent)
        if (n->kind == a || n->kind == b)
            return true;
    return false;
}

/* `if TYPE_CHECKING:` is for type checkers only. */
static bool is_for_checkers(const nb_py_tree *tree, const nb_py_node *node)
{
    for (const nb_py_node *n = node->parent; n; n = n->parent) {
        const nb_py_node *test = n->kind == NB_PY_IF ? nb_py_get(n, NB_PY_FIELD_TEST) : NULL;
        if (test && nb_str_ends(nb_py_text(tree, test), NB_STR("TYPE_CHECKING")))
            return true;
    }
    return false;
}

static void add_import(nb_arena *arena, nb_code_imports *out, const nb_py_tree *tree,
                       const nb_py_node *top, const nb_py_node *alias)
{
    const nb_py_node *statement = alias->parent, *from = nb_py_get(statement, NB_PY_FIELD_MODULE);
    bool nested = is_inside(statement, top, NB_PY_FUNCTION, NB_PY_CLASS);
    if (!nested || is_for_checkers(tree, statement) || (statement->kind != NB_PY_IMPORT && !from))
        return;
    nb_str name = alias->kind == NB_PY_ALIAS ? nb_py_text(tree, alias->child) : NB_STR("*");
    nb_vec_push(arena, &out->list,
                (nb_code_import){.node = statement,
                                 .module = from ? nb_py_text(tree, from) : name,
                                 .name = from ? name : NB_STR(""),
                                 .optional = is_inside(statement, top, NB_PY_TRY, NB_PY_IF)});
}

/* importlib.import_module("x"), import_module("x"), __import__("x") */
static void add_call(nb_arena *arena, nb_code_imports *out, const nb_py_tree *tree,
                     const nb_py_node *top, const nb_py_node *call)
{
    nb_str method = nb_py_call_method(tree, call);
    if (!nb_str_eqz(method, "import_module") && !nb_str_eqz(method, "__import__"))
        return;
    const nb_py_node *argument = nb_py_argument(tree, call, "name", 0);
    nb_str module = literal(tree, argument);
    for (size_t i = 0; i < module.len; i++)
        if (!nb_is_name(module.at[i]) && module.at[i] != '.')
            return;
    if (module.len == 0 || module.at[0] == '.' || is_for_checkers(tree, call))
        return;
    nb_vec_push(arena, &out->list,
                (nb_code_import){.node = call,
                                 .module = module,
                                 .name = NB_STR(""),
                                 .optional = is_inside(call, top, NB_PY_TRY, NB_PY_IF)});
}

nb_code_imports nb_code_imports_find(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *top)
{
    nb_code_imports out = {0};
    for (const nb_py_node *n = top; n; n = nb_py_next(top, n, false)) {
        if (n->kind == NB_PY_ALIAS || n->kind == NB_PY_STAR_ALIAS)
            add_import(arena, &out, tree, top, n);
        else if (n->kind == NB_PY_CALL)
            add_call(arena, &out, tree, top, n);
    }
    return out;
}
