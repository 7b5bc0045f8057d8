#include "requirements/line.h"

#include "py/modules.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* pip: a '#' starts a comment at the start of the line or after a blank. */
static nb_str without_comment(nb_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '#' && (i == 0 || is_blank(line.at[i - 1])))
            return nb_str_slice(line, 0, i);
    return line;
}

/* --- cutting pieces off the front -------------------------------------------------------------- */

static void skip_blanks(nb_str *rest)
{
    size_t i = 0;
    while (i < rest->len && is_blank(rest->at[i]))
        i++;
    *rest = nb_str_from_at(*rest, i);
}

static bool is_name_char(char c)
{
    return nb_is_alpha(c) || nb_is_digit(c) || c == '-' || c == '_' || c == '.';
}

/* PEP 508: letters and digits, with [-_.] inside. */
static nb_str take_name(nb_str *rest)
{
    size_t len = 0;
    while (len < rest->len && is_name_char(rest->at[len]))
        len++;
    nb_str name = nb_str_slice(*rest, 0, len);
    bool good = len > 0 && (nb_is_alpha(name.at[0]) || nb_is_digit(name.at[0])) &&
                (nb_is_alpha(name.at[len - 1]) || nb_is_digit(name.at[len - 1]));
    if (!good)
        return NB_STR("");
    *rest = nb_str_from_at(*rest, len);
    return name;
}

/* False when a bracket stays open or an extra is no name. */
static bool take_extras(nb_str *rest, nb_str *extras)
{
    skip_blanks(rest);
    if (rest->len == 0 || rest->at[0] != '[')
        return true;
    ptrdiff_t end = nb_str_find_char(*rest, ']');
    if (end < 0)
        return false;
    *extras = nb_str_trim(nb_str_slice(*rest, 1, (size_t)end));
    *rest = nb_str_from_at(*rest, (size_t)end + 1);
    nb_str all = *extras, piece;
    while (all.len > 0 && nb_str_split(&all, ',', &piece)) {
        piece = nb_str_trim(piece);
        nb_str left = piece;
        if (take_name(&left).len == 0 || left.len > 0)
            return false;
    }
    return true;
}

/* The operator that a version clause starts with; 0: none. */
static size_t operator_length(nb_str clause)
{
    static const char *const operators[] = {"===", "==", "~=", "!=", "<=", ">=", "<", ">"};
    for (size_t i = 0; i < NB_LEN(operators); i++)
        if (nb_str_starts(clause, nb_str_from(operators[i])))
            return strlen(operators[i]);
    return 0;
}

static bool is_version(nb_str version)
{
    for (size_t i = 0; i < version.len; i++) {
        char c = version.at[i];
        if (!is_name_char(c) && c != '*' && c != '+' && c != '!')
            return false;
    }
    return version.len > 0;
}

/* ">=1, <2", also in parentheses, as old metadata writes it. */
static bool is_specifier(nb_str text)
{
    if (text.len > 1 && text.at[0] == '(' && text.at[text.len - 1] == ')')
        text = nb_str_trim(nb_str_slice(text, 1, text.len - 1));
    nb_str clause;
    while (nb_str_split(&text, ',', &clause)) {
        clause = nb_str_trim(clause);
        size_t length = operator_length(clause);
        if (length == 0 || !is_version(nb_str_trim(nb_str_from_at(clause, length))))
            return false;
    }
    return true;
}

/* What the specifier gets wrong, for a person. */
static const char *why_wrong(nb_str specifier)
{
    if (specifier.at[0] == '=' && (specifier.len < 2 || specifier.at[1] != '='))
        return "a version is asked for with '=='";
    if (operator_length(specifier) > 0)
        return "this is no version specifier";
    return "one line asks for one project";
}

/* --- addresses and paths ----------------------------------------------------------------------- */

static bool has_scheme(nb_str text)
{
    return nb_str_contains(text, NB_STR("://")) || nb_str_starts(text, NB_STR("file:"));
}

static bool is_archive(nb_str text)
{
    static const char *const ends[] = {".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz"};
    for (size_t i = 0; i < NB_LEN(ends); i++)
        if (nb_str_ends(text, nb_str_from(ends[i])))
            return true;
    return false;
}

