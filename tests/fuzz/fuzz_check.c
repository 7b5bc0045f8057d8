/* Cells of any text with any tags: an analysis that goes on after errors, and all rules. Findings have a message, lie inside the notebook and are
 * no fewer than those of an analysis that stops; every form of them can be printed, and those that are JSON parse.
 *
 * The input is cells with U+001E between; the first byte of each says which tag it has. */
#include "check/rules.h"
#include "cli/printer.h"
#include "text/json.h"
#include "text/utf8.h"

#include <stdlib.h>

enum { MOST_CELLS = 16 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static int64_t no_time(void *ctx)
{
    (void)ctx;
    return 0;
}

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return NULL;
}

static const nb_env env = {.now_ms = no_time, .get = no_variable};

static const nb_notebook *notebook_of(nb_arena *arena, nb_str input)
{
    static const nb_str tags[] = {
        NB_STR_ROW("train"),     NB_STR_ROW("imports"),      NB_STR_ROW("parameters"),
        NB_STR_ROW("utils"),     NB_STR_ROW("preprocess"),   NB_STR_ROW("model"),
        NB_STR_ROW("inference"), NB_STR_ROW("requirements"), NB_STR_ROW("skip"),
    };
    nb_notebook *notebook = NB_NEW(arena, nb_notebook);
    nb_cell *cells = NB_NEW_ARRAY(arena, nb_cell, MOST_CELLS);
    nb_str piece;
    size_t count = 0;
    while (count < MOST_CELLS && nb_str_split(&input, '\x1e', &piece)) {
        nb_str source = nb_str_from_at(piece, 1);
        nb_cell *cell = &cells[count++];
        *cell = (nb_cell){
            .kind = NB_CELL_CODE, .number = (unsigned)count, .execution = (int64_t)(count * 7 % 5)};
        cell->source = nb_arena_str(arena, nb_str_slice(source, 0, nb_utf8_valid(source)));
        unsigned char first = piece.len > 0 ? (unsigned char)piece.at[0] : 0;
        cell->tags = &tags[first % NB_LEN(tags)];
        cell->tag_count = first < 200; /* some have none */
    }
    *notebook = (nb_notebook){.path = NB_STR("fuzz.ipynb"),
                              .major = 4,
                              .minor = 5,
                              .kernel = NB_STR(""),
                              .language = NB_STR("python"),
                              .cells = cells,
                              .cell_count = count,
                              .sha256 = NB_STR("0")};
    return notebook;
}

static nb_diags look(nb_arena *arena, nb_str input, bool go_on)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_diags *diags = NB_NEW(arena, nb_diags);
    diags->arena = arena;
    nb_convert_options options = {.include_needed = input.len % 2, .auto_tag = input.len % 3 == 0};
    nb_analysis a = {.arena = arena,
                     .experiment = nb_config_adhoc(arena, NB_STR("fuzz.ipynb")),
                     .options = &options,
                     .env = &env,
                     .diags = diags,
                     .notebook = notebook_of(arena, input),
                     .go_on = go_on};
    check(nb_config_default(arena, "/nonexistent", &env, &a.config, &err) == NB_OK);
    a.templates = nb_templates_open(arena, a.config->root, &env);
    bool good = nb_analysis_run(&a);
    check(good == (nb_diags_count(diags, NB_SEVERITY_ERROR) == 0));
    nb_rules_ask(&a);
    return *diags;
}

static size_t lines_of(nb_str source)
{
    size_t lines = 1;
    for (size_t i = 0; i < source.len; i++)
        lines += source.at[i] == '\n' ||
                 (source.at[i] == '\r' && !(i + 1 < source.len && source.at[i + 1] == '\n'));
    return lines;
}

static void check_finding(const nb_diag *diag, const nb_notebook *notebook)
{
    const nb_spot *spot = &diag->spot;
    check(diag->message.len > 0 && nb_utf8_valid(diag->message) == diag->message.len);
    check(nb_utf8_valid(diag->help) == diag->help.len);
    check(diag->severity <= NB_SEVERITY_ERROR && spot->cell <= notebook->cell_count);
    if (spot->cell > 0 && spot->line > 0)
        check(spot->line <= lines_of(notebook->cells[spot->cell - 1].source));
}

static void check_forms(nb_arena *arena, const nb_diags *diags)
{
    nb_print_options options = {.least = NB_SEVERITY_INFO, .fails = NB_SEVERITY_ERROR};
    for (nb_form form = 0; form < NB_FORM_COUNT; form++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        char *text = NULL;
        size_t len = 0;
        const nb_json *json;
        FILE *to = open_memstream(&text, &len);
        check(to != NULL);
        nb_printer_put(nb_printer_of(form), diags, NB_STR("fuzz.ipynb"), NB_STR("/nonexistent"),
                       &options, to);
        (void)fclose(to);
        nb_str part = {text, len},
               list = nb_arena_printf(arena, "[" NB_STR_FMT "]", NB_STR_ARG(part));
        bool is_json = form == NB_FORM_JSON || form == NB_FORM_SARIF || form == NB_FORM_GITLAB;
        check(!is_json ||
              nb_json_parse(arena, list, NB_STR(""), NB_JSON_STRICT, &json, &err) == NB_OK);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str input = {(const char *)data, size};
    nb_diags whole = look(&arena, input, true), part = look(&arena, input, false);
    const nb_notebook *notebook = notebook_of(&arena, input);
    for (size_t i = 0; i < whole.list.count; i++)
        check_finding(&whole.list.at[i], notebook);
    for (nb_severity least = NB_SEVERITY_INFO; least <= NB_SEVERITY_ERROR; least++)
        check(nb_diags_count(&whole, least) >= nb_diags_count(&part, least));
    check_forms(&arena, &whole);
    return 0;
}
