#include "nb_test.h"

#include "notebook/notebook.h"
#include "notebook/retag.h"

/* A notebook around the text of its cells, as Jupyter writes it and minified. */
#define JUPYTER(cells)         \
    "{\n \"cells\": [\n" cells \
    "\n ],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 4\n}\n"
#define MINIFIED(cells) \
    "{\"cells\":[" cells "],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":4}"
#define DUMPED(cells) \
    "{\"cells\": [" cells "], \"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 4}"

#define REST "   \"outputs\": [],\n   \"source\": [\n    \"x\"\n   ]\n  }"

typedef struct retag_case {
    const char *name, *before, *tags, *after; /* tags of cell 1, separated by blanks */
} retag_case;

/* clang-format off */
static const retag_case cases[] = {
    {"empty metadata, one tag a line",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {},\n" REST), "train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"train\"\n    ]\n   },\n" REST)},
    {"other keys, in order",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"id\": \"a\",\n    \"vscode\": {}\n   },\n" REST), "train model",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"id\": \"a\",\n    \"tags\": [\n     \"train\",\n     \"model\"\n    ],\n    \"vscode\": {}\n   },\n" REST)},
    {"other keys, in no order",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"z\": 1,\n    \"a\": 2\n   },\n" REST), "train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"z\": 1,\n    \"a\": 2,\n    \"tags\": [\n     \"train\"\n    ]\n   },\n" REST)},
    {"tags are there",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"hide-input\"\n    ]\n   },\n" REST), "hide-input train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"hide-input\",\n     \"train\"\n    ]\n   },\n" REST)},
    {"an empty list is there",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": []\n   },\n" REST), "train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"train\"\n    ]\n   },\n" REST)},
    {"the last one goes",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"train\"\n    ]\n   },\n" REST), "",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": []\n   },\n" REST)},
    {"no metadata",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n" REST), "train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"train\"\n    ]\n   },\n" REST)},
    {"metadata is null",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": null,\n" REST), "train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"train\"\n    ]\n   },\n" REST)},
    {"tags are a text",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": \"model\"\n   },\n" REST), "model train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"model\",\n     \"train\"\n    ]\n   },\n" REST)},
    {"metadata on one line in a file of many",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\"a\": 1, \"b\": 2},\n" REST), "train model",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\"a\": 1, \"b\": 2, \"tags\": [\"train\", \"model\"]},\n" REST)},
    {"tags on one line",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [ \"a\" ]\n   },\n" REST), "a train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [ \"a\", \"train\" ]\n   },\n" REST)},
    {"the spelling of a tag that stays",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"caf\\u00e9\"\n    ]\n   },\n" REST), "caf\xC3\xA9 train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\n     \"caf\\u00e9\",\n     \"train\"\n    ]\n   },\n" REST)},
    {"the last of two keys counts",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\"a\"],\n    \"tags\": [\"b\"]\n   },\n" REST), "b train",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\"a\"],\n    \"tags\": [\"b\", \"train\"]\n   },\n" REST)},
    {"nothing to do",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\"a\"]\n   },\n" REST), "a",
     JUPYTER("  {\n   \"cell_type\": \"code\",\n   \"metadata\": {\n    \"tags\": [\"a\"]\n   },\n" REST)},
    {"minified",
     MINIFIED("{\"cell_type\":\"code\",\"metadata\":{},\"source\":\"x\"}"), "train model",
     MINIFIED("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"train\",\"model\"]},\"source\":\"x\"}")},
    {"minified, other keys",
     MINIFIED("{\"cell_type\":\"code\",\"metadata\":{\"z\":1},\"source\":\"x\"}"), "train",
     MINIFIED("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"train\"],\"z\":1},\"source\":\"x\"}")},
    {"minified, no metadata",
     MINIFIED("{\"cell_type\":\"code\",\"source\":\"x\"}"), "train",
     MINIFIED("{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"train\"]},\"source\":\"x\"}")},
    {"minified, an empty object",
     MINIFIED("{}"), "train", MINIFIED("{\"metadata\":{\"tags\":[\"train\"]}}")},
    {"on one line with blanks",
     DUMPED("{\"cell_type\": \"code\", \"metadata\": {}, \"source\": \"x\"}"), "train model",
     DUMPED("{\"cell_type\": \"code\", \"metadata\": {\"tags\": [\"train\", \"model\"]}, \"source\": \"x\"}")},
    {"tabs and CR LF",
     "{\r\n\t\"cells\": [\r\n\t\t{\r\n\t\t\t\"cell_type\": \"code\",\r\n\t\t\t\"metadata\": {},\r\n\t\t\t\"source\": []\r\n\t\t}\r\n\t],\r\n\t\"nbformat\": 4\r\n}",
     "train",
     "{\r\n\t\"cells\": [\r\n\t\t{\r\n\t\t\t\"cell_type\": \"code\",\r\n\t\t\t\"metadata\": {\r\n\t\t\t\t\"tags\": [\r\n\t\t\t\t\t\"train\"\r\n\t\t\t\t]\r\n\t\t\t},\r\n\t\t\t\"source\": []\r\n\t\t}\r\n\t],\r\n\t\"nbformat\": 4\r\n}"},
    {"a byte-order mark",
     "\xEF\xBB\xBF" MINIFIED("{\"metadata\":{}}"), "train", "\xEF\xBB\xBF" MINIFIED("{\"metadata\":{\"tags\":[\"train\"]}}")},
    {"version 3",
     "{\"worksheets\":[{\"cells\":[{\"cell_type\":\"code\",\"input\":\"x\",\"metadata\":{}}]}],\"nbformat\":3}", "train",
     "{\"worksheets\":[{\"cells\":[{\"cell_type\":\"code\",\"input\":\"x\",\"metadata\":{\"tags\":[\"train\"]}}]}],\"nbformat\":3}"},
    {"cells count, worksheets do not",
     "{\"worksheets\":[{\"cells\":[{}]}],\"cells\":[{\"metadata\":{}}],\"nbformat\":4}", "train",
     "{\"worksheets\":[{\"cells\":[{}]}],\"cells\":[{\"metadata\":{\"tags\":[\"train\"]}}],\"nbformat\":4}"},
    {"a tag to escape",
     MINIFIED("{\"metadata\":{}}"), "a\"b\\c", MINIFIED("{\"metadata\":{\"tags\":[\"a\\\"b\\\\c\"]}}")},
    {"one member, blanks in the braces",
     DUMPED("{ \"metadata\": { \"a\": 1 } }"), "train", DUMPED("{ \"metadata\": { \"a\": 1, \"tags\": [\"train\"] } }")},
};
/* clang-format on */

