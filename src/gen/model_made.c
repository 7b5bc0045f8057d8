#include "gen/model_made.h"

#include "gen/find_model.h"
#include "py/facts.h"

#include <fnmatch.h>

/* --- classes ------------------------------------------------------------------------------------------------- */

static bool ends_with_any(nb_str text, const char *const *endings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_ends(text, nb_str_from(endings[i])))
            return true;
    return false;
}

bool nb_made_is_transformer(nb_str name)
{
    static const char *const endings[] = {"Scaler",      "Encoder",   "Vectorizer",  "Imputer",
                                          "Transformer", "Binarizer", "Tokenizer",   "Normalizer",
                                          "Features",    "Selector",  "SelectKBest", "Discretizer",
                                          "PCA",         "SMOTE",     "Sampler"};
    return ends_with_any(name, endings, NB_LEN(endings));
}

static bool has_method(const nb_statement *class_, const char *const *names, size_t count)
{
    const nb_py_node *body = nb_py_get(class_->node, NB_PY_FIELD_BODY);
    for (const nb_py_node *n = body ? body->child : NULL; n; n = n->next) {
        if (n->kind != NB_PY_FUNCTION)
            continue;
        nb_str name = nb_py_text(class_->cell->tree, nb_py_get(n, NB_PY_FIELD_NAME));
        for (size_t i = 0; i < count; i++)
            if (nb_str_eqz(name, names[i]))
                return true;
    }
    return false;
}

static bool derives_from_model(const nb_graph *graph, const nb_statement *class_, unsigned depth)
{
    static const char *const endings[] = {"Module",          "Model",          "Sequential",
                                          "LightningModule", "BaseEstimator",  "ClassifierMixin",
                                          "RegressorMixin",  "PreTrainedModel"};
    nb_py_names bases = nb_py_bases(graph->source->arena, class_->cell->tree, class_->node);
    for (size_t i = 0; i < bases.list.count; i++) {
        const nb_statement *own = nb_graph_binder(graph, bases.list.at[i], NB_PY_CLASS);
        if (own && own != class_ && depth < 8 && derives_from_model(graph, own, depth + 1))
            return true;
        if (ends_with_any(bases.list.at[i], endings, NB_LEN(endings)))
            return true;
    }
    return false;
}

bool nb_find_is_model_class(const nb_graph *graph, const nb_statement *class_)
{
    static const char *const methods[] = {"fit", "train", "forward", "predict", "call"};
    static const char *const data[] = {"transform", "__getitem__"};
    static const char *const parameters[] = {"parameters"}, *const called[] = {"__call__"};
    if (has_method(class_, data, NB_LEN(data)))
        return false;
    if (has_method(class_, parameters, 1) && has_method(class_, called, 1))
        return true; /* a network of the notebook's own, without a library */
    return derives_from_model(graph, class_, 0) || has_method(class_, methods, NB_LEN(methods));
}

/* --- calls ----------------------------------------------------------------------------------------------------- */

/* What libraries make models with, as patterns of names with imports resolved. */
static const char *const model_makers[] = {
    "Sequential",
    "*.Sequential",
    "Model",
    "*.Model",
    "*.from_pretrained",
    "models.*",
    "*keras.models.*",
    "*torchvision.models.*",
    "*tf.estimator.*",
    "tensorflow.estimator.*",
    "timm.create_model",
    "timm.models.*",
    "torch.hub.load",
    "segmentation_models_pytorch.[A-Z]*",
};

/* Layers that learn: part of a model, and a whole one where nothing else is trained. */
static const char *const layer_makers[] = {
    "torch.nn.Linear",     "torch.nn.Bilinear",   "torch.nn.Conv*",      "torch.nn.RNN*",
    "torch.nn.LSTM*",      "torch.nn.GRU*",       "torch.nn.Embedding*", "torch.nn.Transformer*",
    "torch.nn.ModuleList", "torch.nn.ModuleDict",
};

/* What comes with a model under the same method. */
static const char *const companions[] = {
    "*Tokenizer*.from_pretrained", "*Processor*.from_pretrained", "*Extractor*.from_pretrained",
    "*Config*.from_pretrained",    "*Scheduler*.from_pretrained",
};

static bool matches(const char *name, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

static nb_made made_by_name(const char *callee)
{
    if (matches(callee, companions, NB_LEN(companions)))
        return NB_MADE_OTHER;
    if (matches(callee, model_makers, NB_LEN(model_makers)))
        return NB_MADE_MODEL;
    return matches(callee, layer_makers, NB_LEN(layer_makers)) ? NB_MADE_LAYER : NB_MADE_OTHER;
}

static const nb_py_node *receiver_of(const nb_py_node *call)
{
    const nb_py_node *func = nb_py_get(call, NB_PY_FIELD_FUNC);
    return func && func->kind == NB_PY_ATTRIBUTE ? nb_py_get(func, NB_PY_FIELD_VALUE) : NULL;
}

nb_made nb_made_by(const nb_graph *graph, const nb_sites *sites, const nb_py_tree *tree,
                   const nb_py_node *value)
{
    nb_arena *arena = graph->source->arena;
    while (value && value->kind == NB_PY_CALL && receiver_of(value) &&
           receiver_of(value)->kind == NB_PY_CALL)
        value = receiver_of(value);
    if (!value || value->kind != NB_PY_CALL)
        return NB_MADE_OTHER;
    nb_str callee = nb_py_call_name(arena, tree, value);
    const nb_statement *class_ = nb_graph_binder(graph, callee, NB_PY_CLASS);
    if (class_)
        return nb_find_is_model_class(graph, class_) ? NB_MADE_MODEL : NB_MADE_OTHER;
    nb_made made = made_by_name(nb_arena_z(arena, callee));
    if (made != NB_MADE_OTHER || !sites)
        return made;
    return made_by_name(nb_arena_z(arena, nb_sites_resolve(graph, sites, callee)));
}

/* --- optimizers ------------------------------------------------------------------------------------------------ */

static bool is_optimizer(nb_arena *arena, nb_str callee)
{
    static const char *const patterns[] = {"*optim*",   "*ada*",   "*sgd*",   "*nadam*", "*radam*",
                                           "*rmsprop*", "*lbfgs*", "*rprop*", "*lion*",  "*lamb*"};
    return matches(nb_arena_z(arena, nb_str_lower(arena, callee)), patterns, NB_LEN(patterns));
}

bool nb_made_for_optimizer(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call)
{
    nb_str method = nb_py_call_method(tree, call);
    if (!nb_str_eqz(method, "parameters") && !nb_str_eqz(method, "named_parameters"))
        return false;
    for (const nb_py_node *n = call->parent; n; n = n->parent)
        if (n->kind == NB_PY_CALL && is_optimizer(arena, nb_py_call_name(arena, tree, n)))
            return true;
    return false;
}
