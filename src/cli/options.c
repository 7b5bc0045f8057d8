#include "cli/options.h"

/* An option as found by name: `on` is false when it was written --no-NAME. */
struct found {
    const nb_opt *opt;
    void *args;
    bool on;
};

static bool can_be_off(const nb_opt *opt)
{
    return opt->kind == NB_OPT_FLAG || opt->kind == NB_OPT_SWITCH;
}

static bool takes_value(const nb_opt *opt)
{
    return !can_be_off(opt);
}

static bool find_long_as(const nb_opt_reader *reader, nb_str name, bool on, struct found *out)
{
    for (size_t s = 0; s < NB_OPT_SCOPES; s++) {
        const nb_opt *opt = reader->scopes[s].table;
        for (; opt && opt->kind != NB_OPT_END; opt++) {
            if (!nb_str_eqz(name, opt->name) || (!on && !can_be_off(opt)))
                continue;
            *out = (struct found){opt, reader->scopes[s].args, on};
            return true;
        }
    }
    return false;
}

static bool find_long(const nb_opt_reader *reader, nb_str name, struct found *out)
{
    if (find_long_as(reader, name, true, out))
        return true;
    return nb_str_starts(name, NB_STR("no-")) &&
           find_long_as(reader, nb_str_from_at(name, 3), false, out);
}

static bool find_letter(const nb_opt_reader *reader, char letter, struct found *out)
{
    for (size_t s = 0; s < NB_OPT_SCOPES; s++) {
        const nb_opt *opt = reader->scopes[s].table;
        for (; opt && opt->kind != NB_OPT_END; opt++) {
            if (opt->letter != letter)
                continue;
            *out = (struct found){opt, reader->scopes[s].args, true};
            return true;
        }
    }
    return false;
}

/* Every name that may follow "--", in the order of the tables. */
static size_t all_names(const nb_opt_reader *reader, nb_arena *scratch, nb_str **out)
{
    NB_VEC(nb_str) names = {0};
    for (size_t s = 0; s < NB_OPT_SCOPES; s++) {
        const nb_opt *opt = reader->scopes[s].table;
        for (; opt && opt->kind != NB_OPT_END; opt++) {
            nb_vec_push(scratch, &names, nb_str_from(opt->name));
            if (can_be_off(opt))
                nb_vec_push(scratch, &names, nb_arena_printf(scratch, "no-%s", opt->name));
        }
    }
    *out = names.at;
    return names.count;
}

void nb_hint_name(nb_error *err, const char *before, nb_str word, const nb_str *names, size_t count)
{
    NB_AUTO(nb_buf) longer = NB_BUF_INIT(NB_BUF_TEXT);
    size_t matches = 0;
    for (size_t i = 0; i < count; i++)
        if (word.len > 0 && nb_str_starts(names[i], word))
            nb_buf_printf(&longer, "%s'%s" NB_STR_FMT "'", matches++ ? " or " : "", before,
                          NB_STR_ARG(names[i]));
    nb_str nearest = nb_str_nearest(word, names, count);
    if (matches > 0)
        nb_error_hint(err, "write " NB_STR_FMT " in full", NB_STR_ARG(nb_buf_view(&longer)));
    else if (nearest.len > 0)
        nb_error_hint(err, "did you mean '%s" NB_STR_FMT "'?", before, NB_STR_ARG(nearest));
}

static nb_code fail_unknown(const nb_opt_reader *reader, const char *dashes, nb_str shown,
                            nb_str name, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str *names;
    size_t count = all_names(reader, &scratch, &names);
    (void)nb_fail(err, NB_ERR_USAGE, "unknown option '%s" NB_STR_FMT "'", dashes,
                  NB_STR_ARG(shown));
    nb_error_hint(err, "see 'notebooked %s%s--help' for the options there are",
                  reader->command ? reader->command : "", reader->command ? " " : "");
    nb_hint_name(err, "--", name, names, count);
    return err->code;
}

