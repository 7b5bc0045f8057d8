#include "base/diag.h"

#include "base/diag_set.h"

static const nb_diag_row rows[NB_DIAG_CODE_COUNT] = {
#define INFO    NB_SEVERITY_INFO
#define WARNING NB_SEVERITY_WARNING
#define ERROR   NB_SEVERITY_ERROR
#define NB_DIAG_ROW(id, code, slug, severity, summary) \
    [NB_D_##id] = {code, slug, severity, summary},
#include "base/codes.def"
#undef NB_DIAG_ROW
#undef INFO
#undef WARNING
#undef ERROR
};

const nb_diag_row *nb_diag_row_of(nb_diag_code code)
{
    return &rows[code];
}

bool nb_diag_find(nb_str name, nb_diag_code *out)
{
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++)
        if (nb_str_eq_nocase(name, nb_str_from(rows[code].code)) ||
            nb_str_eqz(name, rows[code].slug)) {
            *out = code;
            return true;
        }
    return false;
}

static bool is_unwanted(const nb_diags *diags, nb_diag_code code)
{
    return diags->selection && nb_diag_can_be_silenced(code) &&
           !nb_selection_has(diags->selection, code);
}

nb_diag *nb_diag_add(nb_diags *diags, nb_diag_code code, nb_spot spot, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_diag diag = {.code = code,
                    .severity = rows[code].severity,
                    .spot = spot,
                    .message = nb_arena_vprintf(diags->arena, fmt, args)};
    va_end(args);
    if (nb_diags_silences(diags, code, &spot) || is_unwanted(diags, code)) {
        diags->spare = diag;
        return &diags->spare;
    }
    nb_vec_push(diags->arena, &diags->list, diag);
    return &diags->list.at[diags->list.count - 1];
}

void nb_diag_help(nb_diags *diags, nb_diag *diag, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    diag->help = nb_arena_vprintf(diags->arena, fmt, args);
    va_end(args);
}

size_t nb_diags_count(const nb_diags *diags, nb_severity least)
{
    size_t count = 0;
    for (size_t i = 0; i < diags->list.count; i++)
        count += diags->list.at[i].severity >= least;
    return count;
}

const char *nb_severity_name(nb_severity severity)
{
    static const char *const names[] = {"info", "warning", "error"};
    return names[severity];
}
