/* rule_cases.h - a notebook written as text, understood and asked all rules. */
#ifndef NB_TEST_RULE_CASES_H
#define NB_TEST_RULE_CASES_H

#include "../gen/cells.h"

#include "check/rules.h"

typedef struct test_rules {
    nb_arena arena;
    nb_diags diags;
    nb_analysis analysis;
} test_rules;

/* A notebook and what one code says about it: "warning 3:5" for cell 3 line 5, several separated by blanks. */
typedef struct rule_case {
    const char *cells;
    const char *findings;
} rule_case;

static inline void test_rules_ask(test_rules *t, const char *cells)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_experiment *experiment = NB_NEW(&t->arena, nb_experiment);
    t->diags.arena = &t->arena;
    experiment->name = NB_STR("case");
    experiment->notebook = NB_STR("n.ipynb");
    t->analysis = (nb_analysis){.arena = &t->arena,
                                .experiment = experiment,
                                .options = NB_NEW(&t->arena, nb_convert_options),
                                .env = &nb_env_real,
                                .diags = &t->diags};
    assert_ok(nb_config_default(&t->arena, ".", &nb_env_real, &t->analysis.config, &err), &err);
    t->analysis.templates = nb_templates_open(&t->arena, t->analysis.config->root, &nb_env_real);
    assert_ok(nb_notebook_parse(&t->arena, test_notebook_json(&t->arena, cells), NB_STR("n.ipynb"),
                                &t->diags, &t->analysis.notebook, &err),
              &err);
    (void)nb_analysis_run(&t->analysis);
    nb_rules_ask(&t->analysis);
}

/* The findings of a code, as rule_case has them. */
static inline nb_str test_rules_found(test_rules *t, nb_diag_code code)
{
    nb_str all = NB_STR("");
    for (size_t i = 0; i < t->diags.list.count; i++) {
        const nb_diag *diag = &t->diags.list.at[i];
        if (diag->code == code)
            all = nb_arena_printf(&t->arena, NB_STR_FMT "%s%s %u:%u", NB_STR_ARG(all),
                                  all.len > 0 ? " " : "", nb_severity_name(diag->severity),
                                  diag->spot.cell, diag->spot.line);
    }
    return all;
}

static inline void test_rule(nb_diag_code code, const rule_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        test_rules t = {0};
        test_rules_ask(&t, cases[i].cells);
        nb_str found = test_rules_found(&t, code);
        if (!nb_str_eqz(found, cases[i].findings))
            print_message("%s\n", cases[i].cells);
        assert_str(found, cases[i].findings);
        nb_arena_release(&t.arena);
    }
}

/* The first finding of a code; fails when there is none. */
static inline const nb_diag *test_rules_first(const test_rules *t, nb_diag_code code)
{
    for (size_t i = 0; i < t->diags.list.count; i++)
        if (t->diags.list.at[i].code == code)
            return &t->diags.list.at[i];
    fail_msg("no %s", nb_diag_row_of(code)->code);
    return NULL;
}

#endif
