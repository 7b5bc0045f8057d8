#include "nb_test.h"

#include "cli/app.h"

static const char *const colours[] = {"red", "green", "blue", NULL};

struct args {
    const char *provider;
    const char *profile;
    int64_t timeout_s;
    bool wait, fresh;
    nb_switch color;
    int choice;
    nb_opt_list set;
};

static const nb_opt options[] = {
    {NB_STRING('p', "provider", "NAME", struct args, provider, "where to train")},
    {NB_STRING(0, "profile", "NAME", struct args, profile, "whose keys")},
    {NB_INT('t', "timeout", "SECONDS", 1, 3600, struct args, timeout_s, "give up then")},
    {NB_FLAG('w', "wait", struct args, wait, "wait for it")},
    {NB_FLAG('f', "fresh", struct args, fresh, "start anew")},
    {NB_SWITCH(0, "color", struct args, color, "colours")},
    {NB_CHOICE(0, "choice", colours, struct args, choice, "one of three")},
    {NB_LIST('s', "set", "NAME=VALUE", struct args, set, "a value")},
    {.kind = NB_OPT_END},
};

enum { MAX_WORDS = 16 };

/* Splits a line at blanks; "''" is an empty word. */
static size_t words_of(char *line, const char **words)
{
    size_t count = 0;
    char *state = NULL;
    for (char *word = strtok_r(line, " ", &state); word; word = strtok_r(NULL, " ", &state))
        words[count++] = strcmp(word, "''") == 0 ? "" : word;
    return count;
}

static nb_code read_line(nb_arena *arena, const char *line, struct args *args,
                         nb_opt_reader *reader, nb_error *err)
{
    const char **words = NB_NEW_ARRAY(arena, const char *, MAX_WORDS);
    size_t count = words_of(nb_arena_z(arena, nb_str_from(line)), words);
    *reader = (nb_opt_reader){
        .arena = arena,
        .scopes = {{options, args}},
        .command = "train",
        .words = words,
        .count = count,
    };
    return nb_options_all(reader, err);
}

/* The values as text, so that cases are one line each. */
static nb_str show(nb_arena *arena, const struct args *args, const nb_opt_reader *reader)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    static const char *const switches[] = {"", " color=on", " color=off"};
    nb_buf_printf(&text, "%s%s%s%s%s", args->provider ? " provider=" : "",
                  args->provider ? args->provider : "", args->wait ? " wait" : "",
                  args->fresh ? " fresh" : "", switches[args->color]);
    if (args->timeout_s)
        nb_buf_printf(&text, " timeout=%lld", (long long)args->timeout_s);
    if (args->choice)
        nb_buf_printf(&text, " choice=%s", colours[args->choice]);
    for (size_t i = 0; i < args->set.count; i++)
        nb_buf_printf(&text, " set:%s", args->set.at[i]);
    for (size_t i = 0; i < reader->operands.count; i++)
        nb_buf_printf(&text, " [%s]", reader->operands.at[i]);
    return nb_arena_str(arena, nb_str_trim(nb_buf_view(&text)));
}

static void every_way_to_write_an_option_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } cases[] = {
        {"",                         ""                             },
        {"iris",                     "[iris]"                       },
        {"--provider local iris",    "provider=local [iris]"        },
        {"iris --provider=local",    "provider=local [iris]"        },
        {"-p local a b",             "provider=local [a] [b]"       },
        {"-plocal",                  "provider=local"               },
        {"-wp local",                "provider=local wait"          },
        {"-wfplocal x",              "provider=local wait fresh [x]"},
        {"-p a --provider b",        "provider=b"                   },
        {"--provider= x",            "provider= [x]"                },
        {"--provider ''",            "provider="                    },
        {"--provider - -",           "provider=- [-]"               },
        {"--provider=--wait",        "provider=--wait"              },
        {"--provider=a=b",           "provider=a=b"                 },
        {"--wait --no-wait",         ""                             },
        {"--no-wait --wait",         "wait"                         },
        {"--color",                  "color=on"                     },
        {"--no-color",               "color=off"                    },
        {"--timeout 12 -t 13",       "timeout=13"                   },
        {"-t1",                      "timeout=1"                    },
        {"--choice blue",            "choice=blue"                  },
        {"--set a=1 -s b=2 --set=c", "set:a=1 set:b=2 set:c"        },
        {"--set -1",                 "set:-1"                       },
        {"a -- --wait -x",           "[a] [--wait] [-x]"            },
        {"-- -- b",                  "[--] [b]"                     },
        {"a -w b --set x c",         "wait set:x [a] [b] [c]"       },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        struct args args = {0};
        nb_opt_reader reader;
        print_message("case %zu: %s\n", i, cases[i].line);
        assert_ok(read_line(&arena, cases[i].line, &args, &reader, &err), &err);
        assert_str(show(&arena, &args, &reader), cases[i].want);
    }
}

