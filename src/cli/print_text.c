#include "cli/printer.h"
#include "cli/report.h"
#include "cli/term.h"

/* --- full: as convert reports ---------------------------------------------------------------------------------------- */

static void put_full(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to)
{
    for (size_t i = 0; i < notebook->count; i++)
        nb_report_diag(notebook->findings[i].diag, options->colour, to);
}

const nb_printer nb_print_full = {.name = "full", .between = "", .notebook = put_full};

/* --- concise: a line each -------------------------------------------------------------------------------------------- */

/* iris.ipynb:cell 7:3:5: warning[NB203] a magic was removed */
static void put_line(const nb_diag *diag, bool colour, FILE *to)
{
    const nb_spot *spot = &diag->spot;
    const char *off = nb_term_style(colour, NB_STYLE_NONE);
    fputs(nb_term_style(colour, NB_STYLE_BOLD), to);
    nb_term_put(spot->path, to);
    fprintf(to, "%s:", off);
    if (spot->cell > 0)
        fprintf(to, "cell %u:", spot->cell);
    if (spot->line > 0)
        fprintf(to, "%u:", spot->line);
    if (spot->line > 0 && spot->column > 0)
        fprintf(to, "%u:", spot->column);
    fprintf(to, " %s%s[%s]%s ", nb_term_style(colour, nb_report_style(diag->severity)),
            nb_told_severity(diag->severity), nb_diag_row_of(diag->code)->code, off);
    nb_term_put(diag->message, to);
    fputc('\n', to);
}

static void put_concise(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to)
{
    for (size_t i = 0; i < notebook->count; i++)
        put_line(notebook->findings[i].diag, options->colour, to);
}

const nb_printer nb_print_concise = {.name = "concise", .between = "", .notebook = put_concise};
