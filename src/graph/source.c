#include "graph/source.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "graph/syntax_help.h"
#include "notebook/directives.h"
#include "py/facts.h"
#include "text/utf8.h"

enum {
    EXPORTED = NB_BIT(NB_SECTION_IMPORTS) | NB_BIT(NB_SECTION_PARAMETERS) |
               NB_BIT(NB_SECTION_UTILS) | NB_BIT(NB_SECTION_PREPROCESS) | NB_BIT(NB_SECTION_MODEL) |
               NB_BIT(NB_SECTION_TRAIN) | NB_BIT(NB_SECTION_INFERENCE)
};

enum { LARGEST_RUN = 16 * 1024 * 1024, MOST_RUN = 64 };

bool nb_source_is_exported(const nb_source_cell *cell)
{
    return (cell->sections & EXPORTED) != 0 && (cell->sections & NB_BIT(NB_SECTION_SKIP)) == 0;
}

bool nb_statement_feeds_train(const nb_statement *s)
{
    unsigned train = EXPORTED & ~(unsigned)NB_BIT(NB_SECTION_INFERENCE);
    return s->included || (nb_source_is_exported(s->cell) && (s->cell->sections & train) != 0);
}

bool nb_statement_feeds_inference(const nb_statement *s)
{
    return nb_source_is_exported(s->cell) && (s->sections & NB_BIT(NB_SECTION_INFERENCE)) != 0;
}

nb_str nb_source_cell_name(nb_arena *arena, const nb_source_cell *cell)
{
    nb_str name = nb_arena_printf(arena, "cell %u", cell->cell->number);
    bool any = false;
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++) {
        if (!(cell->sections & NB_BIT(s)))
            continue;
        name = nb_arena_printf(arena, NB_STR_FMT "%s%s", NB_STR_ARG(name), any ? ", " : " [",
                               nb_section_name(s));
        any = true;
    }
    return nb_arena_printf(arena, NB_STR_FMT "%s", NB_STR_ARG(name), any ? "]" : ", untagged");
}

/* --- places ---------------------------------------------------------------------------------- */

static size_t line_of(nb_str text, uint32_t at)
{
    size_t line = 0;
    for (uint32_t i = 0; i < at && i < text.len; i++)
        line += text.at[i] == '\n';
    return line;
}

/* Where the words stand in the line as a whole, not inside of a longer name; -1 when they do not. */
static ptrdiff_t find_words(nb_str line, nb_str words)
{
    for (size_t at = 0; words.len > 0;) {
        ptrdiff_t next = nb_str_find(nb_str_from_at(line, at), words);
        if (next < 0)
            return -1;
        at += (size_t)next;
        size_t end = at + words.len;
        bool before = at > 0 && nb_is_name(line.at[at - 1]) && nb_is_name(words.at[0]);
        bool after = end < line.len && nb_is_name(line.at[end]) && nb_is_name(line.at[end - 1]);
        if (!before && !after)
            return (ptrdiff_t)at;
        at++;
    }
    return -1;
}

/* A line that was rewritten has its words elsewhere, or not at all: then the line is marked as a whole. */
static nb_spot in_user_line(nb_spot spot, nb_str marked)
{
    nb_str rest = spot.source;
    for (unsigned n = 1; n < spot.column && rest.len > 0; n++) {
        size_t at = 0;
        (void)nb_utf8_next(rest, &at);
        rest = nb_str_from_at(rest, at);
    }
    if (nb_str_starts(rest, nb_str_rtrim(marked)) || spot.source.len == 0)
        return spot;
    ptrdiff_t at = find_words(spot.source, marked);
    nb_str line = nb_str_rtrim(spot.source);
    size_t indent = line.len - nb_str_trim(line).len;
    spot.column = (unsigned)nb_utf8_count(nb_str_slice(line, 0, at < 0 ? indent : (size_t)at)) + 1;
    if (at < 0)
        spot.length = (unsigned)nb_utf8_count(nb_str_from_at(line, indent));
    return spot;
}

