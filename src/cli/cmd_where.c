#include "base/fs.h"
#include "base/path.h"
#include "cli/app.h"
#include "cli/origins.h"
#include "cli/term.h"
#include "notebook/notebook.h"
#include "origin/mention.h"
#include "text/json.h"

struct where_args {
    const char *experiment, *out;
};

/* --- the question -------------------------------------------------------------------------------------------------- */

/* A line of a file, or of a notebook's cell. */
typedef struct question {
    nb_str path;
    int64_t line; /* of a notebook: of the cell, 0: all of it */
    int64_t cell; /* 0: the file is no notebook */
} question;

/* "File "…/train.py", line 120" in a pasted line of a traceback. */
static bool read_frame(nb_arena *arena, nb_str text, question *q)
{
    ptrdiff_t at = nb_str_find(text, NB_STR("File "));
    nb_mention m;
    if (at < 0)
        return false;
    nb_str frame = nb_str_concat(arena, NB_STR("  "), nb_str_from_at(text, (size_t)at));
    if (nb_mention_frame(frame, true, &m) != NB_MATCH_YES)
        return false;
    *q = (question){.path = nb_str_slice(frame, m.path, m.path_end), .line = m.line};
    return true;
}

/* Cuts "12" off the front of *rest; 0 when there is none. */
static int64_t take_number(nb_str *rest)
{
    int64_t number = 0;
    size_t len = 0;
    while (len < rest->len && nb_is_digit(rest->at[len]))
        len++;
    if (!nb_str_to_int(nb_str_slice(*rest, 0, len), &number))
        return 0;
    *rest = nb_str_from_at(*rest, len);
    return number;
}

/* What follows the first ".py:" or ".ipynb:"; *path gets what stands before it, with the ending. */
static bool cut_path(nb_str text, nb_str ending, nb_str *path, nb_str *rest)
{
    ptrdiff_t at = nb_str_find(text, ending);
    if (at <= 0)
        return false;
    *path = nb_str_slice(text, 0, (size_t)at + ending.len - 1);
    *rest = nb_str_from_at(text, path->len + 1);
    return true;
}

/* train.py:120 (what a warning or a column has behind it does not matter), iris.ipynb:12, iris.ipynb:12:3, a pasted frame. */
static bool read_question(nb_arena *arena, nb_str text, question *q)
{
    nb_str rest;
    *q = (question){0};
    text = nb_str_trim(text);
    if (read_frame(arena, text, q))
        return q->line > 0;
    if (cut_path(text, NB_STR(".ipynb:"), &q->path, &rest)) {
        q->cell = take_number(&rest);
        if (nb_str_starts(rest, NB_STR(":")))
            rest = nb_str_from_at(rest, 1);
        q->line = take_number(&rest);
        return q->cell > 0;
    }
    if (!cut_path(text, NB_STR(".py:"), &q->path, &rest))
        return false;
    q->line = take_number(&rest);
    return q->line > 0;
}

/* --- which maps ------------------------------------------------------------------------------------------------------ */

typedef struct search {
    nb_app *app;
    const struct where_args *args;
    question q;
    nb_project_origins project;
} search;

/* The maps of the project; a file on disk beside a map of its own is asked there, wherever it is. */
static nb_code load_maps(search *s, nb_error *err)
{
    nb_arena *arena = s->app->arena;
    const nb_origins_wanted wanted = {nb_str_from(s->args->experiment), nb_str_from(s->args->out)};
    nb_str absolute, code_dir;
    if (nb_path_absolute(arena, s->q.path, &absolute, err) != NB_OK)
        return err->code;
    bool given = wanted.experiment.len > 0 || wanted.out.len > 0;
    if (s->q.cell > 0 || given || !nb_is_file(absolute.at) ||
        !nb_origin_map_beside(arena, absolute, &code_dir))
        return nb_project_origins_load(s->app, &wanted, &s->project, err);
    nb_origin_map *map = NB_NEW(arena, nb_origin_map);
    if (nb_origin_map_load(arena, code_dir, map, err) != NB_OK ||
        nb_project_root(s->app, &s->project.root, err) != NB_OK)
        return err->code;
    s->project.origins = (nb_origins){map, 1, true};
    s->q.path = absolute;
    return NB_OK;
}

static nb_str shown_file(const search *s, const nb_origin *o)
{
    return nb_shown_path(s->app->arena, nb_path_join(s->app->arena, o->map->folder, o->file->name));
}

