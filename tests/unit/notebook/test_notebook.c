#include "nb_test.h"

#include "base/buf.h"
#include "notebook/notebook.h"

#include <sys/stat.h>
#include <unistd.h>

/* A notebook around the given cells. */
#define BOOK(cells)  "{\"cells\":[" cells "],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}"
#define CODE(source) "{\"cell_type\":\"code\",\"metadata\":{},\"source\":" source "}"
#define CODE_WITH(metadata, source) \
    "{\"cell_type\":\"code\",\"metadata\":{" metadata "},\"source\":" source "}"

/* Cells in one line each, "type tags: source", and the findings' slugs. */
static void describe(nb_buf *out, const nb_notebook *notebook, const nb_diags *diags)
{
    static const char *const kinds[] = {"code", "markdown", "raw"};
    for (size_t i = 0; i < notebook->cell_count; i++) {
        const nb_cell *cell = &notebook->cells[i];
        assert_int_equal(cell->number, i + 1);
        nb_buf_printf(out, "%s%s", i ? "|" : "", kinds[cell->kind]);
        for (size_t t = 0; t < cell->tag_count; t++)
            nb_buf_printf(out, " " NB_STR_FMT, NB_STR_ARG(cell->tags[t]));
        nb_buf_putz(out, cell->foreign_language ? " foreign" : "");
        nb_buf_putz(out, cell->frozen ? " frozen" : "");
        nb_buf_putz(out, ": ");
        nb_buf_put(out, cell->source);
    }
    for (size_t i = 0; i < diags->list.count; i++)
        nb_buf_printf(out, " !%s", nb_diag_row_of(diags->list.at[i].code)->slug);
}

