#include "nb_test.h"

#include "base/buf.h"
#include "notebook/directives.h"

/* What is read, as one line: tags as they are, "shell=drop", "NB203" for a cell, "NB203@2" or "NB203@2-4" for lines, "!message", "export". */
static void describe(nb_arena *arena, nb_str source, nb_buf *out)
{
    nb_cell cell = {.kind = NB_CELL_CODE, .number = 1, .source = source};
    nb_notebook notebook = {.path = NB_STR("n.ipynb"), .cells = &cell, .cell_count = 1};
    nb_diags diags = {.arena = arena};
    cell.directives = nb_directives_read(arena, source);
    if (!cell.directives)
        return;
    nb_directives_silence(&notebook, &cell, true, &diags);
    size_t ignores = 0;
    for (size_t i = 0; i < cell.directives->list.count; i++) {
        const nb_directive *each = &cell.directives->list.at[i];
        const char *blank = out->len > 0 ? " " : "";
        if (each->kind == NB_DIRECTIVE_BAD) {
            assert_true(each->help.len > 0);
            nb_buf_printf(out, "%s!" NB_STR_FMT, blank, NB_STR_ARG(each->message));
        } else if (each->kind == NB_DIRECTIVE_IGNORE) {
            const nb_ignore *ignore = &diags.ignores.at[ignores++];
            nb_buf_printf(out, "%s%s", blank, nb_diag_row_of(each->code)->code);
            if (ignore->first > 0)
                nb_buf_printf(out, "@%u", ignore->first);
            if (ignore->last > ignore->first)
                nb_buf_printf(out, "-%u", ignore->last);
        } else {
            nb_buf_printf(out, "%s" NB_STR_FMT, blank, NB_STR_ARG(each->text));
        }
    }
    if (cell.directives->exports)
        nb_buf_printf(out, "%sexport", out->len > 0 ? " " : "");
}

/* clang-format off */
static const struct {
    const char *source, *want, *stripped; /* NULL: as it was */
} cases[] = {
    {"x = 1", "", NULL},
    {"", "", NULL},
    {"# Load the data\nx = 1", "", NULL},
    /* above the code */
    {"# notebooked: train\nfit()", "train", "\nfit()"},
    {"#notebooked:train", "train", ""},
    {"\n  \n# notebooked: train, inference\nx", "train inference", "\n  \n\nx"},
    {"# notebooked: train inference,,model\nx", "train inference model", "\nx"},
    {"# Fit.\n#   notebooked: train   # as agreed\nx", "train", "# Fit.\n# as agreed\nx"},
    {"# Fit.  # notebooked: train\nx", "train", "# Fit.\nx"},
    {"# notebooked: train\r\nfit()\r\n", "train", "\r\nfit()\r\n"},
    {"# notebooked: skip", "skip", ""},
    {"# notebooked: trian", "trian", ""}, /* the tags know whether it is one */
    {"# notebooked: train, shell=drop, ignore[NB201]\nx", "train shell=drop NB201", "\nx"},
    {"# notebooked: train\n# notebooked: cd=chdir\nx", "train cd=chdir", "\n\nx"},
    {"# notebooked: ignore[NB203, NB409]\nx", "NB203 NB409", "\nx"},
    {"# notebooked: ignore[magic-removed]", "NB203", ""},
    {"# notebooked: ignore[ NB203\tNB409 , ]", "NB203 NB409", ""},
    {"%%time\n# notebooked: train\nx", "!a directive on a line of its own has no meaning below code", NULL},
    {"# notebooked: train\n%%time\nx", "train", "\n%%time\nx"},
    /* mistakes */
    {"# notebooked:", "!the directive is empty", ""},
    {"# notebooked: ignore", "!'ignore' does not say what to ignore", ""},
    {"# notebooked: ignore[]", "!'ignore[]' does not say what to ignore", ""},
    {"# notebooked: ignore[NB203", "!'ignore[NB203' does not say what to ignore", ""},
    {"# notebooked: ignore[NB999]", "!no finding has the code 'NB999'", ""},
    {"# notebooked: ignore[NB301, NB203]", "!'NB301' cannot be silenced: with it there is no script that works NB203", ""},
    {"# notebooked: shell=run", "!'run' is no value of 'shell'", ""},
    {"# notebooked: shell=", "!'' is no value of 'shell'", ""},
    {"# notebooked: shall=drop", "!'shall' is no policy", ""},
    {"x = 1\n# notebooked: train\ny = 2", "!a directive on a line of its own has no meaning below code", NULL},
    {"x = 1  # notebooked: train", "!'train' is about the whole cell and has no meaning behind code", "x = 1"},
    /* at the end of a line */
    {"x = 1\ny = f()  # notebooked: ignore[NB302]\nz = 3", "NB302@2", "x = 1\ny = f()\nz = 3"},
    {"x = 1  # one  # notebooked: ignore[NB302]  # for now\n", "NB302@1", "x = 1  # one  # for now\n"},
    {"x = f(1,\n      2)  # notebooked: ignore[NB302]", "NB302@1-2", "x = f(1,\n      2)"},
    {"x = f(1,  # notebooked: ignore[NB302]\n      2)", "NB302@1", "x = f(1,\n      2)"},
    {"t = '''\na\n'''  # notebooked: ignore[NB409]\nx", "NB409@1-3", "t = '''\na\n'''\nx"},
    {"def f():  # notebooked: ignore[NB312]\n    pass", "NB312@1", "def f():\n    pass"},
    {"%matplotlib inline  # notebooked: ignore[NB203]", "NB203@1", "%matplotlib inline"},
    {"x\n!mkdir -p a && \\\n  ls b  # notebooked: ignore[NB201]\ny", "NB201@2-3", "x\n!mkdir -p a && \\\n  ls b\ny"},
    {"files = !ls  # notebooked: ignore[NB201, NB202]\nx", "NB201@1 NB202@1", "files = !ls\nx"},
    {"%%bash  # notebooked: ignore[NB205]\n# notebooked: train\nls", "NB205@1", "%%bash\n# notebooked: train\nls"},
    {"%%time\nx = f()  # notebooked: ignore[NB302]", "NB302@2", "%%time\nx = f()"},
    {"if a:\n    !ls  # notebooked: ignore[NB201]\n    x = 1", "NB201@2", "if a:\n    !ls\n    x = 1"},
    /* not in strings, not in the commands of others */
    {"x = '# notebooked: ignore[NB302]'", "", NULL},
    {"x = '''\n# notebooked: train\n'''", "", NULL},
    {"x = f'{a}  # notebooked: ignore[NB302]'", "", NULL},
    {"!echo '# notebooked: ignore[NB201]'", "", NULL},
    {"!echo a#notebooked: ignore[NB201]", "", NULL},
    {"%%writefile a.py\n# notebooked: train\nx = 1  # notebooked: ignore[NB302]", "", NULL},
    {"print(\"a\\\"  # notebooked: ignore[NB302]\")", "", NULL},
    /* our own comments come back in notebooks made from scripts */
    {"# notebooked: removed %matplotlib inline\nx", "", NULL},
    {"x\n# notebooked: removed !ls\n", "", NULL},
    /* nbdev */
    {"#| export\ndef f(): pass", "export", "\ndef f(): pass"},
    {"#|export\nx", "export", "\nx"},
    {"#| exporti\nx", "export", "\nx"},
    {"#|exports\nx", "export", "\nx"},
    {"#| export core\nx", "export", "\nx"},
    {"#| hide\n#| export\nx", "export", "#| hide\n\nx"},
    {"#| exported\nx", "", NULL},
    {"#| default_exp core", "", NULL},
    {"x = 1\n#| export\n", "", NULL},
    {"# export\nx", "export", "\nx"},
    {"#export\nx", "export", "\nx"},
    {"\n# exports \nx", "export", "\n \nx"},
    {"# export the model\nx", "", NULL},
    {"# Save.\n# export\nx", "", NULL},
    {"x = 1  # export", "", NULL},
    {"#| export\n# notebooked: train\nx", "train export", "\n\nx"},
};
/* clang-format on */

