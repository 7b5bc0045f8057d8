/* Calls that are given the path of a file which they save or load. */
#include "gen/paths.h"

#include "py/facts.h"

typedef struct path_call {
    const char *callee; /* the whole dotted name, or ".name" for a method of anything */
    unsigned position;  /* of the path among the positional arguments, from 0 */
    const char *keyword;
} path_call;

static const path_call savers[] = {
    {"torch.save",                 1, "f"             },
    {"joblib.dump",                1, "filename"      },
    {"dump",                       1, "filename"      },
    {"np.save",                    0, "file"          },
    {"np.savez",                   0, "file"          },
    {"numpy.save",                 0, "file"          },
    {".save",                      0, "filepath"      },
    {".save_model",                0, "fname"         },
    {".save_weights",              0, "filepath"      },
    {".save_pretrained",           0, "save_directory"},
    {".export",                    0, "filepath"      },
    {".to_disk",                   0, "path"          },
    {".to_pickle",                 0, "path"          },
    {"tf.saved_model.save",        1, "export_dir"    },
    {"save_model",                 1, "filepath"      },
    {"tf.keras.models.save_model", 1, "filepath"      },
    {"keras.models.save_model",    1, "filepath"      },
    {"onnx.save",                  1, "f"             },
    {"torch.onnx.export",          2, "f"             },
    {"torch.jit.save",             1, "f"             },
};

static const path_call loaders[] = {
    {"torch.load",                 0, "f"                 },
    {"joblib.load",                0, "filename"          },
    {"load",                       0, "filename"          },
    {"np.load",                    0, "file"              },
    {"numpy.load",                 0, "file"              },
    {".load_model",                0, "fname"             },
    {".load_weights",              0, "filepath"          },
    {"load_model",                 0, "filepath"          },
    {"pd.read_pickle",             0, "filepath_or_buffer"},
    {"tf.keras.models.load_model", 0, "filepath"          },
    {"keras.models.load_model",    0, "filepath"          },
    {"tf.saved_model.load",        0, "export_dir"        },
    {"torch.jit.load",             0, "f"                 },
    {"os.path.exists",             0, "path"              },
    {"os.path.getsize",            0, "filename"          },
    {"open",                       0, "file"              },
};

static const nb_py_node *path_argument(nb_arena *arena, const nb_py_tree *tree,
                                       const nb_py_node *call, const path_call *rows, size_t count)
{
    nb_str dotted = nb_py_call_name(arena, tree, call), method = nb_py_call_method(tree, call);
    for (size_t i = 0; i < count; i++) {
        bool same = rows[i].callee[0] == '.'
                        ? dotted.len != method.len && nb_str_eqz(method, rows[i].callee + 1)
                        : nb_str_eqz(dotted, rows[i].callee);
        if (same)
            return nb_py_argument(tree, call, rows[i].keyword, (int)rows[i].position);
    }
    return NULL;
}

static bool opens_for_writing(const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *mode = nb_py_argument(tree, call, "mode", 1);
    nb_str text = mode ? nb_py_text(tree, mode) : NB_STR("");
    return nb_str_find_char(text, 'w') >= 0 || nb_str_find_char(text, 'x') >= 0;
}

static bool dumps_into(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *below)
{
    for (const nb_py_node *n = below; n; n = nb_py_next(below, n, false)) {
        if (n->kind != NB_PY_CALL)
            continue;
        nb_str callee = nb_py_call_name(arena, tree, n);
        if (nb_str_eqz(callee, "pickle.dump") || nb_str_eqz(callee, "joblib.dump") ||
            nb_str_eqz(callee, "cloudpickle.dump") || nb_str_eqz(callee, "dill.dump") ||
            nb_str_eqz(callee, "json.dump") || nb_str_eqz(callee, "torch.save"))
            return true;
    }
    return false;
}

/* open("x.pkl", "wb"), as an argument of pickle.dump or as the file of a with block that dumps. */
static const nb_py_node *saved_by_open(nb_arena *arena, const nb_py_tree *tree,
                                       const nb_py_node *call)
{
    nb_str callee = nb_py_call_name(arena, tree, call);
    if (!nb_str_eqz(callee, "open") || !opens_for_writing(tree, call))
        return NULL;
    const nb_py_node *parent = call->parent;
    bool saves = parent && parent->kind == NB_PY_CALL && dumps_into(arena, tree, parent);
    if (parent && parent->kind == NB_PY_WITH_ITEM)
        saves = dumps_into(arena, tree, parent->parent);
    return saves ? nb_py_argument(tree, call, "file", 0) : NULL;
}

const nb_py_node *nb_paths_saved(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *path = path_argument(arena, tree, call, savers, NB_LEN(savers));
    return path ? path : saved_by_open(arena, tree, call);
}

const nb_py_node *nb_paths_loaded(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call)
{
    return path_argument(arena, tree, call, loaders, NB_LEN(loaders));
}
