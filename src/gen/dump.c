#include "gen/dump.h"

const char *nb_dump_name(nb_dump_kind kind)
{
    static const char *const names[] = {"cells", "extraction", "graph", "plan"};
    return names[kind];
}

/* --- parts --------------------------------------------------------------------------------------------------------------- */

static void put_sections(nb_json_writer *w, unsigned sections)
{
    nb_json_key(w, NB_STR("sections"));
    nb_json_begin_array(w);
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++)
        if (sections & NB_BIT(s))
            nb_json_put_str(w, nb_str_from(nb_section_name(s)));
    nb_json_end_array(w);
}

static void put_texts(nb_json_writer *w, const char *key, const nb_str *texts, size_t count)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        nb_json_put_str(w, texts[i]);
    nb_json_end_array(w);
}

/* The line of the cell that byte `at` of its plain Python came from. */
static int64_t line_at(const nb_source_cell *cell, uint32_t at)
{
    size_t line = 0;
    for (uint32_t i = 0; i < at && i < cell->python.text.len; i++)
        line += cell->python.text.at[i] == '\n';
    return line < cell->python.line_count ? cell->python.line[line] : 0;
}

/* What says where a statement stands; opens its object. */
static void begin_statement(nb_json_writer *w, const nb_statement *s)
{
    nb_json_begin_object(w);
    nb_json_member_int(w, "index", (int64_t)s->index);
    nb_json_member_int(w, "cell", s->cell->cell->number);
    nb_json_member_known_int(w, "line", line_at(s->cell, s->node->start));
    nb_json_member_known_int(w, "end_line", line_at(s->cell, s->node->end));
}

/* What becomes of it in train.py; null when it does not stand there. */
static void put_role(nb_json_writer *w, const nb_statement *s)
{
    static const char *const roles[] = {"import", "setup", "definition", "action", "dropped"};
    nb_json_key(w, NB_STR("role"));
    if (nb_statement_feeds_train(s))
        nb_json_put_str(w, nb_str_from(roles[s->role]));
    else
        nb_json_put_null(w);
}

/* --- cells --------------------------------------------------------------------------------------------------------------- */