static bool looks_like_path(nb_str text)
{
    return text.at[0] == '.' || text.at[0] == '/' || text.at[0] == '~' || is_archive(text);
}

static nb_str before(nb_str text, char c)
{
    ptrdiff_t at = nb_str_find_char(text, c);
    return at < 0 ? text : nb_str_slice(text, 0, (size_t)at);
}

static nb_str after_last(nb_str text, char c)
{
    ptrdiff_t at = nb_str_rfind_char(text, c);
    return at < 0 ? text : nb_str_from_at(text, (size_t)at + 1);
}

/* "…/CLIP.git@main" gives "CLIP", "…/torch-2.1-cp311.whl" gives "torch", "…/x-1.0.tar.gz" gives "x". */
static nb_str name_from_file(nb_str address)
{
    nb_str path = before(before(address, '#'), '?');
    while (nb_str_ends(path, NB_STR("/")))
        path.len--;
    nb_str file = after_last(path, '/');
    if (nb_str_ends(file, NB_STR(".whl")))
        return before(file, '-');
    if (is_archive(file)) {
        ptrdiff_t dash = nb_str_rfind_char(file, '-');
        return nb_str_slice(file, 0, dash < 0 ? 0 : (size_t)dash);
    }
    file = before(file, '@');
    if (nb_str_ends(file, NB_STR(".git")))
        file.len -= 4;
    return file;
}

/* The fragment names the project ("#egg=name[extra]"), else the file does. */
static nb_str name_from_address(nb_str address)
{
    ptrdiff_t egg = nb_str_find(address, NB_STR("#egg="));
    if (egg < 0)
        egg = nb_str_find(address, NB_STR("&egg="));
    nb_str rest = egg < 0 ? name_from_file(address) : nb_str_from_at(address, (size_t)egg + 5);
    return take_name(&rest);
}

/* A login without a password may be a token: those are long. */
enum { LONGEST_USER = 20 };

bool nb_has_password(nb_str text)
{
    ptrdiff_t at = nb_str_find(text, NB_STR("://"));
    if (at < 0)
        return false;
    nb_str host = nb_str_from_at(text, (size_t)at + 3);
    for (size_t i = 0; i < host.len; i++)
        if (host.at[i] == '/' || is_blank(host.at[i]) || host.at[i] == '"')
            host.len = i;
    ptrdiff_t end = nb_str_rfind_char(host, '@');
    nb_str user = nb_str_slice(host, 0, end < 0 ? 0 : (size_t)end);
    ptrdiff_t colon = nb_str_find_char(user, ':');
    nb_str secret = nb_str_from_at(user, colon < 0 ? 0 : (size_t)colon + 1);
    return secret.len > (colon < 0 ? LONGEST_USER : 0) && !nb_str_starts(secret, NB_STR("$"));
}

/* --- the kinds of line ------------------------------------------------------------------------- */

/* Cuts the marker and the options of this requirement off the end of *rest. */
static void take_tail(nb_asked_parts *parts, nb_str *rest)
{
    ptrdiff_t options = nb_str_find(*rest, NB_STR(" --"));
    if (options >= 0) {
        parts->options = nb_str_trim(nb_str_from_at(*rest, (size_t)options));
        *rest = nb_str_slice(*rest, 0, (size_t)options);
    }
    /* In an address a ';' counts only after a blank. */
    bool address = has_scheme(*rest);
    ptrdiff_t marker = address ? nb_str_find(*rest, NB_STR(" ;")) : nb_str_find_char(*rest, ';');
    if (marker >= 0) {
        parts->marker = nb_str_trim(nb_str_from_at(*rest, (size_t)marker + (address ? 2 : 1)));
        *rest = nb_str_slice(*rest, 0, (size_t)marker);
    }
    *rest = nb_str_trim(*rest);
}

static void set_address(nb_asked_parts *parts, nb_str address)
{
    parts->kind = NB_ASKED_ADDRESS;
    parts->target = parts->specifier = address;
    parts->local = !has_scheme(address) || nb_str_starts(address, NB_STR("file:"));
    parts->name = name_from_address(address);
}

