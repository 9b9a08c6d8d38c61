// A small pool of threads, one per opened model.
//
// A parallel call is a job on its caller's stack. Its chunks are taken by an
// atomic counter, by the caller itself and by any worker that joined, so the
// caller never waits for a worker that has not begun, and nested and concurrent
// calls cannot deadlock. Joining and leaving happen under the pool's lock; so
// once the job is unlinked and its last helper left, nobody knows it any more.
//
// A process that forked has the pool's memory without its threads, and perhaps
// a lock that one of them held. So a pool knows the process that started it,
// and any other one computes without it.
//
// A worker without a job looks for one for about 50 us, yielding, since layers
// follow each other closely; then it sleeps.

#include "lib/Runtime/Internal.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_THREADS = 1024, CHUNKS_PER_THREAD = 4, SPIN_ROUNDS = 64 };

typedef void (*parallel_body)(void *context, int64_t begin, int64_t end);

typedef struct job {
  parallel_body body;
  void *context;
  int64_t n, chunk;
  _Atomic int64_t next;
  atomic_uint helpers; // workers inside; changed under the lock only
  bool waiting;        // the caller sleeps until helpers is 0
  struct job *link;
} job;

struct qccrt_pool {
  pthread_mutex_t lock;
  pthread_cond_t wake;     // for workers: there is a job, or the end
  pthread_cond_t finished; // for callers: a helper left
  job *jobs;
  atomic_uint epoch; // counts jobs and the end; changed under the lock only
  int sleeping;
  atomic_bool stop;
  pid_t process; // in which the threads are
  int workers;
  pthread_t threads[];
};

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// True as soon as *value is `wanted` (or, with `differs`, is not).
static bool spin(atomic_uint *value, unsigned wanted, bool differs) {
  for (int round = 0; round < SPIN_ROUNDS; ++round) {
    for (int i = 0; i < 32; ++i) {
      unsigned now = atomic_load_explicit(value, memory_order_acquire);
      if ((now == wanted) != differs)
        return true;
      relax();
    }
    sched_yield();
  }
  return false;
}

static void run_chunks(job *j) {
  for (;;) {
    int64_t begin =
        atomic_fetch_add_explicit(&j->next, j->chunk, memory_order_relaxed);
    if (begin >= j->n)
      return;
    int64_t left = j->n - begin;
    j->body(j->context, begin, begin + (left < j->chunk ? left : j->chunk));
  }
}

static job *find_job(qccrt_pool *pool) {
  for (job *j = pool->jobs; j; j = j->link)
    if (atomic_load_explicit(&j->next, memory_order_relaxed) < j->n)
      return j;
  return NULL;
}

static void await_job(qccrt_pool *pool) {
  unsigned seen = atomic_load(&pool->epoch);
  pthread_mutex_unlock(&pool->lock);
  bool changed = spin(&pool->epoch, seen, true);
  pthread_mutex_lock(&pool->lock);
  if (changed)
    return;
  ++pool->sleeping;
  while (atomic_load(&pool->epoch) == seen)
    pthread_cond_wait(&pool->wake, &pool->lock);
  --pool->sleeping;
}

static void *work(void *argument) {
  qccrt_pool *pool = argument;
  fesetenv(FE_DFL_ENV); // not what the creating thread had
  pthread_mutex_lock(&pool->lock);
  while (!atomic_load(&pool->stop)) {
    job *j = find_job(pool);
    if (!j) {
      await_job(pool);
      continue;
    }
    atomic_fetch_add(&j->helpers, 1);
    pthread_mutex_unlock(&pool->lock);
    run_chunks(j);
    pthread_mutex_lock(&pool->lock);
    bool notify = j->waiting;
    atomic_fetch_sub(&j->helpers, 1); // *j may be gone from here on
    if (notify)
      pthread_cond_broadcast(&pool->finished);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

// With fewer threads than wished where the system grants no more.
static qccrt_pool *start_pool(int workers) {
  qccrt_pool *pool =
      calloc(1, sizeof(*pool) + (size_t)workers * sizeof(pthread_t));
  if (!pool)
    return NULL;
  pool->process = getpid();
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pthread_cond_init(&pool->finished, NULL);
  sigset_t all, before; // signals are the host's threads' business
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool->workers < workers &&
         pthread_create(&pool->threads[pool->workers], NULL, work, pool) == 0)
    ++pool->workers;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pool;
}

void qccrt_stop_pool(qccrt_pool *pool) {
  if (!pool || pool->process != getpid())
    return; // a child's copy cannot be taken apart
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->stop, true);
  atomic_fetch_add(&pool->epoch, 1);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
  for (int i = 0; i < pool->workers; ++i)
    pthread_join(pool->threads[i], NULL);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->lock);
  free(pool);
}

