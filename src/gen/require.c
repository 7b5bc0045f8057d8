#include "gen/require.h"

#include "base/fs.h"
#include "base/path.h"
#include "gen/expression.h"
#include "gen/written.h"
#include "requirements/code.h"

enum { MAX_LOCK_FOLDERS = 16, LARGEST_LIST = 16 * 1024 * 1024 };

/* --- what is asked for --------------------------------------------------------------------------- */

typedef NB_VEC(nb_asked) asked_list;

/* A requirements cell may list projects one a line instead of installing them. */
static void ask_plain_lines(nb_analysis *a, const nb_cell *cell, asked_list *asked)
{
    nb_str rest = cell->source, line;
    for (unsigned number = 1; nb_str_line(&rest, &line); number++) {
        line = nb_str_trim(line);
        bool code = line.len == 0 || line.at[0] == '#' || line.at[0] == '%' || line.at[0] == '!' ||
                    nb_str_starts(line, NB_STR("import ")) ||
                    nb_str_starts(line, NB_STR("from ")) || nb_str_starts(line, NB_STR("pip "));
        if (!code)
            nb_vec_push(
                a->arena, asked,
                (nb_asked){line, nb_cell_spot(a->notebook, cell, number, 1, (unsigned)line.len),
                           nb_arena_printf(a->arena, "requirements (cell %u)", cell->number)});
    }
}

static void ask_cells(nb_analysis *a, asked_list *asked)
{
    for (size_t i = 0; i < a->source->cell_count; i++) {
        const nb_source_cell *cell = &a->source->cells[i];
        if (cell->sections & NB_BIT(NB_SECTION_SKIP))
            continue;
        for (size_t k = 0; k < cell->python.requirements.count; k++) {
            const nb_requirement_line *line = &cell->python.requirements.at[k];
            nb_vec_push(a->arena, asked,
                        (nb_asked){line->text,
                                   nb_cell_spot(a->notebook, cell->cell, line->line, 1, 0),
                                   nb_arena_printf(a->arena, "%%pip install (cell %u)",
                                                   cell->cell->number)});
        }
    }
    nb_map seen = NB_MAP_INIT;
    nb_diags ignored = {.arena = a->arena}; /* tags were reported when the source was read */
    for (size_t i = 0; i < a->notebook->cell_count; i++)
        if (nb_tags_sections(&a->config->tags, a->notebook, &a->notebook->cells[i], &seen,
                             &ignored) &
            NB_BIT(NB_SECTION_REQUIREMENTS))
            ask_plain_lines(a, &a->notebook->cells[i], asked);
}

static void ask_configured(nb_analysis *a, asked_list *asked)
{
    const nb_experiment *e = a->experiment;
    for (size_t i = 0; i < e->requirement_count; i++)
        nb_vec_push(a->arena, asked,
                    (nb_asked){e->requirements[i],
                               nb_spot_of_place(e->requirement_places[i], e->requirements[i]),
                               NB_STR("config.yaml")});
}

/* Cells that carry inline metadata (PEP 723), as juv writes them. */
static nb_script_text *scripts_of(const nb_analysis *a, size_t *count)
{
    nb_script_text *scripts = NB_NEW_ARRAY(a->arena, nb_script_text, a->notebook->cell_count);
    for (size_t i = 0; i < a->notebook->cell_count; i++) {
        const nb_cell *cell = &a->notebook->cells[i];
        if (cell->kind == NB_CELL_CODE && nb_str_contains(cell->source, NB_STR("# /// script")))
            scripts[(*count)++] = (nb_script_text){
                cell->source, {.path = a->notebook->path, .cell = cell->number}
            };
    }
    return scripts;
}

static nb_locks_input locks_of(const nb_analysis *a)
{
    nb_str *folders = NB_NEW_ARRAY(a->arena, nb_str, MAX_LOCK_FOLDERS);
    nb_locks_input input = {.folders = folders, .root = a->config->root};
    input.folder_count =
        nb_lock_folders(nb_analysis_folder(a), a->config->root, folders, MAX_LOCK_FOLDERS);
    input.scripts = scripts_of(a, &input.script_count);
    return input;
}

nb_lock_paths nb_require_lock_paths(const nb_analysis *a)
{
    nb_str folders[MAX_LOCK_FOLDERS];
    size_t count =
        nb_lock_folders(nb_analysis_folder(a), a->config->root, folders, MAX_LOCK_FOLDERS);
    return nb_locks_paths(a->arena, folders, count);
}

/* What comments call it: no path of this machine. */
static nb_str environment_name(const nb_analysis *a)
{
    nb_str usual = nb_path_join(a->arena, a->config->root, NB_STR(".venv"));
    nb_str chosen = nb_path_clean(a->arena, nb_analysis_environment(a));
    bool is_usual = nb_str_eq(chosen, nb_path_clean(a->arena, usual));
    return is_usual ? NB_STR(".venv") : NB_STR("");
}

static nb_local *open_local(const nb_analysis *a)
{
    nb_written written = nb_written_find(a->source, nb_analysis_folder(a));
    nb_local_options options = {.written = written.kept.list.at,
                                .written_count = written.kept.list.count,
                                .lost = written.lost.at,
                                .lost_count = written.lost.count,
                                .root = a->config->root,
                                .folders = a->search_path.list.at,
                                .folder_count = a->search_path.list.count,
                                .minor = a->minor};
    return nb_local_open(a->arena, &options, a->diags);
}

