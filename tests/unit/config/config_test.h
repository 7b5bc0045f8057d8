/* config_test.h - a folder with a config.yaml, an environment of our own, and everything a load says as lines. */
#ifndef NB_CONFIG_TEST_H
#define NB_CONFIG_TEST_H

#include "config/config.h"

#include "nb_test.h"

#include <unistd.h>

/* "A=1\nB=2" as an environment. */
static inline const char *env_lookup(void *ctx, const char *name)
{
    static char value[4096];
    nb_str rest = nb_str_from(ctx), line;
    while (nb_str_line(&rest, &line)) {
        ptrdiff_t sign = nb_str_find_char(line, '=');
        if (sign < 0 || !nb_str_eqz(nb_str_slice(line, 0, (size_t)sign), name))
            continue;
        nb_str text = nb_str_slice(line, (size_t)sign + 1, (size_t)sign + sizeof value);
        memcpy(value, text.at, text.len);
        value[text.len] = '\0';
        return value;
    }
    return NULL;
}

static inline nb_env env_of(const char *variables)
{
    union { /* the door takes a plain pointer */
        const char *in;
        void *out;
    } cast = {variables};
    return (nb_env){.get = env_lookup, .ctx = cast.out};
}

static inline void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* A new folder, which is the current one from now on. */
static inline int enter_folder(void **state)
{
    static char folder[] = "/tmp/nb-config-XXXXXX";
    *state = mkdtemp(folder);
    return *state && chdir(folder) == 0 ? 0 : -1;
}

static inline int leave_folder(void **state)
{
    (void)unlink("config.yaml");
    return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

typedef struct loaded {
    nb_arena arena;
    nb_error err;
    nb_diags diags;
    const nb_config *config; /* NULL when it failed */
} loaded;

static inline void loaded_auto(loaded *l)
{
    nb_error_release(&l->err);
    nb_arena_release(&l->arena);
}

static inline void load_config(loaded *l, const char *yaml, const char *variables)
{
    const nb_env env = env_of(variables);
    l->diags.arena = &l->arena;
    write_file("config.yaml", yaml);
    (void)nb_config_load(&l->arena, "config.yaml", NULL, &env, &l->diags, &l->config, &l->err);
}

/* "error LINE:COLUMN message | hint", then the same for each finding with its code, a line each. */
static inline nb_str said(loaded *l)
{
    nb_str text = NB_STR("");
    if (!l->config)
        text = nb_arena_printf(&l->arena, "error %u:%u %s | %s\n", l->err.line, l->err.column,
                               nb_error_message(&l->err, 0), l->err.hint ? l->err.hint : "");
    for (size_t i = 0; i < l->diags.list.count; i++) {
        const nb_diag *diag = &l->diags.list.at[i];
        text =
            nb_arena_printf(&l->arena, NB_STR_FMT "%s %u:%u " NB_STR_FMT " | " NB_STR_FMT "\n",
                            NB_STR_ARG(text), nb_diag_row_of(diag->code)->code, diag->spot.line,
                            diag->spot.column, NB_STR_ARG(diag->message), NB_STR_ARG(diag->help));
    }
    return text;
}

#endif
