#include "cli/app.h"

#include "base/trace.h"
#include "cli/help.h"
#include "cli/report.h"
#include "cli/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

static const char *const formats[] = {"text", "json", NULL};

const nb_opt nb_global_options[] = {
    {NB_STRING(0,              "config", "FILE", nb_app, config,
     "configuration (default: config.yaml, here or above)"),
     .names = NB_NAMES_FILE},
    {NB_STRING('C',                  "directory", "DIR", nb_app, folder, "go to DIR before anything else"),
     .names = NB_NAMES_FOLDER},
    {NB_CHOICE(0,                  "format", formats, nb_app, format,
     "results as text (default) or as one JSON document")},
    {NB_FLAG('q',   "quiet", nb_app, quiet, "print errors and results only")},
    {NB_FLAG('v',            "verbose", nb_app, verbose, "print more, notes included")},
    {NB_SWITCH(0,                   "color", nb_app, color, "colours (default: on a terminal, without NO_COLOR)")},
    {NB_FLAG('h',                  "help", nb_app, help, "tell about the program or the command, and end")},
    {NB_FLAG(0, "version", nb_app, version, "print the version and end")},
    {.kind = NB_OPT_END             },
};

/* The value behind `option` at the words, "--format json" or "--format=json"; NULL when another word is there. */
static const char *value_of(char *const *words, const char *option)
{
    size_t len = strlen(option);
    if (strncmp(*words, option, len) != 0)
        return NULL;
    return (*words)[len] == '=' ? *words + len + 1 : (*words)[len] == '\0' ? words[1] : NULL;
}

/* Whether the words ask for JSON. Looked up before anything is read, so that every failure can be reported in that form. */
static bool asks_for_json(char *const *words)
{
    bool json = false;
    for (; *words && strcmp(*words, "--") != 0; words++) {
        const char *value = value_of(words, "--format");
        if (!value)
            value = value_of(words, "--output-format");
        if (value)
            json = strcmp(value, "json") == 0;
    }
    return json;
}

/* ---- The document of --format json. */

static void begin_document(nb_app *app, nb_json_writer *json)
{
    nb_json_begin_object(json);
    nb_json_member_int(json, "version", 1);
    nb_json_member_str(json, "notebooked", NB_STR(NB_VERSION));
    nb_json_member_str(json, "command", nb_str_from(app->command ? app->command->name : NULL));
    app->json = json;
}

/* A result that did not fit is replaced by an error: half of a document is worse than none. */
static nb_code check_size(nb_app *app, nb_code code, nb_error *err)
{
    nb_buf *document = app->json->out;
    if (!document->full)
        return code;
    nb_buf_clear(document);
    document->full = false;
    *app->json = NB_JSON_WRITER(document, app->json->indent);
    begin_document(app, app->json);
    return nb_fail(err, NB_ERR_INTERNAL, "the result is larger than %zu bytes", document->limit);
}

static int exit_status(const nb_app *app, nb_code code)
{
    return code != NB_OK && app->exit_status ? app->exit_status : nb_code_exit(code);
}

static nb_code end_document(nb_app *app, nb_code code, nb_error *err)
{
    code = check_size(app, code, err);
    nb_json_key(app->json, NB_STR("error"));
    if (code == NB_OK)
        nb_json_put_null(app->json);
    else
        nb_report_error_json(err, exit_status(app, code), app->json);
    nb_json_end_object(app->json);
    nb_app_pass_on(app);
    fputc('\n', app->out);
    return code;
}

void nb_app_pass_on(nb_app *app)
{
    nb_str document = nb_buf_view(app->json->out);
    fwrite(document.at, 1, document.len, app->out);
    nb_buf_clear(app->json->out);
}

/* ---- From words to a command. */

/* The command at the reader's next words; NULL in *out when there is none. */
static nb_code find_command(nb_opt_reader *reader, const nb_command **out, nb_error *err)
{
    const nb_command *command = NULL;
    do {
        if (nb_options_until_operand(reader, err) != NB_OK)
            return err->code;
        if (reader->next == reader->count)
            break;
        command = nb_command_find(command, reader->words[reader->next], err);
        if (!command)
            return err->code;
        reader->command = command->name;
        reader->next++;
    } while (command->commands);
    *out = command;
    return NB_OK;
}

static nb_code fail_group(const nb_command *group, nb_error *err)
{
    NB_AUTO(nb_buf) words = NB_BUF_INIT(NB_BUF_TEXT);
    for (const nb_command *const *row = group->commands; *row; row++)
        nb_buf_printf(&words, "%s%s",
                      row == group->commands ? ""
                      : row[1]               ? ", "
                                             : " or ",
                      nb_command_word(*row));
    (void)nb_fail(err, NB_ERR_USAGE, "'%s' needs one of its commands", group->name);
    nb_error_hint(err, "add " NB_STR_FMT, NB_STR_ARG(nb_buf_view(&words)));
    return err->code;
}

static nb_code check_operands(const nb_command *command, const nb_opt_reader *reader, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    size_t count = reader->operands.count;
    if (command->commands)
        return fail_group(command, err);
    if (count < command->min_operands)
        (void)nb_fail(err, NB_ERR_USAGE, "'%s' needs %s", command->name, command->operands);
    else if (count > command->max_operands)
        (void)nb_fail(err, NB_ERR_USAGE, "'%s' does not know what to do with '%s'", command->name,
                      reader->operands.at[command->max_operands]);
    else
        return NB_OK;
    nb_error_hint(err, "write '" NB_STR_FMT "'", NB_STR_ARG(nb_help_usage(command, &scratch)));
    return err->code;
}

