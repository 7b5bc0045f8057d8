#include "base/fs.h"
#include "cli/interrupt.h"
#include "cli/predict_ask.h"
#include "cli/predict_batch.h"
#include "cli/predict_data.h"
#include "cli/predict_print.h"
#include "cli/predict_time.h"
#include "cli/term.h"
#include "text/json.h"

enum { DEFAULT_TIMES = 100, MOST_SECONDS = 86400 };

struct predict_args {
    const char *endpoint, *provider, *url, *token_file;
    const char *data, *input, *output, *content_type, *accept, *version;
    nb_opt_list headers;
    int format; /* nb_predict_format */
    int64_t timeout_s, batch_rows, connections, requests;
    bool keep_columns, skip_errors, time;
    nb_switch csv_header;
};

static const struct predict_args defaults = {
    .format = NB_PREDICT_UNSAID, .connections = NB_BATCH_CONNECTIONS, .requests = DEFAULT_TIMES};

/* --- one request ---------------------------------------------------------------------------------- */

static nb_predict_format format_of(const struct predict_args *args)
{
    nb_predict_format format = (nb_predict_format)args->format;
    if (format == NB_PREDICT_UNSAID && args->output)
        (void)nb_predict_format_of(nb_str_from(args->output), &format);
    return format;
}

/* What is there only in JSON: the answer with what came along. */
static void tell_json(nb_app *app, const nb_prediction *answer)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* an answer that is no JSON is told as text */
    const nb_json *json = NULL;
    nb_json_member_int(app->json, "status", answer->status);
    nb_json_member_known_str(app->json, "endpoint_version", answer->version);
    nb_json_member_known_str(app->json, "request_id", answer->request_id);
    nb_json_member_str(app->json, "content_type", answer->content_type);
    nb_json_key(app->json, NB_STR("answer"));
    if (nb_json_parse(app->arena, answer->body, NB_STR("answer"), NB_JSON_STRICT, &json,
                      &ignored) == NB_OK)
        nb_json_put_raw(app->json, answer->body);
    else
        nb_json_put_str(app->json, answer->body);
}

/* A person gets nothing that a terminal would obey. */
static void show(nb_app *app, nb_str text)
{
    nb_str line;
    if (!app->out_terminal) {
        fwrite(text.at, 1, text.len, app->out);
        return;
    }
    while (nb_str_line(&text, &line)) {
        nb_term_put(line, app->out);
        fputc('\n', app->out);
    }
}

static nb_code print_answer(nb_app *app, const struct predict_args *args,
                            const nb_prediction *answer, nb_error *err)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(SIZE_MAX);
    bool to_file = args->output && strcmp(args->output, "-") != 0;
    const nb_predict_view view = {
        .format = format_of(args),
        .terminal = app->out_terminal && !to_file,
        .columns = app->out_terminal && !to_file ? nb_term_columns(app->out, 0) : 0};
    if (app->json && !to_file) {
        tell_json(app, answer);
        return NB_OK;
    }
    if (nb_predict_print(&view, answer, &text, err) != NB_OK)
        return err->code;
    if (to_file)
        return nb_file_replace(args->output, nb_buf_view(&text), 0666, err);
    show(app, nb_buf_view(&text));
    return NB_OK;
}

static nb_code ask_once(nb_app *app, const struct predict_args *args, nb_asking *asking,
                        const nb_question *question, nb_error *err)
{
    nb_predictor *predictor = NULL;
    nb_prediction answer = {0};
    unsigned again = 0;
    if (nb_asking_predictor(asking, &predictor, err) != NB_OK)
        return err->code;
    nb_code code = nb_asking_ask(asking, predictor, question, app->arena, &answer, &again, err);
    predictor->close(predictor);
    if (code != NB_OK)
        return code;
    nb_app_detail(app, "answered %u by version %s" NB_STR_FMT ", request " NB_STR_FMT,
                  answer.status, answer.version.len > 0 ? "" : "?", NB_STR_ARG(answer.version),
                  NB_STR_ARG(answer.request_id));
    if (!nb_prediction_is_fine(&answer))
        return nb_asking_refused(asking, &answer, err);
    return print_answer(app, args, &answer, err);
}

