/* emit.h - writing statements of the notebook into scripts: edits applied, re-indented, each line marked with where it came from.
 *
 * A mark is an invisible tail of a line, NB_MARK_OPEN cell:line NB_MARK_CLOSE. Templates carry marked lines through untouched; linemap.h takes the
 * marks out of the finished script and learns from them which line came from which cell.
 */
#ifndef NB_GEN_EMIT_H
#define NB_GEN_EMIT_H

#include "base/buf.h"
#include "graph/graph.h"

#define NB_MARK_OPEN  '\x1e'
#define NB_MARK_CLOSE '\x1f'

typedef struct nb_emitter {
    const nb_graph *graph;
    nb_buf *out;
    unsigned indent; /* of the statements, in spaces */
    bool
        in_function; /* they stand in a function that declares their names global: what is not allowed there is edited */
    bool marks; /* write marks; off when the notebook itself holds the mark characters */
    nb_str
        show; /* name of the function that prints a displayed value; empty: displayed values are dropped */
    bool used_show; /* set when it was needed */
} nb_emitter;

/* The statement with its comments, ending in a newline. Nothing for dropped statements and for annotations without a value. */
void nb_emit_statement(nb_emitter *e, const nb_statement *s);
/* A line of our own. */
void nb_emit_line(nb_emitter *e, const char *fmt, ...) NB_PRINTF(2, 3);
void nb_emit_blank(nb_emitter *e, unsigned lines);
/* Whether the value of the statement is shown: it is the cell's last expression and no call that fits, plots or shows. */
bool nb_emit_displays(const nb_graph *graph, const nb_statement *s);

#endif
