/* report.h - prints findings and errors, for people and as JSON.
 *
 *     notebooks/iris.ipynb: cell 7 (In [12]), line 3:5: warning[NB201]: a shell command became a comment
 *         3 |     !mkdir -p models
 *           |     ^^^^^^^^^^^^^^^^
 *       help: create the folder in Python: os.makedirs("models", exist_ok=True)
 *     1 warning, 12 notes (-v shows them)
 *
 * Findings come sorted by file, cell, line and column. Text from notebooks is printed with control characters replaced, so that it cannot
 * speak to the terminal; long lines are cut to the part around the mark.
 */
#ifndef NB_CLI_REPORT_H
#define NB_CLI_REPORT_H

#include "base/diag.h"
#include "cli/app.h"
#include "cli/term.h"

/* What the app's options ask for: text on `log` (-q: errors only, without counts; -v: notes too), or the member "findings" of
 * its document. Call it once a command, also without findings, so that the member is always there. */
void nb_report_diags(nb_app *app, const nb_diags *diags);

/* The text form of those that have at least severity `least`, without the line of counts. */
void nb_report_text(const nb_diags *diags, nb_severity least, bool colour, FILE *to);
/* "2 errors, 1 warning, 12 notes"; nothing when there are none. `hidden_notes` adds how to see them. */
void nb_report_counts(const nb_diags *diags, bool hidden_notes, FILE *to);
/* The same from numbers. */
typedef struct nb_counts {
    size_t errors, warnings, notes, silenced;
} nb_counts;
void nb_report_count_line(const nb_counts *counts, bool hidden_notes, FILE *to);
/* An array of {code, slug, severity, path, cell, cell_id, execution, line, column, length, message, help, source}; null for what is unknown. */
void nb_report_json(const nb_diags *diags, nb_json_writer *json);

/* The pieces, for other forms (cli/printer.h): the findings in order, without the secrets that stand in their lines; one of them as text or as such an object; its severity's style. */
const nb_diag **nb_report_sorted(const nb_diags *diags, nb_arena *arena);
void nb_report_diag(const nb_diag *diag, bool colour, FILE *to);
void nb_report_diag_json(const nb_diag *diag, nb_json_writer *json);
nb_style nb_report_style(nb_severity severity);

/* An error as nb_error_print() lays it out, with colours and the source line in the form above. */
void nb_report_error(const nb_error *err, bool colour, FILE *to);
/* {code, exit, messages (outermost first), path, line, column, source, hint}; null for what is unknown. `exit` is the program's exit status. */
void nb_report_error_json(const nb_error *err, int exit, nb_json_writer *json);

#endif
