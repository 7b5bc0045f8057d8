#include "base/diag.h"

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

nb_diag *nb_diag_add(nb_diags *diags, nb_diag_code code, nb_spot spot, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_str message = nb_arena_vprintf(diags->arena, fmt, args);
    va_end(args);
    nb_vec_push(
        diags->arena, &diags->list,
        (nb_diag){.code = code, .severity = rows[code].severity, .spot = spot, .message = message});
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
