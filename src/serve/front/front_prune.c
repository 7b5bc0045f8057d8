#include "base/fs.h"
#include "base/path.h"
#include "endpoint/tree.h"
#include "serve/front/front_parts.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Folders that are to go are first given this name: what happens after that, they are no version any more. */
static const nb_str gone = NB_STR_ROW(".gone");

/* Large models take their time, which the loop has not. */
static void *remove_folder(void *path)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the next front tries again */
    (void)nb_tree_remove(path, &ignored);
    free(path);
    return NULL;
}

static void remove_beside(const char *path)
{
    pthread_t thread;
    char *copy = strdup(path);
    if (!copy)
        return;
    if (pthread_create(&thread, NULL, remove_folder, copy) == 0)
        (void)pthread_detach(thread);
    else
        free(copy);
}

void nb_front_prune_rest(const nb_front *front)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then there is nothing to remove */
    nb_str folder = nb_path_join(&arena, front->endpoint.folder, NB_STR("versions"));
    nb_str *names = NULL;
    size_t count = 0;
    if (nb_dir_list(&arena, folder.at, &names, &count, &ignored) != NB_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (nb_str_ends(names[i], gone))
            remove_beside(nb_path_join(&arena, folder, names[i]).at);
}

static void remove_version(const nb_front *front, unsigned number)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str folder = nb_arena_printf(&arena, NB_STR_FMT "/versions/%u",
                                    NB_STR_ARG(front->endpoint.folder), number);
    nb_str to =
        nb_arena_printf(&arena, NB_STR_FMT NB_STR_FMT, NB_STR_ARG(folder), NB_STR_ARG(gone));
    if (rename(folder.at, to.at) == 0)
        remove_beside(to.at);
}

static bool is_needed(nb_front *front, const nb_deployment *row, const nb_weight *previous,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (previous[i].version == row->version)
            return true;
    return nb_front_find(front, row->version) || nb_traffic_find(&front->traffic, row->version) ||
           nb_change_awaits(front, row->version);
}

/* 0: none can go. */
static unsigned oldest_unneeded(nb_front *front)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_weight *previous = NULL;
    size_t count = 0;
    (void)nb_endpoint_previous(&arena, &front->endpoint, &previous, &count);
    for (size_t i = 0; i < front->endpoint.deployments.count; i++)
        if (!is_needed(front, &front->endpoint.deployments.at[i], previous, count))
            return front->endpoint.deployments.at[i].version;
    return 0;
}

void nb_front_prune(nb_front *front)
{
    while (front->endpoint.deployments.count > NB_ENDPOINT_KEEP) {
        unsigned number = oldest_unneeded(front);
        if (number == 0)
            break;
        nb_front_forget(front, number);
        nb_front_save(front); /* before the folder goes: no row may promise what is not there */
        remove_version(front, number);
        nb_metrics_forget(front->metrics, number);
        nb_log(front, "removed v%u: the last %d versions are kept", number, NB_ENDPOINT_KEEP);
    }
}
