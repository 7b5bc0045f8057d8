#include "cli/printer.h"

/* Commands that a GitHub workflow makes annotations of:
 *     ::warning file=a.ipynb,line=12,col=8,endColumn=14,title=NB203::cell 7, line 3: a magic was removed
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions */

/* What would end a value is written as %XX. */
static void put_escaped(nb_str text, bool property, FILE *to)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ',')))
            fprintf(to, "%%%02X", (unsigned)c);
        else if ((unsigned char)c < 0x20 || c == 0x7f) /* logs are shown on terminals, too */
            fputs("\xEF\xBF\xBD", to);
        else
            fputc(c, to);
    }
}

static const char *command_of(nb_severity severity)
{
    return severity == NB_SEVERITY_INFO ? "notice" : nb_severity_name(severity);
}

static void put_finding(const nb_told *told, FILE *to)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_diag *diag = told->diag;
    nb_str cell = nb_told_cell(&arena, &diag->spot);
    fprintf(to, "::%s file=", command_of(diag->severity));
    put_escaped(told->path, true, to);
    fprintf(to, ",line=%u", told->place.line);
    if (told->placed)
        fprintf(to, ",col=%u,endColumn=%u", told->place.column, told->place.end_column);
    fprintf(to, ",title=%s::", nb_diag_row_of(diag->code)->code);
    put_escaped(cell, false, to);
    fputs(cell.len > 0 ? ": " : "", to);
    put_escaped(diag->message, false, to);
    if (diag->help.len > 0) {
        fputs("%0Ahelp: ", to);
        put_escaped(diag->help, false, to);
    }
    fputc('\n', to);
}

static void put_github(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to)
{
    (void)options;
    for (size_t i = 0; i < notebook->count; i++)
        put_finding(&notebook->findings[i], to);
}

const nb_printer nb_print_github = {
    .name = "github", .wants_place = true, .between = "", .notebook = put_github};
