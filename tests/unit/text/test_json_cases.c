/* What the reader accepts and what it refuses, case by case: well-formed documents (Y), malformed ones (N), and those
 * that RFC 8259 leaves to the implementation or that only Python's json writes (I: strict refuses, notebooks accept). */
#include "nb_test.h"

#include "text/json.h"

#define Y(text)                      \
    {                                \
        NB_STR_ROW(text), true, true \
    }
#define N(text)                        \
    {                                  \
        NB_STR_ROW(text), false, false \
    }
#define I(text)                       \
    {                                 \
        NB_STR_ROW(text), false, true \
    }

typedef struct json_case {
    nb_str text;
    bool strict, notebook;
} json_case;

/* clang-format off */
static const json_case arrays[] = {
    Y("[]"), Y("[ ]"), Y(" [] "), Y("[\n]"), Y("[[]]"), Y("[[], []]"), Y("[[],[[]]]"), Y("[1]"), Y("[1,2]"), Y("[1 , 2]"),
    Y("[\t1\r\n,\n2\t]"), Y("[null, 1, \"1\", {}]"), Y("[1,null,null,null,2]"), Y("[\"\"]"), Y("[false]"), Y("[ 1]"), Y("[2] "),
    Y("[[[[[[[[[[1]]]]]]]]]]"), Y("[{\"a\": [{}]}]"), Y("[\n\n1\n\n]"),
    N("["), N("]"), N("[1"), N("[1,"), N("[1,]"), N("[1,,2]"), N("[,1]"), N("[,]"), N("[1 2]"), N("[1:2]"), N("[1}"), N("[1]]"),
    N("[[1]"), N("[1],"), N("[\"a\" \"b\"]"), N("[\"a\":1]"), N("[1;2]"), N("[*]"), N("[a]"), N("[1\f]"), N("[\v1]"), N("[\xC2\xA0" "1]"),
    N("[1,\n1\n,1"), N("[{}"), N("[\"\",]"), N("[\"a\",\n4\n,1,"), N("[1]x"), N("[1][2]"), N("[]{}"), N("[,"), N("[\"x\", truth]"),
    N("[1,]]"), N("[\xEF\xBC\x8C]"), N("(1)"), N("[1)"), N("[[[[[[[[[[1]]]]]]]]]"), N("[1 true]"), N("[-]"), N("[\0]"), N("[1\0]"),
};

static const json_case objects[] = {
    Y("{}"), Y("{ }"), Y("{\n}"), Y("{\"a\":1}"), Y("{\"a\" : 1}"), Y("{\"a\":1,\"b\":2}"), Y("{\"\":0}"), Y("{\"a\":\"b\",\"a\":\"c\"}"),
    Y("{\"a\":\"b\",\"a\":\"b\"}"), Y("{\"a\\u0000b\":1}"), Y("{\"a\":{\"b\":{\"c\":{}}}}"), Y("{\"a\":[]}"), Y("{\n\"a\"\n:\n1\n}"),
    Y("{\"min\": -1.0e+28, \"max\": 1.0e+28}"), Y("{\"\\u03b1\": \"\\u03c9\"}"), Y("{\"\xCE\xB1\": 1}"), Y("{\"a\":null,\"b\":true,\"c\":false}"),
    Y("{\"a\\\"b\":1}"), Y("{\"a\\\\\":1}"),
    N("{"), N("}"), N("{\"a\"}"), N("{\"a\":}"), N("{\"a\":1"), N("{\"a\":1,"), N("{\"a\":1,}"), N("{\"a\":1,,\"b\":2}"), N("{,\"a\":1}"), N("{,}"),
    N("{a:1}"), N("{'a':1}"), N("{1:1}"), N("{null:1}"), N("{true:false}"), N("{\"a\" 1}"), N("{\"a\",1}"), N("{\"a\"::1}"), N("{\"a\":1 \"b\":2}"),
    N("{\"a\":1]"), N("{[]:1}"), N("{{}:1}"), N("{\"a\":1}}"), N("{\"a\":1}x"), N("{\"a\":1}/**/"), N("{\"a\":1}//"), N("{\"a\":1}#"), N("{\"a\":1}#{}"),
    N("{\"a\":/*c*/1}"), N("{\"a\":1;\"b\":2}"), N("{\"a\" = 1}"), N("{\"a\":\"b\""), N("{\"a\":\"b"), N("{\"a\":"), N("{\"a\""), N("{\"a"), N("{\""),
    N("{\"a\":1 1}"), N("{\"a\": 1, b}"), N("{\"a\"\x00:1}"), N("{:1}"), N("{\"a\":[}"), N("{\"a\":{]}"), N("{\"a\":1,\"b\"}"), N("{\"a\":1,\"b\":}"),
    N("{key: 'value'}"), N("{\"a\":'b'}"), N("{\"a\":a}"), N("{9999E9999:1}"), N("{\xF0\x9F\x87\xA8\xF0\x9F\x87\xAD}"),
};

