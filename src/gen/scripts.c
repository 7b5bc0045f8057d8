#include "gen/scripts.h"

#include "gen/blocks.h"
#include "gen/imports.h"
#include "gen/script_data.h"
#include "py/facts.h"

/* --- what goes where --------------------------------------------------------------------------------------------- */

static void add_names_in(nb_arena *arena, nb_map *used, nb_str expression)
{
    for (size_t i = 0; i < expression.len;) {
        size_t start = i;
        while (i < expression.len && nb_is_name(expression.at[i]))
            i++;
        if (i > start)
            (void)nb_set_add(arena, used, nb_str_slice(expression, start, i));
        else
            i++;
    }
}

/* Modules that a statement imports when it runs, or when its function is called. */
static void add_inside(const nb_script_data *d, nb_scripts *out, const nb_statement *s)
{
    nb_module_uses inside = {0};
    if (s->role == NB_ROLE_ACTION || s->role == NB_ROLE_DEFINITION)
        nb_imports_inside(d->graph->source, s, &inside);
    for (size_t i = 0; i < inside.list.count; i++)
        nb_vec_push(d->arena, &out->modules, inside.list.at[i]);
}

/* Names that the statements read; *dynamic is set when they read names that cannot be seen. */
static void add_reads(nb_arena *arena, nb_map *used, const nb_statement *s, bool *dynamic)
{
    if (s->role == NB_ROLE_DROPPED)
        return;
    *dynamic |= s->uses.dynamic;
    for (size_t i = 0; i < s->uses.list.count; i++)
        if (s->uses.list.at[i].kind == NB_USE_READ || s->uses.list.at[i].kind == NB_USE_READ_LATER)
            (void)nb_set_add(arena, used, s->uses.list.at[i].name);
}

static void add_imports(nb_script_data *d, nb_scripts *out, nb_value *data,
                        const nb_imports_wanted *wanted)
{
    nb_import_lists lists = nb_imports_collect(wanted);
    nb_data_imports(d, data, &lists);
    for (size_t i = 0; i < lists.modules.count; i++)
        nb_vec_push(d->arena, &out->modules, lists.modules.at[i]);
}

static nb_str joined(nb_arena *arena, nb_str a, nb_str b)
{
    if (a.len == 0 || b.len == 0)
        return a.len == 0 ? b : a;
    return nb_arena_printf(arena, NB_STR_FMT "\n\n" NB_STR_FMT, NB_STR_ARG(a), NB_STR_ARG(b));
}

/* In inference.py what train cells define stands with the model: it is there because the model needs it. */
static void add_groups(nb_script_data *d, nb_value *data, const nb_block *definitions,
                       bool training)
{
    nb_groups groups = nb_blocks_group(d->graph, definitions);
    nb_str text[NB_GROUP_COUNT];
    for (nb_group g = 0; g < NB_GROUP_COUNT; g++)
        text[g] = nb_blocks_definitions(d->graph, &groups.group[g], d->marks);
    if (!training) {
        text[NB_GROUP_MODEL] = joined(d->arena, text[NB_GROUP_MODEL], text[NB_GROUP_TRAIN]);
        text[NB_GROUP_TRAIN] = NB_STR("");
    }
    nb_data_text(d, data, "utils", text[NB_GROUP_UTILS]);
    nb_data_text(d, data, "preprocess", text[NB_GROUP_PREPROCESS]);
    nb_data_text(d, data, "model", text[NB_GROUP_MODEL]);
    nb_data_text(d, data, "training_definitions", text[NB_GROUP_TRAIN]);
    nb_data_text(d, data, "inference", text[NB_GROUP_INFERENCE]);
}

/* --- train.py ------------------------------------------------------------------------------------------------------ */

static bool runs_async(const nb_block *body)
{
    for (size_t i = 0; i < body->list.count; i++)
        if (nb_py_flow_of(body->list.at[i]->node).awaits)
            return true;
    return false;
}

static void split(const nb_script_data *d, nb_block *definitions, nb_block *actions)
{
    for (size_t i = 0; i < d->graph->train.count; i++) {
        const nb_statement *s = d->graph->train.at[i];
        if (s->role == NB_ROLE_DEFINITION)
            nb_vec_push(d->arena, &definitions->list, s);
        else if (s->role == NB_ROLE_ACTION)
            nb_vec_push(d->arena, &actions->list, s);
    }
}

