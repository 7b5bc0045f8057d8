#include "base/path.h"

#include "base/buf.h"
#include "base/vec.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

nb_str nb_path_join(nb_arena *arena, nb_str base, nb_str name)
{
    if (base.len == 0 || nb_path_is_absolute(name))
        return nb_arena_str(arena, name);
    while (base.len > 1 && base.at[base.len - 1] == '/')
        base.len--;
    const char *between = base.at[base.len - 1] == '/' ? "" : "/";
    return nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(base), between,
                           NB_STR_ARG(name));
}

nb_str nb_path_dir(nb_str path)
{
    ptrdiff_t slash = nb_str_rfind_char(path, '/');
    if (slash < 0)
        return NB_STR(".");
    while (slash > 0 && path.at[slash - 1] == '/')
        slash--;
    return nb_str_slice(path, 0, slash > 0 ? (size_t)slash : 1);
}

nb_str nb_path_base(nb_str path)
{
    return nb_str_from_at(path, (size_t)(nb_str_rfind_char(path, '/') + 1));
}

nb_str nb_path_stem(nb_str path)
{
    nb_str base = nb_path_base(path);
    ptrdiff_t dot = nb_str_rfind_char(base, '.');
    return dot > 0 && !nb_str_eqz(base, "..") ? nb_str_slice(base, 0, (size_t)dot) : base;
}

typedef NB_VEC(nb_str) parts_of_path;

/* The path's parts without empty ones and "."; ".." takes the part before it where there is one. */
static void split(nb_arena *arena, nb_str path, parts_of_path *parts)
{
    bool absolute = nb_path_is_absolute(path);
    nb_str part;
    while (nb_str_split(&path, '/', &part)) {
        if (part.len == 0 || nb_str_eqz(part, "."))
            continue;
        bool up = nb_str_eqz(part, "..");
        bool above = parts->count == 0 || nb_str_eqz(parts->at[parts->count - 1], "..");
        if (up && !above)
            parts->count--;
        else if (!up || !absolute)
            nb_vec_push(arena, parts, part);
    }
}

static nb_str joined(nb_arena *arena, nb_str prefix, const nb_str *parts, size_t count)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_put(&buf, prefix);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            nb_buf_putc(&buf, '/');
        nb_buf_put(&buf, parts[i]);
    }
    if (buf.len == 0)
        nb_buf_putc(&buf, '.');
    return nb_arena_str(arena, nb_buf_view(&buf));
}

nb_str nb_path_clean(nb_arena *arena, nb_str path)
{
    parts_of_path parts = {0};
    split(arena, path, &parts);
    return joined(arena, nb_path_is_absolute(path) ? NB_STR("/") : NB_STR(""), parts.at,
                  parts.count);
}

nb_str nb_path_relative(nb_arena *arena, nb_str base, nb_str path)
{
    parts_of_path from = {0}, to = {0}, steps = {0};
    split(arena, base, &from);
    split(arena, path, &to);
    size_t same = 0;
    while (same < from.count && same < to.count && nb_str_eq(from.at[same], to.at[same]))
        same++;
    for (size_t i = same; i < from.count; i++)
        nb_vec_push(arena, &steps, NB_STR(".."));
    for (size_t i = same; i < to.count; i++)
        nb_vec_push(arena, &steps, to.at[i]);
    return joined(arena, NB_STR(""), steps.at, steps.count);
}

nb_code nb_path_absolute(nb_arena *arena, nb_str path, nb_str *out, nb_error *err)
{
    if (!nb_path_is_absolute(path)) {
        char *here = getcwd(NULL, 0);
        if (!here)
            return nb_fail_errno(err, "cannot find the current directory");
        path = nb_path_join(arena, nb_str_from(here), path);
        free(here);
    }
    *out = nb_path_clean(arena, path);
    return NB_OK;
}

/* --- staying below a root --------------------------------------------------------------------- */

static nb_code refuse(nb_error *err, nb_str path, nb_str root, const char *why)
{
    nb_fail(err, NB_ERR_CONFIG, "cannot use the path '" NB_STR_FMT "': %s", NB_STR_ARG(path), why);
    nb_error_hint(err, "write a path below '" NB_STR_FMT "'", NB_STR_ARG(root));
    return err->code;
}

/* The real place of the part of `path` that is on disk: its longest prefix that lstat finds, links resolved.
 * NULL when no prefix is there; errno is then ENOENT, or says why a link leads nowhere. */
static char *real_prefix(nb_arena *arena, nb_str path)
{
    struct stat st;
    char *prefix = nb_arena_z(arena, path);
    while (lstat(prefix, &st) != 0) {
        char *slash = strrchr(prefix, '/');
        if (!slash || slash == prefix || (errno != ENOENT && errno != ENOTDIR))
            return NULL;
        *slash = '\0';
    }
    char *real = realpath(prefix, NULL);
    if (!real && errno == ENOENT)
        errno = ELOOP; /* it is there, so it is a link without a target */
    return real;
}

static bool below(const char *root, const char *path)
{
    size_t len = strlen(root);
    if (len == 1)
        return true; /* the root of the file system */
    return strncmp(root, path, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

nb_code nb_path_inside(nb_arena *arena, nb_str root, nb_str path, nb_str *out, nb_error *err)
{
    if (nb_path_is_absolute(path))
        return refuse(err, path, root, "it is absolute");
    if (nb_str_find_char(path, '\0') >= 0)
        return refuse(err, path, root, "it holds a NUL character");
    nb_str clean = nb_path_clean(arena, path);
    if (nb_str_eqz(clean, "..") || nb_str_starts(clean, NB_STR("../")))
        return refuse(err, path, root, "it leads out of the folder");

    nb_str base = NB_STR(""), whole;
    if (nb_path_absolute(arena, root, &base, err) != NB_OK)
        return err->code;
    whole = nb_str_eqz(clean, ".") ? base : nb_path_join(arena, base, clean);
    char *real_root = realpath(nb_arena_z(arena, base), NULL);
    if (real_root) { /* a root that does not exist yet holds no links */
        char *real = real_prefix(arena, whole);
        bool inside = real && below(real_root, real);
        const char *why = real ? "a symbolic link on the way leads out of the folder"
                               : "a symbolic link on the way leads nowhere";
        free(real);
        free(real_root);
        if (!inside)
            return refuse(err, path, root, why);
    }
    *out = nb_str_eqz(clean, ".") ? nb_arena_str(arena, root) : nb_path_join(arena, root, clean);
    return NB_OK;
}