static const json_case numbers[] = {
    Y("0"), Y("-0"), Y("1"), Y("-1"), Y("10"), Y("[123456789012345678901234567890]"), Y("[-123123123123123123123123123123]"), Y("[0e1]"), Y("[0e+1]"),
    Y("[1E22]"), Y("[1E-2]"), Y("[1E+2]"), Y("[1e2]"), Y("[123e45]"), Y("[123.456e78]"), Y("[1.5]"), Y("[-1.5]"), Y("[0.0]"), Y("[-0.0]"), Y("[0.1]"),
    Y("[-0.000000000000000000000000000000000000000000000000000000000001]"), Y("[1e999]"), Y("[-1e999]"), Y("[1e-999]"), Y("[1.000000000000000000000000005]"),
    Y("[20e1]"), Y("[123.456789]"), Y("[ 4]"), Y("[4 ]"), Y("[9007199254740993]"), Y("[1e00002]"), Y("[0E0]"), Y("[0.4e006]"), Y("[1.5e+9999]"),
    Y("[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]"),
    N("+1"), N("[+1]"), N("[++1]"), N("[--1]"), N("[- 1]"), N("[-]"), N("[-a]"), N("[01]"), N("[-01]"), N("[00]"), N("[-00]"), N("[012]"), N("[.5]"), N("[-.5]"),
    N("[1.]"), N("[-1.]"), N("[1.e1]"), N("[.e1]"), N("[0.e1]"), N("[1e]"), N("[1e+]"), N("[1e-]"), N("[1E]"), N("[1.5e]"), N("[1.5e+]"), N("[1ea]"), N("[1e1.5]"),
    N("[1e1e1]"), N("[0e]"), N("[0e+]"), N("[1.2.3]"), N("[1 000]"), N("[1,000.0.0]"), N("[1_000]"), N("[0x1]"), N("[0x42]"), N("[0b1]"), N("[0o7]"), N("[1a]"), N("[1+2]"),
    N("[1-2]"), N("[\xEF\xBC\x91]"), N("[1\xE2\x82\xAC]"), N("[2.e+3]"), N("[2.e3]"), N("[1f]"), N("[1L]"), N("[1.0f]"), N("[0.1.2]"), N("[-2.]"), N("[1e1\xE5]"),
    N("[inf]"), N("[-inf]"), N("[nan]"), N("[-NaN]"), N("[+Inf]"), N("[Inf]"), N("[INF]"), N("[+Infinity]"), N("[--Infinity]"), N("[Infinit]"), N("[Na]"), N("[NAN]"), N("[-I]"),
    N("[-foo]"), N("[NaNa]"), N("[Infinity1]"), N("[1Infinity]"), N("[0NaN]"),
    I("NaN"), I("[NaN]"), I("Infinity"), I("[Infinity]"), I("[-Infinity]"), I("{\"a\": NaN, \"b\": [-Infinity]}"),
};

