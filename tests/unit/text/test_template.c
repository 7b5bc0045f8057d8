/* The rules of the Mustache specification as cases of our own, each run with the specification's delimiters and manners, and with
 * ours. */
#include "nb_test.h"

#include "template_data.h"

typedef struct template_case {
    const char *name, *template, *data;
    const char *partials; /* "name=text" pieces divided by '~', or NULL */
    const char *want;     /* as the specification has it */
    const char *ours;     /* NULL: the same; "!..." an error whose message holds the rest */
} template_case;

typedef enum manner {
    AS_SPECIFIED,
    CONVERTED, /* the same case with our delimiters and manners */
    OURS
} manner;

/* --- running a case -------------------------------------------------------------------------- */

typedef struct partial_list {
    nb_arena *arena;
    nb_str pieces;
    bool convert; /* the delimiters to ours */
} partial_list;

static void replace_all(nb_buf *out, nb_str text, const char *from, const char *to)
{
    for (ptrdiff_t at; (at = nb_str_find(text, nb_str_from(from))) >= 0;) {
        nb_buf_put(out, nb_str_slice(text, 0, (size_t)at));
        nb_buf_putz(out, to);
        text = nb_str_from_at(text, (size_t)at + strlen(from));
    }
    nb_buf_put(out, text);
}

/* The same template with our delimiters. */
static nb_str with_our_delimiters(nb_arena *arena, nb_str text)
{
    static const char *const pairs[][2] = {
        {"{{{", "<%{"},
        {"}}}", "}%>"},
        {"{{",  "<%" },
        {"}}",  "%>" },
    };
    for (size_t i = 0; i < NB_LEN(pairs); i++) {
        NB_AUTO(nb_buf) buf = NB_BUF_INIT(1 << 20);
        replace_all(&buf, text, pairs[i][0], pairs[i][1]);
        text = nb_arena_str(arena, nb_buf_view(&buf));
    }
    return text;
}

static bool find_partial(void *ctx, nb_str name, nb_str *text)
{
    const partial_list *list = ctx;
    nb_str rest = list->pieces, piece, key;
    while (nb_str_split(&rest, '~', &piece)) {
        if (!nb_str_split(&piece, '=', &key) || !nb_str_eq(key, name))
            continue;
        *text = list->convert ? with_our_delimiters(list->arena, piece) : piece;
        return true;
    }
    return false;
}

static nb_code render_case(const template_case *c, manner how, nb_arena *arena, nb_buf *out,
                           nb_error *err)
{
    const nb_template_options spec = {"{{", "}}", true, true};
    partial_list list = {arena, nb_str_from(c->partials), how == CONVERTED};
    const nb_partials partials = {find_partial, &list};
    nb_str text = nb_str_from(c->template);
    const nb_template *t;
    if (how == CONVERTED)
        text = with_our_delimiters(arena, text);
    if (nb_template_compile(arena, text, NB_STR("case"), how == AS_SPECIFIED ? &spec : NULL, &t,
                            err) != NB_OK)
        return err->code;
    const nb_value *data = data_from(arena, c->data ? c->data : "{}");
    return nb_template_render(t, data, &partials, out, err);
}

static void check_case(const template_case *c, manner how)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(1 << 20);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const char *want = how != AS_SPECIFIED && c->ours ? c->ours : c->want;
    nb_code code = render_case(c, how, &arena, &out, &err);
    if (want[0] == '!') {
        assert_int_equal(code, NB_ERR_CONFIG);
        if (!strstr(nb_error_message(&err, 0), want + 1))
            fail_msg("%s: %s", c->name, nb_error_message(&err, 0));
        return;
    }
    if (code != NB_OK)
        nb_error_print(&err, stderr);
    assert_int_equal(code, NB_OK);
    assert_str(nb_buf_view(&out), want);
}

static void run_cases(const template_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_message("%s\n", cases[i].name);
        check_case(&cases[i], AS_SPECIFIED);
        check_case(&cases[i], CONVERTED);
    }
}

/* --- the specification's rules --------------------------------------------------------------- */

static const template_case comment_cases[] = {
    {"comment inside a line",              "ab{{! gone }}cd",            NULL,       NULL, "abcd",   NULL},
    {"comment over lines",                 "ab{{!\n one\n two\n}}cd\n",  NULL,       NULL, "abcd\n", NULL},
    {"comment alone on its line",          "a\n{{! x }}\nb\n",           NULL,       NULL, "a\nb\n", NULL},
    {"indented comment alone",             "a\n   {{! x }}\nb\n",        NULL,       NULL, "a\nb\n", NULL},
    {"comment alone, CRLF",                "a\r\n{{! x }}\r\nb",         NULL,       NULL, "a\r\nb", NULL},
    {"comment alone, first line",          "  {{! x }}\nb",              NULL,       NULL, "b",      NULL},
    {"comment alone, no final newline",    "a\n  {{! x }}",              NULL,       NULL, "a\n",    NULL},
    {"long comment alone",                 "a\n{{!\n x\n}}\nb\n",        NULL,       NULL, "a\nb\n", NULL},
    {"long indented comment alone",        "a\n  {{!\n    x\n  }}\nb\n", NULL,       NULL, "a\nb\n", NULL},
    {"comment after text keeps the line",  "  1 {{! 2 }}\n",             NULL,       NULL, "  1 \n", NULL},
    {"blanks around a comment stay",       "1 {{! 2 }} 3",               NULL,       NULL, "1  3",   NULL},
    {"comment that looks like a variable", "{{! x }}.",                  "{x:'no'}", NULL, ".",      NULL},
    {"empty comment",                      "a{{!}}b",                    NULL,       NULL, "ab",     NULL},
};

