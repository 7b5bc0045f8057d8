#include "base/diag_set.h"

enum { LONGEST_PREFIX = 5 }; /* "NB203" */

/* Does the code begin with the word, whatever the case? */
static bool begins(const char *code, nb_str word)
{
    return word.len >= 2 && word.len <= LONGEST_PREFIX && strlen(code) >= word.len &&
           nb_str_eq_nocase((nb_str){code, word.len}, word);
}

bool nb_diag_set_add(nb_diag_set *set, nb_str word)
{
    bool any = false;
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++) {
        const nb_diag_row *row = nb_diag_row_of(c);
        if (!begins(row->code, word) && !nb_str_eqz(word, row->slug))
            continue;
        set->has[c] = any = true;
    }
    return any;
}

nb_str nb_diag_set_nearest(nb_str word)
{
    nb_str names[2 * NB_DIAG_CODE_COUNT];
    char upper[2 * LONGEST_PREFIX]; /* with a slip in it */
    nb_str *name = names;
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++) {
        *name++ = nb_str_from(nb_diag_row_of(c)->code);
        *name++ = nb_str_from(nb_diag_row_of(c)->slug);
    }
    if (word.len <= sizeof(upper) && word.len > 0) { /* "nb999" is near to NB codes, too */
        for (size_t i = 0; i < word.len; i++)
            upper[i] =
                (char)(word.at[i] >= 'a' && word.at[i] <= 'z' ? word.at[i] - 32 : word.at[i]);
        nb_str near = nb_str_nearest((nb_str){upper, word.len}, names, NB_LEN(names));
        if (near.len > 0)
            return near;
    }
    return nb_str_nearest(word, names, NB_LEN(names));
}

static nb_code fail_unknown(nb_str word, nb_error *err)
{
    nb_str near = nb_diag_set_nearest(word);
    (void)nb_fail(err, NB_ERR_USAGE, "there is no finding '" NB_STR_FMT "'", NB_STR_ARG(word));
    if (near.len > 0)
        nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    else
        nb_error_hint(err, "write a code such as NB203, the beginning of codes such as NB2, or a "
                           "name such as magic-removed");
    return err->code;
}

nb_code nb_diag_set_add_list(nb_diag_set *set, nb_str list, nb_error *err)
{
    nb_str piece;
    while (nb_str_split(&list, ',', &piece)) {
        piece = nb_str_trim(piece);
        if (!nb_diag_set_add(set, piece))
            return fail_unknown(piece, err);
    }
    return NB_OK;
}

bool nb_selection_has(const nb_selection *selection, nb_diag_code code)
{
    return (!selection->selects || selection->select.has[code]) && !selection->ignore.has[code];
}

static void take_out(const nb_selection *selection, nb_diags *diags, bool stops)
{
    size_t kept = 0;
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_diag *diag = &diags->list.at[i];
        if (nb_selection_has(selection, diag->code) ||
            (!stops && diag->severity == NB_SEVERITY_ERROR && !nb_diag_can_be_silenced(diag->code)))
            diags->list.at[kept++] = *diag;
    }
    diags->list.count = kept;
}

void nb_selection_apply(const nb_selection *selection, nb_diags *diags)
{
    take_out(selection, diags, true);
}

void nb_selection_sweep(const nb_selection *selection, nb_diags *diags)
{
    take_out(selection, diags, false);
}
