#include "base/path.h"
#include "cli/app.h"
#include "cli/origins.h"
#include "origin/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct trace_args {
    const char *experiment, *out;
};

/* One run over all inputs. */
typedef struct trace {
    nb_app *app;
    const nb_project_origins *project;
    size_t told;
    size_t left[NB_ORIGIN_UNKNOWN]; /* as in nb_translator */
    nb_origin left_at[NB_ORIGIN_UNKNOWN];
    nb_buf shown;
} trace;

/* --- the text ------------------------------------------------------------------------------------------------------------ */

static void list_frame(void *ctx, const nb_told *told)
{
    trace *t = ctx;
    nb_json_writer *json = t->app->json;
    t->told++;
    if (!json)
        return;
    nb_json_begin_object(json);
    nb_json_member_int(json, "at", told->at);
    nb_json_member_str(json, "path", told->path);
    nb_json_member_int(json, "line", told->line);
    nb_json_member_str(json, "experiment", nb_path_base(told->origin.map->folder));
    nb_json_member_str(json, "file", told->origin.file->name);
    nb_json_member_str(json, "origin", told->origin.path);
    nb_json_member_known_int(json, "cell", told->origin.cell);
    nb_json_member_int(json, "cell_line", told->origin.line);
    nb_json_end_object(json);
}

static void show(trace *t, bool flush)
{
    if (!t->app->json && t->shown.len > 0)
        fwrite(t->shown.at, 1, t->shown.len, t->app->out);
    if (flush)
        (void)fflush(t->app->out); /* told at the end when it fails */
    nb_buf_clear(&t->shown);
}

/* What is read is shown before more is read: somebody may be looking at it as it comes. */
static nb_code read_all(trace *t, nb_translator *translator, int fd, const char *name,
                        nb_error *err)
{
    enum { CHUNK = 64 * 1024 };
    char *chunk = nb_arena_alloc(t->app->arena, CHUNK);
    for (;;) {
        ssize_t got = read(fd, chunk, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nb_fail_errno(err, "cannot read '%s'", name);
        if (got == 0)
            break;
        nb_translate_bytes(translator, (nb_str){chunk, (size_t)got}, &t->shown);
        show(t, true);
        if (ferror(t->app->out))
            return NB_OK; /* nobody reads any more */
    }
    nb_buf_put(&t->shown, nb_translate_end(translator));
    show(t, false);
    return NB_OK;
}

static nb_code translate(trace *t, int fd, const char *name, nb_error *err)
{
    nb_translator translator;
    nb_translator_init(&translator, &t->project->origins);
    translator.check_source = true;
    translator.on_told = list_frame;
    translator.ctx = t;
    nb_code code = read_all(t, &translator, fd, name, err);
    for (size_t i = 0; i < NB_LEN(t->left); i++) {
        if (t->left[i] == 0)
            t->left_at[i] = translator.left_at[i];
        t->left[i] += translator.left[i];
    }
    nb_translator_release(&translator);
    return code;
}

static nb_code translate_file(trace *t, const char *name, nb_error *err)
{
    if (strcmp(name, "-") == 0)
        return translate(t, STDIN_FILENO, "stdin", err);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return nb_fail_errno(err, "cannot open '%s'", name);
    nb_code code = translate(t, fd, name, err);
    close(fd);
    return code;
}

/* --- what was left ---------------------------------------------------------------------------------------------------- */

static void say_left(const trace *t, nb_origin_answer answer, const char *why, const char *advice)
{
    const nb_origin *o = &t->left_at[answer];
    size_t count = t->left[answer];
    if (count == 0)
        return;
    nb_str file = nb_path_join(t->app->arena, o->map->folder, o->file->name);
    nb_app_say(t->app, "note: %zu line%s left as %s: " NB_STR_FMT " %s%s", count,
               count == 1 ? " was" : "s were", count == 1 ? "it is" : "they are",
               NB_STR_ARG(nb_shown_path(t->app->arena, file)), why, advice);
}

static void say_notes(const trace *t)
{
    size_t left = 0;
    for (size_t i = 0; i < NB_LEN(t->left); i++)
        left += t->left[i];
    say_left(t, NB_ORIGIN_CHANGED, "was edited since it was generated", "");
    say_left(t, NB_ORIGIN_OTHER, "has another text there", ": it was converted again since");
    say_left(t, NB_ORIGIN_AMBIGUOUS, "is not the only file of its name",
             "; name the experiment with --experiment");
    if (t->told + left == 0)
        nb_app_say(t->app, "note: no line of it names a generated script");
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct trace_args *args = args_;
    nb_project_origins project;
    const nb_origins_wanted wanted = {nb_str_from(args->experiment), nb_str_from(args->out)};
    static const char *const stdin_only[] = {"-"};
    if (nb_project_origins_load(app, &wanted, &project, err) != NB_OK)
        return err->code;
    trace t = {.app = app, .project = &project, .shown = NB_BUF_INIT(NB_BUF_TEXT)};
    if (count == 0 && app->in_terminal)
        nb_app_say(app, "paste a traceback, and end it with Ctrl-D on a line of its own");
    if (app->json) {
        nb_json_key(app->json, NB_STR("frames"));
        nb_json_begin_array(app->json);
    }
    nb_code code = NB_OK;
    operands = count == 0 ? stdin_only : operands;
    for (size_t i = 0; i < (count == 0 ? 1 : count) && code == NB_OK; i++)
        code = translate_file(&t, operands[i], err);
    if (app->json)
        nb_json_end_array(app->json);
    if (code == NB_OK)
        say_notes(&t);
    nb_buf_release(&t.shown);
    return code;
}

static const nb_opt options[] = {
    {NB_STRING('e', "experiment", "NAME", struct trace_args, experiment,
     "scripts of this experiment only"),
     .names = NB_NAMES_EXPERIMENT},
    {NB_STRING('o',       "out", "FOLDER", struct trace_args, out,
     "folder that 'convert --out' wrote to (default: generated)"),
     .names = NB_NAMES_FOLDER},
    {.kind = NB_OPT_END  },
};

static const nb_example examples[] = {
    {"notebooked trace < traceback.txt",            "what a training said, in terms of the notebook"},
    {"notebooked trace --experiment iris cloud.log",                                             "a log of another machine"},
    {"kubectl logs -f job/iris | notebooked trace","as it comes"},
    {0},
};

const nb_command nb_cmd_trace = {
    .name = "trace",
    .operands = "[FILE]...",
    .summary = "Tell the tracebacks of a log in terms of the notebook.",
    .about =
        "Copies FILEs (default, or '-': standard input) to stdout. Lines of tracebacks and warnings that name a line of a generated "
        "script name the notebook's cell and line instead; everything else stays as it is, byte for byte. Logs of other machines "
        "work as well: a path such as /opt/ml/code/train.py means the generated file of that name.\n\n"
        "A frame is translated only when the source line below it is the one in the generated script. Frames of scripts that were "
        "edited or converted again since stay as they are, and a note says so. 'notebooked train' and 'notebooked jobs logs' do the "
        "same by themselves.\n\n"
        "With --format json, the translated lines as data: 'at' is the line of the text.",
    .examples = examples,
    .options = options,
    .max_operands = NB_ANY_NUMBER,
    .operand_names = NB_NAMES_FILE,
    .args_size = sizeof(struct trace_args),
    .run = run,
};