static const template_case delimiter_cases[] = {
    {"new pair",                             "{{=[[ ]]=}}[[x]]",            "{x:'1'}",          NULL,               "1",      NULL},
    {"one character each",                   "({{=| |=}}|x|)",              "{x:'1'}",          NULL,               "(1)",    NULL},
    {"old pair is text afterwards",          "{{=[ ]=}}{x} [x]",            "{x:'1'}",          NULL,               "{x} 1",  NULL},
    {"set inside a section stays set",       "{{#s}}{{=[ ]=}}[x][/s][x]",   "{s:true, x:'1'}",  NULL,               "11",
     NULL                                                                                                                         },
    {"inverted section over a change",       "{{^s}}{{x}}{{=[ ]=}}[x][/s]", "{s:false, x:'1'}", NULL,
     "11",                                                                                                                    NULL},
    {"a partial starts with the usual pair", "{{=[ ]=}}[>p] [x]",           "{x:'1'}",          "p={{x}}!",         "1! 1",
     NULL                                                                                                                         },
    {"a partial's change stays inside",      "{{>p}} {{x}} [x]",            "{x:'1'}",          "p={{= [ ] =}}[x]",
     "1 1 [x]",                                                                                                               NULL},
    {"blanks around",                        "| {{=@ @=}} |",               NULL,               NULL,               "|  |",   NULL},
    {"blanks after text",                    " | {{=@ @=}}\n",              NULL,               NULL,               " | \n",  NULL},
    {"alone on its line",                    "a\n{{=@ @=}}\nb\n",           NULL,               NULL,               "a\nb\n", NULL},
    {"alone and indented",                   "a\n  {{=@ @=}}\nb\n",         NULL,               NULL,               "a\nb\n", NULL},
    {"alone, CRLF",                          "a\r\n{{=@ @=}}\r\nb",         NULL,               NULL,               "a\r\nb", NULL},
    {"alone on the first line",              "  {{=@ @=}}\nb",              NULL,               NULL,               "b",      NULL},
    {"alone on the last line",               "a\n  {{=@ @=}}",              NULL,               NULL,               "a\n",    NULL},
    {"many blanks between",                  "|{{=   @     @   =}}|",       NULL,               NULL,               "||",     NULL},
    {"back again",                           "{{=[ ]=}}[x][={{ }}=]{{x}}",  "{x:'1'}",          NULL,               "11",     NULL},
};

static const template_case variable_cases[] = {
    {"no tags",                               "Hello {world}\n",       NULL,                      NULL, "Hello {world}\n",     NULL                             },
    {"nothing at all",                        "",                      NULL,                      NULL, "",                    NULL                             },
    {"one variable",                          "Hello {{who}}!",        "{who:'you'}",             NULL, "Hello you!",          NULL                             },
    {"a value is no template",                "{{a}}",                 "{a:'{b}', b:'x'}",        NULL, "{b}",                 NULL                             },
    {"html is escaped by the specification",  "{{a}}",                 "{a:'<&\">'}",             NULL, "&lt;&amp;&quot;&gt;",
     "<&\">"                                                                                                                                                    },
    {"three braces: as it is",                "{{{a}}}",               "{a:'<&\">'}",             NULL, "<&\">",               NULL                             },
    {"ampersand: as it is",                   "{{&a}}",                "{a:'<&\">'}",             NULL, "<&\">",               NULL                             },
    {"a number's text",                       "{{a}} kg",              "{a:'85.10'}",             NULL, "85.10 kg",            NULL                             },
    {"three braces, number",                  "{{{a}}}",               "{a:'-3'}",                NULL, "-3",                  NULL                             },
    {"empty text",                            "({{a}})",               "{a:''}",                  NULL, "()",                  NULL                             },
    {"missing",                               "({{a}})",               "{}",                      NULL, "()",                  "!'a': the data has no such name"},
    {"missing, three braces",                 "({{{a}}})",             "{}",                      NULL, "()",                  "!'a'"                           },
    {"missing, ampersand",                    "({{&a}})",              "{}",                      NULL, "()",                  "!'a'"                           },
    {"dotted",                                "{{a.b}}",               "{a:{b:'1'}}",             NULL, "1",                   NULL                             },
    {"dotted, three braces",                  "{{{a.b}}}",             "{a:{b:'1'}}",             NULL, "1",                   NULL                             },
    {"dotted, deep",                          "{{a.b.c.d.e}}",         "{a:{b:{c:{d:{e:'1'}}}}}", NULL, "1",                   NULL                             },
    {"dotted, broken in the middle",          "({{a.b.c}})",           "{a:{}}",                  NULL, "()",                  "!'a.b.c'"                       },
    {"dotted, broken does not look outwards", "({{a.b.c}})",           "{a:{b:{}}, c:'no'}",      NULL, "()",
     "!'a.b.c'"                                                                                                                                                 },
    {"dotted, first part looks outwards",     "{{#s}}{{a.b}}{{/s}}",   "{s:{x:'1'}, a:{b:'2'}}",  NULL,
     "2",                                                                                                                      NULL                             },
    {"dotted, first part shadows",            "({{#a}}{{b.c}}{{/a}})", "{a:{b:{}}, b:{c:'no'}}",  NULL, "()",
     "!'b.c'"                                                                                                                                                   },
    {"a dotted key does not exist",           "({{a.b}})",             "{a.b:'no'}",              NULL, "()",                  "!'a.b'"                         },
    {"dot at the top",                        "{{.}}",                 "'x'",                     NULL, "x",                   NULL                             },
    {"blanks around stay",                    "| {{a}} |",             "{a:'---'}",               NULL, "| --- |",             NULL                             },
    {"three braces, blanks stay",             "| {{{a}}} |",           "{a:'---'}",               NULL, "| --- |",             NULL                             },
    {"ampersand, blanks stay",                "| {{&a}} |",            "{a:'---'}",               NULL, "| --- |",             NULL                             },
    {"alone on a line is no standalone",      "  {{a}}\n",             "{a:'---'}",               NULL, "  ---\n",             NULL                             },
    {"three braces alone",                    "  {{{a}}}\n",           "{a:'---'}",               NULL, "  ---\n",             NULL                             },
    {"ampersand alone",                       "  {{&a}}\n",            "{a:'---'}",               NULL, "  ---\n",             NULL                             },
    {"blanks inside",                         "|{{  a  }}|",           "{a:'1'}",                 NULL, "|1|",                 NULL                             },
    {"three braces, blanks inside",           "|{{{  a  }}}|",         "{a:'1'}",                 NULL, "|1|",                 NULL                             },
    {"ampersand, blanks inside",              "|{{&  a  }}|",          "{a:'1'}",                 NULL, "|1|",                 NULL                             },
    {"two in a row",                          "{{a}}{{b}}",            "{a:'1', b:'2'}",          NULL, "12",                  NULL                             },
    {"line breaks of a value stay",           "a{{x}}b\n",             "{x:'1\n2'}",              NULL, "a1\n2b\n",            NULL                             },
    {"UTF-8 names and values",                "{{größe}}",           "{größe:'é'}",          NULL, "é",                  NULL                             },
};

