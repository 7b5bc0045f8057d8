#include "gen/templates.h"

#include "base/fs.h"
#include "base/path.h"
#include "text/hash.h"

enum { LARGEST_TEMPLATE = 1024 * 1024 };

nb_templates nb_templates_open(nb_arena *arena, nb_str project_root, const nb_env *env)
{
    nb_templates templates = {.arena = arena};
    templates.folders[0] = nb_path_join(arena, project_root, NB_STR(".notebooked/templates"));
    nb_str config = nb_env_str(env, "XDG_CONFIG_HOME"), home = nb_env_str(env, "HOME");
    if (config.len > 0)
        templates.folders[1] = nb_path_join(arena, config, NB_STR("notebooked/templates"));
    else if (home.len > 0)
        templates.folders[1] = nb_path_join(arena, home, NB_STR(".config/notebooked/templates"));
    for (size_t i = 0; i < NB_LEN(templates.folders); i++)
        if (templates.folders[i].len > 0 && !nb_is_dir(templates.folders[i].at))
            templates.folders[i] = NB_STR("");
    return templates;
}

/* One folder's templates; what cannot be read would silently give way to the built-in one. */
static nb_code check_folder(nb_arena *arena, nb_str folder, nb_error *err)
{
    nb_str *names, text;
    size_t count;
    if (nb_dir_list(arena, folder.at, &names, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        if (nb_str_ends(names[i], NB_STR(".tmpl")) &&
            nb_file_read(arena, nb_path_join(arena, folder, names[i]).at, LARGEST_TEMPLATE, &text,
                         err) != NB_OK)
            return err->code;
    return NB_OK;
}

nb_code nb_templates_check(const nb_templates *templates, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(templates->folders); i++)
        if (templates->folders[i].len > 0 &&
            check_folder(&scratch, templates->folders[i], err) != NB_OK)
            return nb_wrap(err, "the project's templates cannot be used");
    return NB_OK;
}

static nb_str file_name(nb_arena *arena, nb_str name)
{
    if (nb_str_find_char(nb_path_base(name), '.') >= 0 && !nb_str_ends(name, NB_STR(".py")))
        return name; /* names.txt, sample.ipynb, train.py.tmpl */
    return nb_str_concat(arena, name, NB_STR(".tmpl"));
}

static bool find_file(const nb_templates *templates, nb_str folder, nb_str file, nb_str *text,
                      nb_str *from)
{
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* a file that cannot be read is as good as none: the next place is asked */
    nb_str path = nb_path_join(templates->arena, folder, file);
    if (folder.len == 0 ||
        nb_file_read(templates->arena, path.at, LARGEST_TEMPLATE, text, &ignored) != NB_OK)
        return false;
    *from = path;
    return true;
}

bool nb_templates_find(const nb_templates *templates, nb_str name, nb_str *text, nb_str *from)
{
    nb_str file = file_name(templates->arena, name);
    for (size_t i = 0; i < NB_LEN(templates->folders); i++)
        if (find_file(templates, templates->folders[i], file, text, from))
            return true;
    const nb_embedded *built_in = nb_embedded_find(&nb_built_in_templates, file);
    if (!built_in)
        return false;
    *text = built_in->bytes;
    *from = nb_arena_printf(templates->arena, "built-in:%s", built_in->name);
    return true;
}

void nb_templates_report(const nb_templates *templates, nb_str root, nb_diags *diags)
{
    for (size_t i = 0; i < nb_built_in_templates.count; i++) {
        nb_str text, from;
        if (!nb_templates_find(templates, nb_str_from(nb_built_in_templates.files[i].name), &text,
                               &from) ||
            nb_str_starts(from, NB_STR("built-in:")))
            continue;
        nb_diag_add(diags, NB_D_TEMPLATE_OVERRIDE,
                    (nb_spot){.path = nb_path_relative(templates->arena, root, from)},
                    "this template is used instead of the built-in '%s'",
                    nb_built_in_templates.files[i].name);
    }
}

static bool find_partial(void *ctx, nb_str name, nb_str *text)
{
    nb_str from;
    return nb_templates_find(ctx, name, text, &from);
}

nb_code nb_templates_render(const nb_templates *templates, const char *name, const nb_value *data,
                            nb_buf *out, nb_error *err)
{
    nb_str text, from;
    const nb_template *compiled;
    nb_templates copy = *templates;
    nb_partials partials = {find_partial, &copy};
    if (!nb_templates_find(templates, nb_str_from(name), &text, &from))
        return nb_fail(err, NB_ERR_INTERNAL, "no template is called '%s'", name);
    if (nb_template_compile(templates->arena, text, from, NULL, &compiled, err) != NB_OK ||
        nb_template_render(compiled, data, &partials, out, err) != NB_OK)
        return nb_wrap(err, "cannot render template '%s'", name);
    return NB_OK;
}

nb_str nb_templates_hash(const nb_templates *templates)
{
    if (templates->folders[0].len == 0 && templates->folders[1].len == 0)
        return nb_str_from(nb_built_in_templates.sha256);
    nb_sha256 *hash = nb_sha256_new(templates->arena);
    for (size_t i = 0; i < nb_built_in_templates.count; i++) {
        nb_str text, from;
        if (nb_templates_find(templates, nb_str_from(nb_built_in_templates.files[i].name), &text,
                              &from))
            nb_sha256_add(hash, text);
    }
    return nb_sha256_end(hash, templates->arena);
}