static void plan_train(nb_script_data *d, nb_scripts *out)
{
    const nb_scripts_input *in = d->input;
    nb_block definitions = {0}, actions = {0};
    split(d, &definitions, &actions);
    nb_value *data = d->data[NB_SCRIPT_TRAIN] = nb_data_common(d);
    add_groups(d, data, &definitions, true);

    bool used_show = false, dynamic = false;
    nb_function function = {.graph = d->graph,
                            .name = nb_data_name(d, "run_training"),
                            .body = &actions,
                            .docstring = NB_STR("Run the notebook's cells in order."),
                            .is_async = runs_async(&actions),
                            .marks = d->marks,
                            .show = nb_data_name(d, "show"),
                            .more_globals = &in->found->entry_binds,
                            .last_line = in->found->entry_call};
    nb_data_text(d, data, "training_function", nb_blocks_function(&function, &used_show));
    nb_data_flag(d, data, "is_async", function.is_async);
    nb_data_flag(d, data, "uses_show", used_show);
    nb_data_parameters(d, data);
    nb_data_results(d, data);

    nb_map used = NB_MAP_INIT;
    for (size_t i = 0; i < d->graph->train.count; i++) {
        add_reads(d->arena, &used, d->graph->train.at[i], &dynamic);
        add_inside(d, out, d->graph->train.at[i]);
    }
    add_names_in(d->arena, &used, in->found->entry_call);
    add_names_in(d->arena, &used, in->found->model);
    for (size_t i = 0; i < in->found->metrics.count; i++)
        add_names_in(d->arena, &used, in->found->metrics.at[i].expression);
    nb_imports_wanted wanted = {.graph = d->graph,
                                .script = "train.py",
                                .used = &used,
                                .everything = dynamic,
                                .train = true,
                                .marks = d->marks};
    add_imports(d, out, data, &wanted);
}

/* --- inference.py -------------------------------------------------------------------------------------------------- */

static void plan_inference(nb_script_data *d, nb_scripts *out)
{
    const nb_inference *inference = d->input->inference;
    nb_block definitions = {0}, late = {0};
    nb_map used = NB_MAP_INIT;
    bool dynamic = false, used_show;
    for (size_t i = 0; i < d->graph->source->statement_count; i++) {
        const nb_statement *s = &d->graph->source->statements[i];
        if (inference->included[i])
            nb_vec_push(d->arena, &definitions.list, s);
        if (inference->late[i])
            nb_vec_push(d->arena, &late.list, s);
        if (!inference->included[i] && !inference->late[i])
            continue;
        add_reads(d->arena, &used, s, &dynamic);
        add_inside(d, out, s);
    }
    nb_value *data = d->data[NB_SCRIPT_INFERENCE] = nb_data_common(d);
    add_groups(d, data, &definitions, false);
    nb_function body = {.graph = d->graph, .body = &late, .marks = d->marks};
    nb_data_text(d, data, "late_definitions", nb_blocks_body(&body, &used_show));
    nb_data_handlers(d, data);
    nb_imports_wanted wanted = {.graph = d->graph,
                                .script = "inference.py",
                                .used = &used,
                                .everything = dynamic,
                                .train = true,
                                .inference = true,
                                .marks = d->marks};
    add_imports(d, out, data, &wanted);
}

/* --- preprocess.py -------------------------------------------------------------------------------------------------- */

enum {
    PREPROCESS_SECTIONS = NB_BIT(NB_SECTION_IMPORTS) | NB_BIT(NB_SECTION_PARAMETERS) |
                          NB_BIT(NB_SECTION_UTILS) | NB_BIT(NB_SECTION_PREPROCESS)
};

static bool is_imported_or_given(const nb_script_data *d, nb_str name)
{
    const nb_statement *last = nb_graph_provider(d->graph, name);
    return !last || last->role == NB_ROLE_IMPORT || nb_map_has(&d->input->params->provided, name);
}