static const json_case words[] = {
    Y("null"), Y("true"), Y("false"), Y("[null]"), Y("[true]"), Y("[false]"), Y(" true "), Y("\ttrue\n"), Y("[true,false,null]"),
    N("nul"), N("tru"), N("fals"), N("[nul]"), N("[tru]"), N("[fals]"), N("nulll"), N("truee"), N("[truex]"), N("[true1]"), N("True"), N("None"), N("[TRUE]"), N("[Null]"),
    N("undefined"), N("[undefined]"), N("n"), N("t"), N("f"), N("[n"), N("nu\0ll"), N("tr ue"), N("[true false]"),
};

static const json_case strings[] = {
    Y("\"\""), Y("\"a\""), Y("\" \""), Y("[\"a\"]"), Y("\"\\\"\""), Y("\"\\\\\""), Y("\"\\/\""), Y("\"\\b\\f\\n\\r\\t\""), Y("\"/\""), Y("\"\\\\\\\\\""), Y("\"\\\\\\\"\""),
    Y("\"a\\\\\\\\\\\\\""), Y("\"\x7F\""), Y("\"'\""), Y("\"\\u0041\""), Y("\"\\u00e9\""), Y("\"\\u00E9\""), Y("\"\\uFFFF\""), Y("\"\\uffff\""), Y("\"\\u0000\""), Y("\"\\u0012\""),
    Y("\"\\uD834\\uDD1E\""), Y("\"\\ud83d\\ude42\""), Y("\"\\uDBFF\\uDFFF\""), Y("\"\\uD800\\uDC00\""), Y("\"\\u2028\\u2029\""), Y("\"\xE2\x80\xA8\xE2\x80\xA9\""), Y("\"\\uFEFF\""),
    Y("\"\xC3\xA9\""), Y("\"\xE2\x82\xAC\""), Y("\"\xF0\x9F\x99\x82\""), Y("\"\xF4\x8F\xBF\xBF\""), Y("\"\xEF\xBF\xBF\""), Y("\"\xED\x9F\xBF\""), Y("\"\xEE\x80\x80\""), Y("\"\xC2\x80\""),
    Y("\"\\\\u0041\""), Y("\"\\\\a\""), Y("\"\\\\\\u0041\""), Y("\"/* not a comment */\""), Y("\"<<<<<<< HEAD\""), Y("\"[1,2\""), Y("\"a\xCC\x88\""), Y("\"\xEF\xBB\xBF\""),
    N("\""), N("\"a"), N("a\""), N("'a'"), N("[\"a]"), N("[\"]"), N("\"\\\""), N("\"\\\\\\\""), N("\"\\a\""), N("\"\\x41\""), N("\"\\'\""), N("\"\\0\""), N("\"\\v\""), N("\"\\ \""), N("\"\\\n\""),
    N("\"\\u\""), N("\"\\u1\""), N("\"\\u12\""), N("\"\\u123\""), N("\"\\u123g\""), N("\"\\ug123\""), N("\"\\U0041\""), N("\"\\u 041\""), N("\"\\u+041\""), N("\"\\u-041\""), N("\"\\u00\\n\""),
    N("\"\\uD834\\u\""), N("\"\\uD834\\u1\""), N("\"\\uD834\\uD\""), N("\"\\uD800\\u1x\""), N("\"\\u{41}\""), N("\"\\\xC3\xA9\""), N("\"\\\x00\""), N("\"\n\""), N("\"\t\""), N("\"\r\""), N("\"\b\""),
    N("\"\x1F\""), N("\"\x01\""), N("\"\0\""), N("\"a\0b\""), N("\"\xFF\""), N("\"\xFE\""), N("\"\x80\""), N("\"\xBF\""), N("\"\xC0\xAF\""), N("\"\xC1\x81\""), N("\"\xE0\x80\xAF\""), N("\"\xE0\xFF\""),
    N("\"\xF0\x80\x80\xAF\""), N("\"\xF5\x80\x80\x80\""), N("\"\xF4\x90\x80\x80\""), N("\"\xFC\x83\xBF\xBF\xBF\xBF\""), N("\"\xED\xA0\x80\""), N("\"\xED\xBF\xBF\""), N("\"\xC3\""), N("\"\xE2\x82\""),
    N("\"\xF0\x9F\x99\""), N("\"\xE2\x82x\""), N("\"\xC3\x28\""), N("\"abc\xE9\""), N("\"a\xE6\x97\xA5\xD1\x88\xFA\""), N("\"\"x"), N("\"\"\"\""), N("\"a\" \"b\""), N("`a`"),
    N("\xE2\x80\x9C" "a\xE2\x80\x9D"), N("{\"\xE9\":1}"), N("{\"a\n\":1}"), N("{\"\\x\":1}"), N("[\"\\u00A\"]"), N("[\"\\\\\\uD834\\x\"]"), N("\\u0041"), N("[\\n]"), N("[\\u0020\"a\"]"),
    I("\"\\uD800\""), I("\"\\uDC00\""), I("\"\\ud83d\""), I("\"\\uDFAA\""), I("\"\\uD800\\n\""), I("\"\\uD800\\u0041\""), I("\"\\uD800\\uD800\\uDC00\""), I("\"\\uDC00\\uD800\""), I("\"\\uD800abc\""),
    I("\"\\uDd1e\\uD834\""), I("[\"\\uDADA\"]"), I("[\"\\uD888\\u1234\"]"), I("{\"\\uDFAA\":0}"), I("\"\\uD83D\\\\uDE42\""),
};

