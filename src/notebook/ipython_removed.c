/* Our comment in the place of special text, and what an assignment leaves behind. */
#include "notebook/ipython_parts.h"

/* What stands before an escape: maybe other statements, then targets. */
typedef struct head {
    nb_str text; /* source text up to the escape */
    nb_py_line line;
    size_t target;   /* token where the targets begin */
    size_t kept_end; /* end of the text in front of them; 0: there is none */
    bool bare;       /* that text is a header, such as "if x:", and nothing else */
} head;

/* Does the line begin with a statement that has a suite, which may start behind its colon? */
static bool is_compound(nb_str text, const nb_py_line *line)
{
    static const char *const words[] = {"if",   "elif",  "else",  "for",    "while",
                                        "with", "try",   "def",   "except", "finally",
                                        "case", "class", "async", "match"};
    bool annotated = line->count > 1 && nb_py_token_is(text, &line->tokens[1], ":");
    nb_str first = nb_py_token_text(text, &line->tokens[0]);
    bool soft = nb_str_eqz(first, "match") || nb_str_eqz(first, "case");
    return NB_IPY_LISTED(first, words) && !(soft && annotated);
}

static head read_head(nb_ipy *ipy, const nb_ipy_item *it)
{
    head h = {.text = nb_str_slice(it->source->text, 0, it->head)};
    nb_py_lines *lexer = NB_NEW(ipy->arena, nb_py_lines); /* holds the tokens */
    nb_py_lines_open(lexer, ipy->arena, h.text);
    lexer->at = (uint32_t)it->code;
    if (!nb_py_lines_next(lexer, &h.line) || h.line.count == 0)
        return h;
    bool header = is_compound(h.text, &h.line);
    for (size_t i = 0; i < h.line.count; i++) {
        const nb_py_token *token = &h.line.tokens[i];
        bool colon = header && nb_py_token_is(h.text, token, ":");
        if (token->depth > 0 || (!colon && !nb_py_token_is(h.text, token, ";")))
            continue;
        h.target = i + 1;
        h.kept_end = colon ? token->end : token->start;
        h.bare = colon;
        header &= !colon;
    }
    return h;
}

/* "files = " without what stands before it, on one line. */
static nb_str targets(nb_ipy *ipy, const nb_ipy_item *it, const head *h)
{
    size_t start = h->target < h->line.count ? h->line.tokens[h->target].start : it->code;
    return nb_ipy_head_line(ipy->arena, it->source->text, start, it->head);
}

/* The targets from one token to another lose their value. */
static void unassigned(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_token *from,
                       const nb_py_token *to, nb_str name)
{
    nb_str shown = nb_ipy_one_line(ipy->arena, it->source->text, from->start, to->end);
    nb_ipython_finding *finding = nb_ipy_find(
        ipy, it->source, from->start, to->end, NB_D_ASSIGNED_NAME_REMOVED,
        "'" NB_STR_FMT "' is not assigned in the script", NB_STR_ARG(nb_ipy_show(ipy, shown)));
    finding->name = name;
    finding->help = NB_STR("assign it in Python, or set it in the configuration");
    if (ipy->scanning && name.len > 0)
        nb_set_add(ipy->arena, &ipy->own, name);
}

/* Where the targets end: at an annotation, or at the '='. */
static size_t targets_end(const head *h)
{
    size_t end = h->target;
    while (end < h->line.count - 1 &&
           !(h->line.tokens[end].depth == 0 && nb_py_token_is(h->text, &h->line.tokens[end], ":")))
        end++;
    return end;
}

/* A finding for each name among the targets, or one for all of them when they are attributes or items. */
static void note_targets(nb_ipy *ipy, const nb_ipy_item *it, const head *h)
{
    nb_ipy_targets names = {h->text, h->line.tokens, h->target, targets_end(h), h->target};
    bool named = false;
    for (const nb_py_token *name; (name = nb_ipy_next_target(&names)); named = true)
        unassigned(ipy, it, name, name, nb_arena_str(ipy->arena, nb_py_token_text(h->text, name)));
    if (!named && names.end > h->target)
        unassigned(ipy, it, &h->line.tokens[h->target], &h->line.tokens[names.end - 1], NB_STR(""));
}

/* The comment goes behind what stays of the line: "if x: pass  # ...". */
static void comment_behind(nb_ipy *ipy, const nb_ipy_item *it, const head *h, nb_str comment)
{
    nb_str kept = nb_str_rtrim(nb_str_slice(it->source->text, it->code, h->kept_end));
    nb_str text = nb_arena_printf(
        ipy->arena, NB_STR_FMT NB_STR_FMT "%s%s" NB_STR_FMT, NB_STR_ARG(nb_ipy_indent(it)),
        NB_STR_ARG(kept), h->bare ? " pass" : "", it->quiet ? "" : "  ", NB_STR_ARG(comment));
    (void)nb_ipy_put(ipy, it, NB_IPY_PYTHON, text);
}

static nb_str comment_text(nb_ipy *ipy, const nb_ipy_item *it, nb_str targets)
{
    bool secret;
    nb_str text = nb_ipy_redact(ipy, it->text, &secret);
    if (it->quiet)
        return NB_STR("");
    if (secret)
        nb_ipy_note(ipy, it, NB_D_SECRET_REMOVED, "a secret was left out of the comment")->help =
            NB_STR("take it out of the notebook and read it from the environment");
    return nb_arena_printf(ipy->arena, "# notebooked: removed " NB_STR_FMT NB_STR_FMT,
                           NB_STR_ARG(targets), NB_STR_ARG(text));
}

void nb_ipy_comment(nb_ipy *ipy, const nb_ipy_item *it)
{
    head h = {0};
    nb_str before = {0};
    if (it->head) {
        h = read_head(ipy, it);
        before = targets(ipy, it, &h);
        if (h.line.count > 0)
            note_targets(ipy, it, &h);
    }
    nb_str comment = comment_text(ipy, it, before);
    if (h.kept_end) {
        comment_behind(ipy, it, &h, comment);
    } else if (it->quiet) {
        nb_ipy_drop(ipy, it);
    } else {
        (void)nb_ipy_put(ipy, it, NB_IPY_REMOVED,
                         nb_str_concat(ipy->arena, nb_ipy_indent(it), comment));
    }
}
