/* Rows of every form, whatever pieces the bytes come in; what is wrong with which line; and the bodies that requests carry. */
#include "nb_test.h"

#include "text/rows.h"

#include <errno.h>

typedef struct bytes {
    nb_str left;
    size_t step; /* bytes a read; 0: all */
    bool broken; /* the last read fails */
} bytes;

static ssize_t read_bytes(void *ctx, char *into, size_t size)
{
    bytes *b = ctx;
    size_t take = b->left.len < size ? b->left.len : size;
    if (b->step > 0 && take > b->step)
        take = b->step;
    if (take == 0 && b->broken) {
        errno = EIO;
        return -1;
    }
    if (take > 0)
        memcpy(into, b->left.at, take);
    b->left = nb_str_from_at(b->left, take);
    return (ssize_t)take;
}

/* "line:column text|", with problems as "line !problem|", and at the end "line:column message" of an error. */
static nb_str describe(nb_arena *arena, nb_rows_form form, bytes from, size_t max_rows)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_rows_piece) piece = {0};
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    const nb_rows_source source = {read_bytes, &from, NB_STR("f")};
    nb_rows *rows = NULL;
    uint64_t seen = 0;
    nb_code code = nb_rows_open(&source, form, &rows, &err);
    while (code == NB_OK) {
        code = nb_rows_next(rows, max_rows, SIZE_MAX, &piece, &err);
        assert_int_equal(piece.first, seen + 1);
        assert_true(piece.count <= max_rows);
        seen += piece.count;
        for (size_t i = 0; i < piece.count; i++) {
            const nb_row *row = &piece.rows[i];
            const char *problem = nb_row_problem(&piece, i);
            if (problem)
                nb_buf_printf(&out, "%d !%s|", (int)row->line, problem);
            else
                nb_buf_printf(&out, "%d:%d " NB_STR_FMT "|", (int)row->line, (int)row->column,
                              NB_STR_ARG(nb_row_text(&piece, i)));
        }
        if (piece.count == 0)
            break;
    }
    if (code != NB_OK)
        nb_buf_printf(&out, "%u:%u %s", err.line, err.column,
                      nb_error_message(&err, nb_error_message(&err, 1) ? 1 : 0));
    nb_rows_close(rows);
    return nb_arena_str(arena, nb_buf_view(&out));
}