static const template_case section_cases[] = {
    {"true",                               "({{#a}}x{{/a}})",                                                              "{a:true}",                        NULL, "(x)",             NULL      },
    {"false",                              "({{#a}}x{{/a}})",                                                              "{a:false}",                       NULL, "()",              NULL      },
    {"missing section",                    "({{#a}}x{{/a}})",                                                              "{}",                              NULL, "()",              "!'a'"    },
    {"empty text is false",                "({{#a}}x{{/a}})",                                                              "{a:''}",                          NULL, "()",              NULL      },
    {"text is true",                       "({{#a}}x{{/a}})",                                                              "{a:'0'}",                         NULL, "(x)",             NULL      },
    {"an object is a scope",               "{{#a}}{{b}}{{/a}}",                                                            "{a:{b:'1'}}",                     NULL, "1",               NULL      },
    {"an empty object is true",            "({{#a}}x{{/a}})",                                                              "{a:{}}",                          NULL, "(x)",             NULL      },
    {"outer names stay visible",           "{{#a}}{{b}}{{c}}{{/a}}",                                                       "{a:{b:'1'}, b:'0', c:'2'}",       NULL, "12",
     NULL                                                                                                                                                                                        },
    {"a text is what the dot means",       "{{#a}}{{.}}={{a}}{{/a}}",                                                      "{a:'1'}",                         NULL, "1=1",             NULL      },
    {"true does not change the dot",       "{{#s}}{{#a}}{{.}}{{/a}}{{/s}}",                                                "{s:['x'], a:true}",               NULL,
     "x",                                                                                                                                                                              NULL      },
    {"list of objects",                    "{{#l}}{{n}},{{/l}}",                                                           "{l:[{n:'1'}, {n:'2'}, {n:'3'}]}", NULL, "1,2,3,",
     NULL                                                                                                                                                                                        },
    {"empty list",                         "({{#l}}x{{/l}})",                                                              "{l:[]}",                          NULL, "()",              NULL      },
    {"list of texts",                      "{{#l}}({{.}}){{/l}}",                                                          "{l:['a', 'b']}",                  NULL, "(a)(b)",          NULL      },
    {"list of texts, escaped",             "{{#l}}({{.}}){{/l}}",                                                          "{l:['<']}",                       NULL, "(&lt;)",          "(<)"     },
    {"list of texts, three braces",        "{{#l}}({{{.}}}){{/l}}",                                                        "{l:['<']}",                       NULL, "(<)",             NULL      },
    {"list of texts, ampersand",           "{{#l}}({{&.}}){{/l}}",                                                         "{l:['<']}",                       NULL, "(<)",             NULL      },
    {"list of lists",                      "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}",                                              "{l:[['1', '2'], ['3']]}",         NULL, "(12)(3)",
     NULL                                                                                                                                                                                        },
    {"the top is a list",                  "{{#.}}({{x}}){{/.}}",                                                          "[{x:'1'}, {x:'2'}]",              NULL, "(1)(2)",          NULL      },
    {"list in list",                       "{{#a}}{{n}}{{#b}}{{n}}{{m}}{{/b}};{{/a}}",
     "{m:'!', a:[{n:'1', b:[{n:'2'}, {n:'3'}]}, {n:'4', b:[]}]}",                                                                                             NULL, "12!3!;4;",        NULL      },
    {"deep scopes",                        "{{#a}}{{x}}{{#b}}{{x}}{{y}}{{#c}}{{x}}{{y}}{{z}}{{/c}}{{x}}{{/b}}{{x}}{{/a}}",
     "{x:'1', y:'0', a:{y:'2', b:{z:'3', c:{x:'4'}}}}",                                                                                                       NULL,
     "1124231"
     "1",                                                                                                                                                                              NULL      },
    {"two sections of one name",           "{{#a}}1{{/a}}-{{#a}}2{{/a}}",                                                  "{a:true}",                        NULL, "1-2",             NULL      },
    {"nested, both true",                  "|A{{#a}}B{{#a}}C{{/a}}D{{/a}}E|",                                              "{a:true}",                        NULL, "|ABCDE|",         NULL      },
    {"nested, both false",                 "|A{{#a}}B{{#a}}C{{/a}}D{{/a}}E|",                                              "{a:false}",                       NULL, "|AE|",            NULL      },
    {"dotted, true",                       "({{#a.b.c}}x{{/a.b.c}})",                                                      "{a:{b:{c:true}}}",                NULL, "(x)",             NULL      },
    {"dotted, false",                      "({{#a.b.c}}x{{/a.b.c}})",                                                      "{a:{b:{c:false}}}",               NULL, "()",              NULL      },
    {"dotted, broken",                     "({{#a.b.c}}x{{/a.b.c}})",                                                      "{a:{}}",                          NULL, "()",              "!'a.b.c'"},
    {"blanks around",                      "| {{#a}}\t|\t{{/a}} |",                                                        "{a:true}",                        NULL, "| \t|\t |",       NULL      },
    {"blanks inside over lines",           "| {{#a}} {{! x }}\n {{/a}} |",                                                 "{a:true}",                        NULL, "|  \n  |",
     NULL                                                                                                                                                                                        },
    {"two on a line",                      " {{#a}}Y{{/a}}\n {{#a}}G{{/a}}\n",                                             "{a:true}",                        NULL, " Y\n G\n",        NULL      },
    {"alone on their lines",               "| a\n{{#s}}\n|\n{{/s}}\n| b\n",                                                "{s:true}",                        NULL, "| a\n|\n| b\n",
     NULL                                                                                                                                                                                        },
    {"alone and indented",                 "| a\n  {{#s}}\n|\n  {{/s}}\n| b\n",                                            "{s:true}",                        NULL, "| a\n|\n| b\n",
     NULL                                                                                                                                                                                        },
    {"alone, CRLF",                        "|\r\n{{#s}}\r\n{{/s}}\r\n|",                                                   "{s:true}",                        NULL, "|\r\n|",          NULL      },
    {"alone on the first line",            "  {{#s}}\n#{{/s}}\n/",                                                         "{s:true}",                        NULL, "#\n/",            NULL      },
    {"alone on the last line",             "#{{#s}}\n/\n  {{/s}}",                                                         "{s:true}",                        NULL, "#\n/\n",          NULL      },
    {"blanks in the tags",                 "|{{# s }}={{/ s }}|",                                                          "{s:true}",                        NULL, "|=|",             NULL      },
    {"two tags on a line are not alone",   "{{#a}}{{#b}}\nx\n{{/b}}{{/a}}\n",                                              "{a:true, b:true}",
     NULL,                                                                                                                                                          "\nx\n\n",         NULL      },
    {"lines of a loop",                    "{{#l}}\n- {{.}}\n{{/l}}\nend\n",                                               "{l:['a', 'b']}",                  NULL, "- a\n- b\nend\n",
     NULL                                                                                                                                                                                        },
    {"a section in front of text",         "{{#a}}x{{/a}}y\n",                                                             "{a:true}",                        NULL, "xy\n",            NULL      },
    {"a filled section that spans lines",  "f({{#a}}\n    x,\n{{/a}})\n",                                                  "{a:true}",                        NULL,
     "f(\n    x,\n)\n",                                                                                                                                                                NULL      },
    {"trailing blanks after an alone tag", "{{#a}}  \t\nx\n{{/a}} \ny",                                                    "{a:true}",                        NULL, "x\ny",
     NULL                                                                                                                                                                                        },
};

