/* %run FILE: its code in the place of the line. */
#include "base/path.h"
#include "notebook/ipython_parts.h"
#include "notebook/notebook.h"
#include "text/utf8.h"

enum { DEEPEST_RUN = 8 };

typedef struct run {
    nb_ipy *ipy;
    const nb_ipy_item *it;
    nb_str name;              /* as the line has it, with its ending */
    nb_ipython_options inner; /* for what the file runs in turn */
    nb_ipython_file stack;
} run;

/* The file's name when the line has nothing else that matters: -i and -t change nothing here. */
static nb_str name_of(nb_str args, bool *plain)
{
    nb_str name = NB_STR("");
    *plain = true;
    for (nb_str word = nb_ipy_word(&args); word.len > 0; word = nb_ipy_word(&args)) {
        if (name.len == 0 && (nb_str_eqz(word, "-i") || nb_str_eqz(word, "-t")))
            continue;
        *plain = *plain && name.len == 0 && word.at[0] != '-';
        name = name.len == 0 ? word : name;
    }
    bool quoted = name.len > 2 && (name.at[0] == '"' || name.at[0] == '\'') &&
                  name.at[name.len - 1] == name.at[0];
    if (quoted)
        name = nb_str_slice(name, 1, name.len - 1);
    *plain = *plain && nb_str_find_char(name, '{') < 0 && nb_str_find_char(name, '$') < 0;
    return name;
}

static bool is_notebook(nb_str name)
{
    return nb_str_ends(name, NB_STR(".ipynb"));
}

/* --- the text ------------------------------------------------------------------------------------ */

/* LF, no byte-order mark, no newline at the end. */
static nb_str clean(nb_arena *arena, nb_str text)
{
    if (nb_str_starts(text, NB_STR("\xEF\xBB\xBF")))
        text = nb_str_from_at(text, 3);
    char *copy = nb_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '\r')
            copy[len++] = text.at[i];
    return nb_str_rtrim((nb_str){copy, len});
}

/* What a cell of the other notebook needs and tells goes to ours. */
static void merge(run *r, const nb_python_cell *cell)
{
    nb_ipy *ipy = r->ipy;
    for (size_t i = 0; i < cell->requirements.count; i++)
        nb_ipy_require(ipy, cell->requirements.at[i].text, r->it->source->lines[0].number);
    for (size_t i = 0; i < cell->imports.count; i++)
        nb_ipy_import(ipy, nb_arena_z(ipy->arena, cell->imports.at[i]));
    for (size_t i = 0; i < cell->written.count; i++)
        nb_vec_push(ipy->arena, &ipy->out->written, cell->written.at[i]);
    for (size_t i = 0; i < cell->findings.count; i++) {
        const nb_ipython_finding *inner = &cell->findings.at[i];
        nb_ipython_finding *finding =
            nb_ipy_note(ipy, r->it, inner->code, NB_STR_FMT ": " NB_STR_FMT, NB_STR_ARG(r->name),
                        NB_STR_ARG(inner->message));
        finding->severity = inner->severity;
        finding->help = inner->help;
        finding->name = inner->name;
    }
}

static nb_str converted(run *r, nb_str source)
{
    nb_python_cell cell = nb_ipython_to_python(r->ipy->arena, source, &r->inner);
    merge(r, &cell);
    return cell.text;
}

/* The code cells of a notebook, one after the other; false when it is none. */
static bool notebook_text(run *r, nb_str bytes, nb_str *text)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* told as a file that cannot be read */
    nb_arena *arena = r->ipy->arena;
    nb_diags diags = {.arena = arena};
    const nb_notebook *notebook;
    nb_buf out = NB_BUF_INIT(NB_BUF_TEXT);
    if (nb_notebook_parse(arena, bytes, r->name, &diags, &notebook, &ignored) != NB_OK)
        return false;
    for (size_t i = 0; i < notebook->cell_count; i++) {
        const nb_cell *cell = &notebook->cells[i];
        if (cell->kind != NB_CELL_CODE || cell->foreign_language)
            continue;
        nb_buf_putz(&out, out.len > 0 ? "\n" : "");
        nb_buf_put(&out, converted(r, cell->source));
    }
    *text = nb_arena_str(arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return true;
}

