#include "graph/words.h"

#include "py/modules_tables.h"

/* ISO C promises 4095 bytes of literal; both compilers take far more. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* Word:letter, the letters below; a capital: only when it is called on an object. Sorted, see nb_words_find(). */
static const nb_str names = NB_STR_ROW(
    "BayesSearchCV:m DMatrix:t DataLoader:t DataReader:l GridSearchCV:m HalvingGridSearchCV:m "
    "HalvingRandomSearchCV:m ImageDataGenerator:t ImageFolder:l Learner:m Model:m Pipeline:m "
    "Pool:t QuantileDMatrix:t RandomizedSearchCV:m Sequential:m TensorDataset:t Trainer:m "
    "TrainingArguments:m TuneSearchCV:m accuracy_score:q adapt:T add:C add_axes:V "
    "add_legend:V add_module:C add_subplot:V add_trace:V adjusted_rand_score:q all:I "
    "annotate:V any:I append:C apply_:C apply_gradients:B as_tensor:t autofmt_xdate:V "
    "average_precision_score:q backward:B balanced_accuracy_score:q bar:V bar_label:V barh:V "
    "basicConfig:o boxplot:V brier_score_loss:q build:C build_model:m "
    "calinski_harabasz_score:q captureWarnings:o classification_report:q clear:C close:C "
    "cnn_learner:m cohen_kappa_score:q collab_learner:m columns:I compile:M concat:t "
    "confusion_matrix:q copy_:C corr:I count:I cpu:C create_model:m cross_val_predict:q "
    "cross_val_score:q cross_validate:q crosstab:I cuda:C cut:t dataset_download_files:D "
    "davies_bouldin_score:q decision_function:P describe:I device:o device_count:o dim:I "
    "dir:i disable_eager_execution:o discard:C display:i download:D "
    "download_and_extract_archive:d download_file:d download_url:d dump:w empty_cache:o "
    "enable_eager_execution:o eval:C evaluate:Q evaluate_generator:Q "
    "explained_variance_score:q export:W export_graphviz:v extend:C f1_score:q fbeta_score:q "
    "fetch_20newsgroups:l fetch_california_housing:l fetch_covtype:l fetch_lfw_people:l "
    "fetch_olivetti_faces:l fetch_openml:l fill_:C filterwarnings:o fine_tune:F first:I fit:F "
    "fit_generator:F fit_on_texts:T fit_one_cycle:F fit_predict:F fit_regularized:F "
    "fit_resample:T fit_sample:T fit_transform:T fix_seed:r flow_from_dataframe:L "
    "flow_from_directory:L forecast:P freeze:C from_csv:L from_folder:L from_generator:t "
    "from_numpy:t from_pretrained:m from_tensor_slices:t fromfile:l genfromtxt:l "
    "get_device_name:o get_dummies:t get_file:d get_forecast:P get_metric:Q get_model:m "
    "get_params:I get_preds:P getpass:a glimpse:I grid:V groupby:I hamming_loss:q hasattr:i "
    "head:I heatmap:V help:i hist:V iloc:I image_dataset_from_directory:l imread:l imsave:w "
    "imshow:V imwrite:w info:I initialize:C input:a insert:C interact:a interactive:a "
    "inverse_transform:T is_available:o isinstance:i isna:I isnull:I item:I items:I "
    "iterative_train_test_split:s jaccard_score:q keys:I kneighbors:P "
    "language_model_learner:m learn:F legend:V len:i lineplot:V list_physical_devices:o "
    "load:l load_boston:l load_breast_cancer:l load_data:l load_dataset:l load_diabetes:l "
    "load_digits:l load_dotenv:o load_files:l load_img:l load_iris:l load_model:m "
    "load_state_dict:C load_svmlight_file:l load_weights:C load_wine:l loadmat:l loadtxt:l "
    "loc:I log_loss:q lr_find:F make_blobs:l make_circles:l make_classification:l "
    "make_model:m make_moons:l make_pipeline:m make_regression:l manual_backward:B "
    "manual_seed:r manual_seed_all:r matshow:V matthews_corrcoef:q max:I mean:I "
    "mean_absolute_error:q mean_absolute_percentage_error:q mean_squared_error:q "
    "mean_squared_log_error:q median:I median_absolute_error:q melt:t memory_usage:I merge:t "
    "min:I most_common:I nlargest:I normal_:C notebook_login:a notna:I notnull:I nsmallest:I "
    "numpy:I nunique:I one_hot:t open:l optimize:F optimizer_step:B pad_sequences:t "
    "partial_fit:F permutation_importance:q pie:V pivot_table:t plot:V "
    "plot_confusion_matrix:v plot_history:v plot_importance:v plot_learning_curve:v "
    "plot_loss:v plot_metric:V plot_model:v plot_precision_recall_curve:v plot_roc_curve:v "
    "plot_surface:V plot_tree:v pop:C popitem:C pprint:i precision_recall_curve:q "
    "precision_score:q predict:P predict_classes:P predict_generator:P predict_log_proba:P "
    "predict_on_batch:P predict_proba:P print:i printSchema:I print_model_summary:I "
    "print_trainable_parameters:I push_to_hub:W put:C qcut:t query:I r2_score:q random_seed:r "
    "random_split:s read_csv:l read_excel:l read_feather:l read_fwf:l read_gbq:l read_hdf:l "
    "read_html:l read_json:l read_parquet:l read_pickle:l read_sas:l read_sql:l "
    "read_sql_query:l read_sql_table:l read_stata:l read_table:l read_xml:l recall_score:q "
    "register_buffer:C remove:C rename_:C requires_grad_:C resize:C reverse:C roc_auc_score:q "
    "roc_curve:q root_mean_squared_error:q sample:I save:W save_model:w save_pretrained:W "
    "save_weights:W savefig:V savemat:w savetxt:w savez:w savez_compressed:w scatter:V "
    "scatter_matrix:v score:Q score_samples:P seed:r seed_all:r seed_everything:r setLevel:O "
    "set_axis_labels:V set_config:o set_default_dtype:o set_detect_anomaly:o set_device:o "
    "set_figheight:V set_figwidth:V set_floatx:o set_grad_enabled:o set_index_:C "
    "set_matplotlib_formats:o set_memory_growth:o set_num_threads:o set_option:o set_params:C "
    "set_printoptions:o set_random_seed:r set_seed:r set_seeds:r set_size_inches:V "
    "set_title:V set_trainable:C set_verbosity:o set_verbosity_error:o set_visible_devices:o "
    "set_xlabel:V set_xlim:V set_xticklabels:V set_xticks:V set_ylabel:V set_ylim:V "
    "set_yticklabels:V set_yticks:V setdefault:C shape:I show:V show_batch:V show_graph:I "
    "show_results:V shuffle:C silhouette_score:q simplefilter:o size:I sort:C sort_index:I "
    "sort_values:I std:I sum:I summary:I suptitle:V tabular_learner:m tail:I take:I "
    "temporal_train_test_split:s text_classifier_learner:m text_dataset_from_directory:l "
    "texts_to_sequences:T tick_params:V tight_layout:V to:C to_categorical:t to_csv:W "
    "to_excel:W to_feather:W to_hdf:W to_html:W to_image:V to_json:W to_numpy:T to_parquet:W "
    "to_pickle:W to_sql:W tolist:I train_model:F train_on_batch:F train_test_split:s "
    "train_test_val_split:s train_val_split:s transform:T transpose:I tree:I twinx:V type:i "
    "unet_learner:m unfreeze:C uniform_:C unique:I untar_data:l update:C update_layout:V "
    "urlopen:d urlretrieve:d use_deterministic_algorithms:o value_counts:I values:I "
    "view_init:V vision_learner:m word_tokenize:t write:C write_html:W writelines:C zero_:C "
    "zero_grad:B zero_one_loss:q");