nb_spot nb_source_spot(const nb_source *source, const nb_source_cell *cell, uint32_t start,
                       uint32_t end)
{
    nb_str text = cell->python.text;
    size_t line = line_of(text, start);
    uint32_t begin = (uint32_t)(nb_str_rfind_char(nb_str_slice(text, 0, start), '\n') + 1);
    unsigned column = (unsigned)nb_utf8_count(nb_str_slice(text, begin, start)) + 1;
    nb_str marked = nb_str_slice(text, start, end);
    ptrdiff_t newline = nb_str_find_char(marked, '\n');
    if (newline >= 0)
        marked.len = (size_t)newline;
    unsigned cell_line = 1;
    if (line < cell->python.line_count) {
        cell_line = cell->python.line[line];
        column += cell->python.dedent[line];
    }
    nb_spot spot = nb_cell_spot(source->notebook, cell->cell, cell_line, column,
                                (unsigned)nb_utf8_count(marked));
    return in_user_line(spot, marked);
}

nb_spot nb_statement_spot(const nb_source *source, const nb_statement *statement)
{
    return nb_source_spot(source, statement->cell, statement->node->start, statement->node->end);
}

/* --- cells ----------------------------------------------------------------------------------- */

/* Whether an error at that very place was reported: the first one knows best what is wrong there. */
static bool is_told(const nb_diags *diags, const nb_spot *spot)
{
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_diag *diag = &diags->list.at[i];
        if (diag->severity == NB_SEVERITY_ERROR && diag->spot.cell == spot->cell &&
            diag->spot.line == spot->line && diag->spot.column == spot->column)
            return true;
    }
    return false;
}

/* What a cell installs is required whatever its tags are, and so is told what cannot be required. */
static bool is_required(const nb_source_cell *cell, nb_diag_code code)
{
    return (cell->sections & NB_BIT(NB_SECTION_SKIP)) == 0 &&
           (code == NB_D_PIP_UNRESOLVED || code == NB_D_UNQUOTED_VERSION_OPERATOR ||
            code == NB_D_LOCAL_REQUIREMENT || code == NB_D_CONDA_NOT_TRANSLATED);
}

static void report_python_step(nb_source *source, nb_source_cell *cell)
{
    bool exported = nb_source_is_exported(cell);
    for (size_t i = 0; i < cell->python.findings.count; i++) {
        const nb_ipython_finding *finding = &cell->python.findings.at[i];
        if (!exported && !is_required(cell, finding->code))
            continue;
        nb_spot spot = nb_cell_spot(source->notebook, cell->cell, finding->line, finding->column,
                                    finding->length);
        if (finding->severity == NB_SEVERITY_ERROR && is_told(source->diags, &spot))
            continue;
        nb_diag *diag = nb_diag_add(source->diags, finding->code, spot, NB_STR_FMT,
                                    NB_STR_ARG(finding->message));
        diag->severity = finding->severity;
        diag->help = finding->help;
    }
}

/* Nothing is known of such a cell: it gets no proposal, and nobody is told what it binds. */
static void note_unreadable(nb_source *source, const nb_source_cell *cell)
{
    if (!cell->broken || cell->sections)
        return;
    const nb_py_error *error = &cell->tree->errors.at[0];
    nb_spot spot = nb_source_spot(source, cell, error->start, error->end);
    if (is_told(source->diags, &spot))
        return;
    nb_diag *diag = nb_diag_add(source->diags, NB_D_SYNTAX_ERROR, spot,
                                NB_STR_FMT ": nothing is known of this untagged cell",
                                NB_STR_ARG(error->message));
    diag->severity = NB_SEVERITY_INFO;
    diag->help = nb_syntax_help(source->arena, cell->tree->text, error);
}

