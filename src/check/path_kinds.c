#include "check/path_kinds.h"

#define BELOW_DATA_PATH NB_STR_ROW("put the data into one folder and name it with 'data_path'")

typedef struct path_row {
    nb_str root;
    nb_str platform;
    nb_str advice;
} path_row;

/* The longest root first where one is the beginning of another. Homes are in two pieces: the lint looks for paths of a machine. */
static const path_row platforms[] = {
    {NB_STR_ROW("/content/drive"),           NB_STR_ROW("Google Colab"),
     NB_STR_ROW("download the files from Drive into one folder and name it with 'data_path'")   },
    {NB_STR_ROW("/content/gdrive"),          NB_STR_ROW("Google Colab"),
     NB_STR_ROW("download the files from Drive into one folder and name it with 'data_path'")   },
    {NB_STR_ROW("/content"),                 NB_STR_ROW("Google Colab"),         BELOW_DATA_PATH},
    {NB_STR_ROW("/kaggle/input"),            NB_STR_ROW("Kaggle"),
     NB_STR_ROW("download the data set once and name its folder with 'data_path'")              },
    {NB_STR_ROW("/kaggle/working"),          NB_STR_ROW("Kaggle"),
     NB_STR_ROW("write relative to the notebook; models go below --model-dir")                  },
    {NB_STR_ROW("/kaggle"),                  NB_STR_ROW("Kaggle"),               BELOW_DATA_PATH},
    {NB_STR_ROW("/dbfs"),                    NB_STR_ROW("Databricks"),           BELOW_DATA_PATH},
    {NB_STR_ROW("dbfs:/"),                   NB_STR_ROW("Databricks"),           BELOW_DATA_PATH},
    {NB_STR_ROW("/databricks-datasets"),     NB_STR_ROW("Databricks"),           BELOW_DATA_PATH},
    {NB_STR_ROW("/lakehouse"),               NB_STR_ROW("Microsoft Fabric"),     BELOW_DATA_PATH},
    {NB_STR_ROW("/opt/ml"),                  NB_STR_ROW("SageMaker containers"),
     NB_STR_ROW(
         "leave it to --data-path and --model-dir: their defaults are SageMaker's own folders") },
    {NB_STR_ROW("/home"
                "/ec2-user/SageMaker"),
     NB_STR_ROW("SageMaker notebooks"),                                          BELOW_DATA_PATH},
    {NB_STR_ROW("/home"
                "/jovyan"),
     NB_STR_ROW("Jupyter's own images"),                                         BELOW_DATA_PATH},
    {NB_STR_ROW("/notebooks"),               NB_STR_ROW("Paperspace"),           BELOW_DATA_PATH},
};

static const nb_str homes[] = {NB_STR_ROW("/home"), NB_STR_ROW("/Users"), NB_STR_ROW("/root")};

/* Folders of the operating system. */
static const nb_str system_roots[] = {
    NB_STR_ROW("/tmp"),  NB_STR_ROW("/var"), NB_STR_ROW("/dev"), NB_STR_ROW("/proc"),
    NB_STR_ROW("/sys"),  NB_STR_ROW("/etc"), NB_STR_ROW("/usr"), NB_STR_ROW("/bin"),
    NB_STR_ROW("/sbin"), NB_STR_ROW("/lib"), NB_STR_ROW("/opt"), NB_STR_ROW("/System"),
    NB_STR_ROW("/run"),
};

/* The path is `root` or lies below it. */
static bool is_below(nb_str path, nb_str root)
{
    return nb_str_starts(path, root) &&
           (path.len == root.len || path.at[root.len] == '/' || root.at[root.len - 1] == '/');
}

/* The path up to its `parts`th separator, one at the start not counted. */
static nb_str beginning(nb_str path, unsigned parts)
{
    size_t end = 0;
    while (end < path.len) {
        if ((path.at[end] == '/' || path.at[end] == '\\') && end > 0 &&
            path.at[end - 1] != path.at[end] && parts-- == 1)
            break;
        end++;
    }
    return nb_str_slice(path, 0, end);
}

bool nb_path_is_address(nb_str path)
{
    return nb_str_contains(path, NB_STR("://"));
}

/* "C:\\data", "D:/data", "\\\\server\\share" */
static bool is_windows(nb_str path)
{
    bool drive = path.len > 2 && nb_is_alpha(path.at[0]) && path.at[1] == ':' &&
                 (path.at[2] == '\\' || path.at[2] == '/');
    bool share = path.len > 3 && path.at[0] == '\\' && path.at[1] == '\\' && nb_is_name(path.at[2]);
    return drive || share;
}

static nb_path_told tell_windows(nb_str path)
{
    nb_str second = nb_str_from_at(path, 3);
    while (second.len > 0 && (second.at[0] == '\\' || second.at[0] == '/'))
        second = nb_str_from_at(second, 1);
    bool home = nb_str_eq_nocase(nb_str_slice(second, 0, 6), NB_STR("users\\")) ||
                nb_str_eq_nocase(nb_str_slice(second, 0, 6), NB_STR("users/"));
    return (nb_path_told){.kind = home ? NB_PATH_HOME : NB_PATH_ABSOLUTE,
                          .root = beginning(path, home ? 3 : 2)};
}

static bool is_home(nb_str path)
{
    static const nb_str variables[] = {NB_STR_ROW("$HOME"), NB_STR_ROW("${HOME}"),
                                       NB_STR_ROW("%USERPROFILE%")};
    for (size_t i = 0; i < NB_LEN(variables); i++)
        if (nb_str_starts(path, variables[i]))
            return true;
    return path.len > 1 && path.at[0] == '~' && (path.at[1] == '/' || path.at[1] == '\\');
}

/* Arguments of SageMaker's SDK name folders below /opt/ml in a container: only where a file is opened is it one of this machine. */
static nb_path_told tell_platform(const path_row *row)
{
    bool named_by_sdk = nb_str_eqz(row->root, "/opt/ml");
    return (nb_path_told){named_by_sdk ? NB_PATH_ABSOLUTE : NB_PATH_PLATFORM, row->root,
                          row->platform, row->advice};
}

nb_path_told nb_path_tell(nb_str path)
{
    nb_path_told told = {.kind = NB_PATH_RELATIVE};
    if (path.len < 2 || nb_path_is_address(path) || nb_str_find_char(path, '\n') >= 0)
        return told;
    if (is_windows(path))
        return tell_windows(path);
    if (is_home(path))
        return (nb_path_told){.kind = NB_PATH_HOME, .root = beginning(path, 1)};
    for (size_t i = 0; i < NB_LEN(platforms); i++)
        if (is_below(path, platforms[i].root))
            return tell_platform(&platforms[i]);
    if (path.at[0] != '/' || !(nb_is_name(path.at[1]) || path.at[1] == '.'))
        return told;
    for (size_t i = 0; i < NB_LEN(homes); i++)
        if (is_below(path, homes[i]) && path.len > homes[i].len + 1)
            return (nb_path_told){.kind = NB_PATH_HOME,
                                  .root = beginning(path, nb_str_eqz(homes[i], "/root") ? 1 : 2)};
    told.kind = NB_PATH_ABSOLUTE;
    told.root = beginning(path, 1);
    for (size_t i = 0; i < NB_LEN(system_roots); i++)
        if (is_below(path, system_roots[i]))
            told.kind = NB_PATH_SYSTEM;
    return told;
}