static nb_code retag(nb_arena *arena, const char *before, const char *tags, unsigned cell,
                     nb_str *out, nb_error *err)
{
    NB_VEC(nb_str) list = {0};
    nb_str rest = nb_str_from(tags), tag;
    while (rest.len > 0 && nb_str_split(&rest, ' ', &tag))
        nb_vec_push(arena, &list, tag);
    const nb_retag change = {cell, list.at, list.count};
    return nb_retag_bytes(arena, nb_str_from(before), NB_STR("n.ipynb"), &change, 1, out, err);
}

static void tags_are_laid_out_as_their_surroundings(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_str after;
        print_message("case %zu: %s\n", i, cases[i].name);
        assert_ok(retag(&arena, cases[i].before, cases[i].tags, 1, &after, &err), &err);
        assert_str(after, cases[i].after);
    }
}

static const char three[] =
    MINIFIED("{\"metadata\":{}},{\"metadata\":{\"tags\":[\"a\"]}},{\"cell_type\":\"code\"}");

static void several_cells_change_at_once(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_str train = NB_STR("train"), model = NB_STR("model");
    const nb_retag changes[] = {
        {3, &train, 1},
        {1, &train, 1},
        {2, NULL,   0},
        {1, &model, 1},
        {2, &train, 1}
    };
    nb_str after;
    assert_ok(nb_retag_bytes(&arena, nb_str_from(three), NB_STR("n.ipynb"), changes,
                             NB_LEN(changes), &after, &err),
              &err);
    assert_str(
        after,
        MINIFIED("{\"metadata\":{\"tags\":[\"model\"]}},{\"metadata\":{\"tags\":[\"train\"]}},"
                 "{\"cell_type\":\"code\",\"metadata\":{\"tags\":[\"train\"]}}"));
}

static const struct {
    const char *bytes;
    unsigned cell;
    nb_code code;
    const char *message;
} refused[] = {
    {three,                            4, NB_ERR_USAGE,    "'n.ipynb' has no cell 4: it has 3"},
    {three,                            0, NB_ERR_USAGE,    "'n.ipynb' has no cell 0: it has 3"},
    {MINIFIED("{\"metadata\":[]}"),    1, NB_ERR_NOTEBOOK,
     "cannot tag cell 1 of 'n.ipynb': its metadata is not an object"                          },
    {MINIFIED("{\"metadata\":\"x\"}"), 1, NB_ERR_NOTEBOOK,
     "cannot tag cell 1 of 'n.ipynb': its metadata is not an object"                          },
    {"{\"cells\":[{}",                 1, NB_ERR_NOTEBOOK, NULL                               },
    {"[]",                             1, NB_ERR_NOTEBOOK, NULL                               },
    {"",                               1, NB_ERR_NOTEBOOK, NULL                               },
};

static void what_cannot_be_tagged_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(refused); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_str after = NB_STR("untouched");
        print_message("case %zu: %s\n", i, refused[i].bytes);
        assert_int_equal(retag(&arena, refused[i].bytes, "train", refused[i].cell, &after, &err),
                         refused[i].code);
        if (refused[i].message)
            assert_string_equal(nb_error_message(&err, 0), refused[i].message);
        assert_str(after, "untouched");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_laid_out_as_their_surroundings),
        cmocka_unit_test(several_cells_change_at_once),
        cmocka_unit_test(what_cannot_be_tagged_is_refused),
    };
    return cmocka_run_group_tests_name("notebook/retag", tests, NULL, NULL);
}