static const struct {
    nb_rows_form form;
    const char *text, *want;
} cases[] = {
    {NB_ROWS_CSV,        "",                                                                  ""                                                         },
    {NB_ROWS_CSV,        "\n\r\n\n",                                                          ""                                                         },
    {NB_ROWS_CSV,        "a,b\n1,2\n",                                                        "1:1 a,b|2:1 1,2|"                                         },
    {NB_ROWS_CSV,        "a,b\r\n1,2\r\n\r\n3,4",                                             "1:1 a,b|2:1 1,2|4:1 3,4|"                                 },
    {NB_ROWS_CSV,        "a\r1\r2",                                                           "1:1 a|2:1 1|3:1 2|"                                       },
    {NB_ROWS_CSV,
     "\xEF\xBB\xBF"
     "a,b\n007,\"x, \"\"y\"\"\nz\"\n1,2\n",                                                   "1:1 a,b|2:1 007,\"x, \"\"y\"\"\nz\"|4:1 1,2|"             },
    {NB_ROWS_CSV,        "a,b\n1\n2,3\n1,2,3\n",
     "1:1 a,b|2 !it has 1 field, the first line has 2|3:1 2,3|4 !it has 3 fields, the first line has 2|"                                                 },
    {NB_ROWS_CSV,        "a,b\n\xff,1\n1,2\n",                                                "1:1 a,b|2 !it is not UTF-8|3:1 1,2|"                      },
    {NB_ROWS_CSV,        "a,b\n1,\"2\n3,4\n",                                                 "1:1 a,b|2:1 a quoted field of this row does not end"      },
    {NB_ROWS_CSV,        "a,b\n1,\"2\"",                                                      "1:1 a,b|2:1 1,\"2\"|"                                     },
    {NB_ROWS_CSV,        "a b\"c\n",                                                          "1:1 a b\"c|"                                              },
    {NB_ROWS_CSV,        ",\n,",                                                              "1:1 ,|2:1 ,|"                                             },
    {NB_ROWS_JSON_LINES, "",                                                                  ""                                                         },
    {NB_ROWS_JSON_LINES, "[1, 2]\n\n  {\"a\": \"x\\n\"}  \r\n9007199254740993\n\"t\"",
     "1:1 [1, 2]|3:3 {\"a\": \"x\\n\"}|4:1 9007199254740993|5:1 \"t\"|"                                                                                  },
    {NB_ROWS_JSON_LINES, "[1]\n[1,]\n[2] 3\nNaN\n",
     "1:1 [1]|2 !a comma follows the last element (column 3)|3 !expected nothing after the end of the value (column 5)|4:1 NaN|"                         },
    {NB_ROWS_JSON,       "[]",                                                                ""                                                         },
    {NB_ROWS_JSON,       " [ [1, \"]\\\"\"] ,\n {\"a\": [1e400]} , 12345678901234567890 ]\n",
     "1:4 [1, \"]\\\"\"]|2:2 {\"a\": [1e400]}|2:19 12345678901234567890|"                                                                                },
    {NB_ROWS_JSON,       "{\"dataframe_records\": [{\"a\": 1}]}",                             "1:24 {\"a\": 1}|"                                         },
    {NB_ROWS_JSON,       "",                                                                  "1:1 expected '[': an array of rows"                       },
    {NB_ROWS_JSON,       "{\"x\": 1}",                                                        "1:2 the object's first member is 'x', which holds no rows"},
    {NB_ROWS_JSON,       "{\"instances\": [1], \"parameters\": {}}",
     "1:16 1|1:18 the object has another member beside the rows"                                                                                         },
    {NB_ROWS_JSON,       "{\"instances\": [1]",                                               "1:16 1|1:18 expected '}'"                                 },
    {NB_ROWS_JSON,       "[1, 2",                                                             "1:2 1|1:5 2|1:6 expected ',' or ']' after a row"          },
    {NB_ROWS_JSON,       "[1,\n 2 3]",                                                        "1:2 1|2:4 expected nothing after the end of the value"    },
    {NB_ROWS_JSON,       "[1,]",                                                              "1:2 1|1:4 expected a value"                               },
    {NB_ROWS_JSON,       "[1] x",                                                             "1:2 1|1:5 expected nothing after the rows"                },
    {NB_ROWS_JSON,       "[\"\xc3\xa4\", tru]",                                               "1:2 \"\xc3\xa4\"|1:7 expected a value"                    },
    {NB_ROWS_JSON,       "[[1, 2]}",                                                          "1:2 [1, 2]|1:8 expected ',' or ']' after a row"           },
};

static void rows_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        for (size_t step = 0; step < 4; step++) {
            NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
            bytes from = {.left = nb_str_from(cases[i].text), .step = step};
            nb_str got = describe(&arena, cases[i].form, from, step + 1);
            print_message("case %zu, %zu bytes a read\n", i, step);
            assert_string_equal(got.at, cases[i].want);
        }
    }
}

static void a_read_that_fails_is_told(void **state)
{
    static const nb_rows_form forms[] = {NB_ROWS_CSV, NB_ROWS_JSON, NB_ROWS_JSON_LINES,
                                         NB_ROWS_NPY};
    (void)state;
    for (size_t i = 0; i < NB_LEN(forms); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        bytes from = {.left = NB_STR("[1"), .broken = true};
        nb_str got = describe(&arena, forms[i], from, 10);
        assert_non_null(strstr(got.at, "Input/output error"));
        assert_null(strstr(got.at, "[1|"));
    }
}