/* "--option VALUE", "--option=VALUE" or "-oVALUE"; empty when the line is another option. */
static nb_str option_value(nb_str line, const char *shorter, const char *longer)
{
    nb_str rest;
    if (nb_str_starts(line, nb_str_from(longer))) {
        rest = nb_str_from_at(line, strlen(longer));
        if (rest.len > 0 && rest.at[0] != '=' && !is_blank(rest.at[0]))
            return NB_STR("");
    } else if (line.len > 2 && line.at[1] != '-' && nb_str_starts(line, nb_str_from(shorter))) {
        rest = nb_str_from_at(line, strlen(shorter));
    } else {
        return NB_STR("");
    }
    if (nb_str_starts(rest, NB_STR("=")))
        rest = nb_str_from_at(rest, 1);
    return nb_str_trim(rest);
}

static void parse_option(nb_asked_parts *parts)
{
    parts->kind = NB_ASKED_OPTION;
    nb_str value = option_value(parts->text, "-e", "--editable");
    if (value.len > 0) {
        set_address(parts, value);
        parts->kind = NB_ASKED_OPTION;
        return;
    }
    value = option_value(parts->text, "-r", "--requirement");
    if (value.len == 0)
        value = option_value(parts->text, "-c", "--constraint");
    if (value.len == 0)
        return;
    parts->kind = NB_ASKED_FILE;
    parts->target = value;
    parts->local = !has_scheme(value);
}

/* What is wrong with it; NULL: nothing. */
static const char *parse_project(nb_asked_parts *parts, nb_str rest)
{
    parts->kind = NB_ASKED_PROJECT;
    parts->name = take_name(&rest);
    if (parts->name.len == 0)
        return "no project name stands first";
    if (!take_extras(&rest, &parts->extras))
        return "the extras in brackets are not a list of names";
    rest = nb_str_trim(rest);
    parts->specifier = rest;
    if (nb_str_starts(rest, NB_STR("@"))) {
        parts->target = nb_str_trim(nb_str_from_at(rest, 1));
        parts->local = nb_str_starts(parts->target, NB_STR("file:"));
        return has_scheme(parts->target) ? NULL : "'@' wants an address";
    }
    return rest.len == 0 || is_specifier(rest) ? NULL : why_wrong(rest);
}

/* An address alone, not "name @ address": "https:…", "git+…", "dir/file", "./file", "file.whl". */
static bool is_address(nb_str text)
{
    nb_str rest = text, extras;
    if (take_name(&rest).len > 0 && take_extras(&rest, &extras)) {
        skip_blanks(&rest);
        if (nb_str_starts(rest, NB_STR("@")))
            return false;
    }
    return looks_like_path(text) ||
           (rest.len > 0 && (rest.at[0] == '/' || rest.at[0] == ':' || rest.at[0] == '+'));
}

static const char *whole_line_wrong(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' && text.at[i] != '\t')
            return "it holds a control character";
    if (nb_str_ends(text, NB_STR("\\")))
        return "a requirement stands on one line, without a backslash at its end";
    return NULL;
}

static void parse_requirement(nb_asked_parts *parts)
{
    nb_str rest = parts->text;
    take_tail(parts, &rest);
    if (rest.len > 0 && is_address(rest))
        set_address(parts, rest);
    else
        parts->wrong = parse_project(parts, rest);
}

nb_asked_parts nb_asked_parse(nb_arena *arena, nb_str line)
{
    nb_asked_parts parts = {.text = nb_str_trim(without_comment(line))};
    if (parts.text.len == 0)
        return parts;
    parts.wrong = whole_line_wrong(parts.text);
    if (!parts.wrong && parts.text.at[0] == '-')
        parse_option(&parts);
    else if (!parts.wrong)
        parse_requirement(&parts);
    if (parts.wrong)
        parts.kind = NB_ASKED_WRONG;
    parts.normal = nb_distribution_normal(arena, parts.name);
    return parts;
}
