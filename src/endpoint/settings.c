#include "endpoint/settings.h"

#include "base/path.h"

#define DAY_MS 86400000

#define ROW(kind_, member_, ...)                                                                  \
    {                                                                                             \
        .key = #member_, .kind = NB_FIELD_##kind_, .at = offsetof(nb_endpoint_settings, member_), \
        __VA_ARGS__                                                                               \
    }

/* clang-format off */
static const nb_field fields[] = {
    ROW(TEXT, host, .required = false),
    ROW(COUNT, port, .max = 65535),
    ROW(PATH, python, .required = false),
    ROW(PATH, token_file, .required = false),
    ROW(BOOL, no_auth, .required = false),
    ROW(TEXT, allowed_hosts, .required = false),
    ROW(COUNT, workers, .max = 256),
    ROW(SIZE, max_body, .min = 1, .max = INT64_C(4) << 30),
    ROW(COUNT, max_connections, .min = 1, .max = 1000000),
    ROW(COUNT, queue, .min = 1, .max = 1000000),
    ROW(MS, timeout_ms, .min = 1, .max = DAY_MS),
    ROW(MS, startup_timeout_ms, .min = 1, .max = DAY_MS),
    ROW(MS, drain_timeout_ms, .max = DAY_MS),
    ROW(BOOL, batching, .required = false),
    ROW(BOOL, retry_on_crash, .required = false),
    ROW(COUNT, max_batch, .min = 1, .max = 65536),
    ROW(US, max_delay_us, .max = 10000000),
    ROW(COUNT, max_requests, .max = 1000000000),
    ROW(SIZE, max_rss, .max = INT64_MAX),
    ROW(TEXT, pass_env, .required = false),
    ROW(SHARE, capture, .required = false),
    ROW(TEXT, capture_redact, .required = false),
    ROW(SIZE, capture_keep, .max = INT64_MAX),
    ROW(SHARE, log_sample, .required = false),
    ROW(MS, watch_ms, .max = DAY_MS),
    ROW(RATE, rate_per_hour, .max = INT64_C(3600) * 1000000),
    ROW(TEXT, log_format, .choices = "json|text"),
    ROW(TEXT, session, .required = false),
    ROW(SIZE, log_max, .max = INT64_MAX),
};

static const nb_setting_row rows[] = {
    {"host", "127.0.0.1", true},
    {"port", "0", true},
    {"python", "", false},
    {"token_file", "", true},
    {"no_auth", "false", true},
    {"allowed_hosts", "", true},
    {"workers", "1", false},
    {"max_body", "16M", true},
    {"max_connections", "1024", true},
    {"queue", "256", false},
    {"timeout", "60s", false},
    {"startup_timeout", "300s", false},
    {"drain_timeout", "25s", false},
    {"batching", "true", false},
    {"retry_on_crash", "false", false},
    {"max_batch", "64", false},
    {"max_delay", "5ms", false},
    {"max_requests", "0", false},
    {"max_rss", "0", false},
    {"pass_env", "", false},
    {"capture", "0", true},
    {"capture_redact", "", true},
    {"capture_keep", "1G", true},
    {"log_sample", "1", false},
    {"watch", "120s", false},
    {"rate", "0", true},
    {"log_format", "json", true},
    {"session", "", true},
    {"log_max", "64M", true},
};
/* clang-format on */

_Static_assert(NB_LEN(fields) == NB_LEN(rows), "a name and a field a setting");

nb_fields nb_setting_fields(void)
{
    return (nb_fields){fields, NB_LEN(fields)};
}

const nb_setting_row *nb_setting_rows(size_t *count)
{
    *count = NB_LEN(rows);
    return rows;
}

