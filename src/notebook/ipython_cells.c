/* Cell magics: `%%name arguments` on a cell's first line. */
#include "notebook/ipython_parts.h"

typedef enum action {
    UNWRAP, /* the body is the notebook's own Python */
    TIMEIT,
    GONE,    /* presentation: no trace */
    SHELL,   /* a script; its pip lines still count */
    WRITE,   /* a file */
    COMMENT, /* another language, another process */
    UNKNOWN
} action;

static const struct {
    const char *name;
    action action;
} magics[] = {
    {"time",       UNWRAP },
    {"capture",    UNWRAP },
    {"prun",       UNWRAP },
    {"debug",      UNWRAP },
    {"timeit",     TIMEIT },
    {"html",       GONE   },
    {"HTML",       GONE   },
    {"javascript", GONE   },
    {"js",         GONE   },
    {"latex",      GONE   },
    {"svg",        GONE   },
    {"SVG",        GONE   },
    {"markdown",   GONE   },
    {"mermaid",    GONE   },
    {"bash",       SHELL  },
    {"sh",         SHELL  },
    {"zsh",        SHELL  },
    {"cmd",        SHELL  },
    {"script",     SHELL  },
    {"system",     SHELL  },
    {"sx",         SHELL  },
    {"!",          SHELL  },
    {"writefile",  WRITE  },
    {"file",       WRITE  },
    {"sql",        COMMENT},
    {"bigquery",   COMMENT},
    {"R",          COMMENT},
    {"julia",      COMMENT},
    {"cython",     COMMENT},
    {"perl",       COMMENT},
    {"ruby",       COMMENT},
    {"python",     COMMENT},
    {"python2",    COMMENT},
    {"python3",    COMMENT},
    {"pypy",       COMMENT},
    {"skip",       COMMENT},
};

/* A cell magic, taken apart. */
typedef struct cell {
    const nb_ipy_lines *lines;
    size_t notes; /* comment and blank lines before it */
    nb_str name, args;
    nb_ipy_lines body;
    nb_ipy_source source; /* of the header line */
} cell;

static action action_of(nb_str name)
{
    for (size_t i = 0; i < NB_LEN(magics); i++)
        if (nb_str_eqz(name, magics[i].name))
            return magics[i].action;
    return UNKNOWN;
}

static cell take_apart(nb_ipy *ipy, const nb_ipy_lines *lines, size_t notes)
{
    cell c = {.lines = lines, .notes = notes};
    c.source = nb_ipy_join(ipy->arena, &lines->list.at[notes], 1);
    c.args = nb_str_from_at(c.source.text, 2);
    if (c.args.len > 0 && !nb_ipy_blank(c.args.at[0]))
        c.name = nb_ipy_word(&c.args);
    c.args = nb_str_trim(c.args);
    for (size_t i = notes + 1; i < lines->list.count; i++)
        nb_vec_push(ipy->arena, &c.body.list, lines->list.at[i]);
    return c;
}

static void keep_notes(nb_ipy *ipy, const cell *c)
{
    nb_ipy_source notes = nb_ipy_join(ipy->arena, c->lines->list.at, c->notes);
    nb_ipy_run(ipy, &notes, NULL);
}

/* --- comments --------------------------------------------------------------------------------- */

static size_t body_count(const cell *c)
{
    size_t count = c->body.list.count;
    while (count > 0 && nb_str_trim(c->body.list.at[count - 1].text).len == 0)
        count--;
    return count;
}

static nb_ipython_finding *note(nb_ipy *ipy, const cell *c, nb_diag_code code, const char *why)
{
    nb_str shown = nb_ipy_show(ipy, nb_str_rtrim(c->source.text));
    return nb_ipy_find(ipy, &c->source, 0, c->source.text.len, code, "removed '" NB_STR_FMT "'%s",
                       NB_STR_ARG(shown), why);
}

