/* The schema engine with a table of its own; the table of config.yaml is tested in config/. */
#include "text/schema.h"

#include "nb_test.h"

static bool is_short(nb_str text)
{
    return text.len < 5;
}

static const nb_schema_form short_text = {"short", "^.{0,4}$", is_short};

static const nb_schema_row rows[] = {
    {.key = "server",            .kind = NB_SCHEMA_MAP,       .description = "A server."                         },
    {.key = "server.pin",
     .kind = NB_SCHEMA_TEXT,
     .flags = NB_SCHEMA_SECRET,
     .form = &short_text,
     .env = "PIN OLD_PIN",
     .ambient = "OTHER",
     .description = "The pin."},
    {.key = "server.port",
     .kind = NB_SCHEMA_INT,
     .min = 1,
     .max = 65535,
     .fallback = "80",
     .description = "The port."},
    {.key = "list",       .kind = NB_SCHEMA_LIST,                                   .description = "A list."                                                                                                    },
    {.key = "list[].name",
     .kind = NB_SCHEMA_TEXT,
     .flags = NB_SCHEMA_REQUIRED,
     .description = "A name."},
    {.key = "list[].inner",.kind = NB_SCHEMA_MAP,.description = "Inside."},
    {.key = "list[].inner.flag",     .kind = NB_SCHEMA_BOOL,                             .description = "A flag."                                                                                    },
    {.key = "list[].names",      .kind = NB_SCHEMA_NAMED,               .description = "Names."                                                                           },
    {.key = "any", .kind = NB_SCHEMA_INT,  .description = "Any number."},
};
static const nb_schema schema = {rows, NB_LEN(rows)};

static const nb_yaml *parsed(nb_arena *arena, const char *yaml)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_yaml *root = NULL;
    assert_ok(nb_yaml_parse(arena, nb_str_from(yaml), NB_STR("f"), &root, &err), &err);
    return root;
}

static const struct {
    const char *yaml, *message; /* of the first problem; NULL: none */
} cases[] = {
    {"server: {pin: abc, port: 80}\n",              NULL                                            },
    {"server: {pin: abcdef}\n",                     "'server.pin' cannot be '***'; it must be short"},
    {"server: {port: 0x1F}\n",                      NULL                                            },
    {"server: {port: 65536}\n",                     "'server.port' cannot be 65536"                 },
    {"any: -9223372036854775808\n",                 NULL                                            },
    {"any: 9223372036854775808\n",                  "'any' cannot be 9223372036854775808"           },
    {"list: [{name: a, inner: {flag: true}}]\n",    NULL                                            },
    {"list: [{name: a, inner: {flag: 1}}]\n",
     "'list[0].inner.flag' must be true or false, this is a whole number"                           },
    {"list: [{name: a}, {inner: {flags: true}}]\n", "unknown key 'flags', did you mean 'flag'?"     },
    {"list: [{name: a}, {inner: {}}]\n",            "'list[1].name' is missing"                     },
    {"list: [{name: a, names: {x: 'y'}}]\n",        NULL                                            },
    {"server:\nlist:\nany:\n",                      NULL                                            },
};

static void a_tree_is_checked_against_the_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_problems problems = {.arena = &arena, .path = NB_STR("f")};
        print_message("case %zu: %s", i, cases[i].yaml);
        nb_schema_check(&schema, parsed(&arena, cases[i].yaml), &problems);
        assert_int_equal(problems.list.count > 0, cases[i].message != NULL);
        if (cases[i].message)
            assert_str(problems.list.at[0].message, cases[i].message);
    }
}

static void note(void *ctx, const nb_schema_row *row, nb_str key, const nb_yaml *value)
{
    (void)row;
    nb_buf_printf(ctx, NB_STR_FMT "=" NB_STR_FMT "\n", NB_STR_ARG(key),
                  NB_STR_ARG(value ? value->text : NB_STR("-")));
}

static void leaves_are_visited_in_the_order_of_the_rows(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) seen = NB_BUF_INIT(NB_BUF_TEXT);
    const nb_yaml *root =
        parsed(&arena, "any: 3\nlist: [{name: a}, {inner: {flag: true}, name: }]\n"
                       "server: {port: 8}\n");
    nb_schema_each(&arena, &schema, root, note, &seen);
    assert_str(nb_buf_view(&seen), "server.pin=-\nserver.port=8\n"
                                   "list[0].name=a\nlist[0].inner.flag=-\nlist[0].names=-\n"
                                   "list[1].name=-\nlist[1].inner.flag=true\nlist[1].names=-\n"
                                   "any=3\n");
}

static void the_page_has_a_table_a_section(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_schema_write_markdown(&arena, &schema, &out);
    assert_non_null(
        strstr(out.at, "### `server`\n\nA server.\n\n| key | value | what it does |\n"));
    assert_non_null(strstr(out.at,
                           "| `pin` | text | The pin. Overridden by `PIN`, `OLD_PIN`. Falls "
                           "back to `OTHER`. |\n"));
    assert_non_null(
        strstr(out.at, "| `port` | whole number, 1 to 65535, default `80` | The port. |\n"));
    assert_non_null(strstr(out.at, "| `name` | text, **required** | A name. |\n"));
}

static void problems_come_in_the_order_of_the_file(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_diags diags = {.arena = &arena};
    nb_problems problems = {.arena = &arena, .path = NB_STR("f")};
    assert_int_equal(nb_problems_report(&problems, &diags, &err), NB_OK);
    nb_problem_add(&problems, NB_D_BAD_VALUE, (nb_place){NB_STR("f"), 2, 1, {0}}, "second");
    nb_problem_add(&problems, NB_D_BAD_VALUE, (nb_place){NB_STR("f"), 2, 2, {0}}, "third");
    nb_problem *first =
        nb_problem_add(&problems, NB_D_UNKNOWN_KEY, (nb_place){NB_STR("f"), 1, 9, {0}}, "first");
    nb_problem_hint(&problems, first, "do %s", "this");
    assert_int_equal(nb_problems_report(&problems, &diags, &err), NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 0), "first");
    assert_string_equal(err.hint, "do this");
    assert_int_equal(diags.list.count, 2);
    assert_str(diags.list.at[0].message, "second");
    assert_str(diags.list.at[1].message, "third");
    assert_int_equal(diags.list.at[0].severity, NB_SEVERITY_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_checked_against_the_rows),
        cmocka_unit_test(leaves_are_visited_in_the_order_of_the_rows),
        cmocka_unit_test(the_page_has_a_table_a_section),
        cmocka_unit_test(problems_come_in_the_order_of_the_file),
    };
    return cmocka_run_group_tests_name("text/schema", tests, NULL, NULL);
}
