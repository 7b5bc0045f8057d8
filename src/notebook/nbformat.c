#include "notebook/nbformat.h"

#include "notebook/directives.h"
#include "notebook/kernel.h"

/* What is known of the cell under way. Keys come in any order, so nothing is decided before its end. */
typedef struct cell_draft {
    nb_cell cell;
    nb_str type;
    nb_str language; /* other than the notebook's; empty when the cell names none */
    NB_VEC(nb_str) tags;
    bool has_source;      /* `source` was read: `input` of older formats no longer counts */
    bool tags_not_a_list; /* or something in the list is no string */
} cell_draft;

typedef struct loader {
    nb_json_reader *json;
    nb_arena *arena;
    nb_diags *diags;
    nb_notebook *notebook;
    NB_VEC(nb_cell) cells;
    cell_draft draft;
    nb_buf text;         /* the source of the cell under way */
    size_t text_sum;     /* bytes of all sources */
    unsigned cell;       /* number of the cell under way; 0 outside cells */
    bool from_cells;     /* `cells` was read: `worksheets` no longer counts */
    bool told_duplicate; /* one finding a notebook is enough */
    bool told_schema;
} loader;

/* --- members by table ------------------------------------------------------------------------- */

typedef struct field {
    const char *key;
    void (*read)(loader *l); /* reads or skips exactly one value */
} field;

static void tell_duplicate(loader *l, nb_str key)
{
    if (l->told_duplicate)
        return;
    l->told_duplicate = true;
    nb_spot spot = {.path = l->notebook->path, .cell = l->cell};
    nb_diag *diag =
        nb_diag_add(l->diags, NB_D_DUPLICATE_KEY, spot,
                    "the key '" NB_STR_FMT "' occurs twice; the last one counts", NB_STR_ARG(key));
    nb_diag_help(l->diags, diag, "open the notebook in Jupyter and save it again");
}

/* Reads an object by a table of at most 32 fields; all other members are skipped. Returns the rows that were there, as bits. A
 * value that is no object is skipped. */
static unsigned read_object(loader *l, const field *fields, size_t count)
{
    unsigned seen = 0;
    nb_str key;
    if (nb_json_peek(l->json) != NB_JSON_OBJECT) {
        nb_json_skip(l->json, NULL);
        return 0;
    }
    (void)nb_json_enter(l->json, NB_JSON_OBJECT);
    while (nb_json_next_key(l->json, l->arena, &key)) {
        size_t i = 0;
        while (i < count && !nb_str_eqz(key, fields[i].key))
            i++;
        if (i == count) {
            nb_json_skip(l->json, NULL);
            continue;
        }
        if (seen >> i & 1)
            tell_duplicate(l, key);
        seen |= 1u << i;
        fields[i].read(l);
    }
    return seen;
}

/* A string; "" for any other value. The copy outlives the file. */
static nb_str read_string(loader *l)
{
    if (nb_json_peek(l->json) == NB_JSON_STRING)
        return nb_arena_str(l->arena, nb_json_string(l->json, l->arena));
    nb_json_skip(l->json, NULL);
    return NB_STR("");
}

/* An integer that fits; `otherwise` for any other value. */
static int64_t read_integer(loader *l, int64_t otherwise)
{
    int64_t value;
    if (nb_json_peek(l->json) != NB_JSON_NUMBER) {
        nb_json_skip(l->json, NULL);
        return otherwise;
    }
    return nb_str_to_int(nb_json_number(l->json), &value) ? value : otherwise;
}

/* --- what the format asks for and the file leaves out ----------------------------------------- */

static void tell_missing(loader *l, const char *key)
{
    if (l->told_schema)
        return;
    l->told_schema = true;
    nb_spot spot = {.path = l->notebook->path, .cell = l->cell};
    nb_diag_add(l->diags, NB_D_SCHEMA, spot,
                "the %s has no '%s', which the notebook format asks for",
                l->cell ? "cell" : "notebook", key);
}

