#include "cli/report.h"

#include "cli/totals.h"
#include "text/secret.h"

enum { CONTEXT = 100 }; /* columns of a source line that are shown */

/* ---- Order. */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
    const nb_diag *a = *(const nb_diag *const *)left, *b = *(const nb_diag *const *)right;
    int order = nb_str_cmp(a->spot.path, b->spot.path);
    if (order == 0)
        order = compare_numbers(a->spot.cell, b->spot.cell);
    if (order == 0)
        order = compare_numbers(a->spot.line, b->spot.line);
    if (order == 0)
        order = compare_numbers(a->spot.column, b->spot.column);
    return order ? order : compare_numbers((uintptr_t)a, (uintptr_t)b); /* as they were found */
}

/* Rules mask what they find, but not every line is seen by one: commands, cells that cannot be parsed. */
static const nb_diag *masked(nb_arena *arena, const nb_diag *diag)
{
    nb_str source = nb_secret_mask_code(arena, diag->spot.source);
    nb_str message = nb_secret_mask_code(arena, diag->message);
    if (source.at == diag->spot.source.at && message.at == diag->message.at)
        return diag;
    nb_diag *copy = NB_NEW(arena, nb_diag);
    *copy = *diag;
    copy->spot.source = source;
    copy->message = message;
    return copy;
}

const nb_diag **nb_report_sorted(const nb_diags *diags, nb_arena *arena)
{
    const nb_diag **rows = NB_NEW_ARRAY(arena, const nb_diag *, diags->list.count);
    for (size_t i = 0; i < diags->list.count; i++)
        rows[i] = &diags->list.at[i];
    if (diags->list.count > 0)
        qsort(rows, diags->list.count, sizeof(const nb_diag *), compare);
    for (size_t i = 0; i < diags->list.count; i++)
        rows[i] = masked(arena, rows[i]);
    return rows;
}

/* ---- Text. */

static const struct {
    const char *label;
    nb_style style;
} severities[] = {
    [NB_SEVERITY_INFO] = {"note",    NB_STYLE_NOTE   },
    [NB_SEVERITY_WARNING] = {"warning", NB_STYLE_WARNING},
    [NB_SEVERITY_ERROR] = {"error",   NB_STYLE_ERROR  },
};

nb_style nb_report_style(nb_severity severity)
{
    return severities[severity].style;
}

static void print_position(const nb_spot *spot, const char *before, FILE *to)
{
    if (spot->line == 0)
        return;
    fprintf(to, "%s%u", before, spot->line);
    if (spot->column > 0)
        fprintf(to, ":%u", spot->column);
}

/* "iris.ipynb: cell 7 (In [12]), line 3:5: ", "config.yaml:14:7: " */
static void print_spot(const nb_spot *spot, FILE *to)
{
    nb_term_put(spot->path, to);
    if (spot->cell == 0) {
        print_position(spot, ":", to);
    } else {
        fprintf(to, ": cell %u", spot->cell);
        if (spot->execution > 0)
            fprintf(to, " (In [%lld])", (long long)spot->execution);
        print_position(spot, ", line ", to);
    }
    if (spot->path.len > 0)
        fputs(": ", to);
}

/* The part of the line that is shown: all of it, or CONTEXT columns around the mark. */
static nb_str shown_part(const nb_spot *spot, size_t *column)
{
    nb_str line = nb_str_rtrim(spot->source);
    *column = spot->column > 0 ? spot->column - 1 : 0;
    size_t skip = *column > CONTEXT / 2 ? *column - CONTEXT / 2 : 0;
    if (nb_term_width(line) <= CONTEXT)
        return line;
    size_t start = nb_term_bytes(line, skip);
    nb_str rest = nb_str_from_at(line, start);
    *column -= skip;
    return nb_str_slice(rest, 0, nb_term_bytes(rest, CONTEXT));
}

