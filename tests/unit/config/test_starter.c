#include "config/starter.h"

#include "base/fs.h"
#include "base/path.h"
#include "config/keys.h"
#include "config_test.h"

#include <sys/stat.h>

static void load_text(const char *text, loaded *l)
{
    load_config(l, text, "");
    if (!l->config)
        nb_error_print(&l->err, stderr);
    assert_non_null(l->config);
    assert_int_equal(l->diags.list.count, 0);
}

static nb_str config_for(nb_arena *arena, const nb_str *notebooks, size_t count)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    const nb_starters starters = nb_starters_of(arena, notebooks, count);
    nb_starter_config(&starters, &out);
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* Lines such as "    #data_path: data" without their '#'; prose is "# Text". */
static char *uncommented(nb_arena *arena, nb_str text)
{
    char *out = nb_arena_alloc(arena, text.len + 1), *to = out;
    nb_str line;
    while (nb_str_line(&text, &line)) {
        ptrdiff_t hash = nb_str_find_char(line, '#');
        nb_str rest = nb_str_from_at(line, (size_t)hash + 1);
        bool key =
            hash >= 0 && rest.len > 0 && (rest.at[0] != ' ' || nb_str_starts(rest, NB_STR("  ")));
        for (size_t i = 0; i < line.len; i++)
            if (!key || i != (size_t)hash)
                *to++ = line.at[i];
        *to++ = '\n';
    }
    return out;
}

static const nb_str notebooks[] = {
    NB_STR_ROW("iris.ipynb"),
    NB_STR_ROW("more/iris.ipynb"),
    NB_STR_ROW("../a: \"b\" #c ${HOME} 'd'.ipynb"),
    NB_STR_ROW("06 - Gradient Boosting.ipynb"),
    NB_STR_ROW("null.ipynb"),
    NB_STR_ROW("2024.ipynb"),
    NB_STR_ROW("\xC3\xA9t\xC3\xA9\\.ipynb"),
};

static void the_file_loads_with_every_notebook(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_text(config_for(&l.arena, notebooks, NB_LEN(notebooks)).at, &l);
    assert_int_equal(l.config->experiment_count, NB_LEN(notebooks));
    for (size_t i = 0; i < NB_LEN(notebooks); i++)
        assert_true(nb_str_eq(l.config->experiments[i].notebook, notebooks[i]));
    assert_str(l.config->experiments[0].name, "iris");
    assert_str(l.config->experiments[1].name, "iris-2");
    assert_str(l.config->experiments[3].name, "06-Gradient-Boosting");
}

static void the_file_loads_without_notebooks(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_text(config_for(&l.arena, NULL, 0).at, &l);
    assert_int_equal(l.config->experiment_count, 0);
}

static void examples_load_when_their_hash_is_removed(void **state)
{
    (void)state;
    for (size_t count = 0; count < 3; count++) {
        NB_AUTO(loaded) l = {0};
        load_text(uncommented(&l.arena, config_for(&l.arena, notebooks, count)), &l);
        assert_int_equal(l.config->experiment_count, count > 0 ? count : 1);
        assert_str(l.config->experiments[0].data_path, "data");
        assert_int_equal(l.config->experiments[0].hyperparameter_count, 2);
        assert_str(nb_config_get(l.config, "gcp.project"), "my-project");
    }
}

/* All sections, and all keys that are not a cloud's. An experiment's policies are the project's, which are told. */
static void every_common_key_is_mentioned(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_text(uncommented(&l.arena, config_for(&l.arena, notebooks, 1)), &l);
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        nb_str key = nb_str_from(nb_config_schema.rows[i].key);
        bool cloud = nb_str_starts(key, NB_STR("aws.")) || nb_str_starts(key, NB_STR("azure.")) ||
                     nb_str_starts(key, NB_STR("gcp."));
        bool told = nb_str_starts(key, NB_STR("experiments[].ipython.")) ||
                    nb_str_starts(key, NB_STR("experiments[].serving."));
        bool section = nb_config_schema.rows[i].kind <= NB_SCHEMA_LIST;
        if (cloud || section || told)
            continue;
        if (nb_str_starts(key, NB_STR("experiments[].")))
            key = nb_arena_printf(&l.arena, "experiments[0]." NB_STR_FMT,
                                  NB_STR_ARG(nb_str_from_at(key, 14)));
        bool found = false;
        for (size_t k = 0; k < l.config->setting_count; k++)
            found |= nb_str_starts(l.config->settings[k].key, key) &&
                     nb_str_starts(l.config->settings[k].origin, NB_STR("config.yaml"));
        print_message(NB_STR_FMT "\n", NB_STR_ARG(key));
        assert_true(found);
    }
}