static const template_case inverted_cases[] = {
    {"not of false",            "({{^a}}x{{/a}})",                  "{a:false}",     NULL, "(x)",       NULL      },
    {"not of true",             "({{^a}}x{{/a}})",                  "{a:true}",      NULL, "()",        NULL      },
    {"not of missing",          "({{^a}}x{{/a}})",                  "{}",            NULL, "(x)",       "!'a'"    },
    {"not of empty text",       "({{^a}}x{{/a}})",                  "{a:''}",        NULL, "(x)",       NULL      },
    {"not of an object",        "({{^a}}x{{/a}})",                  "{a:{b:'1'}}",   NULL, "()",        NULL      },
    {"not of a list",           "({{^a}}x{{/a}})",                  "{a:[{n:'1'}]}", NULL, "()",        NULL      },
    {"not of an empty list",    "({{^a}}x{{/a}})",                  "{a:[]}",        NULL, "(x)",       NULL      },
    {"two of one name",         "{{^a}}1{{/a}}-{{^a}}2{{/a}}",      "{a:false}",     NULL, "1-2",       NULL      },
    {"nots nested, false",      "|A{{^a}}B{{^a}}C{{/a}}D{{/a}}E|",  "{a:false}",     NULL, "|ABCDE|",   NULL      },
    {"nots nested, true",       "|A{{^a}}B{{^a}}C{{/a}}D{{/a}}E|",  "{a:true}",      NULL, "|AE|",      NULL      },
    {"either or",               "{{#a}}yes{{/a}}{{^a}}no{{/a}}",    "{a:false}",     NULL, "no",        NULL      },
    {"not of dotted true",      "({{^a.b}}x{{/a.b}})",              "{a:{b:true}}",  NULL, "()",        NULL      },
    {"not of dotted false",     "({{^a.b}}x{{/a.b}})",              "{a:{b:false}}", NULL, "(x)",       NULL      },
    {"not of broken dotted",    "({{^a.b.c}}x{{/a.b.c}})",          "{a:{}}",        NULL, "(x)",       "!'a.b.c'"},
    {"not, blanks around",      "| {{^a}}\t|\t{{/a}} |",            "{a:false}",     NULL, "| \t|\t |", NULL      },
    {"not, two on a line",      " {{^a}}N{{/a}}\n {{^a}}W{{/a}}\n", "{a:false}",     NULL, " N\n W\n",  NULL      },
    {"not, alone",              "a\n{{^s}}\n|\n{{/s}}\nb\n",        "{s:false}",     NULL, "a\n|\nb\n", NULL      },
    {"not, alone and indented", "a\n  {{^s}}\n|\n  {{/s}}\nb\n",    "{s:false}",     NULL, "a\n|\nb\n",
     NULL                                                                                                         },
    {"not, CRLF",               "|\r\n{{^s}}\r\n{{/s}}\r\n|",       "{s:false}",     NULL, "|\r\n|",    NULL      },
    {"not, first line",         "  {{^s}}\n^{{/s}}\n/",             "{s:false}",     NULL, "^\n/",      NULL      },
    {"not, last line",          "^{{^s}}\n/\n  {{/s}}",             "{s:false}",     NULL, "^\n/\n",    NULL      },
    {"not, blanks in the tags", "|{{^ s }}={{/ s }}|",              "{s:false}",     NULL, "|=|",       NULL      },
};