/* clang-format off */
static const struct {
    const char *name;
    nb_str text;
    nb_str want;
} good[] = {
    {"a list of lines is joined", NB_STR_ROW(BOOK(CODE("[\"a = 1\\n\",\"b = 2\"]"))), NB_STR_ROW("code: a = 1\nb = 2")},
    {"pieces get no line ends of ours", NB_STR_ROW(BOOK(CODE("[\"ab\",\"cd\",\"\"]"))), NB_STR_ROW("code: abcd")},
    {"one string", NB_STR_ROW(BOOK(CODE("\"x\\ty\""))), NB_STR_ROW("code: x\ty")},
    {"an empty list", NB_STR_ROW(BOOK(CODE("[]"))), NB_STR_ROW("code: ")},
    {"no cells", NB_STR_ROW(BOOK("")), NB_STR_ROW("")},
    {"tags in their order", NB_STR_ROW(BOOK(CODE_WITH("\"tags\":[\"train\",\"model\"]", "\"x\""))), NB_STR_ROW("code train model: x")},
    {"tags need no decoding to be copied", NB_STR_ROW(BOOK(CODE_WITH("\"tags\":[\"tr\\u0061in\"]", "\"x\""))), NB_STR_ROW("code train: x")},
    {"null as tags", NB_STR_ROW(BOOK(CODE_WITH("\"tags\":null", "\"x\""))), NB_STR_ROW("code: x !tags-not-a-list")},
    {"one string as tags", NB_STR_ROW(BOOK(CODE_WITH("\"tags\":\"train\"", "\"x\""))), NB_STR_ROW("code train: x !tags-not-a-list")},
    {"a number among tags", NB_STR_ROW(BOOK(CODE_WITH("\"tags\":[1,\"train\",[]]", "\"x\""))), NB_STR_ROW("code train: x !tags-not-a-list")},
    {"three kinds of cells", NB_STR_ROW(BOOK("{\"cell_type\":\"markdown\",\"metadata\":{},\"source\":\"# T\"},{\"cell_type\":\"raw\",\"metadata\":{},\"source\":\"r\"}," CODE("\"x\""))), NB_STR_ROW("markdown: # T|raw: r|code: x")},
    {"keys in any order", NB_STR_ROW("{\"nbformat\":4,\"metadata\":{},\"cells\":[{\"source\":\"x\",\"outputs\":[{\"a\":[1,{}]}],\"metadata\":{\"tags\":[\"t\"]},\"cell_type\":\"code\"}]}"), NB_STR_ROW("code t: x")},
    {"keys written with escapes", NB_STR_ROW("{\"nbformat\":4,\"metadata\":{},\"cell\\u0073\":[{\"sourc\\u0065\":\"x\",\"metadata\":{},\"cell_type\":\"cod\\u0065\"}]}"), NB_STR_ROW("code: x")},
    {"a byte-order mark", NB_STR_ROW("\xEF\xBB\xBF" BOOK(CODE("\"\xC3\xA9\""))), NB_STR_ROW("code: \xC3\xA9")},
    {"CR LF between and within", NB_STR_ROW("{\r\n\"cells\":[\r\n" CODE("\"a\\r\\nb\\r\"") "],\r\n\"metadata\":{},\"nbformat\":4}\r\n"), NB_STR_ROW("code: a\r\nb\r")},
    {"a pair of surrogates", NB_STR_ROW(BOOK(CODE("\"\\ud83d\\ude42\""))), NB_STR_ROW("code: \xF0\x9F\x99\x82")},
    {"half a pair", NB_STR_ROW(BOOK(CODE("\"a\\ude42\"") "," CODE("\"x\""))), NB_STR_ROW("code: a\xEF\xBF\xBD|code: x !lone-surrogate")},
    {"half a pair in an output", NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{},\"outputs\":[\"\\ud83d\"],\"source\":\"x\"}")), NB_STR_ROW("code: x")},
    {"NUL in code", NB_STR_ROW(BOOK(CODE("\"a\\u0000b\""))), NB_STR_ROW("code: a\0b !nul-in-source")},
    {"NUL in text", NB_STR_ROW(BOOK("{\"cell_type\":\"raw\",\"metadata\":{},\"source\":\"\\u0000\"}")), NB_STR_ROW("raw: \0")},
    {"NaN in an output", NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{},\"outputs\":[NaN],\"source\":\"x\"}")), NB_STR_ROW("code: x !schema")},
    {"version 3", NB_STR_ROW("{\"metadata\":{\"name\":\"\"},\"nbformat\":3,\"nbformat_minor\":0,\"worksheets\":[{\"cells\":[{\"cell_type\":\"code\",\"input\":[\"x\"],\"language\":\"python\",\"metadata\":{\"tags\":[\"t\"]},\"prompt_number\":3},{\"cell_type\":\"heading\",\"level\":2,\"metadata\":{},\"source\":[\"H\"]}]},{\"cells\":[{\"cell_type\":\"html\",\"metadata\":{},\"source\":\"<b>\"}]}]}"), NB_STR_ROW("code t: x|markdown: H|raw: <b>")},
    {"version 2", NB_STR_ROW("{\"metadata\":{},\"nbformat\":2,\"worksheets\":[{\"cells\":[{\"cell_type\":\"code\",\"collapsed\":false,\"input\":\"x\",\"language\":\"python\",\"metadata\":{},\"outputs\":[]}]}]}"), NB_STR_ROW("code: x")},
    {"no worksheets is no cells", NB_STR_ROW("{\"metadata\":{},\"nbformat\":3,\"worksheets\":[]}"), NB_STR_ROW("")},
    {"version 3 with nothing in it", NB_STR_ROW("{\"metadata\":{},\"nbformat\":3}"), NB_STR_ROW("")},
    {"a vague language of VS Code", NB_STR_ROW(BOOK(CODE_WITH("\"polyglot_notebook\":{\"kernelName\":\"pythonkernel\"},\"vscode\":{\"languageId\":\"polyglot-notebook\"}", "\"x\""))), NB_STR_ROW("code: x")},
    {"empty worksheets beside cells", NB_STR_ROW("{\"cells\":[" CODE("\"x\"") "],\"metadata\":{},\"nbformat\":4,\"worksheets\":[]}"), NB_STR_ROW("code: x")},
    {"source counts more than input", NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{},\"source\":\"s\",\"input\":\"i\"}")), NB_STR_ROW("code: s")},
    {"keys are missing", NB_STR_ROW("{\"cells\":[{\"cell_type\":\"code\",\"source\":\"x\"}]}"), NB_STR_ROW("code: x !schema")},
    {"no cell type", NB_STR_ROW(BOOK("{\"metadata\":{},\"source\":\"x\"}")), NB_STR_ROW("raw: x !schema")},
    {"an unknown cell type", NB_STR_ROW(BOOK("{\"cell_type\":\"sql\",\"metadata\":{},\"source\":\"x\"}")), NB_STR_ROW("raw: x !schema")},
    {"null as source", NB_STR_ROW(BOOK(CODE("null"))), NB_STR_ROW("code:  !schema")},
    {"null as metadata", NB_STR_ROW("{\"cells\":[{\"cell_type\":\"code\",\"metadata\":null,\"source\":\"x\"}],\"metadata\":null,\"nbformat\":4}"), NB_STR_ROW("code: x")},
    {"cells twice", NB_STR_ROW("{\"cells\":[" CODE("\"a\"") "],\"cells\":[" CODE("\"b\"") "],\"metadata\":{},\"nbformat\":4}"), NB_STR_ROW("code: b !duplicate-key")},
    {"source and tags twice", NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"a\"],\"tags\":[\"b\"]},\"source\":\"a\",\"source\":\"b\"}")), NB_STR_ROW("code b: b !duplicate-key")},
    {"a key twice that nobody reads", NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{\"x\":1,\"x\":2},\"source\":\"a\"}")), NB_STR_ROW("code: a")},
    {"a shell cell of VS Code", NB_STR_ROW(BOOK(CODE_WITH("\"vscode\":{\"languageId\":\"shellscript\"}", "\"ls\""))), NB_STR_ROW("code foreign: ls !cell-language")},
    {"a Python cell of VS Code", NB_STR_ROW(BOOK(CODE_WITH("\"vscode\":{\"languageId\":\"python\"}", "\"x\""))), NB_STR_ROW("code: x")},
    {"a C# cell", NB_STR_ROW(BOOK(CODE_WITH("\"dotnet_interactive\":{\"language\":\"csharp\"},\"polyglot_notebook\":{\"kernelName\":\"csharp\"}", "\"x\""))), NB_STR_ROW("code foreign: x !cell-language")},
    {"text has no language", NB_STR_ROW(BOOK("{\"cell_type\":\"markdown\",\"metadata\":{\"vscode\":{\"languageId\":\"markdown\"}},\"source\":\"x\"}")), NB_STR_ROW("markdown: x")},
    {"a frozen cell", NB_STR_ROW(BOOK(CODE_WITH("\"run_control\":{\"frozen\":true}", "\"x\"") "," CODE_WITH("\"run_control\":{\"frozen\":false}", "\"y\""))), NB_STR_ROW("code frozen: x|code: y")},
    {"the notebook's own tags are no cell tags", NB_STR_ROW("{\"cells\":[" CODE("\"x\"") "],\"metadata\":{\"tags\":[\"train\"]},\"nbformat\":4}"), NB_STR_ROW("code: x")},
    {"version 4.99", NB_STR_ROW("{\"cells\":[],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":99}"), NB_STR_ROW("")},
};