static void tell_missing_fields(loader *l, unsigned seen, const field *fields, size_t required)
{
    for (size_t i = 0; i < required; i++)
        if (!(seen >> i & 1))
            tell_missing(l, fields[i].key);
}

/* --- cells ------------------------------------------------------------------------------------ */

/* Text as one string or as a list of pieces, which are joined as they are. */
static void read_text(loader *l)
{
    nb_buf_clear(&l->text);
    nb_json_kind kind = nb_json_peek(l->json);
    if (kind == NB_JSON_STRING) {
        nb_json_string_to(l->json, &l->text);
    } else if (kind == NB_JSON_ARRAY) {
        (void)nb_json_enter(l->json, NB_JSON_ARRAY);
        while (nb_json_next(l->json))
            nb_json_string_to(l->json, &l->text);
    } else if (kind == NB_JSON_NULL) {
        nb_json_skip(l->json, NULL);
        tell_missing(l, "source");
    } else {
        nb_json_refuse(l->json, "the source of a cell is neither text nor a list of texts");
    }
    if (l->text.full)
        nb_json_refuse(l->json, "the source of a cell is larger than 64 MiB");
}

static void read_source(loader *l)
{
    l->draft.has_source = true;
    read_text(l);
}

static void read_input(loader *l)
{
    if (l->draft.has_source)
        nb_json_skip(l->json, NULL);
    else
        read_text(l);
}

static void read_cell_type(loader *l)
{
    l->draft.type = read_string(l);
}

static void read_id(loader *l)
{
    l->draft.cell.id = read_string(l);
}

static void read_execution(loader *l)
{
    l->draft.cell.execution = read_integer(l, 0);
}

static void read_language(loader *l)
{
    nb_str language = read_string(l);
    bool vague =
        nb_str_eqz(language, "polyglot-notebook"); /* VS Code's; another key names the language */
    if (language.len > 0 && !(vague && l->draft.language.len > 0))
        l->draft.language = language;
}

static void read_tags(loader *l)
{
    cell_draft *draft = &l->draft;
    draft->tags.count = 0;
    nb_json_kind kind = nb_json_peek(l->json);
    draft->tags_not_a_list = kind != NB_JSON_ARRAY;
    if (kind == NB_JSON_STRING) {
        nb_vec_push(l->arena, &draft->tags, read_string(l));
        return;
    }
    if (kind != NB_JSON_ARRAY) {
        nb_json_skip(l->json, NULL);
        return;
    }
    (void)nb_json_enter(l->json, NB_JSON_ARRAY);
    while (nb_json_next(l->json)) {
        bool string = nb_json_peek(l->json) == NB_JSON_STRING;
        nb_str tag = read_string(l);
        draft->tags_not_a_list |= !string;
        if (string)
            nb_vec_push(l->arena, &draft->tags, tag);
    }
}

static void read_frozen(loader *l)
{
    l->draft.cell.frozen = nb_json_peek(l->json) == NB_JSON_TRUE;
    nb_json_skip(l->json, NULL);
}

static void read_run_control(loader *l)
{
    static const field fields[] = {
        {"frozen", read_frozen}
    };
    (void)read_object(l, fields, NB_LEN(fields));
}

/* VS Code, Polyglot Notebooks, its older form, Synapse and Azure Data Studio each have a key of their own. */
static void read_language_object(loader *l)
{
    static const field fields[] = {
        {"languageId", read_language},
        {"kernelName", read_language},
        {"language",   read_language}
    };
    (void)read_object(l, fields, NB_LEN(fields));
}

static void read_cell_metadata(loader *l)
{
    static const field fields[] = {
        {"tags",               read_tags           },
        {"run_control",        read_run_control    },
        {"vscode",             read_language_object},
        {"polyglot_notebook",  read_language_object},
        {"dotnet_interactive", read_language_object},
        {"microsoft",          read_language_object},
        {"language",           read_language       },
    };
    (void)read_object(l, fields, NB_LEN(fields));
}

