#include "nb_test.h"

#include "cli/report.h"

typedef struct printed {
    char *text;
    size_t len;
    FILE *to;
} printed;

static FILE *start(printed *p)
{
    p->to = open_memstream(&p->text, &p->len);
    assert_non_null(p->to);
    return p->to;
}

/* What was printed since start(), as text that lives in the arena. */
static nb_str finish(printed *p, nb_arena *arena)
{
    fclose(p->to);
    nb_str copy = nb_arena_str(arena, (nb_str){p->text, p->len});
    free(p->text);
    return copy;
}

static nb_str text_of(const nb_diags *diags)
{
    printed p;
    nb_report_text(diags, NB_SEVERITY_INFO, false, start(&p));
    return finish(&p, diags->arena);
}

static const struct {
    nb_diag_code code;
    nb_spot spot;
    const char *message, *help, *want;
} cases[] = {
    {NB_D_SHELL_REMOVED,
     {NB_STR_ROW("nb/iris.ipynb"), 7, 12, 3, 5, 16, NB_STR_ROW("    !mkdir -p models"), {0}},
     "a shell command became a comment",                                                                 "create the folder in Python",
     "nb/iris.ipynb: cell 7 (In [12]), line 3:5: warning[NB201]: a shell command became a comment\n"
     "    3 |     !mkdir -p models\n"
     "      |     ^^^^^^^^^^^^^^^^\n"
     "  help: create the folder in Python\n"                                                                                                                   },
    {NB_D_SECRET_IN_CONFIG,
     {NB_STR_ROW("config.yaml"), 0, 0, 14, 7, 0, NB_STR_ROW("  key: x"), {0}},
     "a secret",                                                                                         NULL,
     "config.yaml:14:7: warning[NB801]: a secret\n"
     "   14 |   key: x\n"
     "      |       ^\n"                                                                                                                                       },
    {NB_D_NO_MODEL,
     {NB_STR_ROW("a.ipynb"), 0, 0, 0, 0, 0, {0}, {0}},
     "no model",                                                                                         NULL,
     "a.ipynb: error[NB501]: no model\n"                                                                                                                       },
    {NB_D_NO_MODEL,
     {NB_STR_ROW("a.ipynb"), 3, 0, 0, 0, 0, {0}, {0}},
     "no model",                                                                                         "write\na = 1\nb = 2",
     "a.ipynb: cell 3: error[NB501]: no model\n"
     "  help: write\n"
     "        a = 1\n"
     "        b = 2\n"                                                                                                                                         },
    {NB_D_MODEL_CHOSEN,     {{0}, 0, 0, 0, 0, 0, {0}, {0}},                                    "chosen", NULL,                          "note[NB504]: chosen\n"},
 /* characters of other widths, tabs, control characters */
    {NB_D_SHELL_REMOVED,
     {NB_STR_ROW("a"), 1, 0, 1, 8, 2, NB_STR_ROW("x = '\xE6\xBC\xA2' \xC3\xA9\xC3\xA9"), {0}},
     "m",                                                                                                NULL,
     "a: cell 1, line 1:8: warning[NB201]: m\n"
     "    1 | x = '\xE6\xBC\xA2' \xC3\xA9\xC3\xA9\n"
     "      |         ^^\n"                                                                                                                                    },
    {NB_D_SHELL_REMOVED,
     {NB_STR_ROW("a"), 1, 0, 1, 2, 9, NB_STR_ROW("\tif\t\xFFx"), {0}},
     "m",                                                                                                NULL,
     "a: cell 1, line 1:2: warning[NB201]: m\n"
     "    1 |     if    \xEF\xBF\xBDx\n"
     "      |     ^^^^^^^^\n"                                                                                                                                  },
    {NB_D_SHELL_REMOVED,
     {NB_STR_ROW("\033]0;a"), 1, 0, 1, 0, 0, NB_STR_ROW("\033[31mred"), {0}},
     "bell \a",                                                                                          NULL,
     "\xEF\xBF\xBD]0;a: cell 1, line 1: warning[NB201]: bell \xEF\xBF\xBD\n"
     "    1 | \xEF\xBF\xBD[31mred\n"                                                                                                                           },
 /* past the end of the line: one mark after it */
    {NB_D_UNTERMINATED,
     {NB_STR_ROW("a"), 1, 0, 1, 5, 3, NB_STR_ROW("f(("), {0}},
     "m",                                                                                                NULL,
     "a: cell 1, line 1:5: error[NB221]: m\n"
     "    1 | f((\n"
     "      |    ^\n"                                                                                                                                          },
};

static void a_finding_shows_its_place_and_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_diags diags = {.arena = &arena};
        nb_diag *diag = nb_diag_add(&diags, cases[i].code, cases[i].spot, "%s", cases[i].message);
        if (cases[i].help)
            nb_diag_help(&diags, diag, "%s", cases[i].help);
        print_message("case %zu\n", i);
        assert_str(text_of(&diags), cases[i].want);
    }
}

static void a_long_line_is_cut_around_the_mark(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) line = NB_BUF_INIT(NB_BUF_TEXT);
    nb_diags diags = {.arena = &arena};
    nb_buf_repeat(&line, 'a', 5000);
    nb_buf_putz(&line, "!!");
    nb_buf_repeat(&line, 'b', 5000);
    nb_spot spot = {NB_STR("a"), 1, 0, 1, 5001, 2, nb_buf_view(&line), {0}};
    (void)nb_diag_add(&diags, NB_D_SHELL_REMOVED, spot, "m");
    nb_str text = text_of(&diags);
    nb_str rest = text, first, source = {0}, marks = {0};
    assert_true(nb_str_line(&rest, &first) && nb_str_line(&rest, &source) &&
                nb_str_line(&rest, &marks));
    assert_true(source.len < 120);
    assert_int_equal(nb_str_find(source, NB_STR("!!")), nb_str_find(marks, NB_STR("^^")));
}

