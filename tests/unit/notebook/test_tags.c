#include "nb_test.h"

#include "base/buf.h"
#include "base/map.h"
#include "notebook/tags.h"

enum { MOST_TAGS = 4, MOST_CELLS = 4 };

static const nb_tag_row config_rows[] = {
    {NB_STR_ROW("features"), NB_SECTION_PREPROCESS},
    {NB_STR_ROW("model"),    NB_SECTION_TRAIN     }, /* the configuration counts more than our own words */
    {NB_STR_ROW("draft"),    NB_SECTION_SKIP      },
};
static const nb_tags with_config = {config_rows, NB_LEN(config_rows)};
static const nb_tags plain = {NULL, 0};

static nb_cell cell_of(nb_arena *arena, const char *const *tags)
{
    nb_str *list = NB_NEW_ARRAY(arena, nb_str, MOST_TAGS);
    size_t count = 0;
    while (count < MOST_TAGS && tags[count]) {
        list[count] = nb_str_from(tags[count]);
        count++;
    }
    return (nb_cell){
        .kind = NB_CELL_CODE, .number = 1, .tags = list, .tag_count = count, .source = NB_STR("x")};
}

/* Sections by name, and the findings: "train !unknown-tag: message". */
static void describe(nb_buf *out, unsigned sections, const nb_diags *diags)
{
    for (nb_section section = 0; section < NB_SECTION_COUNT; section++)
        if (sections >> section & 1)
            nb_buf_printf(out, "%s%s", out->len ? " " : "", nb_section_name(section));
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_diag *diag = &diags->list.at[i];
        assert_true(diag->help.len > 0);
        assert_int_equal(diag->spot.cell, 1);
        nb_buf_printf(out, " !%s: " NB_STR_FMT, nb_diag_row_of(diag->code)->slug,
                      NB_STR_ARG(diag->message));
    }
}

static void check(const nb_tags *tags, nb_cell cell, const char *want)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_map seen = NB_MAP_INIT;
    nb_diags diags = {.arena = &arena};
    nb_notebook notebook = {.path = NB_STR("n.ipynb"), .cells = &cell, .cell_count = 1};
    unsigned sections = nb_tags_sections(tags, &notebook, &cell, &seen, &diags);
    describe(&out, sections, &diags);
    assert_str(nb_buf_view(&out), want);
}

typedef struct tag_case {
    const char *tags[MOST_TAGS];
    const char *want;
} tag_case;

static void check_all(const nb_tags *tags, const tag_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %zu: %s\n", i, cases[i].tags[0] ? cases[i].tags[0] : "none");
        check(tags, cell_of(&arena, cases[i].tags), cases[i].want);
    }
}

/* clang-format off */
static const tag_case known[] = {
    {{NULL}, ""},
    {{"imports"}, "imports"}, {{"parameters"}, "parameters"}, {{"utils"}, "utils"}, {{"preprocess"}, "preprocess"}, {{"model"}, "model"},
    {{"train"}, "train"}, {{"inference"}, "inference"}, {{"requirements"}, "requirements"}, {{"skip"}, "skip"},
    {{"train", "model"}, "model train"}, {{"train", "train"}, "train"}, {{"injected-parameters"}, "parameters"},
    {{"train", "hide-input"}, "train"}, {{"train", "remove-input", "active-ipynb-py"}, "train"},
};

static const tag_case configured[] = {
    {{"features"}, "preprocess"}, {{"model"}, "train"}, {{"draft"}, "skip"}, {{"train"}, "train"},
    {{"feature"}, " !unknown-tag: the tag 'feature' feeds no section; did you mean 'features'?"},
    {{"Features"}, " !unknown-tag: the tag 'Features' feeds no section; did you mean 'features'?"},
};

