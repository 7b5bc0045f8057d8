#include "notebook/tags.h"

#include "notebook/directives.h"

static const nb_str names[NB_SECTION_COUNT] = {
    [NB_SECTION_IMPORTS] = NB_STR_ROW("imports"),
    [NB_SECTION_PARAMETERS] = NB_STR_ROW("parameters"),
    [NB_SECTION_UTILS] = NB_STR_ROW("utils"),
    [NB_SECTION_PREPROCESS] = NB_STR_ROW("preprocess"),
    [NB_SECTION_MODEL] = NB_STR_ROW("model"),
    [NB_SECTION_TRAIN] = NB_STR_ROW("train"),
    [NB_SECTION_INFERENCE] = NB_STR_ROW("inference"),
    [NB_SECTION_REQUIREMENTS] = NB_STR_ROW("requirements"),
    [NB_SECTION_SKIP] = NB_STR_ROW("skip"),
};

/* Words that people write for our tags, in lower case. */
static const struct {
    nb_str word;
    nb_section section;
} near_misses[] = {
    {NB_STR_ROW("import"),              NB_SECTION_IMPORTS     },
    {NB_STR_ROW("importing"),           NB_SECTION_IMPORTS     },
    {NB_STR_ROW("libraries"),           NB_SECTION_IMPORTS     },
    {NB_STR_ROW("parameter"),           NB_SECTION_PARAMETERS  },
    {NB_STR_ROW("param"),               NB_SECTION_PARAMETERS  },
    {NB_STR_ROW("params"),              NB_SECTION_PARAMETERS  },
    {NB_STR_ROW("hyperparameters"),     NB_SECTION_PARAMETERS  },
    {NB_STR_ROW("hyperparams"),         NB_SECTION_PARAMETERS  },
    {NB_STR_ROW("pipeline-parameters"), NB_SECTION_PARAMETERS  }, /* Kale */
    {NB_STR_ROW("util"),                NB_SECTION_UTILS       },
    {NB_STR_ROW("utility"),             NB_SECTION_UTILS       },
    {NB_STR_ROW("utilities"),           NB_SECTION_UTILS       },
    {NB_STR_ROW("helper"),              NB_SECTION_UTILS       },
    {NB_STR_ROW("helpers"),             NB_SECTION_UTILS       },
    {NB_STR_ROW("functions"),           NB_SECTION_UTILS       }, /* Kale */
    {NB_STR_ROW("preprocessing"),       NB_SECTION_PREPROCESS  },
    {NB_STR_ROW("preprocessor"),        NB_SECTION_PREPROCESS  },
    {NB_STR_ROW("pre-process"),         NB_SECTION_PREPROCESS  },
    {NB_STR_ROW("pre-processing"),      NB_SECTION_PREPROCESS  },
    {NB_STR_ROW("pre_processing"),      NB_SECTION_PREPROCESS  },
    {NB_STR_ROW("prepare"),             NB_SECTION_PREPROCESS  },
    {NB_STR_ROW("models"),              NB_SECTION_MODEL       },
    {NB_STR_ROW("modelling"),           NB_SECTION_MODEL       },
    {NB_STR_ROW("modeling"),            NB_SECTION_MODEL       },
    {NB_STR_ROW("training"),            NB_SECTION_TRAIN       },
    {NB_STR_ROW("trainer"),             NB_SECTION_TRAIN       },
    {NB_STR_ROW("fit"),                 NB_SECTION_TRAIN       },
    {NB_STR_ROW("infer"),               NB_SECTION_INFERENCE   },
    {NB_STR_ROW("inferencing"),         NB_SECTION_INFERENCE   },
    {NB_STR_ROW("predict"),             NB_SECTION_INFERENCE   },
    {NB_STR_ROW("prediction"),          NB_SECTION_INFERENCE   },
    {NB_STR_ROW("serve"),               NB_SECTION_INFERENCE   },
    {NB_STR_ROW("serving"),             NB_SECTION_INFERENCE   },
    {NB_STR_ROW("requirement"),         NB_SECTION_REQUIREMENTS},
    {NB_STR_ROW("dependencies"),        NB_SECTION_REQUIREMENTS},
    {NB_STR_ROW("ignore"),              NB_SECTION_SKIP        },
};

