#include "cli/totals.h"

enum { MOST_LISTED = 5 };

/* The findings of a code that have at least this severity. */
static size_t count_of(const nb_totals *totals, nb_diag_code code, nb_severity least)
{
    size_t count = 0;
    for (nb_severity s = least; s <= NB_SEVERITY_ERROR; s++)
        count += totals->codes[code][s];
    return count;
}

void nb_totals_add(nb_totals *totals, const nb_diags *diags)
{
    nb_totals one = {.notebooks = 1, .silenced = diags->silenced};
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_diag *diag = &diags->list.at[i];
        one.errors += diag->severity == NB_SEVERITY_ERROR;
        one.warnings += diag->severity == NB_SEVERITY_WARNING;
        one.notes += diag->severity == NB_SEVERITY_INFO;
        one.codes[diag->code][diag->severity]++;
    }
    one.unreadable = count_of(&one, NB_D_UNREADABLE, NB_SEVERITY_INFO);
    one.other_language = count_of(&one, NB_D_OTHER_LANGUAGE, NB_SEVERITY_INFO);
    one.with_errors = one.errors > 0;
    one.with_warnings = one.errors == 0 && one.warnings > 0;
    nb_totals_join(totals, &one);
}

void nb_totals_join(nb_totals *totals, const nb_totals *more)
{
    totals->notebooks += more->notebooks;
    totals->with_errors += more->with_errors;
    totals->with_warnings += more->with_warnings;
    totals->unreadable += more->unreadable;
    totals->other_language += more->other_language;
    totals->errors += more->errors;
    totals->warnings += more->warnings;
    totals->notes += more->notes;
    totals->silenced += more->silenced;
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++)
        for (nb_severity s = NB_SEVERITY_INFO; s <= NB_SEVERITY_ERROR; s++)
            totals->codes[c][s] += more->codes[c][s];
}

size_t nb_totals_count(const nb_totals *totals, nb_severity least)
{
    return totals->errors + (least <= NB_SEVERITY_WARNING ? totals->warnings : 0) +
           (least <= NB_SEVERITY_INFO ? totals->notes : 0);
}

/* --- text ----------------------------------------------------------------------------------------------------------- */

static void print_row(size_t count, const char *what, FILE *to)
{
    if (count > 0)
        fprintf(to, "%7zu %s\n", count, what);
}

/* The code not listed yet with the most findings; NB_DIAG_CODE_COUNT when none is left. */
static nb_diag_code most_frequent(const nb_totals *totals, nb_severity least, const bool *listed)
{
    nb_diag_code best = NB_DIAG_CODE_COUNT;
    size_t most = 0;
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++) {
        size_t count = listed[c] ? 0 : count_of(totals, c, least);
        if (count > most) {
            most = count;
            best = c;
        }
    }
    return best;
}

static void print_codes(const nb_totals *totals, nb_severity least, FILE *to)
{
    bool listed[NB_DIAG_CODE_COUNT] = {false};
    for (size_t i = 0; i < MOST_LISTED; i++) {
        nb_diag_code c = most_frequent(totals, least, listed);
        if (c == NB_DIAG_CODE_COUNT)
            return;
        listed[c] = true;
        const nb_diag_row *row = nb_diag_row_of(c);
        fprintf(to, "%s%7zu %s %s\n", i == 0 ? "most frequent findings:\n" : "",
                count_of(totals, c, least), row->code, row->slug);
    }
}

void nb_totals_print(const nb_totals *totals, nb_severity least, int64_t ms, FILE *to)
{
    size_t clean =
        totals->notebooks - totals->with_errors - totals->with_warnings - totals->other_language;
    if (totals->notebooks == 0) {
        fputs("no notebook was found\n", to);
        return;
    }
    fprintf(to, "%zu notebook%s in %lld.%02lld s:\n", totals->notebooks,
            totals->notebooks == 1 ? "" : "s", (long long)(ms / 1000), (long long)(ms % 1000 / 10));
    print_row(totals->with_errors - totals->unreadable, "with errors", to);
    print_row(totals->unreadable, "cannot be read", to);
    print_row(totals->with_warnings, "with warnings", to);
    print_row(clean, "without", to);
    print_row(totals->other_language, "not in Python, not checked", to);
    print_codes(totals, least, to);
}

void nb_totals_print_hint(const nb_totals *totals, nb_severity least, FILE *to)
{
    for (int s = NB_SEVERITY_ERROR; s >= (int)least; s--)
        for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++)
            if (totals->codes[c][s] > 0) {
                fprintf(to, "'notebooked explain %s' tells more\n", nb_diag_row_of(c)->code);
                return;
            }
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

void nb_totals_json(const nb_totals *totals, nb_json_writer *json)
{
    const struct {
        const char *name;
        size_t count;
    } members[] = {
        {"notebooks",      totals->notebooks     },
        {"with_errors",    totals->with_errors   },
        {"with_warnings",  totals->with_warnings },
        {"unreadable",     totals->unreadable    },
        {"other_language", totals->other_language},
        {"errors",         totals->errors        },
        {"warnings",       totals->warnings      },
        {"notes",          totals->notes         },
        {"silenced",       totals->silenced      },
    };
    nb_json_begin_object(json);
    for (size_t i = 0; i < NB_LEN(members); i++)
        nb_json_member_int(json, members[i].name, (int64_t)members[i].count);
    nb_json_key(json, NB_STR("codes"));
    nb_json_begin_object(json);
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++)
        if (count_of(totals, c, NB_SEVERITY_INFO) > 0)
            nb_json_member_int(json, nb_diag_row_of(c)->code,
                               (int64_t)count_of(totals, c, NB_SEVERITY_INFO));
    nb_json_end_object(json);
    nb_json_end_object(json);
}
