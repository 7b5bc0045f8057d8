/* Every setting of endpoints is an option of `deploy` and of `serve`. */
#include "nb_test.h"

#include "cli/command.h"
#include "endpoint/settings.h"

static bool is_named(const char *setting, const char *option)
{
    for (; *setting && *option; setting++, option++)
        if (*setting != *option && !(*setting == '_' && *option == '-'))
            return false;
    return *setting == *option;
}

static bool has(const nb_command *command, const char *setting)
{
    const char *name = strcmp(setting, "no_auth") == 0 ? "auth" : setting; /* --no-auth */
    for (const nb_opt *opt = command->options; opt->kind != NB_OPT_END; opt++)
        if (is_named(name, opt->name))
            return true;
    return false;
}

static void every_setting_is_an_option(void **state)
{
    size_t count;
    const nb_setting_row *rows = nb_setting_rows(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        print_message("%s\n", rows[i].name);
        assert_true(has(&nb_cmd_deploy, rows[i].name));
        assert_true(has(&nb_cmd_serve, rows[i].name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_an_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