static void findings_come_in_the_order_of_the_notebook(void **state)
{
    (void)state;
    static const struct {
        nb_spot spot;
        const char *message;
    } rows[] = {
        {{NB_STR_ROW("b"), 1, 0, 1, 1, 0, {0}, {0}}, "6"},
        {{NB_STR_ROW("a"), 2, 0, 1, 1, 0, {0}, {0}}, "4"},
        {{NB_STR_ROW("a"), 1, 0, 9, 1, 0, {0}, {0}}, "2"},
        {{NB_STR_ROW("a"), 1, 0, 9, 2, 0, {0}, {0}}, "3"},
        {{NB_STR_ROW("a"), 0, 0, 0, 0, 0, {0}, {0}}, "1"},
        {{NB_STR_ROW("a"), 2, 0, 1, 1, 0, {0}, {0}}, "5"},
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    for (size_t i = 0; i < NB_LEN(rows); i++)
        (void)nb_diag_add(&diags, NB_D_EDITED, rows[i].spot, "%s", rows[i].message);
    nb_str rest = text_of(&diags), line;
    for (char want = '1'; nb_str_line(&rest, &line); want++)
        assert_int_equal(line.at[line.len - 1], want);
}

/* Everything that -q, -v and --format json change. */
static void the_options_choose_what_is_shown(void **state)
{
    (void)state;
    static const struct {
        bool quiet, verbose;
        const char *want;
    } forms[] = {
        {false, false,
         "e: error[NB501]: E\nw: warning[NB201]: W\n1 error, 1 warning, 2 notes (-v shows them)\n"},
        {true,  false, "e: error[NB501]: E\n"                                                     },
        {false, true,
         "e: error[NB501]: E\ni: note[NB504]: I\nj: note[NB504]: J\nw: warning[NB201]: W\n"
         "1 error, 1 warning, 2 notes\n"                                                          },
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    (void)nb_diag_add(&diags, NB_D_MODEL_CHOSEN, (nb_spot){.path = NB_STR("i")}, "I");
    (void)nb_diag_add(&diags, NB_D_SHELL_REMOVED, (nb_spot){.path = NB_STR("w")}, "W");
    (void)nb_diag_add(&diags, NB_D_NO_MODEL, (nb_spot){.path = NB_STR("e")}, "E");
    (void)nb_diag_add(&diags, NB_D_MODEL_CHOSEN, (nb_spot){.path = NB_STR("j")}, "J");
    for (size_t i = 0; i < NB_LEN(forms); i++) {
        nb_app app = {.quiet = forms[i].quiet, .verbose = forms[i].verbose};
        printed p;
        app.log = start(&p);
        nb_report_diags(&app, &diags);
        assert_str(finish(&p, &arena), forms[i].want);
    }
}

static void json_has_every_finding_and_null_for_the_unknown(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer json = NB_JSON_WRITER(&text, 0);
    nb_diags diags = {.arena = &arena};
    (void)nb_diag_add(&diags, NB_D_NO_MODEL, (nb_spot){.path = NB_STR("a")}, "\"m\"");
    nb_report_json(&diags, &json);
    assert_str(
        nb_buf_view(&text),
        "[{\"code\": \"NB501\", \"slug\": \"no-model\", \"severity\": \"error\", \"path\": \"a\", "
        "\"cell\": null, \"cell_id\": null, \"execution\": null, \"line\": null, \"column\": null, \"length\": null, "
        "\"message\": \"\\\"m\\\"\", \"help\": null, \"source\": null}]");
}

static nb_str error_of(const nb_error *err, bool colour, nb_arena *arena)
{
    printed p;
    nb_report_error(err, colour, start(&p));
    return finish(&p, arena);
}

static void an_error_shows_its_chain_place_and_hint(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    (void)nb_fail(&err, NB_ERR_CONFIG, "unknown key 'notebok'");
    nb_error_at(&err, (nb_place){NB_STR("config.yaml"), 14, 5, NB_STR("    notebok: iris.ipynb")});
    nb_error_hint(&err, "write 'notebook'");
    (void)nb_wrap(&err, "cannot convert 'iris'");
    assert_str(error_of(&err, false, &arena), "error: cannot convert 'iris'\n"
                                              "  because: unknown key 'notebok'\n"
                                              "  at config.yaml:14:5\n"
                                              "   14 |     notebok: iris.ipynb\n"
                                              "      |     ^\n"
                                              "hint: write 'notebook'\n");
    assert_str(error_of(&err, true, &arena), "\033[1;31merror:\033[0m cannot convert 'iris'\n"
                                             "\033[1m  because:\033[0m unknown key 'notebok'\n"
                                             "  at config.yaml:14:5\n"
                                             "\033[2m   14 |\033[0m     notebok: iris.ipynb\n"
                                             "\033[2m      |\033[0m     \033[1;31m^\033[0m\n"
                                             "\033[1;32mhint:\033[0m write 'notebook'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_shows_its_place_and_its_line),
        cmocka_unit_test(a_long_line_is_cut_around_the_mark),
        cmocka_unit_test(findings_come_in_the_order_of_the_notebook),
        cmocka_unit_test(the_options_choose_what_is_shown),
        cmocka_unit_test(json_has_every_finding_and_null_for_the_unknown),
        cmocka_unit_test(an_error_shows_its_chain_place_and_hint),
    };
    return cmocka_run_group_tests_name("cli/report", tests, NULL, NULL);
}