/* What a server is to answer with, when only the form of the output says so. */
static nb_code run_single(nb_app *app, const struct predict_args *args, nb_asking *asking,
                          nb_error *err)
{
    nb_predict_data data = {0};
    if (nb_predict_data_read(app, args->data, args->content_type, &data, err) != NB_OK)
        return err->code;
    const nb_question question = {.body = data.body,
                                  .content_type = data.content_type,
                                  .accept = NB_STR("application/json"),
                                  .patience_ms = NB_ASK_ONCE_MS,
                                  .timing = args->time};
    return args->time ? nb_predict_time(app, asking, &question, (size_t)args->requests, err)
                      : ask_once(app, args, asking, &question, err);
}

/* --- many ----------------------------------------------------------------------------------------- */

static nb_code choose_form(const struct predict_args *args, nb_rows_form *out, nb_error *err)
{
    static const struct {
        const char *type;
        nb_rows_form form;
    } types[] = {
        {"text/csv",             NB_ROWS_CSV       },
        {"application/json",     NB_ROWS_JSON      },
        {"application/jsonl",    NB_ROWS_JSON_LINES},
        {"application/x-ndjson", NB_ROWS_JSON_LINES},
        {"application/x-npy",    NB_ROWS_NPY       },
    };
    for (size_t i = 0; args->content_type && i < NB_LEN(types); i++)
        if (strcmp(args->content_type, types[i].type) == 0) {
            *out = types[i].form;
            return NB_OK;
        }
    if (!args->content_type && nb_rows_form_of(nb_str_from(args->input), out))
        return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE,
                  "cannot tell rows of '%s' apart: it is no .csv, .json, .jsonl "
                  "or .npy file",
                  args->input);
    nb_error_hint(err, "say what it is: --content-type text/csv, application/json, "
                       "application/jsonl or application/x-npy");
    return err->code;
}

/* The suffix of the output; else as the input is. */
static nb_code choose_format(const struct predict_args *args, nb_rows_form form,
                             nb_predict_format *out, nb_error *err)
{
    *out = format_of(args);
    if (*out == NB_PREDICT_TABLE)
        return nb_fail(err, NB_ERR_USAGE, "a table is for '--data'; files are csv, json or jsonl");
    if (*out != NB_PREDICT_UNSAID)
        return NB_OK;
    switch (form) {
    case NB_ROWS_CSV:
    case NB_ROWS_NPY: *out = NB_PREDICT_CSV; break;
    case NB_ROWS_JSON: *out = NB_PREDICT_JSON; break;
    case NB_ROWS_JSON_LINES: *out = NB_PREDICT_JSON_LINES; break;
    }
    return NB_OK;
}

static nb_code check_batch(const nb_app *app, const struct predict_args *args, nb_rows_form form,
                           nb_error *err)
{
    if (args->time)
        return nb_fail(err, NB_ERR_USAGE, "'--time' goes with '--data'");
    if (args->keep_columns && form == NB_ROWS_NPY)
        return nb_fail(err, NB_ERR_USAGE, "'--keep-columns' is for rows of text: CSV and JSON");
    if (app->json && (!args->output || strcmp(args->output, "-") == 0))
        return nb_fail(err, NB_ERR_USAGE,
                       "'--format json' before the command needs '--output FILE' for '--input'");
    return NB_OK;
}