static const tag_case silent[] = {
    {{"papermill-error-cell-tag"}, ""}, {{"debugging-settings"}, ""}, {{"pipeline-metrics"}, ""}, {{"prev:load"}, ""}, {{"limit:nvidia.com/gpu:1"}, ""},
    {{"annotation:a:b"}, ""}, {{"label:a:b"}, ""}, {{"remove_cell"}, ""}, {{"remove_input"}, ""}, {{"hide_input"}, ""}, {{"raises-exception"}, ""}, {{"skip-execution"}, ""},
    {{"hide-cell"}, ""}, {{"hide-output"}, ""}, {{"remove-stderr"}, ""}, {{"scroll-output"}, ""}, {{"popout"}, ""}, {{"wide-table"}, ""}, {{"active-ipynb"}, ""}, {{"active-py"}, ""},
    {{"skip-flake8"}, ""}, {{"nbval-skip"}, ""}, {{"pdf-title"}, ""}, {{"validation-compute"}, ""}, {{"outputPrepend"}, ""}, {{"nbsphinx-thumbnail"}, ""}, {{"thebe-init"}, ""},
};

static const tag_case misses[] = {
    {{"training"}, " !unknown-tag: the tag 'training' feeds no section; did you mean 'train'?"},
    {{"Train "}, " !unknown-tag: the tag 'Train ' feeds no section; did you mean 'train'?"},
    {{"TRAIN"}, " !unknown-tag: the tag 'TRAIN' feeds no section; did you mean 'train'?"},
    {{"trian"}, " !unknown-tag: the tag 'trian' feeds no section; did you mean 'train'?"},
    {{"Import"}, " !unknown-tag: the tag 'Import' feeds no section; did you mean 'imports'?"},
    {{"preprocessing"}, " !unknown-tag: the tag 'preprocessing' feeds no section; did you mean 'preprocess'?"},
    {{"infer"}, " !unknown-tag: the tag 'infer' feeds no section; did you mean 'inference'?"},
    {{"predict"}, " !unknown-tag: the tag 'predict' feeds no section; did you mean 'inference'?"},
    {{"functions"}, " !unknown-tag: the tag 'functions' feeds no section; did you mean 'utils'?"},
    {{"pipeline-parameters"}, " !unknown-tag: the tag 'pipeline-parameters' feeds no section; did you mean 'parameters'?"},
    {{"hyperparameters"}, " !unknown-tag: the tag 'hyperparameters' feeds no section; did you mean 'parameters'?"},
    {{"train,model"}, " !unknown-tag: the tag 'train,model' feeds no section"},
    {{"create workspace"}, " !unknown-tag: the tag 'create workspace' feeds no section"},
    {{"\xC3\xA9t\xC3\xA9"}, " !unknown-tag: the tag '\xC3\xA9t\xC3\xA9' feeds no section"},
    {{""}, " !unknown-tag: the tag '' feeds no section"},
    {{"train", "training"}, "train !unknown-tag: the tag 'training' feeds no section; did you mean 'train'?"},
};

static const tag_case contradictions[] = {
    {{"train", "skip"}, "skip !tag-contradiction: the cell is tagged 'train' and 'skip'; 'skip' counts"},
    {{"train", "skip-execution"}, "train !tag-contradiction: the cell is tagged 'train', but 'skip-execution' says that it does not run; 'train' counts"},
    {{"active-ipynb", "utils"}, "utils !tag-contradiction: the cell is tagged 'utils', but 'active-ipynb' says that it does not run; 'utils' counts"},
    {{"model", "train", "remove_cell"}, "model train !tag-contradiction: the cell is tagged 'train', but 'remove_cell' says that it does not run; 'train' counts"},
    {{"train", "raises-exception"}, "train !tag-contradiction: the cell is tagged 'train', but 'raises-exception' says that it is meant to fail; 'train' counts"},
    {{"utils", "raises-exception"}, "utils"},
    {{"train", "remove-cell"}, "train"}, /* Jupyter Book: about looks only */
    {{"skip", "skip-execution"}, "skip"},
};
/* clang-format on */