/* Kernels and languages that are accepted or refused. */
static const struct {
    const char *metadata;
    bool accepted;
} kernels[] = {
    {"", true},
    {"\"kernelspec\":{\"name\":\"python3\",\"language\":\"python\"},\"language_info\":{\"name\":\"python\"}", true},
    {"\"kernelspec\":{\"name\":\"conda-env-py310-py\"}", true},
    {"\"kernelspec\":{\"name\":\"irene\"}", true},
    {"\"kernelspec\":{\"name\":\"pysparkkernel\",\"language\":\"python\"},\"language_info\":{\"name\":\"pyspark\"}", true},
    {"\"language_info\":{\"name\":\"ipython\"}", true},
    {"\"kernelspec\":{\"language\":\"R\"},\"language_info\":{\"name\":\"python\"}", true},
    {"\"kernelspec\":{\"language\":\"python\"},\"language_info\":{\"name\":\"R\"}", true},
    {"\"kernelspec\":null,\"language_info\":{}", true},
    {"\"language_info\":{\"name\":5}", true},
    {"\"language_info\":{\"name\":\"plaintext\"}", true},
    {"\"kernelspec\":{\"name\":\"ir\",\"language\":\"R\"},\"language_info\":{\"name\":\"R\"}", false},
    {"\"kernelspec\":{\"name\":\"ir\"}", false},
    {"\"kernelspec\":{\"name\":\"julia-1.9\"}", false},
    {"\"kernelspec\":{\"name\":\".net-csharp\"},\"language_info\":{\"name\":\"C#\"}", false},
    {"\"language_info\":{\"name\":\"scala\"}", false},
};

