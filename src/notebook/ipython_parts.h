/* ipython_parts.h - what the files of the IPython step share; outside of them only directives.c, which needs to know the same lines, includes it.
 *
 * A cell goes through four stages: its text becomes clean lines (ipython_clean.c), lines become pieces (ipython.c, which asks
 * the translators of magics, cell magics, shell lines and residue), suites that lost their only statement get a `pass`, and the
 * pieces become text with its line map (ipython_pieces.c). A translator may turn what it read into a source of its own
 * (`%%time` its body, get_ipython().run_cell_magic() its string) and have it converted one level deeper.
 */
#ifndef NB_IPYTHON_PARTS_H
#define NB_IPYTHON_PARTS_H

#include "base/buf.h"
#include "notebook/ipython.h"
#include "py/lines.h"

enum { NB_IPY_LEVELS = 16 }; /* sources within sources */

/* --- sources (ipython_clean.c) ---------------------------------------------------------------- */

/* One physical line: a view of the cell's text, or of a text that was made. */
typedef struct nb_ipy_line {
    nb_str text;
    uint32_t number; /* in the cell, from 1 */
    uint32_t dedent; /* characters of the cell's line in front of `text` */
    uint32_t
        column; /* not 0: the line was made from what stands in this column; so findings point there */
} nb_ipy_line;

/* Lines joined with '\n', for the lexer. Line i starts at starts[i]; starts[count] is one past the text's end. */
typedef struct nb_ipy_source {
    nb_str text;
    const nb_ipy_line *lines;
    const uint32_t *starts;
    size_t count;
} nb_ipy_source;

typedef struct nb_ipy_lines {
    NB_VEC(nb_ipy_line) list;
} nb_ipy_lines;

/* The cell's lines: CR and CRLF are line ends, a byte-order mark is dropped. */
nb_ipy_lines nb_ipy_split(nb_arena *arena, nb_str cell);
/* Drops leading blank lines, the common indentation and prompts: what IPython does first. */
void nb_ipy_clean(nb_ipy_lines *lines);
nb_ipy_source nb_ipy_join(nb_arena *arena, const nb_ipy_line *lines, size_t count);
/* Index of the line that holds the byte at `offset`. */
size_t nb_ipy_line_of(const nb_ipy_source *source, size_t offset);
/* The offset of the newline that ends the physical line at `offset`, over '\' continuations. */
size_t nb_ipy_physical_end(nb_str text, size_t offset);
/* Does the text at `i`, the first of a statement, mean something to IPython that Python does not know? */
bool nb_ipy_is_escape(nb_str text, size_t i);
size_t nb_ipy_characters(nb_str text);
static inline bool nb_ipy_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}
/* Without blanks, tabs and form feeds at the front. */
nb_str nb_ipy_skip(nb_str text);
/* Cuts the first word (up to a blank) off the front of *rest; blanks around it are dropped. */
nb_str nb_ipy_word(nb_str *rest);

/* --- pieces (ipython_pieces.c) ---------------------------------------------------------------- */

typedef enum nb_ipy_kind {
    NB_IPY_BLANK,
    NB_IPY_NOTE,   /* a comment of the notebook's author */
    NB_IPY_PYTHON, /* statements, kept or made */
    NB_IPY_REMOVED /* nothing, or our comment */
} nb_ipy_kind;

typedef struct nb_ipy_piece {
    nb_ipy_kind kind;
    nb_str text;              /* whole lines with their indentation */
    bool no_text;             /* contributes no line at all */
    const nb_ipy_line *lines; /* where it came from */
    size_t
        line_count; /* its lines are those of the source, one by one; 0: they all came from lines[0] */
    uint32_t cut; /* more characters removed at the start of the first line */
    nb_str indent;
    bool opens; /* ends in ':': a suite must follow */
    bool pass;  /* a `pass` must follow */
} nb_ipy_piece;

typedef struct nb_ipy {
    nb_arena *arena;
    const nb_ipython_options *options;
    nb_python_cell *out;
    nb_str cell;
    NB_VEC(nb_ipy_piece) pieces;
    nb_map required, imported; /* what `out` already has */
    nb_map own;                /* names that this cell binds; filled when first asked for */
    bool own_known;
    bool
        scanning; /* only names are wanted: `own` takes those of removed assignments, nothing is looked up */
    nb_ipython_finding spare; /* what findings past the limit write to */
    struct {                  /* where characters were counted last */
        const char *line;
        size_t offset;
        unsigned characters;
    } counted;
    unsigned level;  /* sources within sources */
    unsigned in_def; /* width of the outermost def that is open, plus 1; 0: none */
} nb_ipy;

