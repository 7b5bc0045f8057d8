#include "cli/printer.h"
#include "cli/report.h"

/* Elements for the array "findings" of the command's document, which is open when they are put there. */
static void put_json(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer json = NB_JSON_WRITER(&buf, 2);
    (void)options;
    json.depth = 2; /* {"findings": [ */
    for (size_t i = 0; i < notebook->count; i++)
        nb_report_diag_json(notebook->findings[i].diag, &json);
    fwrite(buf.at, 1, buf.len, to);
}

const nb_printer nb_print_json = {
    .name = "json", .tells_all = true, .between = ",", .notebook = put_json};

/* One object a line. */
static void put_json_lines(const nb_told_notebook *notebook, const nb_print_options *options,
                           FILE *to)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    (void)options;
    for (size_t i = 0; i < notebook->count; i++) {
        nb_json_writer json = NB_JSON_WRITER(&buf, 0);
        nb_report_diag_json(notebook->findings[i].diag, &json);
        nb_buf_putc(&buf, '\n');
    }
    fwrite(buf.at, 1, buf.len, to);
}

const nb_printer nb_print_json_lines = {
    .name = "json-lines", .tells_all = true, .between = "", .notebook = put_json_lines};
