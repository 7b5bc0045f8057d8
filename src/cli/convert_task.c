#include "cli/convert_task.h"

#include <pthread.h>
#include <unistd.h>

/* --- one experiment --------------------------------------------------------------------------------------------- */

static nb_code write_files(const nb_task *t, nb_diags *diags, const nb_conversion *conversion,
                           const nb_task_pool *p, nb_error *err)
{
    if (conversion->plan->up_to_date || p->check || p->diff)
        return NB_OK;
    size_t before = nb_diags_count(diags, NB_SEVERITY_ERROR);
    if (!p->force)
        nb_plan_report_edited(conversion->plan, diags);
    if (nb_diags_count(diags, NB_SEVERITY_ERROR) > before)
        return nb_fail(err, NB_ERR_EXISTS,
                       "cannot convert '" NB_STR_FMT "': generated files were edited by hand",
                       NB_STR_ARG(t->target.experiment->name));
    return nb_plan_apply(conversion->plan, conversion->manifest, err);
}

static void keep_diags(nb_arena *kept, nb_task *t, const nb_diags *diags)
{
    t->diags.list.at = NB_NEW_ARRAY(kept, nb_diag, diags->list.count);
    t->diags.list.count = diags->list.count;
    t->diags.silenced = diags->silenced;
    for (size_t i = 0; i < diags->list.count; i++) {
        nb_diag *diag = &t->diags.list.at[i];
        *diag = diags->list.at[i];
        diag->spot.path = nb_arena_str(kept, diag->spot.path);
        diag->spot.source = nb_arena_str(kept, diag->spot.source);
        diag->spot.cell_id = nb_arena_str(kept, diag->spot.cell_id);
        diag->message = nb_arena_str(kept, diag->message);
        diag->help = nb_arena_str(kept, diag->help);
    }
}

static void keep_plan(nb_arena *kept, nb_task *t, const nb_plan *plan, bool with_diff)
{
    t->up_to_date = plan->up_to_date;
    t->stale = plan->up_to_date ? 0 : nb_plan_stale(plan);
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        nb_vec_push(kept, &t->files,
                    (nb_told_file){nb_arena_str(kept, file->path), file->state,
                                   !nb_plan_tells(plan, file)});
    }
    if (!with_diff)
        return;
    NB_AUTO(nb_buf) diff = NB_BUF_INIT(NB_BUF_TEXT);
    nb_plan_diff(plan, &diff);
    t->diff = nb_arena_str(kept, nb_buf_view(&diff));
}

/* A conversion has its own memory, which goes as soon as its files are written: a thousand need no more than a few. */
static void run_task(nb_task_pool *p, nb_task *t, nb_arena *kept)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_conversion conversion = {0};
    t->code = nb_convert(&arena, t->target.config, t->target.experiment, p->options, p->env, &diags,
                         &conversion, &t->err);
    if (t->code == NB_OK)
        t->code = write_files(t, &diags, &conversion, p, &t->err);
    if (t->code == NB_OK)
        keep_plan(kept, t, conversion.plan, p->diff);
    keep_diags(kept, t, &diags);
}

static void *work(void *pool_)
{
    nb_task_pool *p = pool_;
    nb_arena *kept = &p->kept[atomic_fetch_add(&p->worker, 1)];
    for (size_t i = atomic_fetch_add(&p->next, 1); i < p->count; i = atomic_fetch_add(&p->next, 1))
        run_task(p, &p->tasks[i], kept);
    return NULL;
}

/* On all cores; a thread that cannot be had leaves its work to the others. */
void nb_tasks_run(nb_task_pool *p)
{
    pthread_t threads[NB_MOST_THREADS];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = p->count < (size_t)(cores > 1 ? cores : 1) ? p->count : (size_t)cores,
           started = 0;
    while (started + 1 < wanted && started < NB_MOST_THREADS &&
           pthread_create(&threads[started], NULL, work, p) == 0)
        started++;
    (void)work(p);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
}

void nb_tasks_release(nb_task_pool *p)
{
    for (size_t i = 0; i < p->count; i++)
        nb_error_release(&p->tasks[i].err);
    for (size_t i = 0; i < NB_LEN(p->kept); i++)
        nb_arena_release(&p->kept[i]);
}