static void print_source(const nb_spot *spot, nb_style style, bool colour, FILE *to)
{
    size_t column;
    nb_str part = shown_part(spot, &column);
    const char *dim = nb_term_style(colour, NB_STYLE_DIM);
    const char *off = nb_term_style(colour, NB_STYLE_NONE);
    if (part.len == 0)
        return;
    fprintf(to, "%s%5u |%s ", dim, spot->line, off);
    nb_term_put(part, to);
    if (spot->column == 0) {
        fputc('\n', to);
        return;
    }
    size_t before = nb_term_bytes(part, column);
    nb_str marked = nb_str_from_at(part, before);
    marked = nb_str_slice(marked, 0, nb_term_bytes(marked, spot->length));
    size_t carets = nb_term_width(marked);
    fprintf(to, "\n%s      |%s %*s%s", dim, off, (int)nb_term_width(nb_str_slice(part, 0, before)),
            "", nb_term_style(colour, style));
    for (size_t i = 0; i < (carets ? carets : 1); i++)
        fputc('^', to);
    fprintf(to, "%s\n", off);
}

/* Advice may be several lines of code to write. */
static void print_help(nb_str help, bool colour, FILE *to)
{
    nb_str line;
    bool first = true;
    while (nb_str_line(&help, &line)) {
        if (first)
            fprintf(to, "  %shelp:%s ", nb_term_style(colour, NB_STYLE_HINT),
                    nb_term_style(colour, NB_STYLE_NONE));
        else
            fprintf(to, "        ");
        nb_term_put(line, to);
        fputc('\n', to);
        first = false;
    }
}

void nb_report_diag(const nb_diag *diag, bool colour, FILE *to)
{
    const char *off = nb_term_style(colour, NB_STYLE_NONE);
    nb_style style = severities[diag->severity].style;
    fputs(nb_term_style(colour, NB_STYLE_BOLD), to);
    print_spot(&diag->spot, to);
    fprintf(to, "%s%s%s[%s]%s: ", off, nb_term_style(colour, style),
            severities[diag->severity].label, nb_diag_row_of(diag->code)->code, off);
    nb_term_put(diag->message, to);
    fputc('\n', to);
    print_source(&diag->spot, style, colour, to);
    print_help(diag->help, colour, to);
}

void nb_report_text(const nb_diags *diags, nb_severity least, bool colour, FILE *to)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    const nb_diag **rows = nb_report_sorted(diags, &scratch);
    for (size_t i = 0; i < diags->list.count; i++)
        if (rows[i]->severity >= least)
            nb_report_diag(rows[i], colour, to);
}

void nb_report_count_line(const nb_counts *counts, bool hidden_notes, FILE *to)
{
    const char *comma = "", *hint = counts->notes == 1 ? " (-v shows it)" : " (-v shows them)";
    const struct {
        size_t count;
        const char *word, *plural, *after;
    } parts[] = {
        {counts->errors,   "error",    "s", ""                      },
        {counts->warnings, "warning",  "s", ""                      },
        {counts->notes,    "note",     "s", hidden_notes ? hint : ""},
        {counts->silenced, "silenced", "",  ""                      },
    };
    for (size_t i = 0; i < NB_LEN(parts); i++) {
        if (parts[i].count == 0)
            continue;
        fprintf(to, "%s%zu %s%s%s", comma, parts[i].count, parts[i].word,
                parts[i].count == 1 ? "" : parts[i].plural, parts[i].after);
        comma = ", ";
    }
    if (*comma)
        fputc('\n', to);
}

void nb_report_counts(const nb_diags *diags, bool hidden_notes, FILE *to)
{
    nb_counts counts = {.errors = nb_diags_count(diags, NB_SEVERITY_ERROR)};
    counts.warnings = nb_diags_count(diags, NB_SEVERITY_WARNING) - counts.errors;
    counts.notes = diags->list.count - counts.warnings - counts.errors;
    counts.silenced = diags->silenced;
    nb_report_count_line(&counts, hidden_notes, to);
}

/* ---- Errors. */

static void print_labelled(const char *label, nb_style style, nb_str text, bool colour, FILE *to)
{
    fprintf(to, "%s%s%s ", nb_term_style(colour, style), label,
            nb_term_style(colour, NB_STYLE_NONE));
    nb_term_put(text, to);
    fputc('\n', to);
}