static void our_words_feed_sections(void **state)
{
    (void)state;
    check_all(&plain, known, NB_LEN(known));
    check_all(&with_config, configured, NB_LEN(configured));
}

static void words_of_other_tools_are_silent(void **state)
{
    (void)state;
    check_all(&plain, silent, NB_LEN(silent));
}

static void near_misses_have_a_named_hint(void **state)
{
    (void)state;
    check_all(&plain, misses, NB_LEN(misses));
}

static void contradictions_are_told(void **state)
{
    (void)state;
    check_all(&plain, contradictions, NB_LEN(contradictions));
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_cell frozen = cell_of(&arena, (const char *const[MOST_TAGS]){"train"});
    frozen.frozen = true;
    check(
        &plain, frozen,
        "train !tag-contradiction: the cell is tagged 'train', but its metadata run_control.frozen says that it does not run; 'train' counts");
    frozen.tag_count = 0;
    check(&plain, frozen, "");
}

static void only_python_code_feeds_sections(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_cell cell = cell_of(&arena, (const char *const[MOST_TAGS]){"train"});
    cell.foreign_language = true;
    check(&plain, cell,
          " !tag-on-markdown: the tag 'train' on a cell of another language has no effect");
    cell.kind = NB_CELL_MARKDOWN;
    check(&plain, cell, " !tag-on-markdown: the tag 'train' on a markdown cell has no effect");
    cell.kind = NB_CELL_RAW;
    check(&plain, cell, " !tag-on-markdown: the tag 'train' on a raw cell has no effect");
    cell = cell_of(&arena, (const char *const[MOST_TAGS]){"training", "skip", "block:x"});
    cell.kind = NB_CELL_MARKDOWN;
    check(&plain, cell, "");
}

/* Findings of a whole notebook, one cell a tag. */
static size_t count_findings(const char *const *tags, size_t count)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_map seen = NB_MAP_INIT;
    nb_diags diags = {.arena = &arena};
    nb_cell cells[MOST_CELLS];
    for (size_t i = 0; i < count; i++)
        cells[i] = cell_of(&arena, (const char *const[MOST_TAGS]){tags[i]});
    nb_notebook notebook = {.path = NB_STR("n"), .cells = cells, .cell_count = count};
    for (size_t i = 0; i < count; i++)
        (void)nb_tags_sections(&plain, &notebook, &cells[i], &seen, &diags);
    return diags.list.count;
}

static void a_notebook_is_told_once(void **state)
{
    (void)state;
    assert_int_equal(count_findings((const char *const[]){"odd", "odd", "odd"}, 3), 1);
    assert_int_equal(count_findings((const char *const[]){"odd", "even", "odd"}, 3), 2);
}

static void steps_of_kale_are_told_when_there_is_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(count_findings((const char *const[]){"imports", "block:load", "step:fit"}, 3),
                     1);
    assert_int_equal(count_findings((const char *const[]){"block:load", "step:fit", "train"}, 3),
                     0);
}

static void sections_have_names(void **state)
{
    (void)state;
    nb_section section;
    for (nb_section i = 0; i < NB_SECTION_COUNT; i++) {
        assert_true(nb_section_find(nb_str_from(nb_section_name(i)), &section));
        assert_int_equal(section, i);
    }
    assert_false(nb_section_find(NB_STR("Train"), &section));
    assert_false(nb_section_find(NB_STR(""), &section));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_words_feed_sections),
        cmocka_unit_test(words_of_other_tools_are_silent),
        cmocka_unit_test(near_misses_have_a_named_hint),
        cmocka_unit_test(contradictions_are_told),
        cmocka_unit_test(only_python_code_feeds_sections),
        cmocka_unit_test(a_notebook_is_told_once),
        cmocka_unit_test(steps_of_kale_are_told_when_there_is_nothing_else),
        cmocka_unit_test(sections_have_names),
    };
    return cmocka_run_group_tests_name("notebook/tags", tests, NULL, NULL);
}