static const nb_str modules = NB_STR_ROW(
    "IPython:i PIL:t albumentations:t altair:v autoviz:v bokeh:v catboost:m "
    "category_encoders:t chart_studio:v collections:t csv:t cufflinks:v cv2:t dask:t "
    "datasets:t datetime:t diffusers:m dotenv:o dtale:i dtreeviz:v efficientnet_pytorch:m "
    "eli5:v fastai:m fbprophet:m feature_engine:t featuretools:t flax:m folium:v gdown:d "
    "geemap:v gensim:t ggplot:v glob:t google.colab:a gradio:a graphviz:v hmmlearn:m "
    "holoviews:v hvplot:v hyperopt:m imblearn:t ipywidgets:a itertools:t jax:t json:t "
    "kaggle:d kagglehub:d keras:m keras.datasets:l keras.preprocessing:t keras.utils:t "
    "keras_preprocessing:t librosa:t lightgbm:m lightning:m lime:v logging:o matplotlib:v "
    "missingno:v mlxtend:m mlxtend.plotting:v mpl_toolkits:v ngboost:m nltk:t nltk.corpus:l "
    "numpy:t opendatasets:d optax:m optuna:m pandas:t pandas.plotting:v pandas_datareader:l "
    "pandas_profiling:i peft:m plotly:v plotnine:v pmdarima:m polars:t pprint:i prettytable:i "
    "prophet:m ptitprince:v pyarrow:t pydot:v pydotplus:v pylab:v pytorch_lightning:m pyvis:v "
    "qgrid:i re:t requests:d rouge_score:q sacrebleu:q scikitplot:v scipy:t seaborn:v "
    "segmentation_models_pytorch:m sentence_transformers:m seqeval:q session_info:i shap:v "
    "skimage:t sklearn:m sklearn.compose:t sklearn.datasets:l sklearn.decomposition:t "
    "sklearn.feature_extraction:t sklearn.feature_selection:t sklearn.impute:t "
    "sklearn.manifold:t sklearn.metrics:q sklearn.metrics.pairwise:t "
    "sklearn.model_selection:t sklearn.preprocessing:t sklearn.random_projection:t "
    "sklearn.utils:t spacy:t squarify:v stable_baselines3:m statsmodels:m "
    "statsmodels.datasets:l streamlit:a string:t sweetviz:v tabulate:i tensorflow:t "
    "tensorflow.contrib:m tensorflow.data:t tensorflow.estimator:m tensorflow.keras:m "
    "tensorflow.keras.datasets:l tensorflow.keras.preprocessing:t tensorflow.keras.utils:t "
    "tensorflow.layers:m tensorflow.nn:m tensorflow.saved_model:m tensorflow.train:m "
    "tensorflow_datasets:l tensorflow_hub:m tf_keras:m timm:m torch:t torch.distributed:m "
    "torch.jit:m torch.nn:m torch.optim:m torch.utils.data:t torchaudio:t "
    "torchaudio.datasets:l torchinfo:i torchmetrics:q torchsummary:i torchtext:t "
    "torchtext.datasets:l torchvision.datasets:l torchvision.models:m torchvision.ops:m "
    "torchvision.transforms:t torchviz:v transformers:m urllib:d vega_datasets:l warnings:o "
    "watermark:i wget:d wordcloud:v xgboost:m ydata_profiling:i yellowbrick:v yfinance:l");

