/* Any bytes as config.yaml: a configuration whose settings all have a key and an origin and whose experiments have valid, different
 * names; or an error with a message and a place. */
#include "base/map.h"
#include "config/config.h"

static const char *lookup(void *ctx, const char *name)
{
    (void)ctx;
    if (strcmp(name, "A") == 0)
        return "${B}";
    if (strcmp(name, "B") == 0)
        return "12";
    return strcmp(name, "AWS_REGION") == 0 ? "eu-west-1" : NULL;
}

static void check_config(nb_arena *arena, const nb_config *config)
{
    nb_map names = NB_MAP_INIT;
    for (size_t i = 0; i < config->setting_count; i++)
        if (config->settings[i].key.len == 0 || config->settings[i].origin.len == 0)
            abort();
    for (size_t i = 0; i < config->experiment_count; i++) {
        const nb_experiment *e = &config->experiments[i];
        if (!nb_config_valid_name(e->name) || !nb_set_add(arena, &names, e->name))
            abort();
        if (e->notebook.len == 0 || e->place.line == 0 || e->instance_count < 1)
            abort();
    }
    if (config->provider.len == 0)
        abort();
}

/* libfyaml 0.7.12 loses a buffer on some long quoted scalars; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_env env = {.get = lookup};
    nb_diags diags = {.arena = &arena};
    const nb_config *config = NULL;
    const nb_str text = {(const char *)data, size};
    if (nb_config_read(&arena, text, "f", "/p", &env, &diags, &config, &err) == NB_OK)
        check_config(&arena, config);
    else if (err.code != NB_ERR_CONFIG || !nb_error_message(&err, 0) || !err.path || err.line == 0)
        abort();
    return 0;
}