/* Cell types of all formats; `heading` and `html` are of version 3 and before. */
static const struct {
    const char *type;
    nb_cell_kind kind;
} types[] = {
    {"code",     NB_CELL_CODE    },
    {"markdown", NB_CELL_MARKDOWN},
    {"raw",      NB_CELL_RAW     },
    {"heading",  NB_CELL_MARKDOWN},
    {"html",     NB_CELL_RAW     },
};

static void decide_kind(loader *l, nb_spot spot)
{
    cell_draft *draft = &l->draft;
    for (size_t i = 0; i < NB_LEN(types); i++)
        if (nb_str_eqz(draft->type, types[i].type)) {
            draft->cell.kind = types[i].kind;
            return;
        }
    draft->cell.kind = NB_CELL_RAW; /* whatever it is, it is not to be run */
    nb_diag *diag = nb_diag_add(l->diags, NB_D_SCHEMA, spot,
                                "the cell type '" NB_STR_FMT "' is not known; the cell is left out",
                                NB_STR_ARG(draft->type));
    diag->severity = NB_SEVERITY_WARNING;
    nb_diag_help(l->diags, diag, "set its \"cell_type\" to code, markdown or raw");
}

static void check_language(loader *l, nb_spot spot)
{
    nb_cell *cell = &l->draft.cell;
    nb_str language = l->draft.language;
    if (cell->kind != NB_CELL_CODE || language.len == 0 || nb_language_is_python(language))
        return;
    cell->foreign_language = true;
    nb_diag_add(l->diags, NB_D_CELL_LANGUAGE, spot,
                "the cell's language is '" NB_STR_FMT "'; it is left out", NB_STR_ARG(language));
}

/* The spot of the first `needle` in the cell. */
static nb_spot spot_of(const loader *l, const nb_cell *cell, nb_str needle)
{
    ptrdiff_t hit = nb_str_find(cell->source, needle);
    return hit < 0 ? nb_cell_spot(l->notebook, cell, 0, 0, 0)
                   : nb_cell_spot_at(l->notebook, cell, (size_t)hit, 1);
}

static void check_source(loader *l, const nb_cell *cell)
{
    if (l->json->lone_surrogate) {
        l->json->lone_surrogate = false;
        nb_diag *diag =
            nb_diag_add(l->diags, NB_D_LONE_SURROGATE, spot_of(l, cell, NB_STR("\xEF\xBF\xBD")),
                        "half of a surrogate pair was replaced by U+FFFD");
        nb_diag_help(l->diags, diag, "write the whole character");
    }
    if (cell->kind != NB_CELL_CODE || nb_str_find_char(cell->source, '\0') < 0)
        return;
    nb_diag *diag = nb_diag_add(l->diags, NB_D_NUL_IN_SOURCE, spot_of(l, cell, NB_STR("\0")),
                                "the cell holds a NUL character, which Python refuses");
    nb_diag_help(l->diags, diag, "remove the character");
    if (cell->tag_count == 0 && !cell->directives) /* it will not be exported */
        diag->severity = NB_SEVERITY_WARNING;
}

static void finish_cell(loader *l)
{
    cell_draft *draft = &l->draft;
    nb_cell *cell = &draft->cell;
    cell->number = l->cell;
    cell->tags = draft->tags.at;
    cell->tag_count = draft->tags.count;
    cell->source = nb_arena_str(l->arena, nb_buf_view(&l->text));
    nb_spot spot = nb_cell_spot(l->notebook, cell, 0, 0, 0);
    decide_kind(l, spot);
    check_language(l, spot);
    if (cell->kind == NB_CELL_CODE && !cell->foreign_language)
        cell->directives = nb_directives_read(l->arena, cell->source);
    check_source(l, cell);
    if (draft->tags_not_a_list) {
        nb_diag *diag = nb_diag_add(l->diags, NB_D_TAGS_NOT_A_LIST, spot,
                                    "metadata.tags is not a list of strings");
        nb_diag_help(l->diags, diag, "write the tags as \"tags\": [\"train\"]");
    }
    nb_vec_push(l->arena, &l->cells, *cell);
}

