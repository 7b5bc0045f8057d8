#include "check/callees.h"
#include "check/rule.h"

#include "py/facts.h"

/* Code that waits for a person or needs a screen: on a training machine it blocks or fails, an error; what merely draws a widget that nobody sees is a
 * warning, and so is a call that runs on a condition only. */

static const struct interactive_row {
    const char *callee;
    nb_severity severity;
    const char *why;  /* what it does where nobody is */
    const char *help; /* starts with a verb */
} rows[] = {
    {"input",                                NB_SEVERITY_ERROR,   "waits for somebody to type",
     "make the value a hyperparameter: assign it in a cell tagged 'parameters'"                                                 },
    {"raw_input",                            NB_SEVERITY_ERROR,   "waits for somebody to type",
     "make the value a hyperparameter: assign it in a cell tagged 'parameters'"                                                 },
    {"getpass.getpass",                      NB_SEVERITY_ERROR,   "waits for somebody to type",
     "read the secret from the environment: os.environ[\"PASSWORD\"]"                                                           },
    {"breakpoint",                           NB_SEVERITY_ERROR,   "stops in the debugger",               "remove it"            },
    {"*.set_trace",                          NB_SEVERITY_ERROR,   "stops in the debugger",               "remove it"            },
    {"pdb.*",                                NB_SEVERITY_ERROR,   "stops in the debugger",               "remove it"            },
    {"IPython.embed",                        NB_SEVERITY_ERROR,   "opens a prompt",                      "remove it"            },
    {"code.interact",                        NB_SEVERITY_ERROR,   "opens a prompt",                      "remove it"            },
    {"google.colab.files.*",                 NB_SEVERITY_ERROR,   "asks the browser for files",
     "put the files below 'data_path' and read them from there"                                                                 },
    {"cv2.imshow",                           NB_SEVERITY_ERROR,   "fails without a screen",
     "write the picture to a file: cv2.imwrite(…)"                                                                            },
    {"cv2.namedWindow",                      NB_SEVERITY_ERROR,   "fails without a screen",              "remove it"            },
    {"cv2.waitKey",                          NB_SEVERITY_ERROR,   "waits for a key",                     "remove it"            },
    {"matplotlib.pyplot.waitforbuttonpress", NB_SEVERITY_ERROR,   "waits for a key",                     "remove it"            },
    {"matplotlib.pyplot.ginput",             NB_SEVERITY_ERROR,   "waits for the mouse",                 "write the points down"},
    {"tkinter.Tk",                           NB_SEVERITY_ERROR,   "fails without a screen",              "remove it"            },
    {"tkinter.filedialog.*",                 NB_SEVERITY_ERROR,   "waits for somebody to choose",
     "name the file below 'data_path'"                                                                                          },
    {"ipywidgets.*",                         NB_SEVERITY_WARNING, "draws a widget that nobody sees",
     "call the function with values, or take the tag away"                                                                      },
    {"webbrowser.open",                      NB_SEVERITY_WARNING, "opens a browser where there is none", "remove it"            },
};

/* A camera: cv2.VideoCapture(0). */
static bool opens_camera(const nb_site *call)
{
    const nb_py_node *source = nb_py_get(call->node, NB_PY_FIELD_ARGUMENT);
    return nb_str_eqz(call->name, "cv2.VideoCapture") && source && source->kind == NB_PY_NUMBER;
}

static void tell(const nb_analysis *a, const nb_site *call, const struct interactive_row *row)
{
    nb_str shown = nb_py_call_name(a->arena, call->statement->cell->tree, call->node);
    nb_diag *diag = nb_diag_add(
        a->diags, NB_D_INTERACTIVE,
        nb_source_spot(a->source, call->statement->cell, call->node->start, call->node->end),
        NB_STR_FMT "() %s", NB_STR_ARG(shown.len > 0 ? shown : call->method), row->why);
    diag->severity = row->severity;
    if (row->severity == NB_SEVERITY_ERROR &&
        nb_sites_is_conditional(call->node, call->statement->node))
        diag->severity = NB_SEVERITY_WARNING;
    nb_diag_help(a->diags, diag, "%s", row->help);
}

static void check_call(const nb_analysis *a, const nb_site *call, nb_map *told)
{
    static const struct interactive_row camera = {"", NB_SEVERITY_ERROR, "opens a camera",
                                                  "read the pictures from files below 'data_path'"};
    const struct interactive_row *row = opens_camera(call) ? &camera : NULL;
    for (size_t i = 0; i < NB_LEN(rows) && !row; i++)
        if (nb_callee_is(call->name, call->method, rows[i].callee))
            row = &rows[i];
    if (!row || !nb_sites_runs(a->graph, call))
        return;
    nb_str name = nb_str_is_name(call->name) ? call->name : NB_STR("");
    const nb_name *bound = nb_graph_name(a->graph, name);
    if (bound && bound->binders.count > 0 && !nb_map_has(&a->sites->imports, name))
        return; /* a function of the notebook with that name */
    if (row->severity == NB_SEVERITY_WARNING &&
        !nb_set_add(a->arena, told, nb_str_from(row->callee)))
        return;
    tell(a, call, row);
}

void nb_rule_interactive(const nb_analysis *a)
{
    nb_map told = NB_MAP_INIT;
    for (size_t i = 0; i < a->sites->calls.list.count; i++)
        check_call(a, &a->sites->calls.list.at[i], &told);
}