static bool code_of(run *r, nb_str bytes, nb_str *text)
{
    if (nb_utf8_valid(bytes) != bytes.len)
        return false;
    if (is_notebook(r->name))
        return notebook_text(r, bytes, text);
    *text = clean(r->ipy->arena, bytes);
    if (nb_str_ends(r->name, NB_STR(".ipy")))
        *text = converted(r, *text);
    return true;
}

/* --- the line -------------------------------------------------------------------------------------- */

static void refuse(run *r, nb_diag_code code, nb_severity severity, const char *why, nb_str help)
{
    nb_str shown = nb_ipy_show(r->ipy, r->it->text);
    nb_ipython_finding *finding =
        nb_ipy_note(r->ipy, r->it, code, "removed '" NB_STR_FMT "': %s", NB_STR_ARG(shown), why);
    finding->severity = severity;
    finding->help = help;
    nb_ipy_comment(r->ipy, r->it);
}

static bool runs_itself(const nb_ipython_options *options, nb_str name, unsigned *depth)
{
    for (const nb_ipython_file *file = options->inside; file; file = file->outer, ++*depth)
        if (nb_str_eq(file->name, name))
            return true;
    return *depth >= DEEPEST_RUN;
}

static void put_code(run *r, nb_str text)
{
    nb_ipy *ipy = r->ipy;
    nb_str shown = nb_ipy_show(ipy, r->it->text);
    nb_ipy_note(ipy, r->it, NB_D_MAGIC_REMOVED,
                "the code of '" NB_STR_FMT "' stands in the place of '" NB_STR_FMT "'",
                NB_STR_ARG(r->name), NB_STR_ARG(shown))
        ->severity = NB_SEVERITY_INFO;
    nb_ipy_replace(ipy, r->it,
                   nb_arena_printf(ipy->arena,
                                   "# notebooked: the code of " NB_STR_FMT "%s" NB_STR_FMT,
                                   NB_STR_ARG(shown), text.len > 0 ? "\n" : "", NB_STR_ARG(text)));
}

bool nb_ipy_run_file(nb_ipy *ipy, nb_ipy_item *it, nb_str args)
{
    const nb_ipython_options *options = ipy->options;
    bool plain;
    unsigned depth = 0;
    run r = {.ipy = ipy, .it = it, .name = name_of(args, &plain), .inner = *options};
    nb_str bytes,
        text = NB_STR(""),
        advice = NB_STR("import the module and call it, or copy its code into a tagged cell");
    if (options->policies.run != NB_RUN_INLINE || !options->read || ipy->scanning)
        return false;
    if (nb_str_find_char(nb_path_base(r.name), '.') < 0)
        r.name = nb_str_concat(ipy->arena, r.name, NB_STR(".py"));
    r.stack = (nb_ipython_file){r.name, options->inside};
    r.inner.inside = &r.stack;
    if (!plain || r.name.len <= strlen(".py"))
        refuse(&r, NB_D_MAGIC_REMOVED, NB_SEVERITY_WARNING,
               "only a file's name can stand behind it to have its code here", advice);
    else if (it->head || nb_ipy_indent(it).len > 0)
        refuse(&r, NB_D_MAGIC_REMOVED, NB_SEVERITY_WARNING,
               "code can stand here only where it is a statement of the cell by itself", advice);
    else if (runs_itself(options, r.name, &depth))
        refuse(&r, NB_D_MAGIC_REMOVED, NB_SEVERITY_WARNING, "the file runs itself",
               NB_STR("take one of the %run lines away"));
    else if (!options->read(options->reader, r.name, &bytes))
        refuse(&r, NB_D_MISSING_FILE, NB_SEVERITY_ERROR, "there is no such file",
               NB_STR("correct the path: it is seen from the notebook's folder"));
    else if (!code_of(&r, bytes, &text))
        refuse(&r, NB_D_MISSING_FILE, NB_SEVERITY_ERROR, "the file cannot be read",
               NB_STR("save it as UTF-8, or as a notebook"));
    else
        put_code(&r, text);
    return true;
}