/* "option '--provider'": how messages name an option. */
static nb_code fail_value(const nb_opt *opt, nb_error *err, const char *problem, const char *value)
{
    if (value)
        return nb_fail(err, NB_ERR_USAGE, "option '--%s' %s, not '%s'", opt->name, problem, value);
    return nb_fail(err, NB_ERR_USAGE, "option '--%s' %s", opt->name, problem);
}

static nb_code store_int(const nb_opt *opt, const char *value, void *field, nb_error *err)
{
    int64_t number;
    if (!nb_str_to_int(nb_str_from(value), &number))
        return fail_value(opt, err, "needs a whole number", value);
    if (number < opt->min || number > opt->max)
        return nb_fail(err, NB_ERR_USAGE,
                       "option '--%s' needs a number from %lld to %lld, not '%s'", opt->name,
                       (long long)opt->min, (long long)opt->max, value);
    memcpy(field, &number, sizeof(number));
    return NB_OK;
}

static nb_code store_choice(const nb_opt *opt, const char *value, void *field, nb_error *err)
{
    NB_AUTO(nb_buf) valid = NB_BUF_INIT(NB_BUF_TEXT);
    for (int i = 0; opt->choices[i]; i++) {
        if (strcmp(opt->choices[i], value) == 0) {
            memcpy(field, &i, sizeof(i));
            return NB_OK;
        }
        const char *comma = i == 0 ? "" : opt->choices[i + 1] ? ", " : " or ";
        nb_buf_printf(&valid, "%s'%s'", comma, opt->choices[i]);
    }
    return nb_fail(err, NB_ERR_USAGE, "option '--%s' is " NB_STR_FMT ", not '%s'", opt->name,
                   NB_STR_ARG(nb_buf_view(&valid)), value);
}

static nb_code store(nb_arena *arena, const struct found *it, const char *value, nb_error *err)
{
    void *field = (char *)it->args + it->opt->at;
    switch (it->opt->kind) {
    case NB_OPT_FLAG: memcpy(field, &it->on, sizeof(it->on)); return NB_OK;
    case NB_OPT_SWITCH: {
        nb_switch state = it->on ? NB_ON : NB_OFF;
        memcpy(field, &state, sizeof(state));
        return NB_OK;
    }
    case NB_OPT_STRING: memcpy(field, &value, sizeof(const char *)); return NB_OK;
    case NB_OPT_INT: return store_int(it->opt, value, field, err);
    case NB_OPT_CHOICE: return store_choice(it->opt, value, field, err);
    case NB_OPT_LIST: nb_vec_push(arena, (nb_opt_list *)field, value); return NB_OK;
    case NB_OPT_END: break;
    }
    return nb_fail(err, NB_ERR_INTERNAL, "option '--%s' has no kind", it->opt->name);
}

/* The next word as a value. One that looks like an option is more likely a forgotten value than a meant one. */
static nb_code next_value(nb_opt_reader *reader, const nb_opt *opt, const char **out, nb_error *err)
{
    const char *metavar = opt->metavar ? opt->metavar : "value";
    if (reader->next >= reader->count)
        return nb_fail(err, NB_ERR_USAGE, "option '--%s' needs a %s", opt->name, metavar);
    const char *word = reader->words[reader->next];
    if (word[0] == '-' && word[1] != '\0' && !nb_is_digit(word[1])) {
        (void)nb_fail(err, NB_ERR_USAGE, "option '--%s' needs a %s before '%s'", opt->name, metavar,
                      word);
        nb_error_hint(err, "write '--%s=%s' if that is the value", opt->name, word);
        return err->code;
    }
    reader->next++;
    *out = word;
    return NB_OK;
}

static nb_code take(nb_opt_reader *reader, const struct found *it, const char *value, nb_error *err)
{
    if (value && !takes_value(it->opt))
        return fail_value(it->opt, err, "takes no value", NULL);
    if (!value && takes_value(it->opt) && next_value(reader, it->opt, &value, err) != NB_OK)
        return err->code;
    return store(reader->arena, it, value, err);
}