/* Bytes that indentation stands for: tabs to the next multiple of 8, a form feed goes back to 0. */
unsigned nb_ipy_width(nb_str indent);
/* Inserts what empty suites need and writes text, line map and dedents. */
void nb_ipy_finish(nb_ipy *ipy);
bool nb_ipy_bound(nb_ipy *ipy, nb_str name);
void nb_ipy_require(nb_ipy *ipy, nb_str text, unsigned line);
void nb_ipy_import(nb_ipy *ipy, const char *statement);

/* A finding at source->text[start, end), clipped to the first line. Never NULL. */
nb_ipython_finding *nb_ipy_find(nb_ipy *ipy, const nb_ipy_source *source, size_t start, size_t end,
                                nb_diag_code code, const char *fmt, ...) NB_PRINTF(6, 7);
/* The text as a message shows it: on one line, short, without secrets. */
nb_str nb_ipy_show(nb_ipy *ipy, nb_str text);

/* --- items (ipython_item.c) ------------------------------------------------------------------- */

/* A logical line while it is looked at: indentation, then kept text [code, head), then what begins at `at`. */
typedef struct nb_ipy_item {
    const nb_ipy_source *source;
    nb_py_lines *lexer;
    size_t start;       /* of its first line */
    size_t indent;      /* end of the indentation */
    size_t code;        /* first byte that is kept: moves behind "%time " */
    size_t head;        /* end of the "files = " in front of an escape; 0: a statement */
    size_t at;          /* the escape, or the Python that is looked at */
    size_t end;         /* special text: the newline that ends it */
    nb_str text;        /* special text: from the escape on, on one line */
    bool implied;       /* a magic without its '%' */
    bool quiet;         /* no comment: the user wants no trace */
    unsigned unwrapped; /* how many magics around it are gone */
} nb_ipy_item;

static inline nb_str nb_ipy_indent(const nb_ipy_item *it)
{
    return nb_str_slice(it->source->text, it->start, it->indent);
}
/* Makes source->text[it->at, end) the item's special text; lexing goes on behind it. */
void nb_ipy_cut(nb_ipy *ipy, nb_ipy_item *it, size_t end);
/* text[start, end) on one line: pieces joined with one blank where a backslash continues them. */
nb_str nb_ipy_one_line(nb_arena *arena, nb_str text, size_t start, size_t end);
/* The same for what stands before an escape, "files = ": the blank at its end stays. */
nb_str nb_ipy_head_line(nb_arena *arena, nb_str text, size_t start, size_t end);
/* Adds a piece that comes from the item's first line. */
nb_ipy_piece *nb_ipy_put(nb_ipy *ipy, const nb_ipy_item *it, nb_ipy_kind kind, nb_str text);
/* Does the text before its `?` name something, as IPython's help wants it? */
bool nb_ipy_is_help(nb_str text);

/* Pieces in the place of an item: none, */
void nb_ipy_drop(nb_ipy *ipy, const nb_ipy_item *it);
/* our comment about its special text (an assignment's targets included, with a finding for each name), */
void nb_ipy_comment(nb_ipy *ipy, const nb_ipy_item *it);
/* Python instead of the special text, each line indented, */
void nb_ipy_replace(nb_ipy *ipy, const nb_ipy_item *it, nb_str text);
/* or the Python that the lexer read. */
void nb_ipy_keep(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line);
/* The same with another text for the logical line. */
void nb_ipy_keep_as(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line, nb_str text);
/* A finding about an item's special text or about bytes of its source. */
nb_ipython_finding *nb_ipy_note(nb_ipy *ipy, const nb_ipy_item *it, nb_diag_code code,
                                const char *fmt, ...) NB_PRINTF(4, 5);

/* --- translators ------------------------------------------------------------------------------ */

/* Converts lines as the text of a cell. */
void nb_ipy_convert(nb_ipy *ipy, nb_ipy_lines *lines);
/* Converts a source that needs no cleaning. */
void nb_ipy_run(nb_ipy *ipy, const nb_ipy_source *source, const char *implied);

static inline bool nb_ipy_listed(nb_str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_eqz(word, words[i]))
            return true;
    return false;
}
#define NB_IPY_LISTED(word, words) nb_ipy_listed((word), (words), NB_LEN(words))