static void read_cell(loader *l)
{
    enum { METADATA, SOURCE, REQUIRED, TYPE = REQUIRED, INPUT, ID, COUNT, PROMPT, LANGUAGE };
    static const field fields[] = {
        [METADATA] = {"metadata",        read_cell_metadata},
        [SOURCE] = {"source",          read_source       },
        [TYPE] = {"cell_type",       read_cell_type    }, /* required too: decide_kind tells */
        [INPUT] = {"input",           read_input        }, /* this one and the last two: version 3 and before */
        [ID] = {"id",              read_id           },
        [COUNT] = {"execution_count", read_execution    },
        [PROMPT] = {"prompt_number",   read_execution    },
        [LANGUAGE] = {"language",        read_language     },
    };
    if (nb_json_peek(l->json) != NB_JSON_OBJECT) {
        nb_json_refuse(l->json, "a cell is not a JSON object");
        return;
    }
    l->draft = (cell_draft){.type = NB_STR("")};
    nb_buf_clear(&l->text);
    unsigned seen = read_object(l, fields, NB_LEN(fields));
    if (l->json->bad)
        return;
    seen |= (seen >> INPUT & 1) << SOURCE;
    tell_missing_fields(l, seen, fields, REQUIRED);
    finish_cell(l);
    l->text_sum += l->text.len;
    if (l->text_sum > NB_BUF_TEXT)
        nb_json_refuse(l->json, "the sources of the cells are larger than 64 MiB");
}

static void read_cell_list(loader *l)
{
    if (nb_json_peek(l->json) != NB_JSON_ARRAY) {
        nb_json_refuse(l->json, "'cells' is not a list");
        return;
    }
    (void)nb_json_enter(l->json, NB_JSON_ARRAY);
    while (nb_json_next(l->json)) {
        l->cell = (unsigned)l->cells.count + 1;
        if (l->cell > NB_NOTEBOOK_MAX_CELLS)
            nb_json_refuse(l->json, "there are more than 100000 cells");
        read_cell(l);
        if (l->json->bad)
            return; /* l->cell says in which one */
    }
    l->cell = 0;
}

/* --- the notebook ----------------------------------------------------------------------------- */

static void read_cells(loader *l)
{
    l->cells.count = 0;
    l->from_cells = true;
    read_cell_list(l);
}

static void read_worksheet(loader *l)
{
    static const field fields[] = {
        {"cells", read_cell_list}
    };
    (void)read_object(l, fields, NB_LEN(fields));
}

static void read_worksheets(loader *l)
{
    if (l->from_cells || nb_json_peek(l->json) != NB_JSON_ARRAY) {
        nb_json_skip(l->json, NULL);
        return;
    }
    l->cells.count = 0;
    (void)nb_json_enter(l->json, NB_JSON_ARRAY);
    while (nb_json_next(l->json))
        read_worksheet(l);
}

static void read_kernel_name(loader *l)
{
    l->notebook->kernel = read_string(l);
}

/* language_info.name says what the kernel answered, kernelspec.language what was asked for. Python wins: a notebook that was last run
 * elsewhere still is one. */
static void read_notebook_language(loader *l)
{
    nb_str language = read_string(l);
    if (nb_str_eqz(language, "plaintext")) /* VS Code before a kernel was chosen */
        return;
    if (l->notebook->language.len == 0 || nb_language_is_python(language))
        l->notebook->language = language;
}

static void read_kernelspec(loader *l)
{
    static const field fields[] = {
        {"name",     read_kernel_name      },
        {"language", read_notebook_language}
    };
    (void)read_object(l, fields, NB_LEN(fields));
}