/* What is refused, with the message, the place and the hint. */
static const struct {
    nb_str text;
    const char *message; /* the innermost one */
    unsigned line, column;
    const char *hint;
} bad[] = {
    {NB_STR_ROW(""), "cannot read 'n.ipynb': it is empty", 0, 0, "save the notebook again, or restore it from the folder .ipynb_checkpoints beside it"},
    {NB_STR_ROW("\xEF\xBB\xBF \n"), "cannot read 'n.ipynb': it is empty", 0, 0, "save the notebook again, or restore it from the folder .ipynb_checkpoints beside it"},
    {NB_STR_ROW("\0\0\0\0"), "cannot read 'n.ipynb': it holds NUL bytes where text should be", 0, 0, "restore the file, for example from the folder .ipynb_checkpoints beside it"},
    {NB_STR_ROW("\xFF\xFE{\0}\0"), "cannot read 'n.ipynb': it is UTF-16, not UTF-8", 0, 0, "save the file as UTF-8"},
    {NB_STR_ROW("\xFE\xFF\0{\0}"), "cannot read 'n.ipynb': it is UTF-16, not UTF-8", 0, 0, "save the file as UTF-8"},
    {NB_STR_ROW("{\0\"\0"), "cannot read 'n.ipynb': it is UTF-16, not UTF-8", 0, 0, "save the file as UTF-8"},
    {NB_STR_ROW("\n <!DOCTYPE html>\n<html>"), "cannot read 'n.ipynb': it is a web page, not a notebook", 0, 0, "download the raw file instead of the page that shows it"},
    {NB_STR_ROW("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "cannot read 'n.ipynb': it is a Git LFS pointer, not the notebook itself", 0, 0, "run 'git lfs pull' to fetch the notebook"},
    {NB_STR_ROW("PK\x03\x04zzzz"), "cannot read 'n.ipynb': it is a zip archive", 0, 0, "unpack the archive and name the notebook in it"},
    {NB_STR_ROW("\x1F\x8B\x08"), "cannot read 'n.ipynb': it is compressed with gzip", 0, 0, "unpack the file with 'gzip -d'"},
    {NB_STR_ROW("<<<<<<< HEAD\n{}\n"), "cannot read 'n.ipynb': it holds git conflict markers", 1, 1, "resolve the conflict with git and try again"},
    {NB_STR_ROW("{\n \"cells\": [\n<<<<<<< HEAD\n  {}\n"), "cannot read 'n.ipynb': it holds git conflict markers", 3, 1, "resolve the conflict with git and try again"},
    {NB_STR_ROW("import os\n"), "cannot read 'n.ipynb': expected '{' at the start of a notebook, found 'import'", 1, 1, "name a file that Jupyter wrote"},
    {NB_STR_ROW("[]"), "cannot read 'n.ipynb': expected '{' at the start of a notebook, found '['", 1, 1, "name a file that Jupyter wrote"},
    {NB_STR_ROW("{}"), "cannot read 'n.ipynb': it is JSON, but not a notebook: it has no 'nbformat'", 0, 0, "name a file that Jupyter wrote"},
    {NB_STR_ROW("{\"nbformat\": 4}"), "cannot read 'n.ipynb': it is JSON, but not a notebook: it has no 'cells'", 0, 0, "name a file that Jupyter wrote"},
    {NB_STR_ROW("{\"cells\": [], \"nbformat\": 5}"), "cannot read 'n.ipynb': version 5 of the notebook format is not supported", 0, 0, "save it as version 4 with Jupyter"},
    {NB_STR_ROW("{\"cells\": [], \"nbformat\": 1}"), "cannot read 'n.ipynb': version 1 of the notebook format is not supported", 0, 0, "save it as version 4 with Jupyter"},
    {NB_STR_ROW("{\"cells\": [], \"nbformat\": \"4\"}"), "cannot read 'n.ipynb': its 'nbformat' is not a version number", 0, 0, "set \"nbformat\": 4"},
    {NB_STR_ROW("{\"cells\": {}}"), "cannot read 'n.ipynb': 'cells' is not a list", 1, 11, NULL},
    {NB_STR_ROW("{\"cells\": [[]]}"), "cannot read 'n.ipynb': a cell is not a JSON object", 1, 12, NULL},
    {NB_STR_ROW("{\"cells\": [{\"source\": 5}]}"), "cannot read 'n.ipynb': the source of a cell is neither text nor a list of texts", 1, 23, NULL},
    {NB_STR_ROW("{\"cells\": [{\"source\": [5]}]}"), "cannot read 'n.ipynb': expected a string, found '5'", 1, 24, NULL},
    {NB_STR_ROW("{\"cells\": [{\"source\": [\"a\",]}]}"), "cannot read 'n.ipynb': a comma follows the last element", 1, 27, "remove this comma"},
    {NB_STR_ROW("{\"cells\": [{\"source\":\n [\"a\", \"\xE9\"]}]}"), "cannot read 'n.ipynb': a byte is not UTF-8 (0xe9 at offset 30)", 2, 9, "save the file as UTF-8"},
    {NB_STR_ROW("{\"cells\": [{\"source\": \"a\"}"), "cannot read 'n.ipynb': expected ',' or ']', found the end of the file", 1, 27, "restore the file: it was cut off"},
    {NB_STR_ROW("{\"cells\": [{\"outputs\": [\"aaaa"), "cannot read 'n.ipynb': a string is never closed", 1, 25, "close the string, or restore the file if it was cut off"},
    {NB_STR_ROW("{\"cells\": [{\"source\": \"a\nb\"}]}"), "cannot read 'n.ipynb': a control character stands in a string", 1, 25, "close the string on its own line, or write the character as an escape such as \\n or \\t"},
    {NB_STR_ROW(BOOK("") "\n{}"), "cannot read 'n.ipynb': expected nothing after the end of the document, found '{'", 2, 1, "remove everything from here on"},
};
/* clang-format on */

static nb_code parse(nb_arena *arena, nb_str given, nb_diags *diags, const nb_notebook **out,
                     nb_error *err)
{
    char *exact = malloc(given.len ? given.len
                                   : 1); /* freed before anybody looks: nothing may point into it */
    memcpy(exact, given.at, given.len);
    nb_code code =
        nb_notebook_parse(arena, (nb_str){exact, given.len}, NB_STR("n.ipynb"), diags, out, err);
    free(exact);
    return code;
}

static void notebooks_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(good); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) got = NB_BUF_INIT(NB_BUF_TEXT);
        nb_diags diags = {.arena = &arena};
        const nb_notebook *notebook = NULL;
        print_message("%s\n", good[i].name);
        assert_ok(parse(&arena, good[i].text, &diags, &notebook, &err), &err);
        describe(&got, notebook, &diags);
        if (!nb_str_eq(nb_buf_view(&got), good[i].want))
            fail_msg("got " NB_STR_FMT, NB_STR_ARG(nb_buf_view(&got)));
        assert_int_equal(notebook->sha256.len, 64);
    }
}

