#include "py/modules.h"

#include "py/modules_tables.h"

enum { OLDEST = 8, NEWEST = 13 }; /* minor versions that the tables know */

/* --- lists of words ---------------------------------------------------------------------------- */

static nb_str word_at(nb_str words, size_t start)
{
    const char *end = memchr(words.at + start, ' ', words.len - start);
    return nb_str_slice(words, start, end ? (size_t)(end - words.at) : words.len);
}

static nb_str key_of(nb_str word)
{
    ptrdiff_t colon = nb_str_find_char(word, ':');
    return colon < 0 ? word : nb_str_slice(word, 0, (size_t)colon);
}

bool nb_words_find(nb_str words, nb_str key, nb_str *value)
{
    size_t low = 0, high = words.len; /* both at the start of a word, or at the end */
    while (low < high) {
        size_t start = low + (high - low) / 2;
        while (start > low && words.at[start - 1] != ' ')
            start--;
        nb_str word = word_at(words, start), its_key = key_of(word);
        int order = nb_str_cmp(key, its_key);
        if (order == 0) {
            if (value)
                *value = nb_str_from_at(word, its_key.len < word.len ? its_key.len + 1 : word.len);
            return true;
        }
        if (order < 0) {
            high = start;
        } else {
            low = start + word.len + 1;
            if (low > high)
                low = high;
        }
    }
    return false;
}

/* --- dotted names ------------------------------------------------------------------------------ */

static nb_str top_of(nb_str dotted)
{
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    return dot < 0 ? dotted : nb_str_slice(dotted, 0, (size_t)dot);
}

/* "a.b.c" gives "a.b", "a" gives "". */
static nb_str parent_of(nb_str dotted)
{
    ptrdiff_t dot = nb_str_rfind_char(dotted, '.');
    return nb_str_slice(dotted, 0, dot < 0 ? 0 : (size_t)dot);
}

static bool is_below(nb_str dotted, nb_str module)
{
    return nb_str_starts(dotted, module) &&
           (dotted.len == module.len || dotted.at[module.len] == '.');
}

/* --- the standard library ---------------------------------------------------------------------- */

static const nb_module_span *changing(nb_str name)
{
    for (size_t i = 0; i < nb_modules_changing_count; i++)
        if (nb_str_eqz(name, nb_modules_changing[i].name))
            return &nb_modules_changing[i];
    return NULL;
}

bool nb_module_is_stdlib(nb_str top_level, unsigned minor)
{
    if (nb_words_find(nb_modules_stdlib, top_level, NULL))
        return true;
    minor = minor < OLDEST ? OLDEST : minor > NEWEST ? NEWEST : minor;
    const nb_module_span *span = changing(top_level);
    return span && minor >= span->first && minor <= span->last;
}

bool nb_module_left_stdlib(nb_str top_level, unsigned minor)
{
    return changing(top_level) && !nb_module_is_stdlib(top_level, minor);
}

/* --- distributions ----------------------------------------------------------------------------- */

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

nb_str nb_distribution_normal(nb_arena *arena, nb_str name)
{
    nb_str lower = nb_str_lower(arena, name);
    char *out = nb_arena_alloc(arena, name.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < lower.len; i++) {
        bool separator = is_separator(lower.at[i]);
        if (!separator || i == 0 || !is_separator(lower.at[i - 1]))
            out[len++] = separator ? '-' : lower.at[i];
    }
    return (nb_str){out, len};
}

/* Google's generated clients have a module for each version of the service: bigquery_storage_v1. */
static nb_str without_version(nb_str name)
{
    ptrdiff_t dash = nb_str_rfind_char(name, '-');
    nb_str last = nb_str_from_at(name, dash < 0 ? name.len : (size_t)dash + 1);
    bool version = last.len > 1 && last.at[0] == 'v' && nb_is_digit(last.at[1]);
    return version ? nb_str_slice(name, 0, (size_t)dash) : name;
}

/* A namespace is shared by many projects, each named after its part of it. */
static nb_str family_member(nb_arena *arena, nb_str dotted)
{
    if (nb_str_find_char(dotted, '.') < 0)
        return NB_STR("");
    nb_str name = nb_distribution_normal(arena, dotted);
    if (nb_words_find(nb_modules_families, name, NULL))
        return name;
    name = without_version(name);
    return nb_words_find(nb_modules_families, name, NULL) ? name : NB_STR("");
}

nb_str nb_module_distribution(nb_arena *arena, nb_str dotted)
{
    for (nb_str prefix = dotted; prefix.len > 0; prefix = parent_of(prefix)) {
        nb_str found;
        if (nb_words_find(nb_modules_distributions, prefix, &found))
            return nb_str_eqz(found, "-") ? NB_STR("") : found;
        found = family_member(arena, prefix);
        if (found.len > 0)
            return found;
    }
    nb_str same = nb_distribution_normal(arena, top_of(dotted));
    return nb_words_find(nb_modules_popular, same, NULL) ? same : NB_STR("");
}

static bool is_word_of(nb_str words, nb_str word)
{
    nb_str piece;
    while (nb_str_split(&words, ' ', &piece))
        if (nb_str_eq(piece, word))
            return true;
    return false;
}

nb_str nb_module_alternatives(nb_str distribution)
{
    for (size_t i = 0; i < nb_modules_alternatives_count; i++)
        if (nb_str_eq(word_at(nb_modules_alternatives[i], 0), distribution))
            return nb_modules_alternatives[i];
    return NB_STR("");
}

bool nb_module_provided_by(nb_arena *arena, nb_str dotted, nb_str distribution)
{
    nb_str usual = nb_module_distribution(arena, dotted);
    if (usual.len == 0)
        return nb_str_eq(nb_distribution_normal(arena, top_of(dotted)), distribution);
    if (nb_str_eq(usual, distribution))
        return true;
    return is_word_of(nb_module_alternatives(usual), distribution);
}

nb_str nb_module_implies(nb_str dotted)
{
    nb_str found;
    for (nb_str prefix = dotted; prefix.len > 0; prefix = parent_of(prefix))
        if (nb_words_find(nb_modules_implied, prefix, &found))
            return found;
    return NB_STR("");
}

/* --- platforms and hints ----------------------------------------------------------------------- */

static nb_str advice_of(const nb_platform_name *row, nb_str *platform)
{
    *platform = row->platform;
    return row->advice;
}

nb_str nb_module_platform_advice(nb_str dotted, nb_str *platform)
{
    for (size_t i = 0; i < nb_modules_platform_count; i++)
        if (is_below(dotted, nb_modules_platform[i].name))
            return advice_of(&nb_modules_platform[i], platform);
    return NB_STR("");
}

/* _12 and _i12 are IPython's history, too. */
static bool is_history(nb_str name)
{
    size_t at = nb_str_starts(name, NB_STR("_i")) ? 2 : 1;
    if (name.len <= at || name.at[0] != '_')
        return false;
    while (at < name.len && nb_is_digit(name.at[at]))
        at++;
    return at == name.len;
}

nb_str nb_name_platform_advice(nb_str name, nb_str *platform)
{
    if (is_history(name))
        name = NB_STR("_");
    for (size_t i = 0; i < nb_modules_injected_count; i++)
        if (nb_str_eq(name, nb_modules_injected[i].name))
            return advice_of(&nb_modules_injected[i], platform);
    return NB_STR("");
}

nb_str nb_module_hint(nb_str dotted)
{
    for (size_t i = 0; i < nb_modules_hints_count; i++)
        if (is_below(dotted, nb_modules_hints[i].name))
            return nb_modules_hints[i].hint;
    return NB_STR("");
}
