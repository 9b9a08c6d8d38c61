/* Runs PP-OCR's classifier from C, in several threads at once on one model.
 *
 *   concurrent_cls WEIGHTS INPUT N WIDTH THREADS
 *
 * INPUT is a file of floats [N, 3, 48, WIDTH]; WEIGHTS is the side file. Prints
 * the scores [N, 2] of the first thread; exits with 1 where another thread's
 * differ, with 2 where the model reports an error. */

#include "cls.so.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 3, MAX_THREADS = 16, MAX_SCORES = 64 };

static qcc_instance *model;
static float *pixels;
static int64_t shape[4] = {0, 3, 48, 0};

typedef struct {
  float scores[MAX_SCORES];
  int failed;
} result;

static void report(qcc_error *error) {
  fprintf(stderr, "%s\n", error ? error->message : "an error without a text");
  cls_free_error(error);
}

static void *run(void *argument) {
  result *mine = argument;
  DLTensor input = {pixels, {kDLCPU, 0}, 4, {kDLFloat, 32, 1}, shape, NULL, 0};
  const DLTensor *inputs[] = {&input};
  for (int i = 0; i < RUNS; ++i) {
    DLManagedTensorVersioned *outputs[] = {NULL};
    qcc_error *error = NULL;
    if (cls_run(model, inputs, outputs, &error)) {
      report(error);
      mine->failed = 1;
      return NULL;
    }
    memcpy(mine->scores, outputs[0]->dl_tensor.data,
           sizeof(float) * 2 * (size_t)shape[0]);
    outputs[0]->deleter(outputs[0]);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 6)
    return 2;
  shape[0] = atoi(arguments[3]);
  shape[3] = atoi(arguments[4]);
  int threads = atoi(arguments[5]);
  size_t elements = (size_t)(shape[0] * 3 * 48 * shape[3]);
  pixels = malloc(elements * sizeof(float));
  FILE *file = fopen(arguments[2], "rb");
  if (threads > MAX_THREADS || shape[0] * 2 > MAX_SCORES || !pixels || !file ||
      fread(pixels, sizeof(float), elements, file) != elements)
    return 2;
  fclose(file);
  qcc_env env = {.size = sizeof(qcc_env), .num_threads = 2};
  qcc_error *error = NULL;
  if (cls_open(arguments[1], &env, &model, &error)) {
    report(error);
    return 2;
  }
  static result results[MAX_THREADS];
  pthread_t ids[MAX_THREADS];
  for (int i = 0; i < threads; ++i)
    pthread_create(&ids[i], NULL, run, &results[i]);
  int status = 0;
  for (int i = 0; i < threads; ++i) {
    pthread_join(ids[i], NULL);
    if (results[i].failed)
      status = 2;
    else if (memcmp(results[i].scores, results[0].scores,
                    sizeof(results[0].scores)))
      status = 1;
  }
  for (int i = 0; i < shape[0] * 2; ++i)
    printf("%.9g\n", results[0].scores[i]);
  cls_close(model);
  free(pixels);
  return status;
}