/* A line magic. True: it was only a wrapper; it->at has moved to what it wraps. */
bool nb_ipy_magic(nb_ipy *ipy, nb_ipy_item *it);
/* The statement in a cell magic's header, behind name and options; header.len when there is none. */
size_t nb_ipy_header_statement(nb_str header, nb_str name);
/* No statement of the line binds a name or is more than an expression. */
bool nb_ipy_only_expressions(nb_str text, const nb_py_line *line);
/* A finding and a comment in the place of a magic. */
void nb_ipy_magic_removed(nb_ipy *ipy, const nb_ipy_item *it, nb_str name, nb_diag_code code);
/* %time, %timeit, %prun; true as for nb_ipy_magic(). */
bool nb_ipy_wrapper(nb_ipy *ipy, nb_ipy_item *it, nb_str name);
void nb_ipy_shell_line(nb_ipy *ipy, nb_ipy_item *it);
/* lines[notes] is a cell magic's, comments stand before it and its body behind it. */
void nb_ipy_cell_magic(nb_ipy *ipy, const nb_ipy_lines *lines, size_t notes);
/* A logical line of Python that calls get_ipython() or display(); false: it has been left alone. */
bool nb_ipy_residue(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line);
/* The same for display(). */
bool nb_ipy_display(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line);
/* tokens[i] is a name that is read: no attribute, no keyword argument. */
bool nb_ipy_is_use(nb_str text, const nb_py_line *line, size_t i);
/* Findings about a logical line that stays: await, special syntax in the wrong place, what is never closed. */
void nb_ipy_check(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line);

/* Notes what `%%writefile args` makes of its body; false when its name cannot be told from the line or leads elsewhere (ipython_write.c). */
bool nb_ipy_write(nb_ipy *ipy, nb_str args, const nb_ipy_lines *body);

/* `%run args` with the policy that puts the file's code here; false when the policy is another (ipython_run.c). */
bool nb_ipy_run_file(nb_ipy *ipy, nb_ipy_item *it, nb_str args);

/* Is the only line of a cell a magic without its '%'? */
bool nb_ipy_automagic(nb_ipy *ipy, nb_str line);
/* `pip install ...` and the like, which are never Python. */
bool nb_ipy_pip_line(nb_str line);

/* One word of a shell command. */
typedef struct nb_ipy_word_of {
    nb_str text;       /* without quotes and backslashes */
    size_t start, end; /* in the shell's text */
    bool interpolated; /* holds something only the running notebook or shell knows */
    bool comparison;   /* holds an unquoted '<' or '>' that belongs to a version */
    bool assignment;   /* NAME=value */
} nb_ipy_word_of;

typedef struct nb_ipy_command {
    NB_VEC(nb_ipy_word_of) words; /* without redirections */
} nb_ipy_command;

/* Reads commands one by one; a newline ends one in a script. */
typedef struct nb_ipy_shell {
    nb_arena *arena;
    nb_str text;
    size_t at;
    bool script;
    nb_ipy_command command; /* the last one that was read */
    /* the word at hand: */
    nb_buf word;
    nb_ipy_word_of now;
    bool in_word;
    bool target;                        /* it is a file that is redirected to */
    bool project, letter, name, number; /* what it looks like so far */
} nb_ipy_shell;
void nb_ipy_shell_open(nb_ipy_shell *sh, nb_arena *arena, nb_str text, size_t at, bool script);
bool nb_ipy_shell_next(nb_ipy_shell *sh);
void nb_ipy_shell_release(nb_ipy_shell *sh);

typedef enum nb_ipy_pip {
    NB_IPY_PIP_NONE, /* no `pip install` in it */
    NB_IPY_PIP_ONLY, /* nothing else in it */
    NB_IPY_PIP_MIXED
} nb_ipy_pip;
/* Takes the requirements of the pip commands in source->text[start, end); `script`: a newline ends a command. */
nb_ipy_pip nb_ipy_pip_commands(nb_ipy *ipy, const nb_ipy_source *source, size_t start, size_t end,
                               bool script);
/* A command of conda or mamba that brings packages; `conda list` is none. */
bool nb_ipy_is_conda(nb_str line);

/* --- names (ipython_bound.c) ------------------------------------------------------------------ */

/* Goes through the names among targets: no attributes, no subscripts, nothing that is called. */
typedef struct nb_ipy_targets {
    nb_str text;
    const nb_py_token *tokens;
    size_t at, end;
    size_t start; /* where `at` began */
} nb_ipy_targets;
const nb_py_token *nb_ipy_next_target(nb_ipy_targets *t);

/* --- text (ipython_secret.c, ipython_interpolate.c) --------------------------------------------- */

/* The text with "***" in the place of secrets; *secret (may be NULL): one was written out, not a variable. */
nb_str nb_ipy_redact(nb_ipy *ipy, nb_str text, bool *secret);
bool nb_ipy_secret_name(nb_str name);
/* A Python literal: single quotes unless the text has one and no double quote. */
nb_str nb_ipy_repr(nb_arena *arena, nb_str text);
/* A literal, or an f-string where IPython fills in fields of the text. */
nb_str nb_ipy_interpolate(nb_ipy *ipy, const nb_ipy_item *it, nb_str text);

#endif
