#include "gen/imports.h"

enum { WIDTH = 88 };

typedef struct collector {
    const nb_imports_wanted *wanted;
    nb_arena *arena;
    nb_import_lists *out;
    nb_map seen; /* "module\0name\0asname" of what is there already */
    nb_emitter emitter;
    nb_buf text, future;
    NB_VEC(nb_str) pruned;
    bool sets_environment; /* os.environ[…] = … stands among the imports, so os is needed there */
} collector;

/* --- which aliases to keep ------------------------------------------------------------------------------------ */

static bool has_keep_comment(const nb_statement *s)
{
    nb_str text = nb_str_slice(s->cell->python.text, s->node->start, s->end);
    ptrdiff_t hash = nb_str_find_char(text, '#');
    nb_str comment = hash >= 0 ? nb_str_from_at(text, (size_t)hash) : NB_STR("");
    return nb_str_contains(comment, NB_STR("noqa")) || nb_str_contains(comment, NB_STR("# keep")) ||
           nb_str_contains(comment, NB_STR("#keep"));
}

/* Modules that change others when they are imported. */
static bool has_side_effects(nb_str module)
{
    static const char *const names[] = {"sklearn.experimental",
                                        "mpl_toolkits",
                                        "tensorflow_text",
                                        "sklearnex",
                                        "keras_cv",
                                        "intel_extension_for_pytorch",
                                        "readline",
                                        "gpflow",
                                        "seaborn_objects",
                                        "scienceplots",
                                        "pandas_profiling",
                                        "hvplot",
                                        "cufflinks",
                                        "torch_directml",
                                        "habana_frameworks"};
    for (size_t i = 0; i < NB_LEN(names); i++) {
        nb_str name = nb_str_from(names[i]);
        if (nb_str_starts(module, name) && (module.len == name.len || module.at[name.len] == '.'))
            return true;
    }
    return false;
}

static nb_str module_of(const nb_statement *s)
{
    const nb_py_node *module = nb_py_get(s->node, NB_PY_FIELD_MODULE);
    return module ? nb_py_text(s->cell->tree, module) : NB_STR("");
}

/* Does `from __future__ import …`? */
static bool is_future(const nb_statement *s)
{
    return s->node->kind == NB_PY_IMPORT_FROM && nb_str_eqz(module_of(s), "__future__");
}

typedef struct alias {
    nb_str name, asname, binds;
} alias;

static alias alias_of(const nb_statement *s, const nb_py_node *node)
{
    const nb_py_node *asname = nb_py_get(node, NB_PY_FIELD_ASNAME);
    alias a = {.name = nb_py_text(s->cell->tree, node->child)};
    if (asname)
        a.asname = nb_py_text(s->cell->tree, asname);
    nb_str top = a.name, rest = a.name;
    if (s->node->kind == NB_PY_IMPORT)
        (void)nb_str_split(&rest, '.', &top);
    a.binds = asname ? a.asname : top;
    return a;
}

static bool is_new(collector *c, nb_str module, alias a)
{
    nb_str key = nb_arena_printf(c->arena, NB_STR_FMT ":" NB_STR_FMT ":" NB_STR_FMT,
                                 NB_STR_ARG(module), NB_STR_ARG(a.name), NB_STR_ARG(a.asname));
    return nb_set_add(c->arena, &c->seen, key);
}

static void note_name(collector *c, nb_str name, nb_str module, nb_str member)
{
    nb_str *stands_for = NB_NEW(c->arena, nb_str);
    *stands_for = member.len == 0 ? module
                                  : nb_arena_printf(c->arena, NB_STR_FMT "." NB_STR_FMT,
                                                    NB_STR_ARG(module), NB_STR_ARG(member));
    nb_map_put(c->arena, &c->out->names, name, stands_for);
}

static bool is_used(const collector *c, nb_str name)
{
    return c->wanted->everything || nb_map_has(c->wanted->used, name) ||
           (c->sets_environment && nb_str_eqz(name, "os"));
}