static ssize_t read_for_ever(void *ctx, char *into, size_t size)
{
    (void)ctx;
    memset(into, 'x', size);
    return (ssize_t)size;
}

static void a_row_without_end_is_refused(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_rows_piece) piece = {0};
    const nb_rows_source source = {read_for_ever, NULL, NB_STR("f")};
    nb_rows *rows = NULL;
    (void)state;
    assert_ok(nb_rows_open(&source, NB_ROWS_CSV, &rows, &err), &err);
    assert_int_equal(nb_rows_next(rows, 10, SIZE_MAX, &piece, &err), NB_ERR_USAGE);
    assert_non_null(strstr(nb_error_message(&err, 1), "longer than 64 MiB"));
    nb_rows_close(rows);
}

/* --- NPY ------------------------------------------------------------------------------------------ */

static nb_str npy(nb_arena *arena, const char *head, const char *items, size_t item_bytes)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(1 << 20);
    nb_buf_put(&out, (nb_str){"\x93NUMPY\x01\x00", 8});
    nb_buf_putc(&out, (char)strlen(head));
    nb_buf_putc(&out, '\0');
    nb_buf_putz(&out, head);
    nb_buf_put(&out, (nb_str){items, item_bytes});
    return nb_arena_str(arena, nb_buf_view(&out));
}

static const struct {
    const char *head, *items, *want;
} arrays[] = {
    {"{'descr': '|S2', 'fortran_order': False, 'shape': (2, 2), }\n",              "abcdefgh",
     "1:0 abcd|2:0 efgh|"                                                                                             },
    {"{'descr': '|S2', 'fortran_order': True, 'shape': (3,), }",                   "abcdef",   "1:0 ab|2:0 cd|3:0 ef|"},
    {"{'descr': '<i4', 'fortran_order': False, 'shape': (0, 3)}",                  "",         ""                     },
    {"{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }",                  "abcd",     "1:0 abcd|"            },
    {"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,), }",              "abcdefgh", "1:0 abcdefgh|"        },
    {"{'descr': '|S2', 'fortran_order': False, 'shape': (2,), }",                  "abc",
     "1:0 ab|0:0 it ends within row 2"                                                                                },
    {"{'descr': '|S2', 'fortran_order': False, 'shape': (1,), }",                  "abc",
     "1:0 ab|0:0 it goes on after the last item"                                                                      },
    {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",                   "",
     "0:0 its items are no numbers, times or texts of one size"                                                       },
    {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",         "",
     "0:0 its items are no numbers, times or texts of one size"                                                       },
    {"{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }",                 "",
     "0:0 it is stored by columns (Fortran order)"                                                                    },
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }",                    "",
     "0:0 its shape is no row of numbers, or its rows are too large"                                                  },
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, -1), }",               "",
     "0:0 its shape is no row of numbers, or its rows are too large"                                                  },
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 9999999, 9999999), }", "",
     "0:0 its shape is no row of numbers, or its rows are too large"                                                  },
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 0), }",                "",
     "0:0 its rows hold nothing, or too much"                                                                         },
};

static void arrays_are_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(arrays); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        bytes from = {npy(&arena, arrays[i].head, arrays[i].items, strlen(arrays[i].items)),
                      1 + i % 3, false};
        print_message("case %zu\n", i);
        assert_string_equal(describe(&arena, NB_ROWS_NPY, from, 2).at, arrays[i].want);
    }
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    bytes from = {.left = NB_STR("PK\x03\x04 is a zip file")};
    assert_non_null(strstr(describe(&arena, NB_ROWS_NPY, from, 2).at, "does not begin as NPY"));
}

/* --- bodies --------------------------------------------------------------------------------------- */

