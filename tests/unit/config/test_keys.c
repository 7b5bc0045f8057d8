/* The table of config.yaml: what every row must have. */
#include "config/config.h"
#include "config/keys.h"

#include "base/map.h"
#include "nb_test.h"

static nb_str parent_of(nb_str key)
{
    ptrdiff_t dot = nb_str_rfind_char(key, '.');
    nb_str parent = nb_str_slice(key, 0, dot < 0 ? 0 : (size_t)dot);
    return nb_str_ends(parent, NB_STR("[]")) ? nb_str_slice(parent, 0, parent.len - 2) : parent;
}

static void rows_are_complete_and_in_order(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_map seen = NB_MAP_INIT;
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        const nb_schema_row *row = &nb_config_schema.rows[i];
        nb_str key = nb_str_from(row->key), parent = parent_of(key);
        print_message("%s\n", row->key);
        assert_true(nb_set_add(&arena, &seen, key));
        assert_true(parent.len == 0 || nb_map_has(&seen, parent));
        assert_true(row->description && nb_str_ends(nb_str_from(row->description), NB_STR(".")));
        assert_non_null(row->example);
        assert_null(strchr(row->example, '`'));
        assert_null(strchr(row->example, '|'));
    }
}

/* aws.region is NOTEBOOKED_AWS_REGION, and so on for every key of a cloud. */
static void every_cloud_key_has_its_variable(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    size_t count = 0;
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        const nb_schema_row *row = &nb_config_schema.rows[i];
        nb_str key = nb_str_from(row->key), section = parent_of(key);
        if (!nb_str_eqz(section, "aws") && !nb_str_eqz(section, "azure") &&
            !nb_str_eqz(section, "gcp"))
            continue;
        char *name = nb_arena_z(&arena, nb_str_upper(&arena, key));
        name[section.len] = '_';
        print_message("%s\n", row->key);
        assert_str(nb_arena_printf(&arena, "NOTEBOOKED_%s", name), row->env);
        count++;
    }
    assert_true(count > 30);
}

static void tags_take_every_section(void **state)
{
    (void)state;
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        const nb_schema_row *row = &nb_config_schema.rows[i];
        if (strcmp(row->key, "tags") != 0)
            continue;
        nb_str rest = nb_str_from(row->choices), choice;
        size_t count = 0;
        while (nb_str_split(&rest, '|', &choice)) {
            nb_section section;
            assert_true(nb_section_find(choice, &section));
            count++;
        }
        assert_int_equal(count, NB_SECTION_COUNT);
    }
}

/* What a row gives as an example or default is right for it. */
static void examples_and_defaults_pass_the_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_schema_row *row = &nb_config_schema.rows[i];
        const char *const values[] = {row->example, row->fallback};
        for (size_t k = 0; k < 2 && values[k]; k++) {
            const nb_yaml *value;
            nb_problems problems = {.arena = &arena};
            print_message("%s: %s\n", row->key, values[k]);
            assert_ok(nb_yaml_parse(&arena, nb_str_from(values[k]), NB_STR("f"), &value, &err),
                      &err);
            if (row->kind != NB_SCHEMA_MAP && row->kind != NB_SCHEMA_LIST)
                nb_schema_check_value(row, nb_str_from(row->key), value, &problems);
            assert_int_equal(problems.list.count, 0);
        }
    }
}

static void the_table_has_every_policy_with_its_values(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        const nb_schema_row *row = &nb_config_schema.rows[i];
        nb_str key = nb_str_from(row->key);
        ptrdiff_t at = nb_str_find(key, NB_STR("ipython."));
        if (at < 0)
            continue;
        const nb_policy_row *policy = nb_policy_find(nb_str_from_at(key, (size_t)at + 8));
        assert_non_null(policy);
        assert_string_equal(row->choices, policy->values);
        if (row->fallback)
            assert_true(nb_str_starts(nb_str_from(policy->values), nb_str_from(row->fallback)));
        found++;
    }
    assert_int_equal(found, 2 * NB_POLICY_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete_and_in_order),
        cmocka_unit_test(every_cloud_key_has_its_variable),
        cmocka_unit_test(tags_take_every_section),
        cmocka_unit_test(examples_and_defaults_pass_the_check),
        cmocka_unit_test(the_table_has_every_policy_with_its_values),
    };
    return cmocka_run_group_tests_name("config/keys", tests, NULL, NULL);
}