static const template_case partial_cases[] = {
    {"partial",                                       "({{>p}})",           NULL,                         "p=x",                         "(x)",              NULL              },
    {"missing partial",                               "({{>p}})",           NULL,                         NULL,                          "()",               "!no template 'p'"},
    {"partial sees the data",                         "({{>p}})",           "{a:'1'}",                    "p=*{{a}}*",                   "(*1*)",            NULL              },
    {"partial sees the scope",                        "{{#l}}{{>p}}{{/l}}", "{l:[{a:'1'}, {a:'2'}]}",     "p=*{{a}}",                    "*1*2",
     NULL                                                                                                                                                                      },
    {"recursive partial",                             "{{>n}}",             "{c:'X', k:[{c:'Y', k:[]}]}", "n={{c}}<{{#k}}{{>n}}{{/k}}>",
     "X<Y<>>",                                                                                                                                               NULL              },
    {"partial in partial",                            "{{>a}}",             "{x:'1'}",                    "a=({{>b}})~b=[{{x}}]",        "([1])",            NULL              },
    {"partial, blanks around",                        "| {{>p}} |",         NULL,                         "p=\t|\t",                     "| \t|\t |",        NULL              },
    {"inline partial is not indented",                "  {{x}}  {{> p}}\n", "{x:'|'}",                    "p=>\n>",                      "  |  >\n>\n",
     NULL                                                                                                                                                                      },
    {"partial, CRLF",                                 "|\r\n{{>p}}\r\n|",   NULL,                         "p=>",                         "|\r\n>|",          NULL              },
    {"partial alone, first line",                     "  {{>p}}\n>",        NULL,                         "p=>\n>",                      "  >\n  >>",        NULL              },
    {"partial alone, last line",                      ">\n  {{>p}}",        NULL,                         "p=>\n>",                      ">\n  >\n  >",      NULL              },
    {"lines of values are not indented",              "\\\n {{>p}}\n/\n",   "{x:'<\n->'}",                "p=|\n{{{x}}}\n|\n",
     "\\\n |\n <\n->\n |\n/\n",                                                                                                                              NULL              },
    {"partial, blanks inside",                        "|{{> p }}|",         NULL,                         "p=[]",                        "|[]|",             NULL              },
    {"indented partial in indented partial",          "  {{>a}}\n",         NULL,                         "a=1\n  {{>b}}\n2\n~b=x\ny\n",
     "  1\n    x\n    y\n  2\n",                                                                                                                             NULL              },
    {"indented partial with a section",               " {{>p}}\n",          "{l:['a', 'b']}",
     "p={{#l}}\n- {{.}}\n{{/l}}\nz\n",                                                                                                   " - a\n - b\n z\n", NULL              },
    {"indented partial, line that starts with a tag", "  {{>p}}\n",         "{x:'1'}",
     "p={{x}}\n{{#x}}2{{/x}}\n",                                                                                                         "  1\n  2\n",       NULL              },
    {"empty lines are not indented",                  "  {{>p}}\n",         NULL,                         "p=a\n\nb\n",                  "  a\n\n  b\n",     NULL              },
    {"partial with path as name",                     "{{>dir/p.tmpl}}",    NULL,                         "dir/p.tmpl=x",                "x",                NULL              },
};