static nb_code take_long(nb_opt_reader *reader, const char *word, nb_error *err)
{
    const char *equals = strchr(word, '=');
    nb_str name = {word + 2, equals ? (size_t)(equals - word) - 2 : strlen(word) - 2};
    struct found it;
    if (find_long(reader, name, &it))
        return take(reader, &it, equals ? equals + 1 : NULL, err);
    return fail_unknown(reader, "--", name, name, err);
}

/* The first character of `text`: one byte, or a byte with its UTF-8 continuation bytes. */
static nb_str first_character(const char *text)
{
    size_t len = 1;
    while (((unsigned char)text[len] & 0xC0) == 0x80)
        len++;
    return (nb_str){text, len};
}

/* -v, -qv, -pNAME, -p NAME */
static nb_code take_letters(nb_opt_reader *reader, const char *word, nb_error *err)
{
    for (const char *letter = word + 1; *letter; letter++) {
        struct found it;
        if (!find_letter(reader, *letter, &it)) { /* perhaps a long name with one dash */
            nb_str rest = letter == word + 1 && letter[1] ? nb_str_from(letter) : NB_STR("");
            return fail_unknown(reader, "-", first_character(letter), rest, err);
        }
        if (takes_value(it.opt))
            return take(reader, &it, letter[1] ? letter + 1 : NULL, err);
        if (take(reader, &it, NULL, err) != NB_OK)
            return err->code;
    }
    return NB_OK;
}

static bool is_operand(const nb_opt_reader *reader, const char *word)
{
    return reader->only_operands || word[0] != '-' || word[1] == '\0';
}

/* Reads the word at `next`, which is no operand. */
static nb_code take_option(nb_opt_reader *reader, nb_error *err)
{
    const char *word = reader->words[reader->next++];
    if (word[1] != '-')
        return take_letters(reader, word, err);
    if (word[2] != '\0')
        return take_long(reader, word, err);
    reader->only_operands = true;
    return NB_OK;
}

nb_code nb_options_until_operand(nb_opt_reader *reader, nb_error *err)
{
    while (reader->next < reader->count && !is_operand(reader, reader->words[reader->next]))
        if (take_option(reader, err) != NB_OK)
            return err->code;
    return NB_OK;
}

nb_code nb_options_all(nb_opt_reader *reader, nb_error *err)
{
    for (;;) {
        if (nb_options_until_operand(reader, err) != NB_OK)
            return err->code;
        if (reader->next == reader->count)
            return NB_OK;
        nb_vec_push(reader->arena, &reader->operands, reader->words[reader->next++]);
    }
}

static bool default_is_on(const nb_opt *opt, const void *defaults)
{
    bool on = false;
    if (opt->kind == NB_OPT_FLAG && defaults)
        memcpy(&on, (const char *)defaults + opt->at, sizeof(on));
    return on;
}

size_t nb_opt_long_names(const nb_opt *opt, const void *defaults, nb_arena *scratch,
                         nb_str names[2])
{
    size_t count = 0;
    bool on = default_is_on(opt, defaults);
    if (!on)
        names[count++] = nb_arena_printf(scratch, "--%s", opt->name);
    if (on || opt->kind == NB_OPT_SWITCH)
        names[count++] = nb_arena_printf(scratch, "--no-%s", opt->name);
    return count;
}

nb_str nb_opt_synopsis(const nb_opt *opt, const void *defaults, nb_arena *arena)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    if (opt->letter)
        nb_buf_printf(&text, "-%c, ", opt->letter);
    const char *no = default_is_on(opt, defaults) ? "no-" : "";
    nb_buf_printf(&text, "--%s%s", opt->kind == NB_OPT_SWITCH ? "[no-]" : no, opt->name);
    if (opt->metavar)
        nb_buf_printf(&text, " %s", opt->metavar);
    for (size_t i = 0; opt->choices && opt->choices[i]; i++)
        nb_buf_printf(&text, "%s%s", i == 0 ? " " : "|", opt->choices[i]);
    return nb_arena_str(arena, nb_buf_view(&text));
}