static void report_syntax(nb_source *source, nb_source_cell *cell)
{
    cell->broken = cell->tree->errors.count > 0;
    if (!nb_source_is_exported(cell)) {
        note_unreadable(source, cell);
        return;
    }
    for (size_t i = 0; i < cell->tree->errors.count; i++) {
        const nb_py_error *error = &cell->tree->errors.at[i];
        nb_spot spot = nb_source_spot(source, cell, error->start, error->end);
        if (is_told(source->diags, &spot))
            continue;
        nb_diag *diag =
            nb_diag_add(source->diags, error->min_minor ? NB_D_PYTHON_VERSION : NB_D_SYNTAX_ERROR,
                        spot, NB_STR_FMT, NB_STR_ARG(error->message));
        if (error->min_minor)
            nb_diag_help(source->diags, diag,
                         "set 'python: 3.%u' for this experiment, or write it for 3.%u",
                         error->min_minor, source->minor);
        else
            diag->help = nb_syntax_help(source->arena, cell->tree->text, error);
        if (i == 4)
            return; /* the first few tell the story */
    }
}

/* The end of the literal that starts at text.at[i] (prefix letters, then one or three quotes). */
static size_t literal_end(nb_str text, size_t i)
{
    while (i < text.len && nb_is_alpha(text.at[i]))
        i++;
    if (i >= text.len)
        return text.len;
    char quote = text.at[i];
    bool triple = i + 2 < text.len && text.at[i + 1] == quote && text.at[i + 2] == quote;
    i += triple ? 3 : 1;
    for (; i < text.len; i++) {
        if (text.at[i] == '\\')
            i++;
        else if (text.at[i] == quote && !triple)
            return i + 1;
        else if (triple && i + 2 < text.len && text.at[i] == quote && text.at[i + 1] == quote &&
                 text.at[i + 2] == quote)
            return i + 3;
    }
    return text.len;
}

/* Lines that begin inside a string literal must not be re-indented: that would change its value. Between adjacent
 * literals ("a" on one line, "b" on the next) there is nothing to protect. */
static void mark_string(bool *inside, nb_str text, size_t line)
{
    for (size_t i = 0; i < text.len;) {
        char c = text.at[i];
        if (c == '\n' || c == ' ' || c == '\t' || c == '\\' || c == '\f') {
            line += c == '\n';
            i++;
        } else if (c == '#') {
            while (i < text.len && text.at[i] != '\n')
                i++;
        } else {
            for (size_t end = literal_end(text, i); i < end; i++)
                if (text.at[i] == '\n')
                    inside[++line] = true;
        }
    }
}

static const bool *string_lines(nb_arena *arena, const nb_py_tree *tree)
{
    size_t lines = line_of(tree->text, (uint32_t)tree->text.len) + 2;
    bool *inside = NB_NEW_ARRAY(arena, bool, lines);
    for (const nb_py_node *n = tree->module; n;
         n = nb_py_next(tree->module, n, n->kind == NB_PY_STRING))
        if (n->kind == NB_PY_STRING)
            mark_string(inside, nb_py_text(tree, n), n->line - 1);
    return inside;
}

/* Imports that the IPython step asks for (`import os` for %env) are a cell of their own before the one that needs them. */
static void read_needed_imports(nb_source *source, nb_source_cell *imports,
                                const nb_source_cell *cell)
{
    nb_arena *arena = source->arena;
    size_t count = cell->python.imports.count;
    uint32_t *lines = NB_NEW_ARRAY(arena, uint32_t, count);
    nb_str text = NB_STR("");
    for (size_t i = 0; i < count; i++) {
        lines[i] = 1;
        text = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(text), i ? "\n" : "",
                               NB_STR_ARG(cell->python.imports.at[i]));
    }
    *imports = (nb_source_cell){.cell = cell->cell, .sections = cell->sections};
    imports->python.text = text;
    imports->python.line = lines;
    imports->python.line_count = count;
    imports->python.dedent = NB_NEW_ARRAY(arena, uint32_t, count);
    imports->tree = nb_py_parse(arena, text, NULL);
    imports->in_string = string_lines(arena, imports->tree);
}

/* A file that %run names, seen from the notebook's folder. */
static bool read_run(void *reader, nb_str name, nb_str *bytes)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the finding says that it is not there */
    nb_source *source = reader;
    nb_str path = nb_path_clean(source->arena, nb_path_join(source->arena, source->folder, name));
    if (source->ran.count >= MOST_RUN ||
        nb_file_read(source->arena, path.at, LARGEST_RUN, bytes, &ignored) != NB_OK)
        return false;
    nb_vec_push(source->arena, &source->ran, path);
    return true;
}