static nb_str shown_origin(const search *s, nb_str path)
{
    return nb_shown_path(s->app->arena, nb_path_join(s->app->arena, s->project.root, path));
}

/* --- a generated line -------------------------------------------------------------------------------------------------- */

static nb_code fail_edited(const search *s, const nb_origin *o, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_STALE,
                  "'" NB_STR_FMT "' was edited since it was generated: nobody knows its lines",
                  NB_STR_ARG(shown_file(s, o)));
    nb_error_hint(err, "see the edits with 'notebooked convert --diff " NB_STR_FMT "'",
                  NB_STR_ARG(nb_path_base(o->map->folder)));
    return err->code;
}

static nb_code fail_ambiguous(const nb_origin *o, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_USAGE, "several experiments have a '" NB_STR_FMT "'",
                  NB_STR_ARG(o->file->name));
    nb_error_hint(err, "name one of them, such as '--experiment " NB_STR_FMT "', or its folder",
                  NB_STR_ARG(nb_path_base(o->map->folder)));
    return err->code;
}

static nb_code fail_unknown(const search *s, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "'" NB_STR_FMT "' is no generated file",
                  NB_STR_ARG(s->q.path));
    const nb_origins *origins = &s->project.origins;
    if (origins->count > 0 && origins->maps[0].count > 0)
        nb_error_hint(err, "name one, such as '" NB_STR_FMT "/" NB_STR_FMT "'",
                      NB_STR_ARG(nb_path_base(origins->maps[0].folder)),
                      NB_STR_ARG(origins->maps[0].files[0].name));
    return err->code;
}

static int64_t count_lines(nb_str text)
{
    int64_t count = 0;
    for (nb_str line; nb_str_line(&text, &line);)
        count++;
    return count;
}

/* What is known about the cell beyond the map. */
typedef struct cell_facts {
    const nb_cell *cell; /* NULL: the notebook cannot be read, or has no such cell */
    bool changed;        /* the notebook is not the one that was converted */
    nb_str source;       /* the line */
} cell_facts;

/* Whether the notebook is another than the one the scripts were made from, as their manifest has it. */
static bool has_changed(nb_arena *arena, nb_str folder, const nb_notebook *notebook)
{
    enum { MANIFEST_LIMIT = 16 * 1024 * 1024 };
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* without a manifest nobody knows: as if it were */
    nb_str text, path = nb_path_join(arena, folder, NB_STR("notebooked.json"));
    const nb_json *root;
    return nb_file_read(arena, path.at, MANIFEST_LIMIT, &text, &ignored) != NB_OK ||
           nb_json_parse(arena, text, path, NB_JSON_STRICT, &root, &ignored) != NB_OK ||
           !nb_str_eq(nb_json_get_str(root, "notebook_sha256"), notebook->sha256);
}

static cell_facts look_at_cell(const search *s, const nb_origin *o)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the map tells without the notebook, too */
    nb_arena *arena = s->app->arena;
    nb_diags unused = {.arena = arena};
    const nb_notebook *notebook;
    nb_str path = nb_path_join(arena, s->project.root, o->path);
    cell_facts facts = {.source = nb_str_trim(nb_str_line_at(o->file->text, (size_t)s->q.line))};
    if (o->cell == 0 || nb_notebook_load(arena, path.at, &unused, &notebook, &ignored) != NB_OK)
        return facts;
    facts.changed = has_changed(arena, o->map->folder, notebook);
    if (facts.changed || (size_t)o->cell > notebook->cell_count)
        return facts;
    facts.cell = &notebook->cells[o->cell - 1];
    facts.source = nb_str_rtrim(nb_str_line_at(facts.cell->source, (size_t)o->line));
    return facts;
}

static void print_line(const nb_app *app, nb_str line)
{
    if (line.len == 0)
        return;
    fputs("    ", app->out);
    nb_term_put(line, app->out);
    fputc('\n', app->out);
}