static void other_files_are_refused_with_cause_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(bad); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_diags diags = {.arena = &arena};
        const nb_notebook *notebook = NULL;
        print_message("%s\n", bad[i].message);
        assert_int_equal(parse(&arena, bad[i].text, &diags, &notebook, &err), NB_ERR_NOTEBOOK);
        assert_null(notebook);
        size_t last = 0;
        while (nb_error_message(&err, last + 1))
            last++;
        assert_string_equal(nb_error_message(&err, last), bad[i].message);
        assert_int_equal(err.line, bad[i].line);
        assert_int_equal(err.column, bad[i].column);
        if (bad[i].hint)
            assert_string_equal(err.hint, bad[i].hint);
        else
            assert_null(err.hint);
    }
}

static void the_cell_of_an_error_is_named(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_diags diags = {.arena = &arena};
    const nb_notebook *notebook = NULL;
    nb_str text = NB_STR("{\"cells\":[" CODE("\"x\"") "," CODE("\"\\q\"") "]}");
    assert_int_equal(parse(&arena, text, &diags, &notebook, &err), NB_ERR_NOTEBOOK);
    assert_string_equal(nb_error_message(&err, 0), "cannot read cell 2");
}

static void only_python_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(kernels); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_diags diags = {.arena = &arena};
        const nb_notebook *notebook = NULL;
        nb_str text = nb_arena_printf(&arena, "{\"cells\":[],\"metadata\":{%s},\"nbformat\":4}",
                                      kernels[i].metadata);
        print_message("%s\n", kernels[i].metadata);
        assert_int_equal(parse(&arena, text, &diags, &notebook, &err),
                         kernels[i].accepted ? NB_OK : NB_ERR_LANGUAGE);
        if (!kernels[i].accepted)
            assert_true(nb_str_contains(nb_str_from(nb_error_message(&err, 0)), NB_STR("Python")));
    }
}