static void comments_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_str source = nb_str_from(cases[i].source);
        print_message("case %zu: %s\n", i, cases[i].source);
        describe(&arena, source, &out);
        assert_str(nb_buf_view(&out), cases[i].want);
        nb_str left = nb_directives_strip(&arena, source, nb_directives_read(&arena, source));
        assert_str(left, cases[i].stripped ? cases[i].stripped : cases[i].source);
    }
}

static void policies_of_a_cell_stand_on_those_around_it(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_policies policies = {.shell = NB_SHELL_SUBPROCESS, .timeit = NB_TIMEIT_DROP};
    nb_directives_choose(NULL, &policies);
    nb_directives_choose(
        nb_directives_read(&arena, NB_STR("# notebooked: shell=comment run=inline\nx")), &policies);
    assert_int_equal(policies.shell, NB_SHELL_COMMENT);
    assert_int_equal(policies.timeit, NB_TIMEIT_DROP);
    assert_int_equal(policies.run, NB_RUN_INLINE);
}

static void a_directive_knows_its_place(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_cell cell = {.kind = NB_CELL_CODE,
                    .number = 3,
                    .source = NB_STR("\xC3\xA9 = 1\nx  # \xC3\xA9 # notebooked: ignore[NB999]")};
    nb_notebook notebook = {.path = NB_STR("n.ipynb"), .cells = &cell, .cell_count = 1};
    cell.directives = nb_directives_read(&arena, cell.source);
    nb_spot spot = nb_directive_spot(&notebook, &cell, &cell.directives->list.at[0]);
    assert_int_equal(spot.cell, 3);
    assert_int_equal(spot.line, 2);
    assert_int_equal(spot.column, 29);
    assert_int_equal(spot.length, 5);
}

static void there_is_a_limit(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) source = NB_BUF_INIT(NB_BUF_TEXT);
    for (int i = 0; i < 1000; i++)
        nb_buf_putz(&source, "# notebooked: train ignore[NB203]\n");
    nb_buf_putz(&source, "x\n");
    for (int i = 0; i < 1000; i++)
        nb_buf_putz(&source, "x  # notebooked: ignore[NB203]\n# notebooked: no\n");
    const nb_directives *found = nb_directives_read(&arena, nb_buf_view(&source));
    assert_in_range(found->list.count, 100, 110);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_are_read),
        cmocka_unit_test(policies_of_a_cell_stand_on_those_around_it),
        cmocka_unit_test(a_directive_knows_its_place),
        cmocka_unit_test(there_is_a_limit),
    };
    return cmocka_run_group_tests_name("notebook/directives", tests, NULL, NULL);
}