static void print_origin(const search *s, const nb_origin *o, const cell_facts *facts)
{
    const nb_app *app = s->app;
    nb_term_put(shown_origin(s, o->path), app->out);
    if (o->cell == 0) {
        fprintf(app->out, ":%lld\n", (long long)o->line);
    } else {
        fprintf(app->out, ": cell %lld", (long long)o->cell);
        if (facts->cell && facts->cell->execution > 0)
            fprintf(app->out, " (In [%lld])", (long long)facts->cell->execution);
        fprintf(app->out, ", line %lld\n", (long long)o->line);
    }
    print_line(app, facts->source);
    if (facts->changed)
        nb_app_say(app,
                   "note: '" NB_STR_FMT
                   "' was changed since it was converted; the cell is the one of then",
                   NB_STR_ARG(shown_origin(s, o->path)));
}

static void put_origin(const search *s, const nb_origin *o, const cell_facts *facts)
{
    nb_json_writer *json = s->app->json;
    const nb_cell *cell = facts->cell;
    nb_json_member_str(json, "path", shown_file(s, o));
    nb_json_member_int(json, "line", s->q.line);
    nb_json_member_str(json, "experiment", nb_path_base(o->map->folder));
    nb_json_member_known_str(json, "origin", o->range ? shown_origin(s, o->path) : NB_STR(""));
    nb_json_member_known_int(json, "cell", o->cell);
    nb_json_member_known_str(json, "id", cell ? cell->id : NB_STR(""));
    nb_json_member_known_int(json, "execution", cell ? cell->execution : 0);
    nb_json_member_known_int(json, "cell_line", o->line);
    nb_json_member_known_str(json, "source", facts->source);
    nb_json_member_known_str(json, "function", nb_origin_function(o->file->text, s->q.line));
    nb_json_member_bool(json, "changed", facts->changed);
}

static void print_generated(const search *s, const nb_origin *o)
{
    nb_str function = nb_origin_function(o->file->text, s->q.line);
    nb_term_put(shown_file(s, o), s->app->out);
    fprintf(s->app->out, ":%lld: written by notebooked, not by a cell", (long long)s->q.line);
    if (function.len > 0)
        fprintf(s->app->out, "; in '" NB_STR_FMT "'", NB_STR_ARG(function));
    fputc('\n', s->app->out);
    print_line(s->app, nb_str_trim(nb_str_line_at(o->file->text, (size_t)s->q.line)));
}

static nb_code tell(const search *s, const nb_origin *o, nb_error *err)
{
    int64_t lines = count_lines(o->file->text);
    if (o->file->state == NB_ORIGIN_FRESH && s->q.line > lines)
        return nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' has only %lld lines",
                       NB_STR_ARG(shown_file(s, o)), (long long)lines);
    cell_facts facts = {.source = nb_str_trim(nb_str_line_at(o->file->text, (size_t)s->q.line))};
    if (o->range)
        facts = look_at_cell(s, o);
    if (s->app->json)
        put_origin(s, o, &facts);
    else if (o->range)
        print_origin(s, o, &facts);
    else
        print_generated(s, o);
    return NB_OK;
}

static nb_code answer_line(const search *s, nb_error *err)
{
    nb_origin o;
    switch (nb_origin_find(&s->project.origins, s->q.path, s->q.line, (nb_str){0}, &o)) {
    case NB_ORIGIN_FOUND:
    case NB_ORIGIN_GENERATED: return tell(s, &o, err);
    case NB_ORIGIN_CHANGED: return fail_edited(s, &o, err);
    case NB_ORIGIN_AMBIGUOUS: return fail_ambiguous(&o, err);
    case NB_ORIGIN_OTHER:
    case NB_ORIGIN_UNKNOWN: break;
    }
    return fail_unknown(s, err);
}

/* --- a cell ------------------------------------------------------------------------------------------------------------ */

/* Whether the map is of the notebook that the question names: by its path, or by its name alone. */
static bool is_asked(const search *s, const nb_origin_map *map)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the folder we are in is gone: nothing matches */
    nb_str asked;
    nb_arena *arena = s->app->arena;
    if (nb_str_find_char(s->q.path, '/') < 0 && nb_str_eq(nb_path_base(map->notebook), s->q.path))
        return true;
    nb_str notebook = nb_path_clean(arena, nb_path_join(arena, s->project.root, map->notebook));
    return nb_path_absolute(arena, s->q.path, &asked, &ignored) == NB_OK &&
           nb_str_eq(asked, notebook);
}