void nb_report_error(const nb_error *err, bool colour, FILE *to)
{
    const char *message;
    char label[sizeof("error[NB802]:")] = "error:"; /* as findings are labelled */
    nb_style style = NB_STYLE_ERROR;
    if (err->finding)
        (void)snprintf(label, sizeof(label), "error[%s]:", err->finding);
    for (size_t i = 0; (message = nb_error_message(err, i)) != NULL; i++) {
        print_labelled(i == 0 ? label : "  because:", style, nb_str_from(message), colour, to);
        style = NB_STYLE_BOLD;
    }
    if (err->path) {
        nb_spot spot = {.path = nb_str_from(err->path),
                        .line = err->line,
                        .column = err->column,
                        .source = nb_str_from(err->source)};
        fputs("  at ", to);
        nb_term_put(spot.path, to);
        print_position(&spot, ":", to);
        fputc('\n', to);
        print_source(&spot, NB_STYLE_ERROR, colour, to);
    }
    if (err->hint)
        print_labelled("hint:", NB_STYLE_HINT, nb_str_from(err->hint), colour, to);
}

/* ---- JSON. */

void nb_report_diag_json(const nb_diag *diag, nb_json_writer *json)
{
    const nb_diag_row *row = nb_diag_row_of(diag->code);
    const nb_spot *spot = &diag->spot;
    nb_json_begin_object(json);
    nb_json_member_known_str(json, "code", nb_str_from(row->code));
    nb_json_member_known_str(json, "slug", nb_str_from(row->slug));
    nb_json_member_known_str(json, "severity", nb_str_from(nb_severity_name(diag->severity)));
    nb_json_member_known_str(json, "path", spot->path);
    nb_json_member_known_int(json, "cell", spot->cell);
    nb_json_member_known_str(json, "cell_id", spot->cell_id);
    nb_json_member_known_int(json, "execution", spot->execution);
    nb_json_member_known_int(json, "line", spot->line);
    nb_json_member_known_int(json, "column", spot->column);
    nb_json_member_known_int(json, "length", spot->length);
    nb_json_member_known_str(json, "message", diag->message);
    nb_json_member_known_str(json, "help", diag->help);
    nb_json_member_known_str(json, "source", spot->source);
    nb_json_end_object(json);
}

void nb_report_json(const nb_diags *diags, nb_json_writer *json)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    const nb_diag **rows = nb_report_sorted(diags, &scratch);
    nb_json_begin_array(json);
    for (size_t i = 0; i < diags->list.count; i++)
        nb_report_diag_json(rows[i], json);
    nb_json_end_array(json);
}

void nb_report_error_json(const nb_error *err, int exit, nb_json_writer *json)
{
    const char *message;
    nb_json_begin_object(json);
    nb_json_member_known_str(json, "code", nb_str_from(nb_code_name(err->code)));
    nb_json_member_int(json, "exit", exit);
    nb_json_member_known_str(json, "finding", nb_str_from(err->finding));
    nb_json_key(json, NB_STR("messages"));
    nb_json_begin_array(json);
    for (size_t i = 0; (message = nb_error_message(err, i)) != NULL; i++)
        nb_json_put_str(json, nb_str_from(message));
    nb_json_end_array(json);
    nb_json_member_known_str(json, "path", nb_str_from(err->path));
    nb_json_member_known_int(json, "line", err->line);
    nb_json_member_known_int(json, "column", err->column);
    nb_json_member_known_str(json, "source", nb_str_from(err->source));
    nb_json_member_known_str(json, "hint", nb_str_from(err->hint));
    nb_json_end_object(json);
}

void nb_report_diags(nb_app *app, const nb_diags *diags)
{
    if (app->json) {
        nb_json_key(app->json, NB_STR("findings"));
        nb_report_json(diags, app->json);
        nb_json_member_int(app->json, "silenced", (int64_t)diags->silenced);
        return;
    }
    nb_severity least = app->verbose ? NB_SEVERITY_INFO : NB_SEVERITY_WARNING;
    if (app->quiet)
        least = NB_SEVERITY_ERROR;
    (void)fflush(app->out); /* results first, where both go to one place */
    nb_report_text(diags, least, app->colour, app->log);
    if (app->quiet)
        return;
    nb_report_counts(diags, !app->verbose, app->log);
    nb_totals totals = {0};
    nb_totals_add(&totals, diags);
    if (app->log_terminal)
        nb_totals_print_hint(&totals, least, app->log);
}
