#include "config/keys.h"

#include "config/config.h"

/* --- forms --- */

static bool is_not_empty(nb_str text)
{
    return text.len > 0;
}

static bool is_one_line(nb_str text)
{
    return text.len > 0 && nb_str_find_char(text, '\n') < 0;
}

static bool is_variable(nb_str text)
{
    return text.len == 0 || nb_str_is_name(text);
}

/* As a command-line flag and as a Python name: learning-rate is learning_rate. */
static bool is_parameter(nb_str text)
{
    if (text.len == 0 || !nb_is_name_start(text.at[0]))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!nb_is_name(text.at[i]) && text.at[i] != '-')
            return false;
    return true;
}

static bool is_cell_tag(nb_str text) /* nbformat: no commas */
{
    return text.len > 0 && nb_str_find_char(text, ',') < 0;
}

static bool is_region(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!(text.at[i] >= 'a' && text.at[i] <= 'z') && !nb_is_digit(text.at[i]) &&
            text.at[i] != '-')
            return false;
    return true;
}

static bool is_bucket(nb_str text)
{
    if (text.len == 0)
        return true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool plain = (c >= 'a' && c <= 'z') || nb_is_digit(c);
        bool inner = i > 0 && i + 1 < text.len && (c == '-' || c == '_' || c == '.');
        if (!plain && !inner)
            return false;
    }
    return text.len >= 3 && text.len <= 222;
}

static bool is_guid(nb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char small = (char)(text.at[i] | 0x20);
        bool hex = nb_is_digit(text.at[i]) || (small >= 'a' && small <= 'f');
        if (dash ? text.at[i] != '-' : !hex)
            return false;
    }
    return text.len == 36 || text.len == 0;
}

/* A whole number and one of the units, separated by '|'; the empty unit may be among them. */
static bool has_unit(nb_str text, const char *units)
{
    size_t digits = 0;
    nb_str rest = nb_str_from(units), unit;
    while (digits < text.len && nb_is_digit(text.at[digits]))
        digits++;
    nb_str given = nb_str_trim(nb_str_from_at(text, digits));
    if (digits == 0 || digits > 15)
        return false;
    while (nb_str_split(&rest, '|', &unit))
        if (nb_str_eq_nocase(unit, given))
            return true;
    return false;
}

static bool is_size(nb_str text)
{
    return has_unit(text, "|k|kb|kib|m|mb|mib|g|gb|gib");
}

static bool is_duration(nb_str text)
{
    return has_unit(text, "|ms|s|m|min|h");
}

static bool is_delay(nb_str text)
{
    return nb_str_eqz(text, "0") || has_unit(text, "us|ms|s");
}

static bool is_rate(nb_str text)
{
    return has_unit(text, "|/s|/min|/h");
}

/* 0.1, 10%, 1 */
static bool is_share(nb_str text)
{
    size_t digits = 0;
    bool percent = nb_str_ends(text, NB_STR("%"));
    int64_t whole;
    if (percent)
        return nb_str_to_int(nb_str_slice(text, 0, text.len - 1), &whole) && whole >= 0 &&
               whole <= 100;
    if (text.len == 1)
        return text.at[0] == '0' || text.at[0] == '1';
    if (!nb_str_starts(text, NB_STR("0.")))
        return nb_str_eqz(text, "1.0");
    for (size_t i = 2; i < text.len && nb_is_digit(text.at[i]); i++)
        digits++;
    return digits > 0 && digits == text.len - 2;
}

static bool is_workers(nb_str text)
{
    int64_t count;
    return nb_str_eqz(text, "auto") || (nb_str_to_int(text, &count) && count >= 1 && count <= 256);
}

static bool is_word(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] <= ' ')
            return false;
    return text.len > 0;
}

static bool is_finding(nb_str text)
{
    nb_diag_set set = {0};
    return nb_diag_set_add(&set, text);
}