static void put_generated(const search *s, const nb_origin *o, int64_t line)
{
    nb_str source = nb_str_trim(nb_str_line_at(o->file->text, (size_t)line));
    nb_json_writer *json = s->app->json;
    if (!json) {
        nb_term_put(shown_file(s, o), s->app->out);
        fprintf(s->app->out, ":%lld: ", (long long)line);
        nb_term_put(source, s->app->out);
        fputc('\n', s->app->out);
        return;
    }
    nb_json_begin_object(json);
    nb_json_member_str(json, "path", shown_file(s, o));
    nb_json_member_int(json, "line", line);
    nb_json_member_str(json, "experiment", nb_path_base(o->map->folder));
    nb_json_member_known_str(json, "source", source);
    nb_json_end_object(json);
}

/* All lines of one file that came from the cell; how many. */
static size_t list_lines(const search *s, const nb_origin *o)
{
    size_t count = 0;
    if (o->file->state == NB_ORIGIN_EDITED) {
        nb_app_say(s->app, "note: '" NB_STR_FMT "' was edited since it was generated",
                   NB_STR_ARG(shown_file(s, o)));
        return 0;
    }
    for (int64_t line = 0; nb_origin_next(o->file, s->q.cell, s->q.line, &line); count++)
        put_generated(s, o, line);
    return count;
}

static nb_code answer_cell(const search *s, nb_error *err)
{
    const nb_origins *origins = &s->project.origins;
    size_t maps = 0, lines = 0;
    if (s->app->json) {
        nb_json_key(s->app->json, NB_STR("lines"));
        nb_json_begin_array(s->app->json);
    }
    for (size_t m = 0; m < origins->count; m++) {
        const nb_origin_map *map = &origins->maps[m];
        if (!is_asked(s, map))
            continue;
        maps++;
        for (size_t f = 0; f < map->count; f++)
            lines += list_lines(s, &(nb_origin){.map = map, .file = &map->files[f]});
    }
    if (s->app->json)
        nb_json_end_array(s->app->json);
    if (maps == 0)
        return nb_fail(err, NB_ERR_NOT_FOUND, "no generated script was made from '" NB_STR_FMT "'",
                       NB_STR_ARG(s->q.path));
    if (lines == 0 && !s->app->json)
        nb_app_say(s->app, "no generated line comes from there");
    return NB_OK;
}

/* --- the command ------------------------------------------------------------------------------------------------------- */

static nb_code run(const void *args, const char *const *operands, NB_UNUSED size_t count,
                   nb_app *app, nb_error *err)
{
    search s = {.app = app, .args = args};
    if (!read_question(app->arena, nb_str_from(operands[0]), &s.q)) {
        (void)nb_fail(err, NB_ERR_USAGE, "cannot tell a line from '%s'", operands[0]);
        nb_error_hint(err, "write 'train.py:120', or 'iris.ipynb:12:3' for line 3 of cell 12");
        return err->code;
    }
    if (load_maps(&s, err) != NB_OK)
        return err->code;
    return s.q.cell > 0 ? answer_cell(&s, err) : answer_line(&s, err);
}

static const nb_opt options[] = {
    {NB_STRING('e', "experiment", "NAME", struct where_args, experiment,
     "the experiment whose script is meant"),
     .names = NB_NAMES_EXPERIMENT},
    {NB_STRING('o',       "out", "FOLDER", struct where_args, out,
     "folder that 'convert --out' wrote to (default: generated)"),
     .names = NB_NAMES_FOLDER},
    {.kind = NB_OPT_END  },
};

static const nb_example examples[] = {
    {"notebooked where generated/iris/train.py:120",                         "the cell that line came from"},
    {"notebooked where --experiment iris train.py:120",                                                                      "the same"},
    {"notebooked where 'File \"/opt/ml/code/train.py\", line 120, in main'","pasted from a log"},
    {"notebooked where iris.ipynb:12:3", "the other way: generated lines of cell 12, line 3"},
    {0                                                                     },
};

const nb_command nb_cmd_where = {
    .name = "where",
    .operands = "FILE:LINE | NOTEBOOK:CELL[:LINE]",
    .summary = "Tell which cell a generated line came from, and back.",
    .about =
        "The answer is exact: it comes from the source map that 'convert' writes beside the scripts. A script that was edited since is "
        "refused. For lines that no cell wrote, the function of the script is told.\n\n"
        "FILE may be a path, a path of another machine, or 'train.py' alone where one experiment only has it. A line pasted from a traceback "
        "works as well.",
    .examples = examples,
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_FILE,
    .args_size = sizeof(struct where_args),
    .run = run,
};
