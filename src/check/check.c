#include "check/check.h"

#include "check/rules.h"

/* What is behind "cannot convert 'iris'", which says no more than which notebook it is. */
static nb_str cause(nb_arena *arena, const nb_error *err)
{
    const char *message = nb_error_message(err, 0);
    nb_str text = nb_str_from(message);
    for (size_t i = 1; (message = nb_error_message(err, i)) != NULL; i++)
        text = i == 1 ? nb_str_from(message)
                      : nb_arena_printf(arena, NB_STR_FMT ": %s", NB_STR_ARG(text), message);
    return nb_arena_str(arena, text);
}

static void add_failure(nb_diags *diags, nb_diag_code code, nb_severity severity, nb_str path,
                        const nb_error *err)
{
    nb_spot spot = {.path = nb_arena_str(diags->arena, path),
                    .line = err->line,
                    .column = err->column,
                    .source = nb_arena_str(diags->arena, nb_str_from(err->source))};
    nb_str text = cause(diags->arena, err);
    nb_diag *diag = nb_diag_add(diags, code, spot, NB_STR_FMT, NB_STR_ARG(text));
    diag->severity = severity;
    if (err->hint)
        nb_diag_help(diags, diag, "%s", err->hint);
}

void nb_check_unreadable(nb_diags *diags, nb_str path, const nb_error *err)
{
    add_failure(diags, NB_D_UNREADABLE, NB_SEVERITY_ERROR, path, err);
}

/* Other tools have tags for imports, for parameters and for cells to skip, and nbdev exports what is utils here: they say nothing about
 * training. */
enum {
    OWN = NB_BIT(NB_SECTION_PREPROCESS) | NB_BIT(NB_SECTION_MODEL) | NB_BIT(NB_SECTION_TRAIN) |
          NB_BIT(NB_SECTION_INFERENCE)
};

static bool is_untagged(const nb_analysis *a)
{
    nb_diags ignored = {.arena = a->arena}; /* tags are reported when the source is read */
    nb_map seen = NB_MAP_INIT;
    for (size_t i = 0; i < a->notebook->cell_count; i++)
        if (nb_tags_sections(&a->config->tags, a->notebook, &a->notebook->cells[i], &seen,
                             &ignored) &
            OWN)
            return false;
    return true;
}

/* Sections that nobody chose may well have no model and no handler: that is for the author to say. */
static void excuse(nb_diags *diags)
{
    static const nb_diag_code excused[] = {
        NB_D_NO_TRAIN_CELL,         NB_D_NO_MODEL,         NB_D_NO_ENTRY_POINT,
        NB_D_TRAINS_NOTHING,        NB_D_RESERVED_HANDLER, NB_D_HANDLER_SIGNATURE,
        NB_D_UNUSED_HYPERPARAMETER,
    };
    for (size_t i = 0; i < diags->list.count; i++)
        for (size_t k = 0; k < NB_LEN(excused); k++)
            if (diags->list.at[i].code == excused[k])
                diags->list.at[i].severity = NB_SEVERITY_INFO;
}

/* A finding about no place at all is one about the notebook: it is told among those of many. */
static void place(nb_diags *diags, nb_str notebook)
{
    for (size_t i = 0; i < diags->list.count; i++)
        if (diags->list.at[i].spot.path.len == 0)
            diags->list.at[i].spot.path = notebook;
}

static void check_notebook(nb_analysis *a, bool untagged)
{
    (void)nb_analysis_run(a);
    nb_rules_ask(a);
    place(a->diags, a->notebook->path);
    if (untagged)
        excuse(a->diags);
    nb_selection_apply(&a->config->selection, a->diags);
}

void nb_check(nb_arena *arena, const nb_check_input *input, nb_diags *diags)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_convert_options options = *input->options;
    nb_analysis a = {.arena = arena,
                     .config = input->config,
                     .experiment = input->experiment,
                     .options = &options,
                     .env = input->env,
                     .diags = diags,
                     .go_on = true};
    a.templates = nb_templates_open(arena, input->config->root, input->env);
    if (nb_analysis_load(&a, &err) == NB_OK) {
        bool untagged = is_untagged(&a);
        options.auto_tag |= untagged;
        check_notebook(&a, untagged);
    } else if (err.code == NB_ERR_LANGUAGE) {
        add_failure(diags, NB_D_OTHER_LANGUAGE, input->found ? NB_SEVERITY_INFO : NB_SEVERITY_ERROR,
                    input->experiment->notebook, &err);
    } else {
        nb_check_unreadable(diags, input->experiment->notebook, &err);
    }
}
