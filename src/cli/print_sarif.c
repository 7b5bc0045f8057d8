#include "base/str.h"
#include "cli/printer.h"

/* SARIF 2.1.0, one run: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Places are those in the .ipynb file, which is what
 * viewers open; the cell is the logical location. */

/* --- pieces ---------------------------------------------------------------------------------------------------------- */

static const char *level_of(nb_severity severity)
{
    return severity == NB_SEVERITY_INFO ? "note" : nb_severity_name(severity);
}

static void put_text(nb_json_writer *json, const char *key, nb_str text)
{
    nb_json_key(json, nb_str_from(key));
    nb_json_begin_object(json);
    nb_json_member_str(json, "text", text);
    nb_json_end_object(json);
}

/* A path as a URI: seen from %SRCROOT% when it is below the current folder. */
static void put_artifact(nb_json_writer *json, nb_str path)
{
    NB_AUTO(nb_buf) uri = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];
        if (nb_is_alpha(c) || nb_is_digit(c) || (c != '\0' && strchr("/-._~", c)))
            nb_buf_putc(&uri, c);
        else
            nb_buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)c);
    }
    bool below = path.len > 0 && path.at[0] != '/' && !nb_str_starts(path, NB_STR("../"));
    nb_json_key(json, NB_STR("artifactLocation"));
    nb_json_begin_object(json);
    nb_json_member_str(json, "uri", nb_buf_view(&uri));
    if (below)
        nb_json_member_str(json, "uriBaseId", NB_STR("%SRCROOT%"));
    nb_json_end_object(json);
}

static void put_region(nb_json_writer *json, const nb_told *told)
{
    nb_json_key(json, NB_STR("region"));
    nb_json_begin_object(json);
    nb_json_member_int(json, "startLine", told->place.line);
    if (told->placed) {
        nb_json_member_int(json, "startColumn", told->place.column);
        nb_json_member_int(json, "endColumn", told->place.end_column);
    }
    nb_json_end_object(json);
}

static void put_logical(nb_json_writer *json, const nb_told *told)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_spot *spot = &told->diag->spot;
    nb_str name = nb_arena_printf(&arena, "cell %u", spot->cell);
    nb_json_key(json, NB_STR("logicalLocations"));
    nb_json_begin_array(json);
    nb_json_begin_object(json);
    nb_json_member_str(json, "name", name);
    nb_json_member_str(json, "fullyQualifiedName",
                       nb_arena_printf(&arena, NB_STR_FMT ":" NB_STR_FMT, NB_STR_ARG(told->path),
                                       NB_STR_ARG(name)));
    nb_json_member_str(json, "kind", NB_STR("cell"));
    nb_json_end_object(json);
    nb_json_end_array(json);
}

static void put_location(nb_json_writer *json, const nb_told *told)
{
    nb_json_key(json, NB_STR("locations"));
    nb_json_begin_array(json);
    nb_json_begin_object(json);
    nb_json_key(json, NB_STR("physicalLocation"));
    nb_json_begin_object(json);
    put_artifact(json, told->path);
    put_region(json, told);
    nb_json_end_object(json);
    if (told->diag->spot.cell > 0)
        put_logical(json, told);
    nb_json_end_object(json);
    nb_json_end_array(json);
}

/* The place as people count it. */
static void put_properties(nb_json_writer *json, const nb_spot *spot)
{
    nb_json_key(json, NB_STR("properties"));
    nb_json_begin_object(json);
    nb_json_member_known_int(json, "cell", spot->cell);
    nb_json_member_known_str(json, "cellId", spot->cell_id);
    nb_json_member_known_int(json, "execution", spot->execution);
    nb_json_member_known_int(json, "line", spot->line);
    nb_json_member_known_int(json, "column", spot->column);
    nb_json_end_object(json);
}

static nb_str message_of(nb_arena *arena, const nb_diag *diag)
{
    nb_str cell = nb_told_cell(arena, &diag->spot);
    return nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(cell),
                           cell.len > 0 ? ": " : "", NB_STR_ARG(diag->message),
                           diag->help.len > 0 ? "\nhelp: " : "", NB_STR_ARG(diag->help));
}

