/* version.c - questions about versions, one a line, answered one a line, for comparison with Python's packaging: cmp A B · allows SPECIFIER VERSION ·
 * marker MINOR TEXT. Fields are separated by tabs. */
#include "requirements/version.h"
#include "requirements/marker.h"

#include <stdio.h>

static int answer(nb_str line)
{
    nb_str what = {0}, a = {0};
    (void)nb_str_split(&line, '\t', &what);
    (void)nb_str_split(&line, '\t', &a);
    int64_t minor = 0;
    if (nb_str_eqz(what, "cmp"))
        return nb_version_is(a) && nb_version_is(line) ? nb_version_cmp(a, line) : -9;
    if (nb_str_eqz(what, "allows"))
        return nb_specifier_allows(a, line);
    (void)nb_str_to_int(a, &minor);
    return nb_marker_holds(line, (unsigned)minor);
}

int main(void)
{
    char line[4096];
    while (fgets(line, sizeof(line), stdin))
        printf("%d\n", answer(nb_str_rtrim(nb_str_from(line))));
    return 0;
}