static void put_comment(nb_ipy *ipy, const cell *c)
{
    size_t count = body_count(c);
    bool secret;
    nb_str args = nb_ipy_redact(ipy, c->args, &secret);
    if (secret)
        nb_ipy_find(ipy, &c->source, 0, c->source.text.len, NB_D_SECRET_REMOVED,
                    "a secret was left out of the comment")
            ->help = NB_STR("take it out of the notebook and read it from the environment");
    nb_str text = nb_arena_printf(
        ipy->arena, "# notebooked: removed %%%%" NB_STR_FMT "%s" NB_STR_FMT " cell (%zu %s)",
        NB_STR_ARG(c->name), args.len > 0 ? " " : "", NB_STR_ARG(args), count,
        count == 1 ? "line" : "lines");
    nb_ipy_piece piece = {.kind = NB_IPY_REMOVED, .text = text, .lines = c->source.lines};
    nb_vec_push(ipy->arena, &ipy->pieces, piece);
}

#define WRITE_HELP                                                                           \
    "write '# notebooked: writefile=export' above it (or 'ipython: {writefile: export}' in " \
    "config.yaml) to have the file beside the scripts"

static nb_str help_for(nb_str name)
{
    static const struct {
        const char *name, *help;
    } advices[] = {
        {"writefile", WRITE_HELP                                                                 },
        {"file",      WRITE_HELP                                                                 },
        {"sql",       "query the database from Python, for example with pandas.read_sql()"       },
        {"bigquery",  "query from Python with google.cloud.bigquery.Client().query()"            },
        {"python",    "remove the line if the cell is meant to run in the notebook's own process"},
        {"python3",   "remove the line if the cell is meant to run in the notebook's own process"},
    };
    for (size_t i = 0; i < NB_LEN(advices); i++)
        if (nb_str_eqz(name, advices[i].name))
            return nb_str_from(advices[i].help);
    return NB_STR("do it in Python if the script needs it");
}

static void comment(nb_ipy *ipy, const cell *c)
{
    note(ipy, c, NB_D_CELL_MAGIC_REMOVED, " and its cell")->help = help_for(c->name);
    put_comment(ipy, c);
}

/* The file stands beside the scripts, or the cell is a comment. */
static void write_file(nb_ipy *ipy, const cell *c)
{
    bool wanted = ipy->options->policies.writefile == NB_WRITEFILE_EXPORT;
    bool told = nb_ipy_write(ipy, c->args, &c->body);
    if (!told && wanted) {
        note(ipy, c, NB_D_CELL_MAGIC_REMOVED, " and its cell")->help =
            NB_STR("write a plain path below the notebook's folder to have it beside the scripts");
        put_comment(ipy, c);
    } else if (!wanted) {
        comment(ipy, c);
    } else {
        nb_ipython_finding *finding =
            note(ipy, c, NB_D_CELL_MAGIC_REMOVED, ": the file stands beside the scripts");
        finding->severity = NB_SEVERITY_INFO;
        put_comment(ipy, c);
    }
}

static void unknown(nb_ipy *ipy, const cell *c)
{
    nb_ipython_finding *finding =
        note(ipy, c, NB_D_UNKNOWN_CELL_MAGIC, " and its cell: the magic is unknown");
    finding->help = NB_STR("remove the line if the cell is plain Python, or untag the cell");
    if (ipy->options->exported)
        finding->severity = NB_SEVERITY_ERROR;
    put_comment(ipy, c);
}

static void shell(nb_ipy *ipy, const cell *c)
{
    nb_ipy_source body = nb_ipy_join(ipy->arena, c->body.list.at, c->body.list.count);
    (void)nb_ipy_pip_commands(ipy, &body, 0, body.text.len, true);
    comment(ipy, c);
}

/* --- wrappers --------------------------------------------------------------------------------- */

