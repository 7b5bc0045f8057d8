#include "notebook/kernel.h"

bool nb_language_is_python(nb_str language)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str lower = nb_str_lower(&arena, nb_str_trim(language));
    return nb_str_contains(lower, NB_STR("python")) || nb_str_eqz(lower, "pyspark");
}

/* First letters of the usual kernels' names. */
static const nb_str foreign[] = {
    NB_STR_ROW("ir"),     NB_STR_ROW("julia"),       NB_STR_ROW("bash"),
    NB_STR_ROW("java"),   NB_STR_ROW("scala"),       NB_STR_ROW("javascript"),
    NB_STR_ROW("tslab"),  NB_STR_ROW("jslab"),       NB_STR_ROW("deno"),
    NB_STR_ROW("xcpp"),   NB_STR_ROW("xr"),          NB_STR_ROW("xsqlite"),
    NB_STR_ROW("xsql"),   NB_STR_ROW(".net-"),       NB_STR_ROW("rust"),
    NB_STR_ROW("evcxr"),  NB_STR_ROW("gophernotes"), NB_STR_ROW("gonb"),
    NB_STR_ROW("octave"), NB_STR_ROW("matlab"),      NB_STR_ROW("ruby"),
    NB_STR_ROW("kotlin"), NB_STR_ROW("swift"),       NB_STR_ROW("haskell"),
    NB_STR_ROW("spark_"), NB_STR_ROW("sparkr"),      NB_STR_ROW("sas"),
    NB_STR_ROW("stata"),
};

bool nb_kernel_is_foreign(nb_str kernel)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str lower = nb_str_lower(&arena, kernel);
    for (size_t i = 0; i < NB_LEN(foreign); i++) {
        bool whole =
            foreign[i].len <= 3 && foreign[i].at[0] != '.'; /* "ir", "sas": too short for a start */
        if (whole ? nb_str_eq(lower, foreign[i]) : nb_str_starts(lower, foreign[i]))
            return true;
    }
    return false;
}