static nb_code run_batch(nb_app *app, const struct predict_args *args, nb_asking *asking,
                         const _Atomic bool *stop, nb_error *err)
{
    nb_batch_options batch = {.input = args->input,
                              .output = args->output ? args->output : "-",
                              .rows = args->batch_rows,
                              .connections = args->connections,
                              .keep_columns = args->keep_columns,
                              .skip_errors = args->skip_errors,
                              .header = args->csv_header};
    if (choose_form(args, &batch.form, err) != NB_OK ||
        choose_format(args, batch.form, &batch.format, err) != NB_OK ||
        check_batch(app, args, batch.form, err) != NB_OK)
        return err->code;
    return nb_predict_batch(app, asking, &batch, stop, err);
}

/* --- the command ---------------------------------------------------------------------------------- */

static nb_code check_args(const struct predict_args *args, nb_error *err)
{
    if (args->data && args->input)
        return nb_fail(err, NB_ERR_USAGE, "'--data' is one request, '--input' many: which is it?");
    if (args->data || args->input)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE, "'predict' needs something to predict on");
    nb_error_hint(err,
                  "add --data JSON, --data @FILE or --data - for one request, --input FILE for "
                  "a file of any size");
    return err->code;
}

static nb_code run_caught(nb_app *app, const struct predict_args *args, const nb_ask_options *ask,
                          nb_error *err)
{
    nb_asking *asking = NULL;
    nb_interrupt *interrupt = args->input ? nb_interrupt_catch() : NULL;
    const _Atomic bool *stop = interrupt ? nb_interrupt_flag(interrupt) : NULL;
    nb_code code = nb_asking_open(app, ask, stop, &asking, err);
    if (code == NB_OK)
        code = args->input ? run_batch(app, args, asking, stop, err)
                           : run_single(app, args, asking, err);
    if (interrupt && *stop)
        app->exit_status = 128 + nb_interrupt_signal(interrupt);
    nb_asking_close(asking);
    nb_interrupt_end(interrupt);
    return code;
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct predict_args *args = args_;
    const nb_ask_options ask = {.endpoint = count > 0 ? operands[0] : args->endpoint,
                                .provider = args->provider,
                                .url = args->url,
                                .token_file = args->token_file,
                                .version = args->version,
                                .content_type = args->input ? NULL : args->content_type,
                                .accept = args->input ? NULL : args->accept,
                                .headers = &args->headers,
                                .timeout_s = args->timeout_s};
    if (count > 0 && args->endpoint)
        return nb_fail(err, NB_ERR_USAGE, "the endpoint is named twice: '%s' and '%s'", operands[0],
                       args->endpoint);
    if (check_args(args, err) != NB_OK)
        return err->code;
    return run_caught(app, args, &ask, err);
}