static nb_job job_of(char letter)
{
    switch (letter) {
    case 'l': return NB_JOB_LOAD;
    case 's': return NB_JOB_SPLIT;
    case 't': return NB_JOB_TRANSFORM;
    case 'm': return NB_JOB_MODEL;
    case 'f': return NB_JOB_FIT;
    case 'b': return NB_JOB_STEP;
    case 'p': return NB_JOB_PREDICT;
    case 'q': return NB_JOB_MEASURE;
    case 'w': return NB_JOB_SAVE;
    case 'i': return NB_JOB_PRINT;
    case 'v': return NB_JOB_PLOT;
    case 'a': return NB_JOB_ASK;
    case 'd': return NB_JOB_DOWNLOAD;
    case 'r': return NB_JOB_SEED;
    case 'o': return NB_JOB_SETTING;
    case 'c': return NB_JOB_CHANGE;
    default: return NB_JOB_UNKNOWN;
    }
}

nb_job nb_job_of_name(nb_str name, bool is_method)
{
    nb_str letter;
    if (!nb_words_find(names, name, &letter) || letter.len != 1)
        return NB_JOB_UNKNOWN;
    bool capital = letter.at[0] >= 'A' && letter.at[0] <= 'Z';
    if (capital && !is_method)
        return NB_JOB_UNKNOWN;
    return job_of(capital ? (char)(letter.at[0] - 'A' + 'a') : letter.at[0]);
}

nb_job nb_job_of_module(nb_str dotted)
{
    nb_str letter;
    while (dotted.len > 0) {
        if (nb_words_find(modules, dotted, &letter) && letter.len == 1)
            return job_of(letter.at[0]);
        ptrdiff_t dot = nb_str_rfind_char(dotted, '.');
        dotted.len = dot < 0 ? 0 : (size_t)dot;
    }
    return NB_JOB_UNKNOWN;
}

bool nb_is_transformer_name(nb_str name)
{
    static const char *const endings[] = {
        "Scaler",      "Encoder",        "Vectorizer",      "Imputer",
        "Transformer", "Binarizer",      "Tokenizer",       "Normalizer",
        "Features",    "Selector",       "SelectKBest",     "Discretizer",
        "PCA",         "SMOTE",          "Sampler",         "TruncatedSVD",
        "TSNE",        "LabelBinarizer", "SelectFromModel", "RFE"};
    for (size_t i = 0; i < NB_LEN(endings); i++)
        if (nb_str_ends(name, nb_str_from(endings[i])))
            return true;
    return false;
}