static const nb_schema_form experiment_name = {
    "1 to 63 letters, digits, '-', '_' and '.', and begin with a letter, digit or '_'",
    "^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$",
    nb_config_valid_name,
};
static const nb_schema_form path = {"a path", "^.", is_not_empty};
static const nb_schema_form requirement = {"one requirement on one line", "^.+$", is_one_line};
static const nb_schema_form finding = {
    "a finding's code such as NB203, the beginning of codes such as NB2, or a finding's name",
    "^([Nn][Bb]([0-8]([0-9][0-9]?)?)?"
#define NB_DIAG_ROW(id, code, slug, severity, summary) "|" slug
#include "base/codes.def"
#undef NB_DIAG_ROW
    ")$",
    is_finding,
};
static const nb_schema_form variable = {"a Python name", NULL, is_variable};
static const nb_schema_form parameter = {
    "a name of letters, digits, '_' and '-' that begins with a letter", NULL, is_parameter};
static const nb_schema_form metric_name = {"a name on one line", "^.+$", is_one_line};
static const nb_schema_form cell_tag = {"a tag without commas", "^[^,]+$", is_cell_tag};
static const nb_schema_form region = {"lower-case letters, digits and '-'", "^[a-z0-9-]*$",
                                      is_region};
static const nb_schema_form bucket = {
    "a bucket's name: 3 or more lower-case letters, digits, '-', '_' and '.'",
    "^$|^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$", is_bucket};
static const nb_schema_form guid = {"an identifier like 12345678-90ab-cdef-1234-567890abcdef",
                                    "^$|^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
                                    is_guid};
static const nb_schema_form size = {"a size such as 16M", "^[0-9]{1,15} *([kKmMgG]([iI]?[bB])?)?$",
                                    is_size};
static const nb_schema_form duration = {"a time such as 60s, 500ms or 5min",
                                        "^[0-9]{1,15} *([mM][sS]|[sS]|[mM]([iI][nN])?|[hH])?$",
                                        is_duration};
static const nb_schema_form delay = {"a time such as 5ms or 250us",
                                     "^0$|^[0-9]{1,15} *([uU][sS]|[mM][sS]|[sS])$", is_delay};
static const nb_schema_form rate = {"a rate such as 10/s or 30/min",
                                    "^[0-9]{1,15} *(/([sShH]|[mM][iI][nN]))?$", is_rate};
static const nb_schema_form share = {"a share from 0 to 1, or a percentage such as 10%",
                                     "^[01]$|^1\\.0$|^0\\.[0-9]+$|^([0-9]{1,2}|100)%$", is_share};
static const nb_schema_form workers = {"a number from 1 to 256 or 'auto'", "^auto$|^[0-9]+$",
                                       is_workers};
static const nb_schema_form word = {"a word without blanks", "^[^\\s]+$", is_word};

/* --- rows --- */

#define PROVIDERS  "local|sagemaker|azure|gcp"
#define SECTIONS   "imports|parameters|utils|preprocess|model|train|inference|requirements|skip"
#define FRAMEWORKS "sklearn|xgboost|lightgbm|catboost|torch|keras|statsmodels"
/* The values of policies, as notebook/policies.c has them; a test compares. */
#define SHELL      "comment|subprocess|drop"
#define TIMEIT     "unwrap|drop"
#define CD         "comment|chdir"
#define WRITEFILE  "drop|export"
#define RUN        "comment|inline"
#define ABOUT_SHELL                                                                                \
    "What `!command` becomes: a comment with a finding, a call of subprocess.run() that ends the " \
    "script when the command fails, or nothing."
#define ABOUT_TIMEIT "What `%timeit` and `%%timeit` become: their statement, run once, or nothing."
#define ABOUT_CD     "What `%cd` becomes: a comment with a finding, or a call of os.chdir()."
#define ABOUT_WRITEFILE \
    "What `%%writefile` becomes: a comment with a finding, or a file beside the scripts."
#define ABOUT_RUN \
    "What `%run` becomes: a comment with a finding, or the other file's code in its place."
#define LONGEST_S 2419200 /* 28 days, what SageMaker allows at most */

/* A key of a cloud: NOTEBOOKED_AWS_REGION for aws.region. */
#define TEXT(key_, env_, ...)                                                         \
    {                                                                                 \
        .key = (key_), .kind = NB_SCHEMA_TEXT, .env = "NOTEBOOKED_" env_, __VA_ARGS__ \
    }