static const template_case parent_cases[] = {
    {"a block's own content",                            "{{$t}}own{{/t}}\n",                                   NULL,             NULL,                             "own\n",             NULL              },
    {"own content with a variable",                      "{{$t}}own {{x}}{{/t}}",                               "{x:'1'}",        NULL,                             "own 1",             NULL              },
    {"own content with a section",                       "{{$t}}{{#x}}{{y}}{{/x}}{{/t}}",                       "{x:{y:'1'}}",    NULL,                             "1",                 NULL              },
    {"own content with a not",                           "{{$t}}{{^x}}1{{/x}}{{/t}}",                           "{x:false}",      NULL,                             "1",                 NULL              },
    {"parent without blocks is a partial",               "{{<p}}{{/p}}|{{>p}}",                                 NULL,             "p={{$t}}own{{/t}}",
     "own|own",                                                                                                                                                                          NULL              },
    {"replaced",                                         "{{<p}}{{$t}}new{{/t}}{{/p}}",                         NULL,             "p=({{$t}}own{{/t}})",            "(new)",             NULL              },
    {"data does not replace a block",                    "{{<p}}{{$t}}new{{/t}}{{/p}}",                         "{t:'data'}",
     "p={{$t}}own{{/t}}",                                                                                                                                           "new",               NULL              },
    {"data does not replace own content",                "{{<p}}{{/p}}",                                        "{t:'data'}",     "p={{$t}}own{{/t}}",              "own",
     NULL                                                                                                                                                                                                  },
    {"two uses differ",                                  "{{<p}}{{$t}}1{{/t}}{{/p}} {{<p}}{{$t}}2{{/t}}{{/p}}", NULL,
     "p=[{{$t}}.{{/t}}]",                                                                                                                                           "[1] [2]",           NULL              },
    {"one of two",                                       "{{<p}}{{$b}}new{{/b}}{{/p}}",                         NULL,             "p={{$a}}1{{/a}},{{$b}}2{{/b}}",  "1,new",
     NULL                                                                                                                                                                                                  },
    {"the same block twice",                             "{{<p}}{{$a}}x{{/a}}{{/p}}",                           NULL,             "p={{$a}}1{{/a}},{{$a}}2{{/a}}",
     "x,x",                                                                                                                                                                              NULL              },
    {"text inside a parent is dropped",                  "{{<p}} dropped {{$t}}new{{/t}} too {{/p}}",           NULL,
     "p={{$t}}own{{/t}}",                                                                                                                                           "new",               NULL              },
    {"a section inside a parent is dropped",             "{{<p}}{{#x}}no{{/x}}{{/p}}",                          "{x:true}",       "p=yes",
     "yes",                                                                                                                                                                              NULL              },
    {"replaced content keeps line breaks",               "{{<p}}{{$t}}\na\n\nb\n{{/t}}{{/p}}",                  NULL,
     "p={{$t}}own{{/t}}",                                                                                                                                           "a\n\nb\n",          NULL              },
    {"three levels, the child wins",                     "{{<a}}{{$t}}1{{/t}}{{/a}}",                           NULL,
     "a={{<b}}{{$t}}2{{/t}}{{/b}}~b={{<c}}{{$t}}3{{/t}}{{/c}}~c={{$t}}4{{/t}}",                                                                                     "1",                 NULL              },
    {"three levels, no child",                           "{{<a}}{{/a}}",                                        NULL,
     "a={{<b}}{{$t}}2{{/t}}{{/b}}~b={{<c}}{{$t}}3{{/t}}{{/c}}~c={{$t}}4{{/t}}",                                                                                     "2",                 NULL              },
    {"a new block in a replacement",                     "{{<a}}{{$in}}1{{/in}}{{/a}}",                         NULL,
     "a={{<b}}{{$t}}({{$in}}2{{/in}}){{/t}}{{/b}}~b={{$t}}3{{/t}}",                                                                                                 "(1)",               NULL              },
    {"scope of a replacement is the place of the block", "{{<p}}{{$t}}{{x}}{{/t}}{{/p}}",
     "{x:'out', in:{x:'in'}}",                                                                                                    "p={{#in}}{{$t}}no{{/t}}{{/in}}", "in",                NULL              },
    {"a replacement in a loop",                          "{{<p}}{{$t}}<{{.}}>{{/t}}{{/p}}",                     "{l:['a', 'b']}",
     "p={{#l}}{{$t}}no{{/t}}{{/l}}",                                                                                                                                "<a><b>",            NULL              },
    {"inline block keeps the indentation before it",     "{{<p}}{{$t}}new{{/t}}{{/p}}",                         NULL,
     "p=a\n  {{$t}}own{{/t}}\n",                                                                                                                                    "a\n  new\n",        NULL              },
    {"parent alone on its line is indented",             "a\n  {{<p}}{{/p}}\nb\n",                              NULL,             "p=1\n2\n",
     "a\n  1\n  2\nb\n",                                                                                                                                                                 NULL              },
    {"parent over lines is alone too",                   "a\n  {{<p}}\n  {{$t}}x{{/t}}\n  {{/p}}\nb\n",         NULL,
     "p=1\n{{$t}}own{{/t}}\n",                                                                                                                                      "a\n  1\n  x\nb\n",  NULL              },
    {"parent inside a line",                             "a {{<p}}{{/p}} b\n",                                  NULL,             "p=1\n2",                         "a 1\n2 b\n",        NULL              },
    {"parent with text after it",                        "  {{<p}}{{/p}} b\n",                                  NULL,             "p=1",                            "  1 b\n",           NULL              },
    {"content moves to where the block is",              "{{<p}}{{$t}}\n      a\n        b\n{{/t}}{{/p}}\n",
     NULL,                                                                                                                        "p=x\n  {{$t}}\n  {{/t}}\n",      "x\n  a\n    b\n",   NULL              },
    {"content moves to where the own content is",        "{{<p}}{{$t}}\na\nb\n{{/t}}{{/p}}\n",                  NULL,
     "p=x\n{{$t}}\n    own\n{{/t}}\n",                                                                                                                              "x\n    a\n    b\n", NULL              },
    {"own content stays where it is",                    "x\n  {{$t}}\n    own\n      more\n  {{/t}}\ny\n",     NULL,             NULL,
     "x\n    own\n      more\ny\n",                                                                                                                                                      NULL              },
    {"content moves to an inline block",                 "{{<p}}{{$t}}\na\nb{{/t}}\n{{/p}}\n",                  NULL,
     "p=x\n  {{$t}}{{/t}}\n",                                                                                                                                       "x\n  a\n  b\n",     NULL              },
    {"nested blocks move together",                      "{{<a}}{{$in}}\nnew\n{{/in}}{{/a}}\n",                 NULL,
     "a={{<b}}{{$t}}\n    one\n    {{$in}}\n      own\n    {{/in}}\n{{/t}}{{/b}}\n~b={{$t}}no{{/t}}",
     "one\n  new\n",                                                                                                                                                                     NULL              },
    {"a variable's lines do not move",                   "{{<p}}{{$t}}\n{{x}}\n{{/t}}{{/p}}\n",                 "{x:'1\n2'}",
     "p=  {{$t}}\n  {{/t}}\n",                                                                                                                                      "  1\n2\n",          NULL              },
    {"partials inside see no replacement",               "{{<p}}{{$t}}new{{/t}}{{/p}}",                         NULL,
     "p={{>q}}~q={{$t}}own{{/t}}",                                                                                                                                  "own",               NULL              },
    {"missing parent",                                   "({{<p}}{{$t}}x{{/t}}{{/p}})",                         NULL,             NULL,                             "()",                "!no template 'p'"},
};