pid_t qccrt_get_process(qccrt_run *run) {
  pid_t process = atomic_load_explicit(&run->process, memory_order_relaxed);
  if (!process) {
    process = getpid();
    atomic_store_explicit(&run->process, process, memory_order_relaxed);
  }
  return process;
}

// NULL: there are no threads.
static qccrt_pool *get_pool(qccrt_run *run) {
  qcc_instance *model = run->model;
  pthread_mutex_lock(&model->lock);
  if (!model->pool)
    model->pool = start_pool(model->threads - 1);
  qccrt_pool *pool = model->pool;
  pthread_mutex_unlock(&model->lock);
  return pool && pool->process == qccrt_get_process(run) ? pool : NULL;
}

static void publish(qccrt_pool *pool, job *j) {
  int64_t useful = (j->n - 1) / j->chunk; // chunks beside the caller's first
  pthread_mutex_lock(&pool->lock);
  job **last = &pool->jobs;
  while (*last)
    last = &(*last)->link;
  *last = j;
  atomic_fetch_add(&pool->epoch, 1);
  if (useful >= pool->sleeping && pool->sleeping)
    pthread_cond_broadcast(&pool->wake);
  else
    for (int64_t i = 0; i < useful && i < pool->sleeping; ++i)
      pthread_cond_signal(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
}

static void retract(qccrt_pool *pool, job *j) {
  pthread_mutex_lock(&pool->lock);
  job **link = &pool->jobs;
  while (*link != j)
    link = &(*link)->link;
  *link = j->link;
  pthread_mutex_unlock(&pool->lock);
  if (spin(&j->helpers, 0, false))
    return;
  pthread_mutex_lock(&pool->lock);
  j->waiting = true;
  while (atomic_load(&j->helpers) != 0)
    pthread_cond_wait(&pool->finished, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
}

// The host's threads may have another floating-point environment.
static void run_in_default_environment(void *context, int64_t begin,
                                       int64_t end) {
  const job *j = context;
  qccrt_float_env hosts;
  qccrt_enter_float_env(&hosts);
  j->body(j->context, begin, end);
  qccrt_leave_float_env(&hosts);
}

void qccrt_parallel(qccrt_run *run, parallel_body body, void *context,
                    int64_t n, int64_t grain) {
  qcc_instance *model = run->model;
  if (n <= 0)
    return;
  if (grain < 1)
    grain = 1;
  if (n <= grain || model->threads == 1) {
    body(context, 0, n);
    return;
  }
  job j = {.body = body, .context = context, .n = n};
  if (model->env.parallel_for) {
    model->env.parallel_for(model->env.user, run_in_default_environment, &j, n,
                            grain);
    return;
  }
  qccrt_pool *pool = get_pool(run);
  if (!pool) {
    body(context, 0, n);
    return;
  }
  int64_t pieces = (int64_t)model->threads * CHUNKS_PER_THREAD;
  int64_t grains = (n - 1) / grain + 1;
  j.chunk = ((grains - 1) / pieces + 1) * grain;
  publish(pool, &j);
  run_chunks(&j);
  retract(pool, &j);
}

static int count_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return CPU_COUNT(&set);
  return 1;
}

int32_t qccrt_count_threads(const qcc_env *env, int *threads,
                            qcc_error **error) {
  if (env->parallel_for && env->num_threads != 1) {
    *threads = MAX_THREADS; // how many there are is the host's business
    return QCC_OK;
  }
  *threads = env->num_threads;
  const char *text = *threads == 0 ? getenv("QCC_NUM_THREADS") : NULL;
  if (text) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (end == text || *end || errno || value < 0 || value > MAX_THREADS)
      return qccrt_make_error(error, QCC_INVALID_ARGUMENT,
                              "QCC_NUM_THREADS is '%s': set it to a number "
                              "from 0 (all cores) to %d, or unset it",
                              text, MAX_THREADS);
    *threads = (int)value;
  }
  if (*threads == 0)
    *threads = count_cores();
  if (*threads > MAX_THREADS)
    *threads = MAX_THREADS;
  return QCC_OK;
}