static void read_cell(nb_source *source, nb_source_cell *cell, const nb_policies *policies,
                      const nb_map *bound)
{
    nb_ipython_options options = {.bound = bound, .exported = nb_source_is_exported(cell)};
    if (policies)
        options.policies = *policies;
    if (source->folder.len > 0) {
        options.read = read_run;
        options.reader = source;
    }
    nb_directives_choose(cell->cell->directives, &options.policies);
    nb_str text = nb_directives_strip(source->arena, cell->cell->source, cell->cell->directives);
    cell->python = nb_ipython_to_python(source->arena, text, &options);
    nb_py_options py = {.minor = source->minor, .top_level_await = true};
    cell->tree = nb_py_parse(source->arena, cell->python.text, &py);
    cell->in_string = string_lines(source->arena, cell->tree);
    report_python_step(source, cell);
    report_syntax(source, cell);
}

/* --- statements ------------------------------------------------------------------------------ */

typedef NB_VEC(nb_statement) statement_list;

static uint32_t line_start(nb_str text, uint32_t at)
{
    return (uint32_t)(nb_str_rfind_char(nb_str_slice(text, 0, at), '\n') + 1);
}

static uint32_t line_end(nb_str text, uint32_t at)
{
    while (at < text.len && text.at[at] != '\n')
        at++;
    return at;
}

/* The statement's text: from the comment lines above it (up to `floor`, the end of what stands before) to the comment beside it, and,
 * for the last one of a cell, to the comments that end the cell. A statement that shares its line gets its own span only. */
static void find_span(nb_statement *s, uint32_t floor)
{
    nb_str text = s->cell->python.text;
    uint32_t start = line_start(text, s->node->start), end = line_end(text, s->node->end);
    const nb_py_node *next = s->node->next;
    bool first = start >= floor, last = !next || next->start >= end;
    s->shares_line = !first || !last;
    s->start = s->node->start;
    s->end = s->node->end;
    if (last)
        s->end = !next && !s->in_guard ? (uint32_t)nb_str_rtrim(text).len : end;
    if (!first)
        return;
    start = floor < start ? floor : start;
    while (start < s->node->start && line_end(text, start) < s->node->start &&
           nb_str_trim(nb_str_slice(text, start, line_end(text, start))).len == 0)
        start = line_end(text, start) + 1;
    s->start = start;
}

static void add_statement(nb_source *source, statement_list *list, nb_source_cell *cell,
                          const nb_py_node *node, unsigned indent, uint32_t floor)
{
    nb_statement s = {.cell = cell,
                      .sections = cell->sections,
                      .node = node,
                      .indent = indent,
                      .in_guard = indent > 0,
                      .index = list->count,
                      .role = NB_ROLE_ACTION};
    s.uses = nb_py_uses(source->arena, cell->tree, node, source->future_annotations);
    find_span(&s, floor);
    nb_vec_push(source->arena, list, s);
}

static uint32_t after_line(const nb_source_cell *cell, const nb_py_node *node)
{
    return line_end(cell->python.text, node->end);
}

/* In a notebook the guard's body runs and its else branch does not; so it is in the script. */
static void report_guard(nb_source *source, const nb_source_cell *cell, const nb_py_node *guard)
{
    if (!nb_source_is_exported(cell))
        return;
    uint32_t end = line_end(cell->python.text, guard->start);
    bool other = nb_py_get(guard, NB_PY_FIELD_ORELSE) != NULL;
    nb_diag_add(source->diags, NB_D_GUARD_INLINED, nb_source_spot(source, cell, guard->start, end),
                "the body of this guard runs where it stands, as in the notebook%s",
                other ? "; its else branch is left out" : "");
}