/* Reads all words; what they ask for is in `app`, *args and the reader's operands. */
static nb_code read_words(nb_app *app, nb_opt_reader *reader, void **args, nb_error *err)
{
    if (find_command(reader, &app->command, err) != NB_OK)
        return err->code;
    const nb_command *command = app->command;
    if (!command)
        return NB_OK;
    *args = nb_arena_alloc(app->arena, command->args_size);
    if (command->defaults)
        memcpy(*args, command->defaults, command->args_size);
    reader->scopes[1] = (nb_opt_scope){command->options, *args};
    if (command->shadows_globals) {
        reader->scopes[0] = reader->scopes[1];
        reader->scopes[1] = (nb_opt_scope){nb_global_options, app};
    }
    return nb_options_all(reader, err);
}

/* Makes the global options true. */
static nb_code apply_options(nb_app *app, nb_error *err)
{
    if (app->quiet && app->verbose)
        return nb_fail(err, NB_ERR_USAGE,
                       "options '--quiet' and '--verbose' contradict each other");
    if (app->folder && chdir(app->folder) != 0)
        return nb_fail_errno(err, "cannot go to '%s'", app->folder);
    return nb_trace_open(app->env, err);
}

static nb_code perform(nb_app *app, const nb_opt_reader *reader, const void *args, nb_error *err)
{
    const nb_command *command = app->command;
    if (app->version) {
        if (!app->json)
            fprintf(app->out, "notebooked %s\n", NB_VERSION);
        return NB_OK;
    }
    if (app->help || !command) {
        nb_help_show(command, app);
        return NB_OK;
    }
    if (check_operands(command, reader, err) != NB_OK || apply_options(app, err) != NB_OK)
        return err->code;
    nb_code code = command->run(args, reader->operands.at, reader->operands.count, app, err);
    nb_trace_close();
    return code;
}

/* What was printed must have arrived; a reader who went away needs no message. */
static nb_code flush_results(const nb_app *app, nb_code code, nb_error *err)
{
    errno = 0;
    if (fflush(app->out) == 0 && !ferror(app->out))
        return code;
    if (errno == EPIPE || code != NB_OK)
        return code != NB_OK ? code : NB_ERR_IO;
    if (errno == 0) /* it failed earlier, on the way */
        return nb_fail(err, NB_ERR_IO, "cannot write the results");
    return nb_fail_errno(err, "cannot write the results");
}

int nb_app_run(nb_app *app, int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) document = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer json = NB_JSON_WRITER(&document, 2);
    int skipped = argc > 0 ? 1 : 0; /* the program's own name */
    nb_opt_reader reader = {
        .arena = &arena,
        .scopes = {{nb_global_options, app}},
        .words = (const char *const *)argv + skipped,
        .count = (size_t)(argc - skipped),
    };
    void *args = NULL;

    app->arena = &arena; /* cppcheck-suppress autoVariables; valid until we return, as app.h says */
    nb_code code = read_words(app, &reader, &args, &err);
    app->colour = nb_term_colour(app->color, app->log_terminal, app->env);
    app->colour_out = nb_term_colour(app->color, app->out_terminal, app->env);
    bool shadowed = app->command && app->command->shadows_globals;
    if (shadowed ? app->format == NB_FORMAT_JSON : asks_for_json(argv + skipped))
        begin_document(app, &json);
    if (code == NB_OK)
        code = perform(app, &reader, args, &err);
    if (app->json)
        code = end_document(app, code, &err);
    code = flush_results(app, code, &err);
    if (err.code != NB_OK)
        nb_report_error(&err, app->colour, app->log);
    return exit_status(app, code);
}

/* A file that is opened later must not become a standard stream by accident. What stands in for a closed one refuses to be
 * written, so that lost results are noticed. */
static void open_missing_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", O_RDONLY);
}

int nb_app_main(int argc, char **argv)
{
    open_missing_streams();
    (void)signal(SIGXFSZ,
                 SIG_IGN); /* a file that may not grow is a failure to report, as a full disk is */
    nb_app app = {
        .out = stdout,
        .log = stderr,
        .env = &nb_env_real,
        .out_terminal = isatty(STDOUT_FILENO),
        .log_terminal = isatty(STDERR_FILENO),
        .in_terminal = isatty(STDIN_FILENO),
    };
    return nb_app_run(&app, argc, argv);
}

static void say(const nb_app *app, const char *fmt, va_list args) NB_PRINTF(2, 0);

static void say(const nb_app *app, const char *fmt, va_list args)
{
    (void)fflush(
        app->out); /* one after the other where both go to one place; told at the end when it fails */
    NB_AUTO(nb_buf) line = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_vprintf(&line, fmt, args);
    nb_term_put(nb_buf_view(&line), app->log); /* it may hold names of files */
    fputc('\n', app->log);
}

void nb_app_say(const nb_app *app, const char *fmt, ...)
{
    va_list args;
    if (app->quiet)
        return;
    va_start(args, fmt);
    say(app, fmt, args);
    va_end(args);
}

void nb_app_detail(const nb_app *app, const char *fmt, ...)
{
    va_list args;
    if (!app->verbose)
        return;
    va_start(args, fmt);
    say(app, fmt, args);
    va_end(args);
}

FILE *nb_app_text_open(const nb_app *app, nb_app_text *text)
{
    *text = (nb_app_text){.to = app->out};
    if (app->json)
        text->to = open_memstream(&text->at, &text->len);
    if (!text->to)
        abort(); /* out of memory */
    return text->to;
}

void nb_app_text_close(nb_app *app, nb_app_text *text, const char *key)
{
    if (!app->json)
        return;
    fclose(text->to);
    nb_json_member_str(app->json, key, (nb_str){text->at, text->len});
    free(text->at);
}