/* --- .gitignore --- */

#define GENERATED                                                                             \
    "# generated/ holds the scripts: commit them so that they are reviewed, or ignore them\n" \
    "#generated/\n"

static const struct {
    const char *present, *added;
} ignores[] = {
    {"",
     "# notebooked\n# secrets\n.env\n# what runs leave behind\nmodels/\nmlflow.db\nmlartifacts/\n"
     "# state of this machine; templates are shared\n.notebooked/*\n!.notebooked/"
     "templates/\n" GENERATED                                                              },
    {".env\r\n/models\nmlflow.db\nmlartifacts\n",
     "\n# notebooked\n# state of this machine; templates are shared\n.notebooked/*\n"
     "!.notebooked/templates/\n" GENERATED                                                 },
    {"x\ngenerated/\n.notebooked/\nmlflow.db\nmlartifacts/\nmodels",
     "\n\n# notebooked\n# secrets\n.env\n"                                                 },
    {".env\nmodels/\nmlflow.db\nmlartifacts/\n.notebooked/*\n!.notebooked/templates/\n", ""},
};

static void gitignore_gets_what_it_lacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(ignores); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT), again = NB_BUF_INIT(NB_BUF_TEXT);
        nb_starter_gitignore(nb_str_from(ignores[i].present), &out);
        assert_str(nb_buf_view(&out), ignores[i].added);
        nb_str both = nb_str_concat(&arena, nb_str_from(ignores[i].present), nb_buf_view(&out));
        nb_starter_gitignore(both, &again);
        assert_int_equal(again.len, 0);
    }
}

/* --- finding notebooks --- */

static void touch(const char *path)
{
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0700);
        *slash = '/';
    }
    write_file(path, "{}");
}

static void remove_all(nb_arena *arena, const char *folder)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str *names;
    size_t count;
    assert_ok(nb_dir_list(arena, folder, &names, &count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        nb_str path = nb_path_join(arena, nb_str_from(folder), names[i]);
        if (unlink(path.at) != 0)
            remove_all(arena, path.at);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void notebooks_are_found(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    static const char *const files[] = {"p/b.ipynb",
                                        "p/a/x.ipynb",
                                        "p/a/y.py",
                                        "p/.ipynb_checkpoints/b.ipynb",
                                        "p/venv/lib/z.ipynb",
                                        "p/generated/g.ipynb",
                                        "p/1/2/3/4/5/deep.ipynb",
                                        "p/1/2/3/4/5/6/too-deep.ipynb"};
    for (size_t i = 0; i < NB_LEN(files); i++)
        touch(files[i]);
    assert_int_equal(symlink("..", "p/loop") | mkdir("p/folder.ipynb", 0700), 0);
    nb_starters found;
    assert_ok(nb_starters_find(&arena, "p", &found, &err), &err);
    assert_int_equal(found.count, 3);
    assert_str(found.at[0].notebook, "1/2/3/4/5/deep.ipynb");
    assert_str(found.at[1].notebook, "a/x.ipynb");
    assert_str(found.at[2].notebook, "b.ipynb");
    assert_false(found.more);
    for (unsigned i = 0; i < NB_STARTERS_MAX; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "p/n%u.ipynb", i);
        touch(path);
    }
    assert_ok(nb_starters_find(&arena, "p", &found, &err), &err);
    assert_int_equal(found.count, NB_STARTERS_MAX);
    assert_true(found.more);
    assert_int_equal(nb_starters_find(&arena, "none", &found, &err), NB_ERR_NOT_FOUND);
    remove_all(&arena, "p");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_loads_with_every_notebook),
        cmocka_unit_test(the_file_loads_without_notebooks),
        cmocka_unit_test(examples_load_when_their_hash_is_removed),
        cmocka_unit_test(every_common_key_is_mentioned),
        cmocka_unit_test(gitignore_gets_what_it_lacks),
        cmocka_unit_test(notebooks_are_found),
    };
    return cmocka_run_group_tests_name("config/starter", tests, enter_folder, leave_folder);
}