/* Tags of other tools, which mean nothing to us. A final '*' stands for any end. */
static const nb_str foreign[] = {
    /* papermill, Ploomber */
    NB_STR_ROW("papermill-error-cell-tag"),
    NB_STR_ROW("debugging-settings"),
    /* Kale; its steps are looked at by check_steps() */
    NB_STR_ROW("pipeline-metrics"),
    NB_STR_ROW("prev:*"),
    NB_STR_ROW("annotation:*"),
    NB_STR_ROW("label:*"),
    NB_STR_ROW("limit:*"),
    /* nbconvert, nbclient, nbval, nbQA */
    NB_STR_ROW("remove_*"),
    NB_STR_ROW("hide_*"),
    NB_STR_ROW("raises-exception"),
    NB_STR_ROW("skip-*"),
    NB_STR_ROW("nbval-*"),
    /* Jupyter Book, MyST-NB, nbsphinx, Thebe */
    NB_STR_ROW("remove-*"),
    NB_STR_ROW("hide-*"),
    NB_STR_ROW("scroll-output"),
    NB_STR_ROW("output_scroll"),
    NB_STR_ROW("popout"),
    NB_STR_ROW("wide-table"),
    NB_STR_ROW("full-width"),
    NB_STR_ROW("margin"),
    NB_STR_ROW("nbsphinx-*"),
    NB_STR_ROW("thebe-*"),
    /* Jupytext, VS Code, course and documentation notebooks */
    NB_STR_ROW("active-*"),
    NB_STR_ROW("outputPrepend"),
    NB_STR_ROW("pdf-*"),
    NB_STR_ROW("validation-*"),
};

const char *nb_section_name(nb_section section)
{
    return names[section].at;
}

bool nb_section_find(nb_str name, nb_section *out)
{
    for (nb_section section = 0; section < NB_SECTION_COUNT; section++)
        if (nb_str_eq(names[section], name)) {
            *out = section;
            return true;
        }
    return false;
}

/* --- one tag ---------------------------------------------------------------------------------- */

bool nb_tag_section(const nb_tags *tags, nb_str tag, nb_section *out)
{
    for (size_t i = 0; i < tags->count; i++)
        if (nb_str_eq(tags->rows[i].name, tag)) {
            *out = tags->rows[i].section;
            return true;
        }
    if (nb_str_eqz(tag, "injected-parameters")) { /* papermill's, after the cell of defaults */
        *out = NB_SECTION_PARAMETERS;
        return true;
    }
    return nb_section_find(tag, out);
}

static bool is_foreign(nb_str tag)
{
    for (size_t i = 0; i < NB_LEN(foreign); i++) {
        nb_str word = foreign[i];
        bool open = nb_str_ends(word, NB_STR("*"));
        if (open ? nb_str_starts(tag, nb_str_slice(word, 0, word.len - 1)) : nb_str_eq(tag, word))
            return true;
    }
    return false;
}

/* A step of a Kale pipeline. */
static bool is_step(nb_str tag)
{
    return nb_str_starts(tag, NB_STR("block:")) || nb_str_starts(tag, NB_STR("step:"));
}

static unsigned bit(nb_section section)
{
    return 1u << section;
}

/* --- tags that feed nothing ------------------------------------------------------------------- */

/* What every check needs. */
typedef struct tag_check {
    const nb_tags *tags;
    const nb_notebook *notebook;
    const nb_cell *cell;
    nb_map *seen;
    nb_diags *diags;
} tag_check;

static nb_spot spot_of(const tag_check *c)
{
    return nb_cell_spot(c->notebook, c->cell, 0, 0, 0);
}

/* The valid tag that was probably meant; empty when there is none. */
static nb_str meant(const tag_check *c, nb_str tag)
{
    nb_arena *arena = c->diags->arena;
    nb_str word = nb_str_lower(arena, nb_str_trim(tag));
    for (size_t i = 0; i < NB_LEN(near_misses); i++)
        if (nb_str_eq(near_misses[i].word, word))
            return names[near_misses[i].section];
    nb_str *known = NB_NEW_ARRAY(arena, nb_str, NB_SECTION_COUNT + c->tags->count);
    memcpy(known, names, sizeof(names));
    for (size_t i = 0; i < c->tags->count; i++)
        known[NB_SECTION_COUNT + i] = c->tags->rows[i].name;
    return nb_str_nearest(word, known, NB_SECTION_COUNT + c->tags->count);
}

