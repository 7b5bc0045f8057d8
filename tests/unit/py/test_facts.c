#include "nb_test.h"

#include "py/facts.h"

static const nb_py_tree *parse(nb_arena *arena, const char *text)
{
    const nb_py_tree *tree = nb_py_parse(arena, nb_str_from(text),
                                         &(nb_py_options){.minor = 13, .top_level_await = true});
    assert_int_equal(tree->errors.count, 0);
    return tree;
}

static const struct {
    const char *text, *names;
} calls[] = {
    {"f(a.b(c), *d.e(), k=g())",      "f a.b d.e g "},
    {"x = make(1)(2)[h()].fit(z)",    "? ? make h " },
    {"def f(a=g()):\n    return h()", "g h "        },
    {"a . b (1)",                     "a.b "        },
    {"1 + 2",                         ""            },
};

static void finds_calls_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(calls); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        const nb_py_tree *tree = parse(&arena, calls[i].text);
        nb_str names = {0};
        for (nb_py_node *call = nb_py_next_call(tree->module, NULL); call;
             call = nb_py_next_call(tree->module, call)) {
            nb_str name = nb_py_call_name(&arena, tree, call);
            names = nb_arena_printf(&arena, "%.*s%.*s ", (int)names.len, names.at,
                                    name.len ? (int)name.len : 1, name.len ? name.at : "?");
        }
        assert_str(names, calls[i].names);
    }
}

static const struct {
    const char *call, *keyword;
    int index;
    const char *value;
} arguments[] = {
    {"save(model, 'm.pt')",       "f",  1,  "'m.pt'"        },
    {"save(model, f='m.pt')",     "f",  1,  "'m.pt'"        },
    {"save(f='m.pt', obj=model)", "f",  1,  "'m.pt'"        },
    {"save(*both)",               "f",  1,  NULL            },
    {"save(model, *rest, f=1)",   "f",  5,  "1"             },
    {"save(model, 'x', *rest)",   "f",  1,  "'x'"           },
    {"save(**all)",               "f",  0,  NULL            },
    {"save(model)",               "f",  1,  NULL            },
    {"save('x')",                 "f",  -1, NULL            },
    {"save(g=2)",                 NULL, 0,  NULL            },
    {"save(x for x in y)",        NULL, 0,  "(x for x in y)"},
};

static void finds_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(arguments); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %s\n", arguments[i].call);
        const nb_py_tree *tree = parse(&arena, arguments[i].call);
        nb_py_node *value = nb_py_argument(tree, nb_py_next_call(tree->module, NULL),
                                           arguments[i].keyword, arguments[i].index);
        if (arguments[i].value)
            assert_str(nb_py_text(tree, value), arguments[i].value);
        else
            assert_null(value);
    }
}

static void names_the_method(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_py_tree *tree = parse(&arena, "make(x)[0].fit(1)\nrun()\nf()()\n");
    nb_py_node *statement = tree->module->child;
    assert_str(nb_py_call_method(tree, statement->child), "fit");
    assert_str(nb_py_call_method(tree, statement->next->child), "run");
    assert_str(nb_py_call_method(tree, statement->next->next->child), "");
}

static void lists_parameters(void **state)
{
    (void)state;
    static const nb_py_param sorts[] = {
        NB_PY_PARAM_POSITIONAL_ONLY, NB_PY_PARAM_PLAIN,        NB_PY_PARAM_ARGS,
        NB_PY_PARAM_KEYWORD_ONLY,    NB_PY_PARAM_KEYWORD_ONLY, NB_PY_PARAM_KWARGS};
    static const char *const names[] = {"a", "b", "args", "c", "d", "kw"};
    static const bool defaults[] = {false, true, false, false, true, false};
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_py_tree *tree =
        parse(&arena, "def f(a: int, /, b=1, *args, c, d: str = 'x', **kw): pass\nlambda: 0\n"
                      "lambda *, z: 0\n");
    nb_py_node *function = tree->module->child;
    nb_py_parameters found = nb_py_parameters_of(&arena, tree, function);
    assert_int_equal(found.list.count, NB_LEN(sorts));
    for (size_t i = 0; i < NB_LEN(sorts); i++) {
        assert_str(found.list.at[i].name, names[i]);
        assert_int_equal(found.list.at[i].sort, sorts[i]);
        assert_int_equal(found.list.at[i].has_default, defaults[i]);
    }
    assert_int_equal(nb_py_parameters_of(&arena, tree, function->next->child).list.count, 0);
    found = nb_py_parameters_of(&arena, tree, function->next->next->child);
    assert_int_equal(found.list.count, 1);
    assert_int_equal(found.list.at[0].sort, NB_PY_PARAM_KEYWORD_ONLY);
}