static const nb_notebook *book_of(nb_arena *arena, nb_str text, nb_diags *diags)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_notebook *notebook = NULL;
    assert_ok(parse(arena, text, diags, &notebook, &err), &err);
    return notebook;
}

static void only_code_and_tags_change_the_hash(void **state)
{
    (void)state;
    static const struct {
        nb_str text;
        bool same;
    } cases[] = {
  /* clang-format off */
        {NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"t\"]},\"source\":[\"a\",\"b\"]}")), true},
        {NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"execution_count\":9,\"id\":\"q\",\"metadata\":{\"x\":1,\"tags\":[\"t\"]},\"outputs\":[1],\"source\":\"ab\"}")), true},
        {NB_STR_ROW("{\"nbformat\":3,\"worksheets\":[{\"cells\":[{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"t\"]},\"input\":\"ab\"}]}]}"), true},
        {NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"t\"]},\"source\":\"abc\"}")), false},
        {NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"u\"]},\"source\":\"ab\"}")), false},
        {NB_STR_ROW(BOOK("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[]},\"source\":\"tab\"}")), false},
        {NB_STR_ROW(BOOK("{\"cell_type\":\"raw\",\"metadata\":{\"tags\":[\"t\"]},\"source\":\"ab\"}")), false},
        {NB_STR_ROW(BOOK(CODE_WITH("\"tags\":[\"t\"]", "\"ab\"") "," CODE("\"\""))), false},
  /* clang-format on */
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_str first = book_of(&arena, cases[0].text, &diags)->sha256;
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_int_equal(nb_str_eq(book_of(&arena, cases[i].text, &diags)->sha256, first),
                         cases[i].same);
}

static void places_in_a_cell_are_shown_as_people_see_them(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    const nb_notebook *book = book_of(
        &arena,
        NB_STR(BOOK(
            "{\"cell_type\":\"code\",\"execution_count\":12,\"metadata\":{},\"source\":\"one\\r\\n\xC3\xA9t\xC3\xA9 x\\rthree\\n\"}")),
        &diags);
    const nb_cell *cell = &book->cells[0];
    nb_spot spot = nb_cell_spot(book, cell, 2, 5, 1);
    assert_str(spot.path, "n.ipynb");
    assert_int_equal(spot.cell, 1);
    assert_int_equal(spot.execution, 12);
    assert_str(spot.source, "\xC3\xA9t\xC3\xA9 x");
    assert_str(nb_cell_spot(book, cell, 3, 1, 1).source, "three");
    assert_int_equal(nb_cell_spot(book, cell, 9, 1, 1).source.len, 0);
    assert_int_equal(nb_cell_spot(book, cell, 0, 0, 0).source.len, 0);
    static const unsigned offsets[][3] = {
        {0,  1, 1},
        {3,  1, 4},
        {4,  1, 5},
        {5,  2, 1},
        {7,  2, 2},
        {11, 2, 5},
        {13, 3, 1},
        {18, 3, 6},
        {19, 4, 1}
    };
    for (size_t i = 0; i < NB_LEN(offsets); i++) {
        spot = nb_cell_spot_at(book, cell, offsets[i][0], 1);
        assert_int_equal(spot.line, offsets[i][1]);
        assert_int_equal(spot.column, offsets[i][2]);
    }
}