static void comments_leave_no_trace(void **state)
{
    (void)state;
    run_cases(comment_cases, NB_LEN(comment_cases));
}

static void delimiters_can_be_changed(void **state)
{
    (void)state;
    run_cases(delimiter_cases, NB_LEN(delimiter_cases));
}

static void variables_are_looked_up_and_written(void **state)
{
    (void)state;
    run_cases(variable_cases, NB_LEN(variable_cases));
}

static void sections_follow_their_value(void **state)
{
    (void)state;
    run_cases(section_cases, NB_LEN(section_cases));
}

static void inverted_sections_follow_its_absence(void **state)
{
    (void)state;
    run_cases(inverted_cases, NB_LEN(inverted_cases));
}

static void partials_are_filled_in_and_indented(void **state)
{
    (void)state;
    run_cases(partial_cases, NB_LEN(partial_cases));
}

static void parents_take_blocks(void **state)
{
    (void)state;
    run_cases(parent_cases, NB_LEN(parent_cases));
}

/* --- ours ------------------------------------------------------------------------------------ */

static const template_case our_cases[] = {
    {"braces are text",                 "{{x}} ${{ github.sha }} {'a': {}}",      "{x:'1'}",                 NULL,             NULL,
     "{{x}} ${{ github.sha }} {'a': {}}"                                                                                                                                  },
    {"percent and less-than are text",  "a < b % c <= d",                         NULL,                      NULL,             NULL, "a < b % c <= d"                     },
    {"a Python literal",                "x = <%a|py%>",                           "{a:'it is \"so\"'}",      NULL,             NULL, "x = 'it is \"so\"'"                 },
    {"a Python literal, double quotes", "<%a|py%>",                               "{a:'plain'}",             NULL,             NULL, "\"plain\""                          },
    {"a Python literal, escapes",       "<%a|py%>",                               "{a:'a\\b\n\t\r\x01 é'}", NULL,             NULL,
     "\"a\\\\b\\n\\t\\r\\x01 é\""                                                                                                                                        },
    {"three braces and a filter",       "<%{a|py}%>",                             "{a:'x'}",                 NULL,             NULL, "\"x\""                              },
    {"blanks around a filter's tag",    "<% a|py %>",                             "{a:'x'}",                 NULL,             NULL, "\"x\""                              },
    {"a dotted name and a filter",      "<%a.b|py%>",                             "{a:{b:'x'}}",             NULL,             NULL, "\"x\""                              },
    {"a comment is one line",           "# <%a|comment%>",                        "{a:'one\ntwo\rthree'}",   NULL,             NULL,
     "# one two three"                                                                                                                                                    },
    {"a docstring cannot be left",      "\"\"\"<%a|docstring%>\"\"\"",            "{a:'\"\"\"; import os'}", NULL,
     NULL,                                                                                                                           "\"\"\"\\\"\\\"\"; import os\"\"\""  },
    {"a docstring's last quote",        "\"\"\"<%a|docstring%>\"\"\"",            "{a:'say \"x\"'}",         NULL,             NULL,
     "\"\"\"say \"x\\\"\"\"\""                                                                                                                                            },
    {"a docstring's backslash",         "\"\"\"<%a|docstring%>\"\"\"",            "{a:'a\\'}",               NULL,             NULL,
     "\"\"\"a\\\\\"\"\""                                                                                                                                                  },
    {"a docstring keeps lines",         "<%a|docstring%>",                        "{a:'1\n2'}",              NULL,             NULL, "1\n2"                               },
    {"unknown filter",                  "<%a|yaml%>",                             "{a:'x'}",                 NULL,             NULL, "!no filter 'yaml'"                  },
    {"filter without a name",           "<%|py%>",                                "{a:'x'}",                 NULL,             NULL, "!no filter 'py'"                    },
    {"a list is no text",               "<%a%>",                                  "{a:[]}",                  NULL,             NULL, "!'a': it is no text"                },
    {"a boolean is no text",            "<%a%>",                                  "{a:true}",                NULL,             NULL, "!'a': it is no text"                },
    {"an object is no text",            "<%a%>",                                  "{a:{}}",                  NULL,             NULL, "!'a': it is no text"                },
    {"unclosed tag",                    "ab <%x",                                 NULL,                      NULL,             NULL, "!never closed by '%>'"              },
    {"unclosed comment",                "<%! x",                                  NULL,                      NULL,             NULL, "!never closed"                      },
    {"unclosed three braces",           "<%{x%>",                                 NULL,                      NULL,             NULL, "!never closed by '}%>'"             },
    {"unclosed section",                "<%#x%>",                                 NULL,                      NULL,             NULL, "!'x' is opened but never closed"    },
    {"unclosed parent",                 "<%<x%>",                                 NULL,                      NULL,             NULL, "!'x' is opened but never closed"    },
    {"unopened section",                "<%/x%>",                                 NULL,                      NULL,             NULL, "!'x' is closed but was never opened"},
    {"crossed sections",                "<%#a%><%#b%><%/a%><%/b%>",               NULL,                      NULL,             NULL,
     "!'a' is closed where 'b' is open"                                                                                                                                   },
    {"empty name",                      "<%%>",                                   NULL,                      NULL,             NULL, "!no name"                           },
    {"blank name",                      "<%  %>",                                 NULL,                      NULL,             NULL, "!no name"                           },
    {"empty section name",              "<%#%>",                                  NULL,                      NULL,             NULL, "!no name"                           },
    {"blanks in a name",                "<%a b%>",                                NULL,                      NULL,             NULL, "!holds no blanks"                   },
    {"line break in a name",            "<%a\nb%>",                               NULL,                      NULL,             NULL, "!holds no blanks"                   },
    {"one delimiter",                   "<%=[=%>",                                NULL,                      NULL,             NULL, "!two words"                         },
    {"three delimiters",                "<%=[ ] |=%>",                            NULL,                      NULL,             NULL, "!two words"                         },
    {"equals sign in delimiters",       "<%=<= =>=%>",                            NULL,                      NULL,             NULL, "!two words"                         },
    {"a partial without end",           "<%>p%>",                                 NULL,                      "p=<%>p%>",       NULL, "!nested too deeply"                 },
    {"a parent without end",            "<%<p%><%/p%>",                           NULL,                      "p=<%<p%><%/p%>", NULL, "!nested too deeply"                 },
    {"a block that replaces itself",    "<%<p%><%$t%>(<%$t%><%/t%>)<%/t%><%/p%>", NULL,
     "p=<%$t%><%/t%>",                                                                                                         NULL, "!nested too deeply"                 },
    {"partials that multiply",          "<%>a%>",                                 NULL,
     "a=<%>b%><%>b%><%>b%><%>b%>~b=<%>c%><%>c%><%>c%><%>c%><%>c%>~c=<%#l%><%#l%><%#l%><%#l%>"
     "<%#l%>x<%/l%><%/l%><%/l%><%/l%><%/l%>",                                                                                  NULL, "!'l'"                               },
    {"an error in a partial",           "<%>p%>",                                 NULL,                      "p=<%x",          NULL, "!never closed"                      },
};