#define NUMBER(key_, env_, ...)                                                      \
    {                                                                                \
        .key = (key_), .kind = NB_SCHEMA_INT, .env = "NOTEBOOKED_" env_, __VA_ARGS__ \
    }
#define SWITCH(key_, env_, ...)                                                       \
    {                                                                                 \
        .key = (key_), .kind = NB_SCHEMA_BOOL, .env = "NOTEBOOKED_" env_, __VA_ARGS__ \
    }
#define TEXTS(key_, env_, ...)                                                         \
    {                                                                                  \
        .key = (key_), .kind = NB_SCHEMA_TEXTS, .env = "NOTEBOOKED_" env_, __VA_ARGS__ \
    }

static const nb_schema_row rows[] = {
  /* clang-format off */
    {.key = "mlflow", .kind = NB_SCHEMA_MAP,
     .description = "Where runs are tracked.", .example = "{tracking_uri: \"http://localhost:5000\"}"},
    {.key = "mlflow.tracking_uri", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NOT_EMPTY,
     .fallback = "sqlite:///mlflow.db",
     .description = "The MLflow tracking server or store; a relative file path is seen from the project's folder, \"\" switches tracking off. "
                    "When a generated script runs, `MLFLOW_TRACKING_URI` wins over this.",
     .example = "http://localhost:5000"},
    {.key = "mlflow.experiment_name", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS,
     .description = "The MLflow experiment for all runs of the project. When not set, each experiment uses its own name.",
     .example = "churn"},

    {.key = "check", .kind = NB_SCHEMA_MAP,
     .description = "Which findings about notebooks are told, and which of them fail a check.", .example = "{ignore: [NB314]}"},
    {.key = "check.select", .kind = NB_SCHEMA_TEXTS, .form = &finding,
     .description = "Only these findings. When not set: all of them.", .example = "[NB3, NB413]"},
    {.key = "check.ignore", .kind = NB_SCHEMA_TEXTS, .form = &finding,
     .description = "Findings that are not told. What no script can be made without stops a conversion all the same.",
     .example = "[NB314, unused-definition]"},
    {.key = "check.fail_on", .kind = NB_SCHEMA_TEXT, .fallback = "error", .choices = "error|warning|never",
     .description = "The least severe kind of finding that makes `notebooked check` end with exit status 1.", .example = "warning"},

    {.key = "provider", .kind = NB_SCHEMA_TEXT, .fallback = "local", .choices = PROVIDERS,
     .env = "NOTEBOOKED_PROVIDER",
     .description = "Where `notebooked train` runs unless `--provider` says otherwise.",
     .example = "sagemaker"},

    {.key = "aws", .kind = NB_SCHEMA_MAP,
     .description = "Amazon SageMaker. Credentials are never written here: they come from the environment, the profile or the machine's role.",
     .example = "{region: eu-west-1}"},
    TEXT("aws.region", "AWS_REGION", .form = &region, .ambient = "AWS_REGION AWS_DEFAULT_REGION",
     .description = "The region.", .example = "eu-west-1"),
    TEXT("aws.profile", "AWS_PROFILE", .ambient = "AWS_PROFILE AWS_DEFAULT_PROFILE",
     .description = "The profile of `~/.aws` whose credentials are used.", .example = "team"),
    TEXT("aws.role_arn", "AWS_ROLE_ARN",
     .description = "The role that jobs and endpoints run as: its ARN, or its name in the account.",
     .example = "arn:aws:iam::123456789012:role/SageMakerRole"),
    TEXT("aws.bucket", "AWS_BUCKET", .form = &bucket,
     .description = "The S3 bucket for code, data and models. When not set: `sagemaker-REGION-ACCOUNT`.", .example = "my-team-ml"),
    TEXT("aws.prefix", "AWS_PREFIX",
     .description = "The folder in the bucket below which everything is kept.", .example = "notebooked"),
    TEXT("aws.instance_type", "AWS_INSTANCE_TYPE",
     .description = "The machine for training, unless the experiment names one.", .example = "ml.m5.xlarge"),
    TEXT("aws.endpoint_instance_type", "AWS_ENDPOINT_INSTANCE_TYPE",
     .description = "The machine for endpoints.", .example = "ml.m5.large"),
    TEXT("aws.image_uri", "AWS_IMAGE_URI",
     .description = "The container image for training and serving, instead of the stock one of the framework.",
     .example = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/train:3"),
    NUMBER("aws.volume_size_gb", "AWS_VOLUME_SIZE_GB", .min = 1, .max = 16384,
     .description = "Disk of the training machine in GB.", .example = "30"),
    NUMBER("aws.max_runtime_s", "AWS_MAX_RUNTIME_S", .min = 1, .max = LONGEST_S,
     .description = "Training is stopped after this many seconds.", .example = "3600"),
    SWITCH("aws.spot", "AWS_SPOT", .description = "Train on spare capacity, which is cheaper and may be interrupted.", .example = "true"),
    TEXTS("aws.subnets", "AWS_SUBNETS", .description = "Subnets of the VPC in which jobs and endpoints run.", .example = "[subnet-0a1b]"),
    TEXTS("aws.security_group_ids", "AWS_SECURITY_GROUP_IDS", .description = "Security groups that go with the subnets.", .example = "[sg-0a1b]"),
    TEXT("aws.kms_key_id", "AWS_KMS_KEY_ID", .description = "The KMS key that encrypts disks and objects.", .example = "alias/ml"),
    TEXT("aws.endpoint_url", "AWS_ENDPOINT_URL", .ambient = "AWS_ENDPOINT_URL",
     .description = "Another address of the AWS services, for private endpoints and tests.", .example = "http://localhost:4566"),

    {.key = "azure", .kind = NB_SCHEMA_MAP,
     .description = "Azure Machine Learning. Credentials are never written here: they come from the environment, a managed identity or the Azure CLI.",
     .example = "{resource_group: ml, workspace: ml}"},
    TEXT("azure.subscription_id", "AZURE_SUBSCRIPTION_ID", .form = &guid, .ambient = "AZURE_SUBSCRIPTION_ID",
     .description = "The subscription.", .example = "12345678-90ab-cdef-1234-567890abcdef"),
    TEXT("azure.resource_group", "AZURE_RESOURCE_GROUP", .flags = NB_SCHEMA_NUMBERS, .ambient = "AZURE_RESOURCE_GROUP AZURE_DEFAULTS_GROUP",
     .description = "The resource group of the workspace.", .example = "ml-group"),
    TEXT("azure.workspace", "AZURE_WORKSPACE", .flags = NB_SCHEMA_NUMBERS, .ambient = "AZURE_DEFAULTS_WORKSPACE",
     .description = "The workspace.", .example = "ml-workspace"),
    TEXT("azure.tenant_id", "AZURE_TENANT_ID", .form = &guid, .ambient = "AZURE_TENANT_ID",
     .description = "The tenant to sign in to.", .example = "12345678-90ab-cdef-1234-567890abcdef"),
    TEXT("azure.client_id", "AZURE_CLIENT_ID", .form = &guid, .ambient = "AZURE_CLIENT_ID",
     .description = "The application or managed identity to sign in as.", .example = "12345678-90ab-cdef-1234-567890abcdef"),
    TEXT("azure.compute", "AZURE_COMPUTE",
     .description = "The compute cluster for training. When not set: serverless compute of the instance type.", .example = "cpu-cluster"),
    TEXT("azure.instance_type", "AZURE_INSTANCE_TYPE",
     .description = "The machine for training, unless the experiment names one.", .example = "Standard_DS3_v2"),
    TEXT("azure.endpoint_instance_type", "AZURE_ENDPOINT_INSTANCE_TYPE",
     .description = "The machine for endpoints.", .example = "Standard_DS3_v2"),
    TEXT("azure.image_uri", "AZURE_IMAGE_URI",
     .description = "The container image for training and serving, instead of a curated one.", .example = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"),
    TEXT("azure.datastore", "AZURE_DATASTORE",
     .description = "The datastore for data and models. When not set: the workspace's own.", .example = "workspaceblobstore"),
    NUMBER("azure.max_runtime_s", "AZURE_MAX_RUNTIME_S", .min = 1, .max = LONGEST_S,
     .description = "Training is stopped after this many seconds.", .example = "3600"),
    SWITCH("azure.spot", "AZURE_SPOT", .description = "Train on spare capacity, which is cheaper and may be interrupted.", .example = "true"),

    {.key = "gcp", .kind = NB_SCHEMA_MAP,
     .description = "Google Vertex AI. Credentials are never written here: they come from the environment, gcloud or the machine's service account.",
     .example = "{project: my-project}"},
    TEXT("gcp.project", "GCP_PROJECT", .flags = NB_SCHEMA_NUMBERS, .ambient = "GOOGLE_CLOUD_PROJECT GCLOUD_PROJECT CLOUDSDK_CORE_PROJECT",
     .description = "The project.", .example = "my-project"),
    TEXT("gcp.region", "GCP_REGION", .form = &region, .ambient = "GOOGLE_CLOUD_REGION CLOUD_ML_REGION CLOUDSDK_COMPUTE_REGION",
     .description = "The region.", .example = "europe-west4"),
    TEXT("gcp.bucket", "GCP_BUCKET", .form = &bucket,
     .description = "The Cloud Storage bucket for code, data and models; it must be in the region.", .example = "my-team-ml"),
    TEXT("gcp.prefix", "GCP_PREFIX",
     .description = "The folder in the bucket below which everything is kept.", .example = "notebooked"),
    TEXT("gcp.service_account", "GCP_SERVICE_ACCOUNT",
     .description = "The service account that jobs and endpoints run as.", .example = "train@my-project.iam.gserviceaccount.com"),
    TEXT("gcp.credentials_file", "GCP_CREDENTIALS_FILE", .ambient = "GOOGLE_APPLICATION_CREDENTIALS",
     .description = "A file with credentials, outside of the project.", .example = "~/keys/train.json"),
    TEXT("gcp.quota_project", "GCP_QUOTA_PROJECT", .flags = NB_SCHEMA_NUMBERS, .ambient = "GOOGLE_CLOUD_QUOTA_PROJECT",
     .description = "The project that requests are counted for.", .example = "my-project"),
    TEXT("gcp.instance_type", "GCP_INSTANCE_TYPE",
     .description = "The machine for training, unless the experiment names one.", .example = "n1-standard-4"),
    TEXT("gcp.endpoint_instance_type", "GCP_ENDPOINT_INSTANCE_TYPE",
     .description = "The machine for endpoints.", .example = "n1-standard-2"),
    TEXT("gcp.accelerator_type", "GCP_ACCELERATOR_TYPE",
     .description = "The accelerator of the training machine.", .example = "NVIDIA_TESLA_T4"),
    NUMBER("gcp.accelerator_count", "GCP_ACCELERATOR_COUNT", .min = 1, .max = 16,
     .description = "How many accelerators the training machine has.", .example = "1"),
    TEXT("gcp.image_uri", "GCP_IMAGE_URI",
     .description = "The container image for training and serving, instead of a prebuilt one.", .example = "europe-docker.pkg.dev/my-project/ml/train:3"),
    TEXT("gcp.network", "GCP_NETWORK",
     .description = "The VPC network to which jobs and endpoints are peered.", .example = "projects/12345/global/networks/ml"),
    NUMBER("gcp.max_runtime_s", "GCP_MAX_RUNTIME_S", .min = 1, .max = LONGEST_S,
     .description = "Training is stopped after this many seconds.", .example = "3600"),
    SWITCH("gcp.spot", "GCP_SPOT", .description = "Train on spare capacity, which is cheaper and may be interrupted.", .example = "true"),

    {.key = "tags", .kind = NB_SCHEMA_CHOICES, .choices = SECTIONS, .form = &cell_tag,
     .description = "Further cell tags and the section that each one feeds.", .example = "{features: preprocess}"},

    {.key = "ipython", .kind = NB_SCHEMA_MAP,
     .description = "What becomes of notebook commands that a script does not have. An experiment's own `ipython` wins over this, "
                    "and a comment in a cell, `# notebooked: shell=subprocess`, over both.", .example = "{shell: subprocess}"},
    {.key = "ipython.shell", .kind = NB_SCHEMA_TEXT, .fallback = "comment", .choices = SHELL, .description = ABOUT_SHELL, .example = "subprocess"},
    {.key = "ipython.timeit", .kind = NB_SCHEMA_TEXT, .fallback = "unwrap", .choices = TIMEIT, .description = ABOUT_TIMEIT, .example = "drop"},
    {.key = "ipython.cd", .kind = NB_SCHEMA_TEXT, .fallback = "comment", .choices = CD, .description = ABOUT_CD, .example = "chdir"},
    {.key = "ipython.writefile", .kind = NB_SCHEMA_TEXT, .fallback = "drop", .choices = WRITEFILE, .description = ABOUT_WRITEFILE, .example = "export"},
    {.key = "ipython.run", .kind = NB_SCHEMA_TEXT, .fallback = "comment", .choices = RUN, .description = ABOUT_RUN, .example = "inline"},

    {.key = "experiments", .kind = NB_SCHEMA_LIST,
     .description = "The notebooks of the project, and how each one is trained.",
     .example = "- {name: iris, notebook: iris.ipynb}"},
    {.key = "experiments[].name", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_REQUIRED | NB_SCHEMA_NUMBERS, .form = &experiment_name,
     .description = "What commands call it, and the name of its folders.", .example = "iris"},
    {.key = "experiments[].notebook", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_REQUIRED, .form = &path,
     .description = "The notebook, seen from the folder of this file.", .example = "notebooks/iris.ipynb"},
    {.key = "experiments[].description", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS,
     .description = "For people: what the experiment is about.", .example = "a classifier for iris flowers"},
    {.key = "experiments[].data_path", .kind = NB_SCHEMA_TEXT,
     .description = "The training data, a file, folder or URI, seen from the folder of this file. Paths below it that the notebook names "
                    "become relative to `--data-path`.", .example = "data/iris"},
    {.key = "experiments[].hyperparameters", .kind = NB_SCHEMA_VALUES, .form = &parameter,
     .description = "Values that can be set for a run, each with its default: numbers, texts, true or false, null, lists and mappings.",
     .example = "{learning_rate: 0.001, epochs: 20}"},
    {.key = "experiments[].mlflow_experiment", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS,
     .description = "The MLflow experiment of its runs, instead of `mlflow.experiment_name`.", .example = "iris-trees"},
    {.key = "experiments[].model_variable", .kind = NB_SCHEMA_TEXT, .form = &variable,
     .description = "The variable that holds the trained model. When not set, it is found.", .example = "model"},
    {.key = "experiments[].entrypoint", .kind = NB_SCHEMA_TEXT,
     .description = "The Python expression that trains, for notebooks that define functions and call none.",
     .example = "fit(load(data_path), epochs)"},
    {.key = "experiments[].metrics", .kind = NB_SCHEMA_NAMED, .form = &metric_name,
     .description = "Further metrics to log after training: names of variables, or names with a Python expression.",
     .example = "{accuracy: \"model.score(X_test, y_test)\"}"},
    {.key = "experiments[].framework", .kind = NB_SCHEMA_TEXT, .choices = FRAMEWORKS,
     .description = "How the model is saved and loaded. When not set, the imports tell.", .example = "sklearn"},
    {.key = "experiments[].python", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS,
     .description = "The Python to train with: a program, a virtual environment's folder or a version. When not set: the active environment, "
                    "`.venv` in the project, `python3`.", .example = "3.11"},
    {.key = "experiments[].workdir", .kind = NB_SCHEMA_TEXT,
     .description = "The folder in which training runs, seen from the folder of this file. When not set: the notebook's.", .example = "work"},
    {.key = "experiments[].include", .kind = NB_SCHEMA_TEXTS, .form = &path,
     .description = "Further files and folders that training and inference need on another machine.", .example = "[features.py, vocab]"},
    {.key = "experiments[].requirements", .kind = NB_SCHEMA_TEXTS, .form = &requirement,
     .description = "Further lines for requirements.txt.", .example = "[\"pandas>=2\"]"},
    {.key = "experiments[].provided", .kind = NB_SCHEMA_TEXTS, .form = &path,
     .description = "Lists of what the target machine has already (`pip freeze` there writes one): requirements.txt leaves it out.",
     .example = "[image.txt]"},
    {.key = "experiments[].instance_type", .kind = NB_SCHEMA_TEXT,
     .description = "The machine for training on a cloud, in the provider's words.", .example = "ml.m5.xlarge"},
    {.key = "experiments[].instance_count", .kind = NB_SCHEMA_INT, .fallback = "1", .min = 1, .max = 1000,
     .description = "How many such machines.", .example = "2"},
    {.key = "experiments[].ipython", .kind = NB_SCHEMA_MAP,
     .description = "What becomes of notebook commands in this notebook; what is not given is as the project has it.", .example = "{cd: chdir}"},
    {.key = "experiments[].ipython.shell", .kind = NB_SCHEMA_TEXT, .choices = SHELL, .description = ABOUT_SHELL, .example = "subprocess"},
    {.key = "experiments[].ipython.timeit", .kind = NB_SCHEMA_TEXT, .choices = TIMEIT, .description = ABOUT_TIMEIT, .example = "drop"},
    {.key = "experiments[].ipython.cd", .kind = NB_SCHEMA_TEXT, .choices = CD, .description = ABOUT_CD, .example = "chdir"},
    {.key = "experiments[].ipython.writefile", .kind = NB_SCHEMA_TEXT, .choices = WRITEFILE, .description = ABOUT_WRITEFILE, .example = "export"},
    {.key = "experiments[].ipython.run", .kind = NB_SCHEMA_TEXT, .choices = RUN, .description = ABOUT_RUN, .example = "inline"},
    {.key = "experiments[].serving", .kind = NB_SCHEMA_MAP,
     .description = "How an endpoint on this machine serves the experiment's models; options of `notebooked deploy` win over this.",
     .example = "{workers: 2, timeout: 5s}"},
    {.key = "experiments[].serving.host", .kind = NB_SCHEMA_TEXT,
     .description = "The address the endpoint listens on. Another one than the machine's own (127.0.0.1, ::1) needs `token_file` or `no_auth`. When not set: 127.0.0.1.",
     .example = "0.0.0.0"},
    {.key = "experiments[].serving.port", .kind = NB_SCHEMA_INT, .min = 1, .max = 65535,
     .description = "The port. When not set: the first free one from 8080 on.",
     .example = "8081"},
    {.key = "experiments[].serving.python", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS,
     .description = "The Python that serves: a program, a virtual environment's folder or a version. When not set: as for training.",
     .example = "3.11"},
    {.key = "experiments[].serving.token_file", .kind = NB_SCHEMA_TEXT,
     .description = "A file with the tokens that clients must send, one a line, seen from the folder of this file.",
     .example = "secrets/tokens"},
    {.key = "experiments[].serving.no_auth", .kind = NB_SCHEMA_BOOL,
     .description = "Let anybody who reaches the address ask, without a token. When not set: false.",
     .example = "true"},
    {.key = "experiments[].serving.allowed_hosts", .kind = NB_SCHEMA_TEXTS, .form = &word,
     .description = "Names in the Host header that are answered, besides localhost and the address.",
     .example = "[models.example.com]"},
    {.key = "experiments[].serving.workers", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &workers,
     .description = "How many Python processes a version has, or `auto`: as many as processors and memory allow. When not set: 1.",
     .example = "auto"},
    {.key = "experiments[].serving.max_body", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &size,
     .description = "The largest request, in bytes, or with k, M or G. When not set: 16M.",
     .example = "64M"},
    {.key = "experiments[].serving.max_connections", .kind = NB_SCHEMA_INT, .min = 1, .max = 1000000,
     .description = "How many connections there may be at once. When not set: 1024.",
     .example = "200"},
    {.key = "experiments[].serving.queue", .kind = NB_SCHEMA_INT, .min = 1, .max = 1000000,
     .description = "How many requests of a version may wait; more are refused with status 503. When not set: 256.",
     .example = "64"},
    {.key = "experiments[].serving.timeout", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &duration,
     .description = "How long an answer may take. When not set: 60s.",
     .example = "5s"},
    {.key = "experiments[].serving.startup_timeout", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &duration,
     .description = "How long loading the model may take. When not set: 300s.",
     .example = "10min"},
    {.key = "experiments[].serving.drain_timeout", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &duration,
     .description = "How long an endpoint that is stopped goes on answering what it has. When not set: 25s.",
     .example = "5s"},
    {.key = "experiments[].serving.batching", .kind = NB_SCHEMA_BOOL,
     .description = "Predict waiting requests together where that was found to give equal predictions. When not set: true.",
     .example = "false"},
    {.key = "experiments[].serving.retry_on_crash", .kind = NB_SCHEMA_BOOL,
     .description = "Send the requests of a worker that died to another one, once. When not set: false.",
     .example = "true"},
    {.key = "experiments[].serving.max_batch", .kind = NB_SCHEMA_INT, .min = 1, .max = 65536,
     .description = "How many rows are predicted together at most. When not set: 64.",
     .example = "16"},
    {.key = "experiments[].serving.max_delay", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &delay,
     .description = "How long a request may be held back for others to join it; 0: never. When not set: 5ms.",
     .example = "500us"},
    {.key = "experiments[].serving.max_requests", .kind = NB_SCHEMA_INT, .min = 0, .max = 1000000000,
     .description = "Replace a worker after this many requests; 0: never.",
     .example = "100000"},
    {.key = "experiments[].serving.max_rss", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &size,
     .description = "Replace a worker that needs more memory than this; 0: never.",
     .example = "2G"},
    {.key = "experiments[].serving.pass_env", .kind = NB_SCHEMA_TEXTS, .form = &word,
     .description = "Environment variables that workers get besides the usual ones.",
     .example = "[TRANSFORMERS_OFFLINE]"},
    {.key = "experiments[].serving.capture", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &share,
     .description = "The share of requests that is kept with its answers. When not set: 0.",
     .example = "0.1"},
    {.key = "experiments[].serving.capture_redact", .kind = NB_SCHEMA_TEXTS, .form = &word,
     .description = "Columns whose values are not kept.",
     .example = "[name, email]"},
    {.key = "experiments[].serving.capture_keep", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &size,
     .description = "How many bytes of captured requests are kept; the oldest go first; 0: all. When not set: 1G.",
     .example = "10G"},
    {.key = "experiments[].serving.log_sample", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &share,
     .description = "The share of successful requests that is in the access log. When not set: 1.",
     .example = "0.01"},
    {.key = "experiments[].serving.watch", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &duration,
     .description = "How long new traffic is watched: too many errors, and the old traffic comes back; 0: not at all. When not set: 120s.",
     .example = "10min"},
    {.key = "experiments[].serving.rate", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &rate,
     .description = "How often one client (a token; without tokens, an address) may ask; more is refused with status 429; 0: as often as it likes. When not set: 0.",
     .example = "10/s"},
    {.key = "experiments[].serving.session", .kind = NB_SCHEMA_TEXT,
     .description = "A header, or cookie:NAME, whose value keeps a client with one version while several share the requests. X-Notebooked-Session always does.",
     .example = "cookie:user_id"},
    {.key = "experiments[].serving.log_format", .kind = NB_SCHEMA_TEXT, .choices = "json|text",
     .description = "How the access log is written: for programs or for people. When not set: json.",
     .example = "text"},
    {.key = "experiments[].serving.log_max", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_NUMBERS, .form = &size,
     .description = "A log is moved aside when it has this size, and four old ones are kept; 0: never. When not set: 64M.",
     .example = "10M"},
  /* clang-format on */
};

const nb_schema nb_config_schema = {rows, NB_LEN(rows)};