/* --- what is provided ---------------------------------------------------------------------------- */

static nb_code read_list(nb_arena *arena, nb_str path, nb_provided_list *out, nb_error *err)
{
    out->name = nb_path_base(path);
    if (nb_file_read(arena, nb_arena_z(arena, path), LARGEST_LIST, &out->text, err) == NB_OK)
        return NB_OK;
    if (err->code == NB_ERR_NOT_FOUND)
        nb_error_hint(err, "write what the target has to a file: 'pip freeze > image.txt' there");
    return nb_wrap(err, "cannot tell what the target provides");
}

nb_code nb_require_provided(nb_analysis *a, nb_error *err)
{
    const nb_experiment *e = a->experiment;
    size_t count = 0;
    nb_provided_list *lists =
        NB_NEW_ARRAY(a->arena, nb_provided_list, e->provided_count + a->options->provided_count);
    for (size_t i = 0; i < a->options->provided_count; i++)
        if (read_list(a->arena, a->options->provided[i], &lists[count++], err) != NB_OK)
            return err->code;
    for (size_t i = 0; i < e->provided_count; i++) {
        nb_str path = nb_path_join(a->arena, a->config->root, e->provided[i]);
        if (read_list(a->arena, path, &lists[count++], err) != NB_OK) {
            nb_error_at(err, e->provided_places[i]);
            return err->code;
        }
    }
    a->provided = lists;
    a->provided_count = count;
    return NB_OK;
}

/* --- the code of the scripts -------------------------------------------------------------------- */

typedef NB_VEC(nb_module_use) use_list;
typedef NB_VEC(nb_needed) need_list;

static bool is_in_scripts(const nb_statement *s)
{
    return s->role != NB_ROLE_DROPPED && (s->included || nb_source_is_exported(s->cell));
}

static void use_nested(const nb_analysis *a, const nb_statement *s, use_list *uses)
{
    nb_code_imports imports = nb_code_imports_find(a->arena, s->cell->tree, s->node);
    for (size_t i = 0; i < imports.list.count; i++) {
        const nb_code_import *import = &imports.list.at[i];
        nb_spot spot = nb_source_spot(a->source, s->cell, import->node->start, import->node->end);
        nb_vec_push(a->arena, uses,
                    (nb_module_use){import->module, import->name, import->optional, spot});
    }
}

static void need_implied(const nb_analysis *a, const nb_statement *s, const nb_code_names *names,
                         need_list *needed)
{
    nb_code_needs needs = nb_code_needs_find(a->arena, s->cell->tree, s->node, names);
    for (size_t i = 0; i < needs.list.count; i++) {
        const nb_code_need *need = &needs.list.at[i];
        nb_spot spot = nb_source_spot(a->source, s->cell, need->node->start, need->node->end);
        nb_vec_push(a->arena, needed, (nb_needed){need->needs, need->what, need->certain, spot});
    }
}

static void read_code(const nb_analysis *a, use_list *uses, need_list *needed)
{
    nb_code_names names = {0};
    for (size_t i = 0; i < a->source->cell_count; i++)
        nb_code_names_add(a->arena, &names, a->source->cells[i].tree);
    for (size_t i = 0; i < a->scripts.modules.count; i++)
        nb_vec_push(a->arena, uses, a->scripts.modules.at[i]);
    for (size_t i = 0; i < a->source->statement_count; i++) {
        const nb_statement *s = &a->source->statements[i];
        if (!is_in_scripts(s))
            continue;
        use_nested(a, s, uses);
        need_implied(a, s, &names, needed);
    }
}

/* --- all together -------------------------------------------------------------------------------- */

nb_requirements nb_require(nb_analysis *a)
{
    asked_list asked = {0};
    use_list uses = {0};
    need_list needed = {0};
    ask_cells(a, &asked);
    ask_configured(a, &asked);
    read_code(a, &uses, &needed);
    if (a->scripts.needs_ipython)
        nb_vec_push(a->arena, &asked,
                    (nb_asked){NB_STR("ipython"),
                               {.path = a->experiment->notebook},
                               NB_STR("the scripts use IPython")});
    const nb_str folders[] = {nb_analysis_folder(a), a->config->root};
    nb_requirements_input input = {.uses = uses.at,
                                   .use_count = uses.count,
                                   .needed = needed.at,
                                   .needed_count = needed.count,
                                   .asked = asked.at,
                                   .asked_count = asked.count,
                                   .source_folders = folders,
                                   .source_folder_count = NB_LEN(folders),
                                   .minor = a->minor,
                                   .tracking = a->config->tracking_uri.len > 0,
                                   .environment = environment_name(a),
                                   .locks = locks_of(a),
                                   .provided = a->provided,
                                   .provided_count = a->provided_count};
    memcpy(input.site_packages, a->site_packages, sizeof(input.site_packages));
    input.local = open_local(a);
    nb_requirements requirements = nb_requirements_build(a->arena, &input, a->diags);
    a->travel = nb_travel_collect(input.local, &input);
    a->travel->source = a->source;
    nb_included included = nb_included_find(a->arena, a->config, a->experiment);
    nb_travel_include(a->travel, &included);
    return requirements;
}