static void lists_bases(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_py_tree *tree = parse(
        &arena, "class A(nn.Module, Generic[T], make(Base), x + y, metaclass=M, *more): pass");
    nb_py_names bases = nb_py_bases(&arena, tree, tree->module->child);
    assert_int_equal(bases.list.count, 3);
    assert_str(bases.list.at[0], "nn.Module");
    assert_str(bases.list.at[1], "Generic");
    assert_str(bases.list.at[2], "make");
}

static const struct {
    const char *text;
    bool guard;
} guards[] = {
    {"if __name__ == '__main__': pass",                            true },
    {"if '__main__' == __name__: pass",                            true },
    {"if (__name__) == (\"__main__\"):\n    main()\nelse:\n    x", true },
    {"if __name__ == '__main__' and x: pass",                      false},
    {"if __name__ != '__main__': pass",                            false},
    {"if __name__ == '__main__' == x: pass",                       false},
    {"if __name__ in '__main__': pass",                            false},
    {"if __name__ == main: pass",                                  false},
    {"if __file__ == '__main__': pass",                            false},
    {"while __name__ == '__main__': pass",                         false},
    {"if __name__ == f'__main__': pass",                           false},
    {"if __name__: pass",                                          false},
};

static void knows_the_main_guard(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(guards); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %s\n", guards[i].text);
        const nb_py_tree *tree = parse(&arena, guards[i].text);
        const nb_py_node *body = nb_py_main_guard(&arena, tree, tree->module->child);
        assert_int_equal(body != NULL, guards[i].guard);
        if (body)
            assert_int_equal(body->kind, NB_PY_BLOCK);
    }
}

static const struct {
    const char *text;
    bool yields, returns, awaits;
} flows[] = {
    {"def f():\n    return 1",                                             false, true,  false},
    {"def f():\n    def g():\n        return 1\n    lambda: (yield)",      false, false, false},
    {"def f():\n    x = yield",                                            true,  false, false},
    {"async def f():\n    await x",                                        false, false, true },
    {"async def f():\n    async with x: pass",                             false, false, true },
    {"async def f():\n    async def g(): await x",                         false, false, false},
    {"async def f():\n    return [x async for x in y]",                    false, true,  true },
    {"def f():\n    class A:\n        def g(self): return 1",              false, false, false},
    {"def f():\n    if x:\n        for y in z:\n            yield from y", true,  false, false},
};

static void knows_what_a_body_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(flows); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %s\n", flows[i].text);
        const nb_py_tree *tree = parse(&arena, flows[i].text);
        nb_py_flow flow = nb_py_flow_of(nb_py_get(tree->module->child, NB_PY_FIELD_BODY));
        assert_int_equal(flow.yields, flows[i].yields);
        assert_int_equal(flow.returns, flows[i].returns);
        assert_int_equal(flow.awaits, flows[i].awaits);
    }
}

static void knows_future_annotations(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    assert_true(nb_py_future_annotations(
        parse(&arena, "'doc'\nfrom __future__ import division, annotations\nimport a")));
    assert_false(nb_py_future_annotations(parse(&arena, "from __future__ import division")));
    assert_false(nb_py_future_annotations(parse(&arena, "from x import annotations")));
    assert_false(nb_py_future_annotations(parse(&arena, "from . import annotations")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_calls_by_name),
        cmocka_unit_test(finds_arguments),
        cmocka_unit_test(names_the_method),
        cmocka_unit_test(lists_parameters),
        cmocka_unit_test(lists_bases),
        cmocka_unit_test(knows_the_main_guard),
        cmocka_unit_test(knows_what_a_body_does),
        cmocka_unit_test(knows_future_annotations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
