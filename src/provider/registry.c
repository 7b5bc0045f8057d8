#include "base/vec.h"
#include "provider/local/local.h"
#include "provider/provider.h"

static const nb_provider_ops *const built_in[] = {&nb_provider_local};

/* Names that the configuration knows already. */
static bool is_planned(nb_str name)
{
    static const char *const planned[] = {"sagemaker", "azure", "gcp"};
    for (size_t i = 0; i < NB_LEN(planned); i++)
        if (nb_str_eqz(name, planned[i]))
            return true;
    return false;
}

nb_code nb_provider_find(nb_str name, const nb_provider_ops **out, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    NB_VEC(nb_str) names = {0};
    NB_AUTO(nb_buf) list = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < NB_LEN(built_in); i++) {
        if (nb_str_eqz(name, built_in[i]->name)) {
            *out = built_in[i];
            return NB_OK;
        }
        nb_vec_push(&scratch, &names, nb_str_from(built_in[i]->name));
        nb_buf_printf(&list, "%s'%s'", i > 0 ? ", " : "", built_in[i]->name);
    }
    if (is_planned(name)) {
        (void)nb_fail(err, NB_ERR_USAGE, "this version cannot use '" NB_STR_FMT "' yet",
                      NB_STR_ARG(name));
        nb_error_hint(err, "use this machine with --provider local");
        return err->code;
    }
    (void)nb_fail(err, NB_ERR_USAGE, "no provider is called '" NB_STR_FMT "'", NB_STR_ARG(name));
    nb_str near = nb_str_nearest(name, names.at, names.count);
    if (near.len > 0)
        nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    else
        nb_error_hint(err, "use one of these: %s", list.at);
    return err->code;
}

const nb_provider_ops *const *nb_provider_all(size_t *count)
{
    *count = NB_LEN(built_in);
    return built_in;
}