static const nb_opt options[] = {
    {NB_STRING('e',                                                                                                "endpoint-name", "NAME", struct predict_args, endpoint,
     "the endpoint to ask, also without the option (default: the only one)"),
     .names = NB_NAMES_ENDPOINT},
    {NB_STRING('d',                                                                                                      "data", "DATA", struct predict_args, data,
     "one request: JSON or a line of CSV, @FILE, or - for standard input")},
    {NB_STRING('i',                                                                                                    "input", "FILE", struct predict_args, input,
     "rows of a CSV, JSON, JSON lines or NPY file of any size; - is standard input"),
     .names = NB_NAMES_FILE},
    {NB_STRING('o',                                                                                   "output", "FILE", struct predict_args, output,
     "write the predictions there (default: -, standard output)"),
     .names = NB_NAMES_FILE},
    {NB_CHOICE(
        0,                                                                                                "format", nb_predict_formats, struct predict_args, format,
     "how (default: by the suffix of the output; a table on a terminal, else json; for --input as the input is)")},
    {NB_FLAG(0,                                                                                                      "keep-columns", struct predict_args, keep_columns,
     "with --input: write each row beside its prediction")},
    {NB_FLAG(
        0,                                                                                                        "skip-errors", struct predict_args, skip_errors,
     "with --input: mark rows that the endpoint refuses and go on; the exit status is still 1")},
    {NB_INT(0,                                                                                                            "batch-rows", "N", 1, NB_BATCH_MOST_ROWS, struct predict_args, batch_rows,
     "with --input: rows of a request (default: found on the way)")},
    {NB_INT(0,  "connections", "N", 1, NB_BATCH_MOST_CONNECTIONS, struct predict_args, connections,
     "with --input: requests at a time (default: 4)")},
    {NB_SWITCH(
        0,                                                                                         "csv-header", struct predict_args, csv_header,
     "with --input: the first line of CSV is a header, or is not (default: the endpoint tells)")},
    {NB_STRING(0,                              "content-type", "TYPE", struct predict_args, content_type,
     "what is sent (default: by the suffix of the file, or how it begins)")},
    {NB_STRING(0,                                                                                                            "accept", "TYPE", struct predict_args, accept,
     "with --data: what to answer with (default: application/json)")},
    {NB_STRING(0,                  "version", "VERSION", struct predict_args, version,
     "the version to ask, such as v3 (default: as traffic is shared)")},
    {NB_LIST(0,                                                                                         "header", "NAME:VALUE", struct predict_args, headers,
     "send this header as well; may be repeated")},
    {NB_INT(0,                                                 "timeout", "SECONDS", 1, MOST_SECONDS, struct predict_args, timeout_s,
     "how long a request may take (default: what the endpoint gives)")},
    {NB_FLAG(0,                                                                                                            "time", struct predict_args, time,
     "with --data: ask many times and print how long it took")},
    {NB_INT(0,     "requests", "N", 1, NB_TIME_MOST, struct predict_args, requests,
     "with --time: how many times (default: 100)")},
    {NB_STRING(0,                                                                                         "url", "URL", struct predict_args, url,
     "ask a server that is no endpoint of this project: http://HOST:PORT/predict")},
    {NB_STRING(0, "token-file", "FILE", struct predict_args, token_file,
     "with --url: holds the token (default: the variable NOTEBOOKED_TOKEN)"),
     .names = NB_NAMES_FILE},
    {NB_STRING(0,                                                                                                    "provider", "NAME", struct predict_args, provider,
     "where the endpoint is (default: 'provider:' of the configuration, else local)")},
    {.kind = NB_OPT_END                                                                                        },
};

static const nb_example examples[] = {
    {"notebooked predict iris --data '[[5.1, 3.5, 1.4, 0.2]]'",                 "one request"},
    {"notebooked predict iris --data @rows.csv --format csv",                                                                         "a file in one request"},
    {"notebooked predict iris --input big.csv --output out.csv --keep-columns",
     "a file of any size"},
    {"notebooked predict iris --data @row.json --time", "how quick is it?"},
    {0                                                                        },
};

const nb_command nb_cmd_predict = {
    .name = "predict",
    .operands = "[NAME]",
    .summary = "Ask an endpoint for predictions.",
    .about =
        "What is sent stays as it is: texts such as 007 and numbers of any size reach the model unchanged. Mistakes in JSON "
        "and CSV are told with their line before anything is sent.\n\n"
        "--data is one request. The answer is printed as a table on a terminal, and as the server's JSON elsewhere.\n\n"
        "--input reads rows piece by piece and writes their predictions in the same order: CSV one a line below a header "
        "(unless the input has none), JSON lines, or JSON. The output appears when all is done; after an error or Ctrl-C "
        "the old file is still there. A row that the endpoint refuses is named by its line; --skip-errors marks it in a "
        "column 'error' and goes on. Requests that are answered 429 or 503, or whose connection is lost, are sent again for "
        "a minute (with --data: for three seconds).\n\n"
        "Exit status 1: what was sent is wrong; 2: the endpoint failed, or is not there; 130: interrupted.",
    .examples = examples,
    .options = options,
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .args_size = sizeof(struct predict_args),
    .defaults = &defaults,
    .shadows_globals = true,
    .run = run,
};