static void findings_have_their_place(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    (void)book_of(&arena,
                  NB_STR(BOOK(CODE("\"x\"") "," CODE_WITH(
                      "\"tags\":[\"train\"]", "\"a\\nbc\\u0000\"") "," CODE("\"\\u0000\""))),
                  &diags);
    assert_int_equal(diags.list.count, 2);
    assert_int_equal(diags.list.at[0].spot.cell, 2);
    assert_int_equal(diags.list.at[0].spot.line, 2);
    assert_int_equal(diags.list.at[0].spot.column, 3);
    assert_int_equal(diags.list.at[0].severity, NB_SEVERITY_ERROR);
    assert_int_equal(diags.list.at[1].severity, NB_SEVERITY_WARNING); /* untagged: not exported */
}

static void put_file(const char *path, nb_str text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void files_are_loaded(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) big = NB_BUF_INIT(NB_BUF_TEXT);
    nb_diags diags = {.arena = &arena};
    const nb_notebook *notebook = NULL;
    char folder[] = "/tmp/nb-notebook-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *path = nb_arena_printf(&arena, "%s/iris.ipynb", folder).at;

    put_file(path, NB_STR(BOOK(CODE("\"x\""))));
    assert_ok(nb_notebook_load(&arena, path, &diags, &notebook, &err), &err);
    assert_str(notebook->path, path);

    nb_buf_putz(
        &big,
        "{\"cells\":[{\"cell_type\":\"code\",\"metadata\":{},\"outputs\":[\""); /* mapped, not copied */
    nb_buf_repeat(&big, 'A', (size_t)5 << 20);
    nb_buf_putz(&big, "\"],\"source\":\"after\"}],\"metadata\":{},\"nbformat\":4}");
    put_file(path, nb_buf_view(&big));
    assert_ok(nb_notebook_load(&arena, path, &diags, &notebook, &err), &err);
    assert_str(notebook->cells[0].source, "after");

    assert_int_equal(nb_notebook_load(&arena, nb_arena_printf(&arena, "%s/irsi.ipynb", folder).at,
                                      &diags, &notebook, &err),
                     NB_ERR_NOT_FOUND);
    assert_string_equal(err.hint, "check the name: the folder has 'iris.ipynb'");
    assert_int_equal(nb_notebook_load(&arena, folder, &diags, &notebook, &err), NB_ERR_NOTEBOOK);
    assert_int_equal(nb_notebook_load(&arena, "/none/x.ipynb", &diags, &notebook, &err),
                     NB_ERR_NOT_FOUND);
    assert_null(err.hint);
    assert_int_equal(unlink(path) | rmdir(folder), 0);
}

static void sizes_are_limited(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(SIZE_MAX);
    nb_diags diags = {.arena = &arena};
    const nb_notebook *notebook = NULL;
    nb_buf_putz(&text, "{\"cells\":[{}");
    for (int i = 0; i < 100000; i++)
        nb_buf_putz(&text, ",{}");
    nb_buf_putz(&text, "]}");
    assert_int_equal(parse(&arena, nb_buf_view(&text), &diags, &notebook, &err), NB_ERR_NOTEBOOK);
    assert_true(
        nb_str_contains(nb_str_from(nb_error_message(&err, 1)), NB_STR("more than 100000 cells")));
    nb_buf_clear(&text);
    nb_buf_putz(&text, "{\"cells\":[{\"source\":\"");
    nb_buf_repeat(&text, 'x', (size_t)65 << 20);
    nb_buf_putz(&text, "\"}]}");
    assert_int_equal(parse(&arena, nb_buf_view(&text), &diags, &notebook, &err), NB_ERR_NOTEBOOK);
    assert_true(
        nb_str_contains(nb_str_from(nb_error_message(&err, 1)), NB_STR("larger than 64 MiB")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notebooks_are_read),
        cmocka_unit_test(other_files_are_refused_with_cause_and_place),
        cmocka_unit_test(the_cell_of_an_error_is_named),
        cmocka_unit_test(only_python_is_accepted),
        cmocka_unit_test(only_code_and_tags_change_the_hash),
        cmocka_unit_test(places_in_a_cell_are_shown_as_people_see_them),
        cmocka_unit_test(findings_have_their_place),
        cmocka_unit_test(files_are_loaded),
        cmocka_unit_test(sizes_are_limited),
    };
    return cmocka_run_group_tests_name("notebook/notebook", tests, NULL, NULL);
}