static nb_str body_of(nb_arena *arena, nb_rows_form form, nb_str text, const char *header,
                      size_t from)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_rows_piece) piece = {0};
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    bytes source_bytes = {.left = text};
    const nb_rows_source source = {read_bytes, &source_bytes, NB_STR("f")};
    nb_rows *rows = NULL;
    assert_ok(nb_rows_open(&source, form, &rows, &err), &err);
    assert_ok(nb_rows_next(rows, 100, SIZE_MAX, &piece, &err), &err);
    nb_rows_frame frame = nb_rows_frame_of(rows);
    frame.header = nb_str_from(header);
    nb_rows_body(&frame, &piece, from, piece.count - from, &out);
    nb_rows_close(rows);
    return nb_arena_str(arena, nb_buf_view(&out));
}

static void bodies_hold_the_rows_as_they_are(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    (void)state;
    assert_str(body_of(&arena, NB_ROWS_CSV, NB_STR("a,b\n007,1e400\n1\n3,4"), "a,b", 1),
               "a,b\n007,1e400\n3,4\n");
    assert_str(body_of(&arena, NB_ROWS_CSV, NB_STR("1,2\n"), "", 0), "1,2\n");
    assert_str(body_of(&arena, NB_ROWS_JSON, NB_STR("[[9007199254740993],\n[2 ]]"), "", 0),
               "{\"instances\": [[9007199254740993], [2 ]]}");
    assert_str(body_of(&arena, NB_ROWS_JSON, NB_STR("{\"inputs\":[1]}"), "", 0),
               "{\"inputs\": [1]}");
    assert_str(body_of(&arena, NB_ROWS_JSON_LINES, NB_STR("{}\n{\n{}"), "", 0),
               "{\"instances\": [{}, {}]}");
    nb_str array = npy(&arena, "{'descr': '|S2', 'fortran_order': False, 'shape': (3, 1, 2), }",
                       "abcdefghijkl", 12);
    nb_str body = body_of(&arena, NB_ROWS_NPY, array, "", 1);
    assert_int_equal(body.len, 128 + 8);
    assert_true(nb_str_contains(body, NB_STR("'shape': (2, 1, 2), }")));
    assert_true(nb_str_ends(body, NB_STR(" \nefghijkl")));
}

static void fields_of_csv_are_decoded_and_written(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    static const char *const want[] = {"007", "", "a \"b\"", "x,y\nz", "q rest", "last"};
    nb_str rest = NB_STR("007,,\"a \"\"b\"\"\",\"x,y\nz\",\"q\" rest,last"), field;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(1000);
    size_t count = 0;
    (void)state;
    while (nb_csv_field(&arena, &rest, &field)) {
        assert_str(field, want[count]);
        nb_buf_putc(&out, count++ > 0 ? ',' : ' ');
        nb_csv_put(&out, field);
    }
    assert_int_equal(count, NB_LEN(want));
    assert_str(nb_buf_view(&out), " 007,,\"a \"\"b\"\"\",\"x,y\nz\",q rest,last");
    rest = NB_STR(",");
    for (count = 0; nb_csv_field(&arena, &rest, &field); count++)
        assert_int_equal(field.len, 0);
    assert_int_equal(count, 2);
}

static void forms_are_told_by_the_suffix(void **state)
{
    nb_rows_form form;
    (void)state;
    assert_true(nb_rows_form_of(NB_STR("a/b.CSV"), &form) && form == NB_ROWS_CSV);
    assert_true(nb_rows_form_of(NB_STR("x.ndjson"), &form) && form == NB_ROWS_JSON_LINES);
    assert_false(nb_rows_form_of(NB_STR("x.txt"), &form) || nb_rows_form_of(NB_STR("csv"), &form));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_told_apart),
        cmocka_unit_test(a_read_that_fails_is_told),
        cmocka_unit_test(a_row_without_end_is_refused),
        cmocka_unit_test(arrays_are_rows),
        cmocka_unit_test(bodies_hold_the_rows_as_they_are),
        cmocka_unit_test(fields_of_csv_are_decoded_and_written),
        cmocka_unit_test(forms_are_told_by_the_suffix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