void nb_endpoint_defaults(nb_endpoint_settings *settings)
{
    *settings = (nb_endpoint_settings){
        .host = NB_STR("127.0.0.1"),
        .python = NB_STR(""),
        .token_file = NB_STR(""),
        .allowed_hosts = NB_STR(""),
        .workers = 1,
        .max_body = (size_t)16 << 20,
        .max_connections = 1024,
        .queue = 256,
        .timeout_ms = 60000,
        .startup_timeout_ms = 300000,
        .drain_timeout_ms = 25000,
        .batching = true,
        .max_batch = 64,
        .max_delay_us = 5000,
        .pass_env = NB_STR(""),
        .capture_redact = NB_STR(""),
        .capture_keep = (size_t)1 << 30,
        .log_sample = 1,
        .watch_ms = 120000,
        .log_format = NB_STR("json"),
        .session = NB_STR(""),
        .log_max = (size_t)64 << 20,
    };
}

/* max-body is max_body. */
static bool is_named(nb_str given, const char *name)
{
    nb_str own = nb_str_from(name);
    if (given.len != own.len)
        return false;
    for (size_t i = 0; i < own.len; i++)
        if (given.at[i] != own.at[i] && !(own.at[i] == '_' && given.at[i] == '-'))
            return false;
    return true;
}

static nb_code fail_unknown(nb_str name, nb_error *err)
{
    nb_str names[NB_LEN(rows)];
    for (size_t i = 0; i < NB_LEN(rows); i++)
        names[i] = nb_str_from(rows[i].name);
    (void)nb_fail(err, NB_ERR_USAGE, "no setting of endpoints is called '" NB_STR_FMT "'",
                  NB_STR_ARG(name));
    nb_str near = nb_str_nearest(name, names, NB_LEN(names));
    if (near.len > 0)
        nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    return err->code;
}

nb_code nb_setting_set(nb_arena *arena, const nb_setting_value *value,
                       nb_endpoint_settings *settings, nb_error *err)
{
    nb_str text = value->text;
    size_t i = 0;
    while (i < NB_LEN(rows) && !is_named(value->name, rows[i].name))
        i++;
    if (i == NB_LEN(rows))
        return fail_unknown(value->name, err);
    if (fields[i].at == offsetof(nb_endpoint_settings, workers) && nb_str_eqz(text, "auto"))
        text = NB_STR("0");
    if (fields[i].kind == NB_FIELD_PATH && text.len > 0)
        text = nb_path_clean(arena, nb_path_join(arena, value->folder, text));
    nb_field named = fields[i]; /* messages call it what people call it */
    named.key = rows[i].name;
    return nb_field_set(arena, &named, text, settings, err);
}

static size_t size_of(nb_field_kind kind)
{
    switch (kind) {
    case NB_FIELD_TEXT:
    case NB_FIELD_PATH: return sizeof(nb_str);
    case NB_FIELD_BOOL: return sizeof(bool);
    case NB_FIELD_COUNT: return sizeof(unsigned);
    case NB_FIELD_SIZE: return sizeof(size_t);
    case NB_FIELD_MS:
    case NB_FIELD_RATE:
    case NB_FIELD_US: return sizeof(int64_t);
    case NB_FIELD_SHARE: return sizeof(double);
    }
    return 0;
}

static bool is_same(const nb_field *field, const nb_endpoint_settings *a,
                    const nb_endpoint_settings *b)
{
    const void *one = (const char *)a + field->at, *other = (const char *)b + field->at;
    if (field->kind == NB_FIELD_TEXT || field->kind == NB_FIELD_PATH)
        return nb_str_eq(*(const nb_str *)one, *(const nb_str *)other);
    return memcmp(one, other, size_of(field->kind)) == 0;
}

const char *nb_settings_differ(const nb_endpoint_settings *a, const nb_endpoint_settings *b,
                               bool fixed_only)
{
    for (size_t i = 0; i < NB_LEN(rows); i++)
        if ((rows[i].fixed || !fixed_only) && !is_same(&fields[i], a, b))
            return rows[i].name;
    return NULL;
}

void nb_settings_adopt(nb_endpoint_settings *into, const nb_endpoint_settings *from)
{
    for (size_t i = 0; i < NB_LEN(rows); i++)
        if (!rows[i].fixed)
            memcpy((char *)into + fields[i].at, (const char *)from + fields[i].at,
                   size_of(fields[i].kind));
}
