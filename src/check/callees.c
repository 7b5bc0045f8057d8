#include "check/callees.h"

bool nb_callee_is(nb_str name, nb_str method, const char *pattern)
{
    nb_str wanted = nb_str_from(pattern);
    if (wanted.at[0] == '.')
        return method.len != name.len && nb_str_eq(method, nb_str_from_at(wanted, 1));
    if (wanted.at[0] == '*')
        return nb_str_eq(method, nb_str_from_at(wanted, 2));
    if (wanted.at[wanted.len - 1] == '*')
        return nb_str_starts(name, nb_str_slice(wanted, 0, wanted.len - 1));
    return nb_str_eq(name, wanted);
}

int nb_callee_find(nb_str name, nb_str method, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_callee_is(name, method, patterns[i]))
            return (int)i;
    return -1;
}