static void tell_unknown(const tag_check *c, nb_str tag)
{
    nb_diag *diag;
    nb_str better = meant(c, tag);
    if (better.len > 0) {
        diag =
            nb_diag_add(c->diags, NB_D_UNKNOWN_TAG, spot_of(c),
                        "the tag '" NB_STR_FMT "' feeds no section; did you mean '" NB_STR_FMT "'?",
                        NB_STR_ARG(tag), NB_STR_ARG(better));
        nb_diag_help(c->diags, diag,
                     "rename the tag to '" NB_STR_FMT "', or map it under 'tags:' in config.yaml",
                     NB_STR_ARG(better));
        return;
    }
    diag = nb_diag_add(c->diags, NB_D_UNKNOWN_TAG, spot_of(c),
                       "the tag '" NB_STR_FMT "' feeds no section", NB_STR_ARG(tag));
    if (nb_str_find_char(tag, ',') >= 0)
        nb_diag_help(c->diags, diag, "write each tag on its own, without a comma");
    else
        nb_diag_help(c->diags, diag,
                     "map it to a section under 'tags:' in config.yaml if it should feed one");
}

/* The sections that the cell's tags and directives name, as bits. */
static unsigned named_sections(const nb_tags *tags, const nb_cell *cell)
{
    unsigned all = 0;
    nb_section section;
    for (size_t i = 0; i < cell->tag_count; i++)
        if (nb_tag_section(tags, cell->tags[i], &section))
            all |= bit(section);
    for (size_t i = 0; cell->directives && i < cell->directives->list.count; i++)
        if (cell->directives->list.at[i].kind == NB_DIRECTIVE_TAG &&
            nb_tag_section(tags, cell->directives->list.at[i].text, &section))
            all |= bit(section);
    if (all == 0 && cell->directives && cell->directives->exports)
        all = bit(NB_SECTION_UTILS);
    return all;
}

/* Some cell feeds a script: then a notebook of Kale's was tagged for us as well. */
static bool has_our_tags(const nb_tags *tags, const nb_notebook *notebook)
{
    const unsigned ours = bit(NB_SECTION_PREPROCESS) | bit(NB_SECTION_MODEL) |
                          bit(NB_SECTION_TRAIN) | bit(NB_SECTION_INFERENCE);
    for (size_t i = 0; i < notebook->cell_count; i++)
        if (named_sections(tags, &notebook->cells[i]) & ours)
            return true;
    return false;
}

/* Kale's steps mean nothing to us, but a notebook that has nothing else needs a word. */
static void check_steps(const tag_check *c, nb_str tag)
{
    if (!nb_set_add(c->diags->arena, c->seen, NB_STR("block:*")) ||
        has_our_tags(c->tags, c->notebook))
        return;
    nb_diag *diag = nb_diag_add(c->diags, NB_D_UNKNOWN_TAG, spot_of(c),
                                "the tag '" NB_STR_FMT "' is a step of Kale's and feeds no section",
                                NB_STR_ARG(tag));
    nb_diag_help(c->diags, diag,
                 "tag the cells 'preprocess', 'model', 'train' or 'inference' as well");
}

static void check_other_tag(const tag_check *c, nb_str tag)
{
    if (is_step(tag))
        check_steps(c, tag);
    else if (!is_foreign(tag) && nb_set_add(c->diags->arena, c->seen, tag))
        tell_unknown(c, tag);
}

/* --- directives that are none ----------------------------------------------------------------- */

static void tell_unknown_word(const tag_check *c, const nb_directive *word)
{
    nb_spot spot = nb_directive_spot(c->notebook, c->cell, word);
    nb_str better = meant(c, word->text);
    nb_diag *diag;
    if (better.len > 0) {
        diag = nb_diag_add(c->diags, NB_D_UNKNOWN_DIRECTIVE, spot,
                           "'" NB_STR_FMT "' is no directive; did you mean '" NB_STR_FMT "'?",
                           NB_STR_ARG(word->text), NB_STR_ARG(better));
        nb_diag_help(c->diags, diag, "write '" NB_STR_FMT "'", NB_STR_ARG(better));
        return;
    }
    diag = nb_diag_add(c->diags, NB_D_UNKNOWN_DIRECTIVE, spot, "'" NB_STR_FMT "' is no directive",
                       NB_STR_ARG(word->text));
    nb_diag_help(c->diags, diag,
                 "write a section such as train, a policy such as shell=drop, or ignore[CODE]");
}

static void tell_bad(const tag_check *c, const nb_directive *bad)
{
    nb_diag *diag =
        nb_diag_add(c->diags, NB_D_UNKNOWN_DIRECTIVE, nb_directive_spot(c->notebook, c->cell, bad),
                    NB_STR_FMT, NB_STR_ARG(bad->message));
    diag->help = bad->help;
}