/* The first name that the statement reads and no statement that stays binds; empty when there is none. */
static nb_str lacks(const nb_script_data *d, const bool *stays, const nb_statement *s)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        bool reads = use->kind == NB_USE_READ || use->kind == NB_USE_READ_LATER;
        if (!reads || is_imported_or_given(d, use->name))
            continue;
        const nb_name *row = nb_graph_name(d->graph, use->name);
        bool any = false;
        for (size_t k = 0; k < row->binders.count; k++)
            any |= stays[row->binders.at[k]->index];
        if (!any)
            return use->name;
    }
    return NB_STR("");
}

/* The user said that the statement prepares data, and meant no other script; a proposal says so of whole cells. */
static bool is_meant_to_prepare(const nb_statement *s)
{
    unsigned training = NB_BIT(NB_SECTION_MODEL) | NB_BIT(NB_SECTION_TRAIN);
    return nb_statement_in(s, NB_SECTION_PREPROCESS) && !nb_statement_is_def(s) &&
           !s->cell->proposed && !(s->cell->sections & training);
}

/* Once a cell: what follows there often needs what is missing now. */
static void report_incomplete(const nb_script_data *d, const nb_statement *s, nb_str name,
                              nb_map *told)
{
    nb_diags *diags = d->graph->source->diags;
    if (!nb_set_add(d->arena, told, nb_arena_printf(d->arena, "%u", s->cell->cell->number)))
        return;
    nb_diag *diag = nb_diag_add(diags, NB_D_LEFT_OUT, nb_statement_spot(d->graph->source, s),
                                "left out of preprocess.py: it needs '" NB_STR_FMT
                                "', which only training provides",
                                NB_STR_ARG(name));
    if (!is_meant_to_prepare(s))
        diag->severity = NB_SEVERITY_INFO;
    else
        nb_diag_help(diags, diag, "tag what belongs to training 'train', in a cell of its own");
}

/* Definitions of model and train cells come along when a preprocess statement needs them. */
static bool *find_complete(const nb_script_data *d)
{
    bool *stays = NB_NEW_ARRAY(d->arena, bool, d->graph->source->statement_count + 1);
    nb_map told = NB_MAP_INIT;
    for (size_t i = 0; i < d->graph->train.count; i++) {
        const nb_statement *s = d->graph->train.at[i];
        bool own = s->included || (nb_statement_sections(s) & PREPROCESS_SECTIONS) != 0;
        stays[s->index] = own || s->role == NB_ROLE_DEFINITION;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < d->graph->train.count; i++) {
            const nb_statement *s = d->graph->train.at[i];
            nb_str name = stays[s->index] ? lacks(d, stays, s) : NB_STR("");
            if (name.len == 0)
                continue;
            stays[s->index] = false;
            changed = true;
            if (nb_statement_sections(s) & PREPROCESS_SECTIONS)
                report_incomplete(d, s, name, &told);
        }
    }
    return stays;
}

static bool has_preprocess_cell(const nb_graph *graph)
{
    for (size_t i = 0; i < graph->source->cell_count; i++)
        if (nb_source_is_exported(&graph->source->cells[i]) &&
            (graph->source->cells[i].sections & NB_BIT(NB_SECTION_PREPROCESS)))
            return true;
    return false;
}

/* Keeps a definition of another section only when something that stays reads it. */
static void drop_unread(const nb_script_data *d, bool *stays)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < d->graph->train.count; i++) {
            const nb_statement *s = d->graph->train.at[i];
            bool own = s->included || (nb_statement_sections(s) & PREPROCESS_SECTIONS) != 0;
            if (!stays[s->index] || own)
                continue;
            bool read = false;
            for (size_t k = 0; k < s->uses.list.count; k++) {
                if (s->uses.list.at[k].kind != NB_USE_BIND)
                    continue;
                const nb_name *row = nb_graph_name(d->graph, s->uses.list.at[k].name);
                for (size_t r = 0; row && r < row->readers.count; r++)
                    read |= row->readers.at[r] != s && stays[row->readers.at[r]->index];
            }
            if (!read) {
                stays[s->index] = false;
                changed = true;
            }
        }
    }
}