static void put_lines(nb_json_writer *w, const nb_python_cell *python)
{
    nb_json_key(w, NB_STR("lines"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < python->line_count; i++)
        nb_json_put_int(w, python->line[i]);
    nb_json_end_array(w);
}

static void put_requirements(nb_json_writer *w, const nb_python_cell *python)
{
    nb_json_key(w, NB_STR("requirements"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < python->requirements.count; i++) {
        nb_json_begin_object(w);
        nb_json_member_int(w, "line", python->requirements.at[i].line);
        nb_json_member_str(w, "text", python->requirements.at[i].text);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

/* What became of a Python cell. */
static void put_python(nb_json_writer *w, const nb_source_cell *cell)
{
    put_sections(w, cell->sections);
    nb_json_member_str(w, "python", cell->python.text);
    put_lines(w, &cell->python);
    put_requirements(w, &cell->python);
    put_texts(w, "imports", cell->python.imports.at, cell->python.imports.count);
    nb_json_member_bool(w, "broken", cell->broken);
}

static const nb_source_cell *source_of(const nb_source *source, const nb_cell *cell)
{
    for (size_t i = 0; source && i < source->cell_count; i++)
        if (source->cells[i].cell == cell)
            return &source->cells[i];
    return NULL;
}

static void put_cell(nb_json_writer *w, const nb_cell *cell, const nb_source_cell *source)
{
    static const char *const kinds[] = {"code", "markdown", "raw"};
    nb_json_begin_object(w);
    nb_json_member_int(w, "number", cell->number);
    nb_json_member_known_str(w, "id", cell->id);
    nb_json_member_str(w, "kind", nb_str_from(kinds[cell->kind]));
    nb_json_member_known_int(w, "execution", cell->execution);
    put_texts(w, "tags", cell->tags, cell->tag_count);
    if (source)
        put_python(w, source);
    nb_json_end_object(w);
}

static void dump_cells(const nb_analysis *a, nb_json_writer *w)
{
    nb_json_key(w, NB_STR("cells"));
    nb_json_begin_array(w);
    for (size_t i = 0; a->notebook && i < a->notebook->cell_count; i++)
        put_cell(w, &a->notebook->cells[i], source_of(a->source, &a->notebook->cells[i]));
    nb_json_end_array(w);
}

/* --- extraction --------------------------------------------------------------------------------------------------------- */

static void put_extracted(nb_json_writer *w, const nb_statement *s)
{
    const struct {
        const char *key;
        bool value;
    } facts[] = {
        {"train",      nb_statement_feeds_train(s)    },
        {"inference",  nb_statement_feeds_inference(s)},
        {"in_guard",   s->in_guard                    },
        {"displayed",  s->displayed                   },
        {"pure",       s->pure                        },
        {"literal",    s->literal                     },
        {"mutated",    s->mutated                     },
        {"configured", s->configured                  },
        {"included",   s->included                    },
    };
    begin_statement(w, s);
    put_sections(w, s->cell->sections);
    put_role(w, s);
    nb_json_key(w, NB_STR("span"));
    nb_json_begin_array(w);
    nb_json_put_int(w, s->start);
    nb_json_put_int(w, s->end);
    nb_json_end_array(w);
    for (size_t i = 0; i < NB_LEN(facts); i++)
        nb_json_member_bool(w, facts[i].key, facts[i].value);
    nb_json_member_str(w, "text", nb_str_slice(s->cell->python.text, s->start, s->end));
    nb_json_end_object(w);
}

static void put_parameters(nb_json_writer *w, const nb_params *params)
{
    nb_json_key(w, NB_STR("parameters"));
    nb_json_begin_array(w);
    for (size_t i = 0; params && i < params->list.count; i++) {
        const nb_param *p = &params->list.at[i];
        nb_json_begin_object(w);
        nb_json_member_str(w, "name", p->name);
        nb_json_member_str(w, "constant", p->constant);
        nb_json_member_str(w, "flag", p->flag);
        nb_json_member_str(w, "type", nb_str_from(p->type));
        nb_json_member_str(w, "default", p->literal);
        nb_json_member_bool(w, "configured", p->configured != NULL);
        nb_json_member_bool(w, "assigned", p->assigned);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_metrics(nb_json_writer *w, const nb_findings *found)
{
    nb_json_key(w, NB_STR("metrics"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < found->metrics.count; i++) {
        nb_json_begin_object(w);
        nb_json_member_str(w, "name", found->metrics.at[i].name);
        nb_json_member_str(w, "expression", found->metrics.at[i].expression);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_frameworks(nb_json_writer *w, const nb_findings *found)
{
    nb_json_key(w, NB_STR("frameworks"));
    nb_json_begin_array(w);
    for (nb_framework f = 0; f < NB_FRAMEWORK_COUNT; f++)
        if (found->frameworks[f])
            nb_json_put_str(w, nb_str_from(nb_framework_name(f)));
    nb_json_end_array(w);
}

static void put_found(nb_json_writer *w, const nb_findings *found)
{
    nb_json_member_known_str(w, "model", found->model);
    nb_json_member_known_str(w, "input_example", found->input_example);
    nb_json_member_known_str(w, "entry_call", found->entry_call);
    put_metrics(w, found);
    put_frameworks(w, found);
}

static void dump_extraction(const nb_analysis *a, nb_json_writer *w)
{
    static const nb_findings nothing = {0};
    nb_json_member_int(w, "python_minor", a->minor);
    nb_json_key(w, NB_STR("statements"));
    nb_json_begin_array(w);
    for (size_t i = 0; a->source && i < a->source->statement_count; i++)
        put_extracted(w, &a->source->statements[i]);
    nb_json_end_array(w);
    put_parameters(w, a->params);
    put_found(w, a->found ? a->found : &nothing);
    put_texts(w, "state", a->inference ? a->inference->state.at : NULL,
              a->inference ? a->inference->state.count : 0);
    nb_json_member_known_str(w, "requirements", a->requirements.text);
}

/* --- graph ---------------------------------------------------------------------------------------------------------------- */

/* The names that a statement uses in one of these ways, each once, in order. */
static void put_uses(nb_json_writer *w, nb_arena *arena, const nb_statement *s, const char *key,
                     unsigned kinds)
{
    nb_map seen = NB_MAP_INIT;
    nb_json_key(w, nb_str_from(key));
    nb_json_begin_array(w);
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if ((kinds & 1u << use->kind) && nb_set_add(arena, &seen, use->name))
            nb_json_put_str(w, use->name);
    }
    nb_json_end_array(w);
}

static void put_node(nb_json_writer *w, nb_arena *arena, const nb_statement *s)
{
    begin_statement(w, s);
    put_role(w, s);
    put_uses(w, arena, s, "binds", 1u << NB_USE_BIND);
    put_uses(w, arena, s, "binds_later", 1u << NB_USE_BIND_LATER);
    put_uses(w, arena, s, "reads", 1u << NB_USE_READ);
    put_uses(w, arena, s, "reads_later", 1u << NB_USE_READ_LATER);
    put_uses(w, arena, s, "deletes", 1u << NB_USE_DELETE);
    nb_json_end_object(w);
}

static void put_indexes(nb_json_writer *w, const char *key, nb_statement *const *list, size_t count)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        nb_json_put_int(w, (int64_t)list[i]->index);
    nb_json_end_array(w);
}

static void put_name(nb_json_writer *w, const nb_name *name)
{
    nb_json_begin_object(w);
    nb_json_member_str(w, "name", name->name);
    put_indexes(w, "binders", name->binders.at, name->binders.count);
    put_indexes(w, "inference_binders", name->inference_binders.at, name->inference_binders.count);
    put_indexes(w, "readers", name->readers.at, name->readers.count);
    put_indexes(w, "elsewhere", name->elsewhere.at, name->elsewhere.count);
    nb_json_member_bool(w, "deleted", name->deleted);
    nb_json_end_object(w);
}

static void dump_graph(const nb_analysis *a, nb_json_writer *w)
{
    const nb_graph *graph = a->graph;
    nb_json_key(w, NB_STR("statements"));
    nb_json_begin_array(w);
    for (size_t i = 0; a->source && i < a->source->statement_count; i++)
        put_node(w, a->arena, &a->source->statements[i]);
    nb_json_end_array(w);
    nb_json_key(w, NB_STR("names"));
    nb_json_begin_array(w);
    for (size_t i = 0; graph && i < graph->names.count; i++)
        put_name(w, graph->names.rows[i].value);
    nb_json_end_array(w);
    nb_json_member_bool(w, "star_import", graph && graph->star_import);
    nb_json_member_bool(w, "dynamic", graph && graph->dynamic);
}

/* --- plan ----------------------------------------------------------------------------------------------------------------- */

static void put_files(nb_json_writer *w, const nb_plan *plan)
{
    nb_json_member_str(w, "folder", plan->folder);
    nb_json_key(w, NB_STR("files"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        nb_json_begin_object(w);
        nb_json_member_str(w, "path", file->path);
        nb_json_member_str(w, "state", nb_str_from(nb_file_state_name(file->state)));
        nb_json_member_known_str(w, "sha256",
                                 file->state == NB_FILE_GONE ? NB_STR("") : file->sha256);
        nb_json_member_int(w, "size", (int64_t)file->text.len);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

/* --- all of it ------------------------------------------------------------------------------------------------------------ */

static void dump_analysis(const nb_analysis *a, nb_dump_kind kind, nb_json_writer *w)
{
    switch (kind) {
    case NB_DUMP_CELLS: dump_cells(a, w); return;
    case NB_DUMP_EXTRACTION: dump_extraction(a, w); return;
    case NB_DUMP_GRAPH: dump_graph(a, w); return;
    case NB_DUMP_PLAN:
    case NB_DUMP_COUNT: return;
    }
}

static nb_code dump_plan(nb_arena *arena, const nb_analysis *a, nb_json_writer *w, nb_error *err)
{
    nb_conversion conversion;
    nb_convert_options options = *a->options;
    nb_plan nothing = {.folder = {.at = NULL}};
    options.anew = true; /* every file with its state */
    nb_code code =
        nb_convert(arena, a->config, a->experiment, &options, a->env, a->diags, &conversion, err);
    put_files(w, code == NB_OK ? conversion.plan : &nothing);
    return code;
}

nb_code nb_dump(nb_arena *arena, const nb_dump_input *input, nb_dump_kind kind,
                nb_json_writer *json, nb_error *err)
{
    nb_analysis a = {.arena = arena,
                     .config = input->config,
                     .experiment = input->experiment,
                     .options = input->options,
                     .env = input->env,
                     .diags = input->diags};
    nb_json_member_int(json, "dump_version", NB_DUMP_VERSION);
    nb_json_member_str(json, "dump", nb_str_from(nb_dump_name(kind)));
    nb_json_member_str(json, "experiment", a.experiment->name);
    nb_json_member_str(json, "notebook", a.experiment->notebook);
    if (kind == NB_DUMP_PLAN)
        return dump_plan(arena, &a, json, err);
    a.templates = nb_templates_open(arena, a.config->root, a.env);
    nb_code code = nb_analysis_load(&a, err);
    if (code == NB_OK && !nb_analysis_understand(&a))
        code = nb_analysis_refuse(&a, err);
    dump_analysis(&a, kind, json);
    return code;
}
