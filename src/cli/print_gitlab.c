#include "cli/printer.h"

/* GitLab's code quality report, an array of findings: https://docs.gitlab.com/ci/testing/code_quality/ */

static const char *const severities[] = {
    [NB_SEVERITY_INFO] = "info", [NB_SEVERITY_WARNING] = "minor", [NB_SEVERITY_ERROR] = "major"};

static void put_finding(const nb_told *told, nb_json_writer *json)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_diag *diag = told->diag;
    nb_str cell = nb_told_cell(&arena, &diag->spot);
    nb_json_begin_object(json);
    nb_json_member_str(json, "description",
                       nb_arena_printf(&arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(cell),
                                       cell.len > 0 ? ": " : "", NB_STR_ARG(diag->message)));
    nb_json_member_str(json, "check_name", nb_str_from(nb_diag_row_of(diag->code)->code));
    nb_json_member_str(json, "fingerprint", nb_str_from(told->fingerprint));
    nb_json_member_str(json, "severity", nb_str_from(severities[diag->severity]));
    nb_json_key(json, NB_STR("location"));
    nb_json_begin_object(json);
    nb_json_member_str(json, "path", told->path);
    nb_json_key(json, NB_STR("lines"));
    nb_json_begin_object(json);
    nb_json_member_int(json, "begin", told->place.line);
    nb_json_end_object(json);
    nb_json_end_object(json);
    nb_json_end_object(json);
}

static void put_gitlab(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer json = NB_JSON_WRITER(&buf, 2);
    (void)options;
    json.depth = 1;
    for (size_t i = 0; i < notebook->count; i++)
        put_finding(&notebook->findings[i], &json);
    fwrite(buf.at, 1, buf.len, to);
}

static void begin(FILE *to)
{
    fputc('[', to);
}

static void end(FILE *to)
{
    fputs("\n]\n", to);
}

const nb_printer nb_print_gitlab = {.name = "gitlab",
                                    .wants_place = true,
                                    .between = ",",
                                    .begin = begin,
                                    .notebook = put_gitlab,
                                    .end = end};
