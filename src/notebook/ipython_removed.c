/* Our comment in the place of special text, and what an assignment leaves behind. */
#include "notebook/ipython_parts.h"

/* What stands before an escape: maybe other statements, then targets. */
typedef struct head {
    nb_str text; /* source text up to the escape */
    nb_py_line line;
    size_t target;   /* token where the targets begin */
    bool header;     /* "if x:" stands before them */
    size_t kept_end; /* end of the text in front of them; 0: there is none */
} head;

static bool is_header_word(nb_str word)
{
    static const char *const words[] = {"if",   "elif",  "else",  "for",    "while",
                                        "with", "try",   "def",   "except", "finally",
                                        "case", "class", "async", "match"};
    for (size_t i = 0; i < NB_LEN(words); i++)
        if (nb_str_eqz(word, words[i]))
            return true;
    return false;
}

static head read_head(nb_ipy *ipy, const nb_ipy_item *it)
{
    head h = {.text = nb_str_slice(it->source->text, 0, it->head)};
    nb_py_lines *lexer = NB_NEW(ipy->arena, nb_py_lines);
    nb_py_lines_open(lexer, ipy->arena, h.text);
    lexer->at = (uint32_t)it->code;
    if (!nb_py_lines_next(lexer, &h.line))
        return h;
    bool compound = is_header_word(nb_py_token_text(h.text, &h.line.tokens[0]));
    for (size_t i = 0; i < h.line.count; i++) {
        const nb_py_token *token = &h.line.tokens[i];
        bool colon = compound && !h.header && nb_py_token_is(h.text, token, ":");
        if (token->depth > 0 || (!colon && !nb_py_token_is(h.text, token, ";")))
            continue;
        h.header |= colon;
        h.target = i + 1;
        h.kept_end = colon ? token->end : token->start;
        h.header = colon || (h.header && h.kept_end == 0);
    }
    return h;
}

/* "files = " without what stands before it, on one line. */
static nb_str targets(nb_ipy *ipy, const nb_ipy_item *it, const head *h)
{
    size_t start = h->target < h->line.count ? h->line.tokens[h->target].start : it->code;
    return nb_ipy_one_line(ipy->arena, it->source->text, start, it->head);
}

static void unassigned(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_token *from,
                       const nb_py_token *to, nb_str name)
{
    nb_str shown = nb_ipy_one_line(ipy->arena, it->source->text, from->start, to->end);
    nb_ipython_finding *finding = nb_ipy_find(
        ipy, it->source, from->start, to->end, NB_D_ASSIGNED_NAME_REMOVED,
        "'" NB_STR_FMT "' is not assigned in the script", NB_STR_ARG(nb_ipy_show(ipy, shown)));
    finding->name = name;
    finding->help = NB_STR("assign it in Python, or set it in the configuration");
}

/* A finding for each name among the targets, or one for all of them when they are attributes or items. */
static void note_targets(nb_ipy *ipy, const nb_ipy_item *it, const head *h)
{
    size_t end = h->line.count - 1, named = 0; /* without the '=' */
    for (size_t i = h->target; i < h->line.count; i++)
        if (h->line.tokens[i].depth == 0 && nb_py_token_is(h->text, &h->line.tokens[i], ":") &&
            end > i)
            end = i;
    unsigned subscripts = 0;
    for (size_t i = h->target; i < end; i++) {
        const nb_py_token *token = &h->line.tokens[i];
        bool after = i > h->target && nb_py_token_is(h->text, token - 1, ".");
        bool before =
            i + 1 < end && nb_str_find_char(NB_STR(".[("), h->text.at[token[1].start]) >= 0;
        bool open = nb_py_token_is(h->text, token, "[") && i > h->target &&
                    token[-1].kind != NB_PY_TOKEN_OP;
        subscripts += open || (subscripts > 0 && nb_py_token_is(h->text, token, "["));
        subscripts -= subscripts > 0 && nb_py_token_is(h->text, token, "]");
        if (token->kind != NB_PY_TOKEN_NAME || subscripts > 0 || after || before)
            continue;
        unassigned(ipy, it, token, token,
                   nb_arena_str(ipy->arena, nb_py_token_text(h->text, token)));
        named++;
    }
    if (named == 0 && end > h->target)
        unassigned(ipy, it, &h->line.tokens[h->target], &h->line.tokens[end - 1], NB_STR(""));
}

/* The comment goes behind what stays of the line: "if x: pass  # ...". */
static void comment_behind(nb_ipy *ipy, const nb_ipy_item *it, const head *h, nb_str comment)
{
    nb_str kept = nb_str_rtrim(nb_str_slice(it->source->text, it->code, h->kept_end));
    nb_str text = nb_arena_printf(
        ipy->arena, NB_STR_FMT NB_STR_FMT "%s%s" NB_STR_FMT, NB_STR_ARG(nb_ipy_indent(it)),
        NB_STR_ARG(kept), h->header ? " pass" : "", it->quiet ? "" : "  ", NB_STR_ARG(comment));
    (void)nb_ipy_put(ipy, it, NB_IPY_PYTHON, text);
}

static nb_str comment_text(nb_ipy *ipy, const nb_ipy_item *it, nb_str targets)
{
    bool secret;
    nb_str text = nb_ipy_redact(ipy, it->text, &secret);
    if (secret)
        nb_ipy_note(ipy, it, NB_D_SECRET_REMOVED, "a secret was left out of the comment")->help =
            NB_STR("take it out of the notebook and read it from the environment");
    const char *between = targets.len > 0 ? " " : "";
    return it->quiet
               ? NB_STR("")
               : nb_arena_printf(ipy->arena, "# notebooked: removed " NB_STR_FMT "%s" NB_STR_FMT,
                                 NB_STR_ARG(targets), between, NB_STR_ARG(text));
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