static void add_block(nb_source *source, statement_list *list, nb_source_cell *cell,
                      const nb_py_node *block, unsigned indent)
{
    uint32_t floor = indent > 0 ? line_end(cell->python.text, block->parent->start) : 0;
    for (const nb_py_node *node = block->child; node; node = node->next) {
        const nb_py_node *body =
            indent == 0 ? nb_py_main_guard(source->arena, cell->tree, node) : NULL;
        if (body && body->child) {
            report_guard(source, cell, node);
            uint32_t first = body->child->start;
            uint32_t width = first - line_start(cell->python.text, first);
            bool own_line = line_start(cell->python.text, first) > node->start;
            add_block(source, list, cell, body, own_line ? width : 1);
        } else {
            add_statement(source, list, cell, node, indent, floor);
        }
        floor = after_line(cell, node);
    }
}

/* `!command` that became Python: a notebook shows what the command prints, and no value. */
static bool was_command(const nb_source *source, const nb_statement *s)
{
    nb_str line = nb_str_trim(nb_statement_spot(source, s).source);
    return nb_str_starts(line, NB_STR("!")) || nb_str_starts(line, NB_STR("%cd ")) ||
           nb_str_starts(line, NB_STR("%run "));
}

/* A notebook shows the value of a cell's last expression unless a semicolon follows. */
static void mark_displayed(const nb_source *source, statement_list *list, size_t first)
{
    if (list->count == first)
        return;
    nb_statement *last = &list->at[list->count - 1];
    if (last->node->kind != NB_PY_EXPR || last->in_guard || was_command(source, last))
        return;
    nb_str text = last->cell->python.text;
    nb_str rest = nb_str_slice(text, last->node->end, line_end(text, last->node->end));
    ptrdiff_t semicolon = nb_str_find_char(rest, ';'), comment = nb_str_find_char(rest, '#');
    last->displayed = semicolon < 0 || (comment >= 0 && comment < semicolon);
}

static void read_statements(nb_source *source)
{
    statement_list list = {0};
    for (size_t i = 0; i < source->cell_count; i++)
        source->future_annotations |= nb_py_future_annotations(source->cells[i].tree);
    for (size_t i = 0; i < source->cell_count; i++) {
        nb_source_cell *cell = &source->cells[i];
        size_t first = list.count;
        if (cell->broken && nb_source_is_exported(cell))
            continue; /* reported; nothing is generated from this notebook */
        add_block(source, &list, cell, cell->tree->module, 0);
        mark_displayed(source, &list, first);
    }
    source->statements = list.at ? list.at : NB_NEW(source->arena, nb_statement);
    source->statement_count = list.count;
}

nb_source *nb_source_read(nb_arena *arena, const nb_notebook *notebook,
                          const nb_source_options *options, nb_diags *diags)
{
    nb_source *source = NB_NEW(arena, nb_source);
    *source = (nb_source){.arena = arena,
                          .diags = diags,
                          .notebook = notebook,
                          .folder = options->folder,
                          .minor = options->minor ? options->minor : 11};
    nb_source_cell *read = NB_NEW_ARRAY(arena, nb_source_cell, notebook->cell_count + 1);
    source->cells = NB_NEW_ARRAY(arena, nb_source_cell, 2 * notebook->cell_count + 1);
    size_t count = 0;
    nb_map seen = NB_MAP_INIT, bound = NB_MAP_INIT;
    for (size_t i = 0; i < notebook->cell_count; i++) {
        const nb_cell *cell = &notebook->cells[i];
        unsigned sections = nb_tags_sections(options->tags, notebook, cell, &seen, diags);
        bool proposed = sections == 0 && options->proposed && options->proposed[i] != 0;
        if (proposed)
            sections = options->proposed[i];
        if (cell->kind != NB_CELL_CODE || cell->foreign_language)
            continue;
        nb_ipython_bound_names(arena, cell->source, &bound);
        read[count++] = (nb_source_cell){.cell = cell, .sections = sections, .proposed = proposed};
    }
    for (size_t i = 0; i < count; i++)
        nb_directives_silence(notebook, read[i].cell, nb_source_is_exported(&read[i]), diags);
    nb_diags_sweep(diags);
    for (size_t i = 0; i < count; i++) {
        read_cell(source, &read[i], options->policies, &bound);
        if (read[i].python.imports.count > 0)
            read_needed_imports(source, &source->cells[source->cell_count++], &read[i]);
        source->cells[source->cell_count++] = read[i];
    }
    read_statements(source);
    return source;
}