static void read_language_info(loader *l)
{
    static const field fields[] = {
        {"name", read_notebook_language}
    };
    (void)read_object(l, fields, NB_LEN(fields));
}

static void read_metadata(loader *l)
{
    static const field fields[] = {
        {"kernelspec",    read_kernelspec   },
        {"language_info", read_language_info}
    };
    (void)read_object(l, fields, NB_LEN(fields));
}

static void read_major(loader *l)
{
    int64_t major = read_integer(l, -1);
    l->notebook->major = major < 0 || major > INT32_MAX ? -1 : (int)major;
}

static void read_minor(loader *l)
{
    int64_t minor = read_integer(l, 0);
    l->notebook->minor = minor < 0 || minor > INT32_MAX ? 0 : (int)minor;
}

static const char name_another[] = "name a file that Jupyter wrote";

static nb_code refuse_other_json(const loader *l, nb_error *err)
{
    nb_fail(err, NB_ERR_NOTEBOOK,
            "cannot read '" NB_STR_FMT "': it is JSON, but not a notebook: it has no '%s'",
            NB_STR_ARG(l->notebook->path), l->notebook->major == 0 ? "nbformat" : "cells");
    nb_error_hint(err, "%s", name_another);
    return err->code;
}

/* Python, JSON of another shape, or a conflict in the first line. */
static nb_code refuse_start(loader *l, nb_error *err)
{
    bool conflict = nb_str_starts(nb_str_from_at(l->json->text, l->json->at), NB_STR("<<<<<<<"));
    nb_json_refuse(l->json, "expected '{' at the start of a notebook");
    (void)nb_json_close(l->json, err);
    if (!conflict)
        nb_error_hint(err, "%s", name_another);
    return err->code;
}

static nb_code read_document(loader *l, nb_error *err)
{
    enum { METADATA, NBFORMAT, REQUIRED, MINOR = REQUIRED, CELLS, WORKSHEETS };
    static const field fields[] = {
        [METADATA] = {"metadata",       read_metadata  },
          [NBFORMAT] = {"nbformat",       read_major     },
        [MINOR] = {"nbformat_minor", read_minor     },
          [CELLS] = {"cells",          read_cells     },
        [WORKSHEETS] = {"worksheets",     read_worksheets},
    };
    if (nb_json_peek(l->json) != NB_JSON_OBJECT)
        return refuse_start(l, err);
    unsigned seen = read_object(l, fields, NB_LEN(fields));
    if (nb_json_close(l->json, err) != NB_OK)
        return l->cell ? nb_wrap(err, "cannot read cell %u", l->cell) : err->code;
    bool has_cells = seen >> CELLS & 1 || seen >> WORKSHEETS & 1;
    bool may_lack_cells = l->notebook->major == 2 || l->notebook->major == 3;
    if (!has_cells && !may_lack_cells)
        return refuse_other_json(l, err);
    tell_missing_fields(l, seen, fields, REQUIRED);
    if (!(seen >> NBFORMAT & 1)) /* the cells look like this version's */
        l->notebook->major = l->from_cells ? 4 : 3;
    return NB_OK;
}

nb_code nb_nbformat_read(nb_arena *arena, nb_json_reader *json, nb_diags *diags,
                         nb_notebook *notebook, nb_error *err)
{
    loader l = {.json = json,
                .arena = arena,
                .diags = diags,
                .notebook = notebook,
                .text = NB_BUF_INIT(NB_BUF_TEXT)};
    nb_code code = read_document(&l, err);
    nb_buf_release(&l.text);
    if (code != NB_OK)
        return code;
    if (json->not_finite)
        nb_diag_add(
            diags, NB_D_SCHEMA, (nb_spot){.path = notebook->path},
            "the file holds NaN or Infinity, which JSON does not have; it is read all the same");
    notebook->cells = l.cells.at;
    notebook->cell_count = l.cells.count;
    return NB_OK;
}