static const json_case documents[] = {
    Y("1"), Y("\"a\""), Y("\n\n1\n\n"), Y(" \t\r\n[] \t\r\n"), Y("-1"),
    N(""), N(" "), N("\n"), N("\0"), N("[]\0"), N("\f[]"), N("1 2"), N("1,"), N(",1"), N("{}{}"), N("[] []"), N("null null"), N("<html>"), N("<.>"), N("[<null>]"), N("//\n1"), N("/* */ 1"), N("# 1\n1"),
    N("1 // x"), N("\xEF\xBB"), N("\xEF\xBB\xBF"), N("\xEF\xBB\xBF\xEF\xBB\xBF{}"), N("{}\xEF\xBB\xBF"), N(" \xEF\xBB\xBF{}"), N("\xFF\xFE{\0}\0"), N("\xFE\xFF\0{\0}"), N("{\0}\0"), N("\xE2\x81\xA0"),
    N("\xE5"), N("[\xE5]"), N("\xE9[]"), N("*"), N("@"), N("a"), N("$a"), N(":"), N("{\"a\":1}\n<<<<<<< HEAD\n"), N("---\na: 1"), N("a=1"), N("[1]\n]"), N("%!PS"), N("version https://git-lfs"),
    N("\xC2\xA0[]"), N("[]\xC2\xA0"), N("\xE2\x80\xA8[]"), N("[\x1B]"), N("\x7F"), N("[][[["), N("{}]"), N("1]"), N("\"\"}"),
    I("\xEF\xBB\xBF{}"), I("\xEF\xBB\xBF [1]"), I("\xEF\xBB\xBF\"\xEF\xBB\xBF\""),
};
/* clang-format on */

static nb_code parse(nb_str text, unsigned dialect)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_json *root;
    nb_code code = nb_json_parse(&arena, text, NB_STR("case"), dialect, &root, &err);
    if (code != NB_OK) {
        assert_int_equal(code, NB_ERR_NOTEBOOK);
        assert_true(
            nb_str_starts(nb_str_from(nb_error_message(&err, 0)), NB_STR("cannot read 'case': ")));
        assert_true(err.line > 0 && err.column > 0);
    }
    return code;
}

static nb_code skip_all(nb_str text, unsigned dialect)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_json_reader r;
    nb_json_open(&r, text, NB_STR("case"), dialect);
    nb_json_skip(&r, NULL);
    return nb_json_close(&r, &err);
}