/* `%%capture NAME`: the name will not exist. */
static void note_capture(nb_ipy *ipy, const cell *c)
{
    nb_str args = c->args;
    for (nb_str word = nb_ipy_word(&args); word.len > 0; word = nb_ipy_word(&args)) {
        if (word.at[0] == '-')
            continue;
        size_t start = (size_t)(word.at - c->source.text.at);
        nb_ipy_find(ipy, &c->source, start, start + word.len, NB_D_CAPTURE_VARIABLE,
                    "'" NB_STR_FMT "' will not hold the cell's output", NB_STR_ARG(word))
            ->name = nb_arena_str(ipy->arena, word);
        if (ipy->scanning)
            nb_set_add(ipy->arena, &ipy->own, nb_arena_str(ipy->arena, word));
        return;
    }
}

/* A statement in the header runs before the body. */
static void put_statement(nb_ipy *ipy, const cell *c, size_t start)
{
    nb_ipy_line *line = NB_NEW(ipy->arena, nb_ipy_line);
    const nb_ipy_line *header = c->source.lines;
    nb_str front = nb_str_slice(c->source.text, 0, start);
    *line = *header;
    line->text = nb_str_from_at(header->text, start);
    line->dedent += (uint32_t)nb_ipy_characters(front);
    nb_ipy_source source = nb_ipy_join(ipy->arena, line, 1);
    nb_ipy_run(ipy, &source, NULL);
}

static void unwrap(nb_ipy *ipy, cell *c, size_t statement)
{
    keep_notes(ipy, c);
    if (statement < c->source.text.len)
        put_statement(ipy, c, statement);
    ipy->level++;
    nb_ipy_convert(ipy, &c->body);
    ipy->level--;
}

static bool plain_line(nb_ipy *ipy, nb_str text)
{
    nb_py_lines lexer;
    nb_py_line line;
    nb_py_lines_open(&lexer, ipy->arena, text);
    while (lexer.at < text.len) {
        nb_str rest = nb_ipy_skip(nb_str_from_at(text, lexer.at));
        if (rest.len > 0 && strchr("%!?", rest.at[0])) {
            lexer.at = (uint32_t)nb_ipy_physical_end(text, lexer.at) + 1;
            continue;
        }
        if (nb_py_lines_next(&lexer, &line) && !nb_ipy_only_expressions(text, &line))
            return false;
    }
    return true;
}

/* As for %timeit: only expressions may stay, in the set-up and in the body. */
static void timeit(nb_ipy *ipy, cell *c)
{
    size_t setup = nb_ipy_header_statement(c->source.text, c->name);
    nb_ipy_source body = nb_ipy_join(ipy->arena, c->body.list.at, c->body.list.count);
    if (ipy->options->policies.timeit == NB_TIMEIT_DROP)
        return;
    if (plain_line(ipy, nb_str_from_at(c->source.text, setup)) && plain_line(ipy, body.text)) {
        unwrap(ipy, c, setup);
        return;
    }
    (void)note(ipy, c, NB_D_TIMEIT_REMOVED, ": timeit keeps nothing that its statements bind");
    put_comment(ipy, c);
}

void nb_ipy_cell_magic(nb_ipy *ipy, const nb_ipy_lines *lines, size_t notes)
{
    cell c = take_apart(ipy, lines, notes);
    action what = action_of(c.name);
    if ((what == UNWRAP || what == TIMEIT) && ipy->level >= NB_IPY_LEVELS)
        what = COMMENT;
    if (nb_str_eqz(c.name, "capture"))
        note_capture(ipy, &c);
    switch (what) {
    case UNWRAP: unwrap(ipy, &c, nb_ipy_header_statement(c.source.text, c.name)); break;
    case TIMEIT: timeit(ipy, &c); break;
    case GONE: break;
    case SHELL: shell(ipy, &c); break;
    case WRITE: write_file(ipy, &c); break;
    case COMMENT: comment(ipy, &c); break;
    case UNKNOWN: unknown(ipy, &c); break;
    }
}