static void put_result(nb_json_writer *json, const nb_told *told)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_diag *diag = told->diag;
    nb_json_begin_object(json);
    nb_json_member_str(json, "ruleId", nb_str_from(nb_diag_row_of(diag->code)->code));
    nb_json_member_int(json, "ruleIndex", diag->code);
    nb_json_member_str(json, "level", nb_str_from(level_of(diag->severity)));
    put_text(json, "message", message_of(&arena, diag));
    put_location(json, told);
    nb_json_key(json, NB_STR("partialFingerprints"));
    nb_json_begin_object(json);
    nb_json_member_str(json, "notebooked/v1", nb_str_from(told->fingerprint));
    nb_json_end_object(json);
    if (diag->spot.cell > 0)
        put_properties(json, &diag->spot);
    nb_json_end_object(json);
}

static void put_sarif(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer json = NB_JSON_WRITER(&buf, 2);
    (void)options;
    json.depth = 4; /* {"runs": [{"results": [ */
    for (size_t i = 0; i < notebook->count; i++)
        put_result(&json, &notebook->findings[i]);
    fwrite(buf.at, 1, buf.len, to);
}

/* --- the document ----------------------------------------------------------------------------------------------------- */

static void put_rule(nb_json_writer *json, const nb_diag_row *row)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_json_begin_object(json);
    nb_json_member_str(json, "id", nb_str_from(row->code));
    nb_json_member_str(json, "name", nb_str_from(row->slug));
    put_text(json, "shortDescription", nb_str_from(row->summary));
    put_text(json, "fullDescription", nb_str_from(row->summary));
    put_text(json, "help", nb_arena_printf(&arena, "notebooked explain %s", row->code));
    nb_json_key(json, NB_STR("defaultConfiguration"));
    nb_json_begin_object(json);
    nb_json_member_str(json, "level", nb_str_from(level_of(row->severity)));
    nb_json_end_object(json);
    nb_json_end_object(json);
}

static void put_tool(nb_json_writer *json)
{
    nb_json_key(json, NB_STR("tool"));
    nb_json_begin_object(json);
    nb_json_key(json, NB_STR("driver"));
    nb_json_begin_object(json);
    nb_json_member_str(json, "name", NB_STR("notebooked"));
    nb_json_member_str(json, "version", NB_STR(NB_VERSION));
    nb_json_key(json, NB_STR("rules"));
    nb_json_begin_array(json);
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++)
        put_rule(json, nb_diag_row_of(c));
    nb_json_end_array(json);
    nb_json_end_object(json);
    nb_json_end_object(json);
}

static void put_base(nb_json_writer *json)
{
    nb_json_key(json, NB_STR("originalUriBaseIds"));
    nb_json_begin_object(json);
    nb_json_key(json, NB_STR("%SRCROOT%"));
    nb_json_begin_object(json);
    put_text(json, "description", NB_STR("the folder in which notebooked was run"));
    nb_json_end_object(json);
    nb_json_end_object(json);
}

/* Everything up to the results, which come one notebook after the other. */
static void begin(FILE *to)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer json = NB_JSON_WRITER(&buf, 2);
    nb_json_begin_object(&json);
    nb_json_member_str(&json, "$schema",
                       NB_STR("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                              "sarif-schema-2.1.0.json"));
    nb_json_member_str(&json, "version", NB_STR("2.1.0"));
    nb_json_key(&json, NB_STR("runs"));
    nb_json_begin_array(&json);
    nb_json_begin_object(&json);
    put_tool(&json);
    put_base(&json);
    nb_json_member_str(&json, "columnKind", NB_STR("unicodeCodePoints"));
    nb_json_key(&json, NB_STR("results"));
    nb_json_begin_array(&json);
    fwrite(buf.at, 1, buf.len, to);
}

static void end(FILE *to)
{
    fputs("\n      ]\n    }\n  ]\n}\n", to);
}

const nb_printer nb_print_sarif = {.name = "sarif",
                                   .tells_all = true,
                                   .wants_place = true,
                                   .between = ",",
                                   .begin = begin,
                                   .notebook = put_sarif,
                                   .end = end};