static void our_differences_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(our_cases); i++) {
        print_message("%s\n", our_cases[i].name);
        check_case(&our_cases[i], OURS);
    }
}

static void an_error_names_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line, column;
        const char *source, *hint;
    } cases[] = {
        {"<%lamp%>",                    1, 1,  "<%lamp%>",      "did you mean 'lamb'?"},
        {"a\n  é<%lamb%> <%#lumb%>\n", 2, 13, NULL,            NULL                  },
        {"a\nb\n\n x<%zebra%> y\nc",    4, 3,  " x<%zebra%> y", NULL                  },
        {"a\n<%#lamb%>\n",              2, 1,  "<%#lamb%>",     NULL                  },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(100);
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_template *t;
        const nb_value *data = data_from(&arena, "{lamb:'mutton'}");
        if (nb_template_compile(&arena, nb_str_from(cases[i].text), NB_STR("x.tmpl"), NULL, &t,
                                &err) == NB_OK)
            assert_int_equal(nb_template_render(t, data, NULL, &out, &err), NB_ERR_CONFIG);
        assert_string_equal(err.path, "x.tmpl");
        assert_int_equal(err.line, cases[i].line);
        assert_int_equal(err.column, cases[i].column);
        if (cases[i].source)
            assert_string_equal(err.source, cases[i].source);
        if (cases[i].hint)
            assert_string_equal(err.hint, cases[i].hint);
    }
}

static void text_beyond_the_limit_is_an_error(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(64);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_template *t;
    nb_buf_putz(&out, "before");
    assert_ok(
        nb_template_compile(&arena, NB_STR("<%#l%>0123456789<%/l%>"), NB_STR("x"), NULL, &t, &err),
        &err);
    const nb_value *data = data_from(&arena, "{l:['1', '2', '3', '4', '5', '6', '7']}");
    assert_int_equal(nb_template_render(t, data, NULL, &out, &err), NB_ERR_CONFIG);
    assert_str(nb_buf_view(&out), "before");
}

static void a_loop_in_a_loop_without_end_stops(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(10000), out = NB_BUF_INIT(1 << 20);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_template *t;
    for (int i = 0; i < 60; i++)
        nb_buf_putz(&text, "<%#l%>");
    for (int i = 0; i < 60; i++)
        nb_buf_putz(&text, "<%/l%>");
    assert_ok(nb_template_compile(&arena, nb_buf_view(&text), NB_STR("x"), NULL, &t, &err), &err);
    assert_int_equal(nb_template_render(t, data_from(&arena, "{l:['1', '2']}"), NULL, &out, &err),
                     NB_ERR_CONFIG);
    assert_non_null(strstr(nb_error_message(&err, 0), "too large"));
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(1 << 20);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_template *t;
    for (int i = 0; i < 10000; i++)
        nb_buf_putz(&text, "<%#a%>");
    assert_int_equal(nb_template_compile(&arena, nb_buf_view(&text), NB_STR("x"), NULL, &t, &err),
                     NB_ERR_CONFIG);
    assert_non_null(strstr(nb_error_message(&err, 0), "nested too deeply"));
}

static void a_field_set_twice_is_replaced(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_value *object = nb_value_object(&arena);
    nb_value_set_text(&arena, object, "a", NB_STR("1"));
    nb_value_set_bool(&arena, object, "b", true);
    nb_value_set_text(&arena, object, "a", NB_STR("2"));
    assert_int_equal(object->fields.count, 2);
    assert_str(nb_value_get(object, NB_STR("a"))->text, "2");
    assert_null(nb_value_get(object, NB_STR("c")));
    assert_null(nb_value_get(nb_value_get(object, NB_STR("a")), NB_STR("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_leave_no_trace),
        cmocka_unit_test(delimiters_can_be_changed),
        cmocka_unit_test(variables_are_looked_up_and_written),
        cmocka_unit_test(sections_follow_their_value),
        cmocka_unit_test(inverted_sections_follow_its_absence),
        cmocka_unit_test(partials_are_filled_in_and_indented),
        cmocka_unit_test(parents_take_blocks),
        cmocka_unit_test(our_differences_hold),
        cmocka_unit_test(an_error_names_line_and_column),
        cmocka_unit_test(text_beyond_the_limit_is_an_error),
        cmocka_unit_test(a_loop_in_a_loop_without_end_stops),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_field_set_twice_is_replaced),
    };
    return cmocka_run_group_tests_name("text/template", tests, NULL, NULL);
}