static void note_module(collector *c, const nb_statement *s, nb_str module, nb_str name,
                        bool optional)
{
    nb_module_use use = {.module = module,
                         .name = name,
                         .optional = optional,
                         .spot = nb_statement_spot(c->wanted->graph->source, s)};
    nb_vec_push(c->arena, &c->out->modules, use);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void put_lead(collector *c, const nb_statement *s)
{
    nb_str lead = s->shares_line ? NB_STR("")
                                 : nb_str_slice(s->cell->python.text, s->start, s->node->start),
           line;
    while (nb_str_line(&lead, &line)) {
        line = nb_str_trim(line);
        if (line.len > 0)
            nb_buf_printf(&c->text, NB_STR_FMT "\n", NB_STR_ARG(line));
    }
}

static void put_mark(collector *c, const nb_statement *s)
{
    uint32_t line = s->node->line - 1;
    if (c->wanted->marks && line < s->cell->python.line_count)
        nb_buf_printf(&c->text, "%c%u:%u%c", NB_MARK_OPEN, s->cell->cell->number,
                      s->cell->python.line[line], NB_MARK_CLOSE);
}

static nb_str trail_of(const nb_statement *s)
{
    nb_str rest = s->shares_line ? NB_STR("")
                                 : nb_str_slice(s->cell->python.text, s->node->end, s->end),
           line = NB_STR("");
    (void)nb_str_line(&rest, &line);
    line = nb_str_trim(line);
    return line.len > 0 && line.at[0] == '#' ? line : NB_STR("");
}

static void put_line(collector *c, const nb_statement *s, nb_str line)
{
    nb_buf_put(&c->text, line);
    nb_str trail = trail_of(s);
    if (trail.len > 0)
        nb_buf_printf(&c->text, "  " NB_STR_FMT, NB_STR_ARG(trail));
    put_mark(c, s);
    nb_buf_putc(&c->text, '\n');
}

static nb_str alias_text(nb_arena *arena, alias a)
{
    if (a.asname.len == 0)
        return a.name;
    return nb_arena_printf(arena, NB_STR_FMT " as " NB_STR_FMT, NB_STR_ARG(a.name),
                           NB_STR_ARG(a.asname));
}

static void put_from(collector *c, const nb_statement *s, nb_str module, const alias *kept,
                     size_t count)
{
    nb_str line = nb_arena_printf(c->arena, "from " NB_STR_FMT " import ", NB_STR_ARG(module)),
           joined = line;
    for (size_t i = 0; i < count; i++)
        joined = nb_arena_printf(c->arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(joined),
                                 i ? ", " : "", NB_STR_ARG(alias_text(c->arena, kept[i])));
    put_lead(c, s);
    if (joined.len <= WIDTH) {
        put_line(c, s, joined);
        return;
    }
    nb_buf_printf(&c->text, NB_STR_FMT "(", NB_STR_ARG(line));
    put_mark(c, s);
    nb_buf_putc(&c->text, '\n');
    for (size_t i = 0; i < count; i++) {
        nb_buf_printf(&c->text, "    " NB_STR_FMT ",", NB_STR_ARG(alias_text(c->arena, kept[i])));
        put_mark(c, s);
        nb_buf_putc(&c->text, '\n');
    }
    put_line(c, s, NB_STR(")"));
}

/* --- statements ---------------------------------------------------------------------------------------------------- */

static void take_plain(collector *c, const nb_statement *s, bool keep_all)
{
    bool first = true;
    for (const nb_py_node *n = s->node->child; n; n = n->next) {
        if (n->kind != NB_PY_ALIAS)
            continue;
        alias a = alias_of(s, n);
        if (!keep_all && !is_used(c, a.binds) && !has_side_effects(a.name)) {
            nb_vec_push(c->arena, &c->pruned, a.binds);
            continue;
        }
        note_name(c, a.binds, a.asname.len > 0 ? a.name : a.binds, NB_STR(""));
        if (!is_new(c, NB_STR(""), a))
            continue;
        note_module(c, s, a.name, NB_STR(""), false);
        if (first)
            put_lead(c, s);
        first = false;
        put_line(c, s, nb_str_concat(c->arena, NB_STR("import "), alias_text(c->arena, a)));
    }
}

static void take_from(collector *c, const nb_statement *s, bool keep_all)
{
    nb_str module = module_of(s);
    NB_VEC(alias) kept = {0};
    if (module.len == 0) /* from . import x */
        module = NB_STR(".");
    for (const nb_py_node *n = s->node->child; n; n = n->next) {
        if (n->kind == NB_PY_STAR_ALIAS) {
            if (is_new(c, module, (alias){.name = NB_STR("*")}))
                put_from(c, s, module, &(alias){.name = NB_STR("*")}, 1);
            note_module(c, s, module, NB_STR("*"), false);
        }
        if (n->kind != NB_PY_ALIAS)
            continue;
        alias a = alias_of(s, n);
        if (!keep_all && !is_used(c, a.binds) && !has_side_effects(module)) {
            nb_vec_push(c->arena, &c->pruned, a.binds);
            continue;
        }
        note_name(c, a.binds, module, a.name);
        if (!is_new(c, module, a))
            continue;
        note_module(c, s, module, a.name, false);
        nb_vec_push(c->arena, &kept, a);
    }
    if (kept.count > 0)
        put_from(c, s, module, kept.at, kept.count);
}

/* try: import a / except ImportError: import b: whole or not at all. */
static void take_block(collector *c, const nb_statement *s, bool keep_all)
{
    bool used = keep_all;
    for (size_t i = 0; i < s->uses.list.count; i++)
        used |= s->uses.list.at[i].kind == NB_USE_BIND && is_used(c, s->uses.list.at[i].name);
    for (size_t i = 0; i < s->uses.list.count; i++) {
        if (s->uses.list.at[i].kind != NB_USE_BIND)
            continue;
        if (used)
            note_name(c, s->uses.list.at[i].name, NB_STR(""), NB_STR(""));
        else
            nb_vec_push(c->arena, &c->pruned, s->uses.list.at[i].name);
    }
    if (!used || !nb_set_add(c->arena, &c->seen, nb_py_text(s->cell->tree, s->node)))
        return;
    nb_module_uses inside = {0};
    nb_imports_inside(c->wanted->graph->source, s, &inside);
    for (size_t i = 0; i < inside.list.count; i++)
        nb_vec_push(c->arena, &c->out->modules, inside.list.at[i]);
    nb_emit_statement(&c->emitter, s);
}

static bool is_wanted(const nb_imports_wanted *wanted, const nb_statement *s)
{
    if (s->role != NB_ROLE_IMPORT && s->role != NB_ROLE_SETUP)
        return false;
    if (s->cell->broken && !s->included)
        return false;
    bool in_train = nb_statement_feeds_train(s), in_inference = nb_statement_feeds_inference(s);
    bool in_sections =
        wanted->sections == 0 || s->included || (nb_statement_sections(s) & wanted->sections) != 0;
    return ((wanted->train && in_train) || (wanted->inference && in_inference)) && in_sections;
}

static void take_statement(collector *c, const nb_statement *s)
{
    bool keep_all = has_keep_comment(s);
    if (s->role == NB_ROLE_SETUP)
        nb_emit_statement(&c->emitter, s);
    else if (is_future(s))
        nb_buf_printf(&c->future, NB_STR_FMT "\n",
                      NB_STR_ARG(nb_str_trim(nb_py_text(s->cell->tree, s->node))));
    else if (s->node->kind == NB_PY_IMPORT)
        take_plain(c, s, keep_all);
    else if (s->node->kind == NB_PY_IMPORT_FROM)
        take_from(c, s, keep_all);
    else
        take_block(c, s, keep_all);
}

static void report_pruned(const collector *c)
{
    nb_str list = NB_STR("");
    nb_map told = NB_MAP_INIT;
    for (size_t i = 0; i < c->pruned.count; i++) {
        if (nb_map_has(&c->out->names, c->pruned.at[i]) ||
            !nb_set_add(c->arena, &told, c->pruned.at[i]))
            continue;
        list = nb_arena_printf(c->arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(list),
                               list.len ? ", " : "", NB_STR_ARG(c->pruned.at[i]));
    }
    if (list.len > 0)
        nb_diag_add(c->wanted->graph->source->diags, NB_D_IMPORT_PRUNED,
                    (nb_spot){.path = c->wanted->graph->source->notebook->path},
                    "%s leaves out imports that it does not use: " NB_STR_FMT, c->wanted->script,
                    NB_STR_ARG(list));
}

nb_import_lists nb_imports_collect(const nb_imports_wanted *wanted)
{
    const nb_source *source = wanted->graph->source;
    nb_import_lists out = {0};
    collector c = {.wanted = wanted,
                   .arena = source->arena,
                   .out = &out,
                   .text = NB_BUF_INIT(NB_BUF_TEXT),
                   .future = NB_BUF_INIT(NB_BUF_TEXT)};
    c.emitter = (nb_emitter){.graph = wanted->graph, .out = &c.text, .marks = wanted->marks};
    for (size_t i = 0; i < source->statement_count; i++)
        c.sets_environment |= is_wanted(wanted, &source->statements[i]) &&
                              source->statements[i].role == NB_ROLE_SETUP;
    for (size_t i = 0; i < source->statement_count; i++)
        if (is_wanted(wanted, &source->statements[i]))
            take_statement(&c, &source->statements[i]);
    report_pruned(&c);
    out.imports = nb_arena_str(source->arena, nb_buf_view(&c.text));
    out.future = nb_arena_str(source->arena, nb_buf_view(&c.future));
    nb_buf_release(&c.text);
    nb_buf_release(&c.future);
    return out;
}

/* --- imports elsewhere ---------------------------------------------------------------------------------------------- */

static bool may_not_run(const nb_statement *s, const nb_py_node *node)
{
    for (const nb_py_node *n = node; n && n != s->node->parent; n = n->parent)
        if (n->kind == NB_PY_TRY || n->kind == NB_PY_IF)
            return true;
    return false;
}

static void add_inside(const nb_source *source, const nb_statement *s, const nb_py_node *import,
                       const nb_py_node *name, nb_module_uses *out)
{
    const nb_py_tree *tree = s->cell->tree;
    const nb_py_node *module = nb_py_get(import, NB_PY_FIELD_MODULE);
    bool from = import->kind == NB_PY_IMPORT_FROM;
    nb_str text = name->kind == NB_PY_STAR_ALIAS ? NB_STR("*") : nb_py_text(tree, name->child);
    nb_module_use use = {.module = from ? NB_STR(".") : text,
                         .name = from ? text : NB_STR(""),
                         .optional = may_not_run(s, import),
                         .spot = nb_source_spot(source, s->cell, import->start, import->end)};
    if (module)
        use.module = nb_py_text(tree, module);
    nb_vec_push(source->arena, &out->list, use);
}

void nb_imports_inside(const nb_source *source, const nb_statement *s, nb_module_uses *out)
{
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false))
        if (n->kind == NB_PY_ALIAS || n->kind == NB_PY_STAR_ALIAS)
            add_inside(source, s, n->parent, n, out);
}