static void plan_preprocess(nb_script_data *d, nb_scripts *out)
{
    if (!has_preprocess_cell(d->graph)) {
        nb_diag_add(d->graph->source->diags, NB_D_NO_PREPROCESS_CELL,
                    (nb_spot){.path = d->graph->source->notebook->path},
                    "no cell is tagged 'preprocess': preprocess.py is not written");
        return;
    }
    bool *stays = find_complete(d);
    drop_unread(d, stays);
    nb_block definitions = {0}, actions = {0};
    nb_map used = NB_MAP_INIT;
    bool dynamic = false, used_show = false;
    for (size_t i = 0; i < d->graph->train.count; i++) {
        const nb_statement *s = d->graph->train.at[i];
        if (!stays[s->index])
            continue;
        if (s->role == NB_ROLE_DEFINITION)
            nb_vec_push(d->arena, &definitions.list, s);
        else if (s->role == NB_ROLE_ACTION)
            nb_vec_push(d->arena, &actions.list, s);
        add_reads(d->arena, &used, s, &dynamic);
    }
    nb_value *data = d->data[NB_SCRIPT_PREPROCESS] = nb_data_common(d);
    nb_data_text(d, data, "blocks", nb_blocks_definitions(d->graph, &definitions, d->marks));
    nb_function function = {.graph = d->graph,
                            .name = nb_data_name(d, "run_preprocess"),
                            .body = &actions,
                            .docstring = NB_STR("Run the notebook's preprocess cells in order."),
                            .is_async = runs_async(&actions),
                            .marks = d->marks,
                            .show = nb_data_name(d, "show")};
    nb_data_text(d, data, "preprocess_function", nb_blocks_function(&function, &used_show));
    nb_data_flag(d, data, "is_async", function.is_async);
    nb_data_flag(d, data, "uses_show", used_show);
    nb_data_parameters(d, data);
    nb_map bound = NB_MAP_INIT;
    nb_blocks_bound(d->graph, &actions, &bound);
    nb_data_names(d, data, "results", &bound);
    nb_imports_wanted wanted = {.graph = d->graph,
                                .script = "preprocess.py",
                                .used = &used,
                                .everything = dynamic,
                                .train = true,
                                .marks = d->marks};
    add_imports(d, out, data, &wanted);
    if (bound.count == 0) /* nothing is written out, so nothing is asked for its type */
        nb_data_flag(d, data, "numpy", false);
}

/* --- all of them ------------------------------------------------------------------------------------------------------ */

static bool holds_marks(const nb_source *source)
{
    for (size_t i = 0; i < source->cell_count; i++)
        if (nb_str_find_char(source->cells[i].python.text, NB_MARK_OPEN) >= 0)
            return true;
    return false;
}

nb_script_data *nb_scripts_plan(const nb_scripts_input *input, nb_scripts *out)
{
    nb_arena *arena = input->graph->source->arena;
    nb_script_data *d = NB_NEW(arena, nb_script_data);
    *d = (nb_script_data){.input = input,
                          .graph = input->graph,
                          .arena = arena,
                          .marks = !holds_marks(input->graph->source)};
    nb_data_open(d);
    plan_train(d, out);
    plan_inference(d, out);
    plan_preprocess(d, out);
    for (size_t i = 0; i < input->graph->source->cell_count; i++) {
        const nb_source_cell *cell = &input->graph->source->cells[i];
        for (size_t k = 0; k < cell->python.imports.count && nb_source_is_exported(cell); k++)
            out->needs_ipython |= nb_str_contains(cell->python.imports.at[k], NB_STR("IPython"));
    }
    return d;
}

static const char *const files[NB_SCRIPT_COUNT] = {"train.py", "inference.py", "preprocess.py"};
static const char *const template_names[NB_SCRIPT_COUNT] = {"train.py.tmpl", "inference.py.tmpl",
                                                            "preprocess.py.tmpl"};

nb_code nb_scripts_render(nb_script_data *d, const nb_requirements *requirements, nb_scripts *out,
                          nb_error *err)
{
    for (nb_script_kind k = 0; k < NB_SCRIPT_COUNT; k++) {
        NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
        if (!d->data[k])
            continue;
        nb_data_requirements(d, d->data[k], requirements);
        if (nb_templates_render(d->input->templates, template_names[k], d->data[k], &text, err) !=
            NB_OK)
            return nb_wrap(err, "cannot make '%s'", files[k]);
        out->list[k].file = files[k];
        out->list[k].text = nb_linemap_extract(d->arena, nb_buf_view(&text), &out->list[k].map);
    }
    return NB_OK;
}
