/* Lines that users write: whatever they are, what comes out is a requirements file that, asked again, gives itself. */
#include "requirements/line.h"

#include "base/vec.h"
#include "requirements/requirements.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(nb_str part, nb_str whole)
{
    return part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_parts(nb_arena *arena, nb_str line)
{
    nb_asked_parts p = nb_asked_parse(arena, line);
    const nb_str views[] = {p.text, p.name, p.extras, p.specifier, p.marker, p.options, p.target};
    for (size_t i = 0; i < NB_LEN(views); i++)
        if (!is_inside(views[i], line))
            abort();
    if ((p.kind == NB_ASKED_WRONG) != (p.wrong != NULL))
        abort();
}

static nb_str build(nb_arena *arena, nb_str text)
{
    nb_requirements_input input = {.minor = 11};
    nb_diags diags = {.arena = arena};
    NB_VEC(nb_asked) asked = {0};
    nb_str line;
    while (nb_str_line(&text, &line))
        nb_vec_push(arena, &asked, (nb_asked){.line = line});
    input.asked = asked.at;
    input.asked_count = asked.count;
    return nb_requirements_build(arena, &input, &diags).text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str text = nb_arena_str(&arena, (nb_str){(const char *)data, size}), rest = text, line;
    while (nb_str_line(&rest, &line))
        check_parts(&arena, line);
    nb_str once = build(&arena, text);
    if (once.len > 0 && once.at[once.len - 1] != '\n')
        abort();
    if (!nb_str_eq(build(&arena, once), once))
        abort();
    return 0;
}