static void a_wrong_option_is_named_with_the_right_one(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message, *hint;
    } cases[] = {
        {"--prov local",            "unknown option '--prov'",                                   "write '--provider' in full"                             },
        {"--prov=local",            "unknown option '--prov'",                                   "write '--provider' in full"                             },
        {"--pro x",                 "unknown option '--pro'",                                    "write '--provider' or '--profile' in full"              },
        {"--no-w",                  "unknown option '--no-w'",                                   "write '--no-wait' in full"                              },
        {"--provder x",             "unknown option '--provder'",                                "did you mean '--provider'?"                             },
        {"--Wait",                  "unknown option '--Wait'",                                   "did you mean '--wait'?"                                 },
        {"--no-provider",           "unknown option '--no-provider'",                            "did you mean '--provider'?"                             },
        {"--zzzzzz",                "unknown option '--zzzzzz'",
         "see 'notebooked train --help' for the options there are"                                                                                        },
        {"--=x",                    "unknown option '--'",                                       "see 'notebooked train --help' for the options there are"},
        {"-z",                      "unknown option '-z'",                                       "see 'notebooked train --help' for the options there are"},
        {"-wz",                     "unknown option '-z'",                                       "see 'notebooked train --help' for the options there are"},
        {"-color",                  "unknown option '-c'",                                       "write '--color' in full"                                },
        {"-\xC3\xA9",               "unknown option '-\xC3\xA9'",
         "see 'notebooked train --help' for the options there are"                                                                                        },
        {"--wait=yes",              "option '--wait' takes no value",                            NULL                                                     },
        {"--no-color=1",            "option '--color' takes no value",                           NULL                                                     },
        {"--provider",              "option '--provider' needs a NAME",                          NULL                                                     },
        {"-wp",                     "option '--provider' needs a NAME",                          NULL                                                     },
        {"--provider --wait",       "option '--provider' needs a NAME before '--wait'",
         "write '--provider=--wait' if that is the value"                                                                                                 },
        {"--choice",                "option '--choice' needs a value",                           NULL                                                     },
        {"--timeout soon",          "option '--timeout' needs a whole number, not 'soon'",       NULL                                                     },
        {"--timeout=",              "option '--timeout' needs a whole number, not ''",           NULL                                                     },
        {"-t 0",                    "option '--timeout' needs a number from 1 to 3600, not '0'", NULL                                                     },
        {"-t 99999999999999999999",
         "option '--timeout' needs a whole number, not '99999999999999999999'",                  NULL                                                     },
        {"--choice pink",           "option '--choice' is 'red', 'green' or 'blue', not 'pink'", NULL                                                     },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        struct args args = {0};
        nb_opt_reader reader;
        print_message("case %zu: %s\n", i, cases[i].line);
        assert_int_equal(read_line(&arena, cases[i].line, &args, &reader, &err), NB_ERR_USAGE);
        assert_string_equal(nb_error_message(&err, 0), cases[i].message);
        assert_str(nb_str_from(err.hint), cases[i].hint ? cases[i].hint : "");
    }
}

static void reading_may_stop_at_the_first_operand(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    struct args args = {0};
    const char *const words[] = {"-w", "train", "--bad"};
    nb_opt_reader reader = {
        .arena = &arena, .scopes = {{options, &args}}, .words = words, .count = NB_LEN(words)};
    assert_ok(nb_options_until_operand(&reader, &err), &err);
    assert_int_equal(reader.next, 1);
    assert_true(args.wait);
}

static void an_option_is_documented_as_it_is_written(void **state)
{
    (void)state;
    static const struct args defaults = {.wait = true};
    static const char *const want[] = {
        "-p, --provider NAME", "--profile NAME", "-t, --timeout SECONDS",   "-w, --no-wait",
        "-f, --fresh",         "--[no-]color",   "--choice red|green|blue", "-s, --set NAME=VALUE",
    };
    for (size_t i = 0; i < NB_LEN(want); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        assert_str(nb_opt_synopsis(&options[i], &defaults, &arena), want[i]);
    }
}

/* Tables of commands are data: what must hold of every row. */
static void check_table(const nb_command *command, const nb_opt *table)
{
    for (const nb_opt *opt = table; opt && opt->kind != NB_OPT_END; opt++) {
        print_message("%s --%s\n", command->name, opt->name);
        assert_non_null(opt->name);
        assert_non_null(opt->help);
        assert_true(opt->help[strlen(opt->help) - 1] != '.');
        assert_int_equal(opt->kind == NB_OPT_CHOICE, opt->choices != NULL);
        assert_true(strncmp(opt->name, "no-", 3) != 0);
        if (opt->kind == NB_OPT_INT)
            assert_true(opt->min < opt->max);
        for (const nb_opt *other = table; other < opt; other++) {
            assert_string_not_equal(other->name, opt->name);
            assert_true(!opt->letter || other->letter != opt->letter);
        }
        for (const nb_opt *global = nb_global_options; table != nb_global_options && global->name;
             global++) {
            if (!command->shadows_globals)
                assert_string_not_equal(global->name, opt->name);
            assert_true(!opt->letter || global->letter != opt->letter);
        }
    }
}

static void check_command(const nb_command *command)
{
    print_message("%s\n", command->name);
    assert_int_equal(command->run == NULL, command->commands != NULL);
    assert_true(command->summary[strlen(command->summary) - 1] == '.');
    assert_true(command->min_operands <= command->max_operands);
    assert_int_equal(command->max_operands > 0, command->operands != NULL);
    assert_true(!command->options || command->args_size > 0);
    check_table(command, command->options);
    for (const nb_command *const *row = command->commands; row && *row; row++)
        check_command(*row);
}

static void every_command_has_a_sound_row(void **state)
{
    (void)state;
    for (const nb_command *const *row = nb_commands; *row; row++)
        check_command(*row);
    check_table(&nb_cmd_help, nb_global_options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_write_an_option_is_read),
        cmocka_unit_test(a_wrong_option_is_named_with_the_right_one),
        cmocka_unit_test(reading_may_stop_at_the_first_operand),
        cmocka_unit_test(an_option_is_documented_as_it_is_written),
        cmocka_unit_test(every_command_has_a_sound_row),
    };
    return cmocka_run_group_tests_name("cli/options", tests, NULL, NULL);
}