/* Reading and strict skipping agree with the table; fast skipping never refuses what reading accepts. */
static void check(nb_str given, unsigned dialect, bool good)
{
    char *exact = malloc(given.len ? given.len : 1); /* so that ASan sees a read past the end */
    memcpy(exact, given.at, given.len);
    nb_str text = {exact, given.len};
    bool parsed = parse(text, dialect) == NB_OK;
    bool skipped = skip_all(text, dialect | NB_JSON_STRICT_SKIP) == NB_OK;
    bool passed = skip_all(text, dialect) == NB_OK;
    free(exact);
    if (parsed != good || skipped != good || (good && !passed))
        fail_msg("%s dialect: want %d, parsed %d, skipped %d, passed %d: " NB_STR_FMT,
                 dialect ? "notebook" : "strict", good, parsed, skipped, passed, NB_STR_ARG(given));
}

static void check_table(const json_case *cases, size_t count, size_t *sum)
{
    for (size_t i = 0; i < count; i++) {
        check(cases[i].text, NB_JSON_STRICT, cases[i].strict);
        check(cases[i].text, NB_JSON_NOTEBOOK, cases[i].notebook);
    }
    *sum += count;
}

static void every_case_is_accepted_or_refused_as_it_should(void **state)
{
    (void)state;
    size_t sum = 0;
    check_table(arrays, NB_LEN(arrays), &sum);
    check_table(objects, NB_LEN(objects), &sum);
    check_table(numbers, NB_LEN(numbers), &sum);
    check_table(words, NB_LEN(words), &sum);
    check_table(strings, NB_LEN(strings), &sum);
    check_table(documents, NB_LEN(documents), &sum);
    print_message("%zu cases\n", sum);
    assert_true(sum > 400);
}

/* No prefix of a document may be read past its end, and none but the whole is a document. */
static void every_prefix_of_a_document_is_refused(void **state)
{
    (void)state;
    nb_str whole = NB_STR(
        "{\"a\": [1.5e+3, -0, \"x\\u00e9\\n\\ud83d\\ude42\", null], \"b\": {\"c\": true, \"d\": false}}");
    check(whole, NB_JSON_STRICT, true);
    for (size_t len = 0; len < whole.len; len++) {
        check(nb_str_slice(whole, 0, len), NB_JSON_STRICT, false);
        check(nb_str_slice(whole, 0, len), NB_JSON_NOTEBOOK, false);
    }
}

static void nest(nb_buf *out, nb_str open, nb_str inner, char close, size_t depth)
{
    nb_buf_clear(out);
    for (size_t i = 0; i < depth; i++)
        nb_buf_put(out, open);
    nb_buf_put(out, inner);
    nb_buf_repeat(out, close, depth);
}

static void depth_is_limited(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nest(&text, NB_STR("["), NB_STR(""), ']', NB_JSON_MAX_DEPTH);
    check(nb_buf_view(&text), NB_JSON_STRICT, true);
    nest(&text, NB_STR("["), NB_STR(""), ']', NB_JSON_MAX_DEPTH + 1);
    check(nb_buf_view(&text), NB_JSON_STRICT, false);
    nest(&text, NB_STR("{\"a\":"), NB_STR("1"), '}', NB_JSON_MAX_DEPTH);
    check(nb_buf_view(&text), NB_JSON_NOTEBOOK, true);
    nest(&text, NB_STR("{\"\":"), NB_STR("1"), '}', NB_JSON_MAX_DEPTH + 1);
    check(nb_buf_view(&text), NB_JSON_NOTEBOOK, false);
    nest(&text, NB_STR("["), NB_STR(""), '[', 100000);
    check(nb_buf_view(&text), NB_JSON_NOTEBOOK, false);
    nest(&text, NB_STR("[{\"a\":"), NB_STR(""), '[', 100000);
    check(nb_buf_view(&text), NB_JSON_NOTEBOOK, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_accepted_or_refused_as_it_should),
        cmocka_unit_test(every_prefix_of_a_document_is_refused),
        cmocka_unit_test(depth_is_limited),
    };
    return cmocka_run_group_tests_name("text/json_cases", tests, NULL, NULL);
}