/* Only the first unknown word of a comment is told: the others are the rest of its sentence. */
static void check_directives(const tag_check *c)
{
    const char *told = NULL;
    nb_section section;
    for (size_t i = 0; c->cell->directives && i < c->cell->directives->list.count; i++) {
        const nb_directive *each = &c->cell->directives->list.at[i];
        if (each->kind == NB_DIRECTIVE_BAD)
            tell_bad(c, each);
        if (each->kind != NB_DIRECTIVE_TAG || nb_tag_section(c->tags, each->text, &section))
            continue;
        nb_str between = {told, told ? (size_t)(each->text.at - told) : 0};
        if (!told || nb_str_find_char(between, '\n') >= 0)
            tell_unknown_word(c, each);
        told = each->text.at;
    }
}

/* --- tags that contradict each other ---------------------------------------------------------- */

/* Tags of other tools which say that a cell does not run. `active-` tags (Jupytext) name where it does. */
static bool says_not_run(nb_str tag)
{
    bool active = nb_str_starts(tag, NB_STR("active-"));
    return nb_str_eqz(tag, "skip-execution") || nb_str_eqz(tag, "remove_cell") ||
           (active && !nb_str_contains(tag, NB_STR("-py")));
}

static void tell_contradiction(const tag_check *c, nb_section section, const char *other,
                               const char *meaning)
{
    nb_diag *diag = nb_diag_add(c->diags, NB_D_TAG_CONTRADICTION, spot_of(c),
                                "the cell is tagged '%s', but %s %s; '%s' counts",
                                names[section].at, other, meaning, names[section].at);
    nb_diag_help(c->diags, diag, "remove one of the two");
}

static nb_section lowest(unsigned sections)
{
    return (nb_section)__builtin_ctz(sections);
}

/* `sections` is what the cell feeds besides skip; not 0. */
static void check_contradictions(const tag_check *c, unsigned sections)
{
    nb_section section = (sections & bit(NB_SECTION_TRAIN)) ? NB_SECTION_TRAIN : lowest(sections);
    for (size_t i = 0; i < c->cell->tag_count; i++) {
        nb_str tag = c->cell->tags[i];
        const char *quoted =
            nb_arena_printf(c->diags->arena, "'" NB_STR_FMT "'", NB_STR_ARG(tag)).at;
        if (says_not_run(tag))
            tell_contradiction(c, section, quoted, "says that it does not run");
        if (section == NB_SECTION_TRAIN && nb_str_eqz(tag, "raises-exception"))
            tell_contradiction(c, section, quoted, "says that it is meant to fail");
    }
    if (c->cell->frozen)
        tell_contradiction(c, section, "its metadata run_control.frozen",
                           "says that it does not run");
}

static void tell_skipped(const tag_check *c, unsigned sections)
{
    nb_diag *diag = nb_diag_add(c->diags, NB_D_TAG_CONTRADICTION, spot_of(c),
                                "the cell is tagged '%s' and 'skip'; 'skip' counts",
                                names[lowest(sections)].at);
    nb_diag_help(c->diags, diag, "remove one of the two");
}

static void tell_no_effect(const tag_check *c, unsigned sections)
{
    static const char *const kinds[] = {[NB_CELL_CODE] = "cell of another language",
                                        [NB_CELL_MARKDOWN] = "markdown cell",
                                        [NB_CELL_RAW] = "raw cell"};
    nb_diag *diag = nb_diag_add(c->diags, NB_D_TAG_ON_MARKDOWN, spot_of(c),
                                "the tag '%s' on a %s has no effect", names[lowest(sections)].at,
                                kinds[c->cell->kind]);
    nb_diag_help(c->diags, diag, "tag a code cell, or change the type of this one to code");
}

/* --- all tags of a cell ----------------------------------------------------------------------- */

unsigned nb_tags_sections(const nb_tags *tags, const nb_notebook *notebook, const nb_cell *cell,
                          nb_map *seen, nb_diags *diags)
{
    const tag_check c = {tags, notebook, cell, seen, diags};
    bool exported = cell->kind == NB_CELL_CODE && !cell->foreign_language;
    unsigned all = named_sections(tags, cell);
    nb_section section;
    for (size_t i = 0; i < cell->tag_count && exported; i++)
        if (!nb_tag_section(tags, cell->tags[i], &section))
            check_other_tag(&c, cell->tags[i]);
    check_directives(&c);

    unsigned sections = all & ~bit(NB_SECTION_SKIP);
    if (sections == 0)
        return exported ? all : 0;
    if (!exported) {
        tell_no_effect(&c, sections);
        return 0;
    }
    if (all != sections) {
        tell_skipped(&c, sections);
        return bit(NB_SECTION_SKIP);
    }
    check_contradictions(&c, sections);
    return sections;
}
