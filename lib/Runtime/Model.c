#include "lib/Runtime/Internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int32_t count_extents(const qcc_description *model) {
  int32_t count = 0;
  for (int32_t i = 0; i < model->num_inputs; ++i)
    count += model->inputs[i].rank;
  return count;
}

static const char *get_symbol(const qcc_description *model, int32_t extent) {
  int32_t i = 0;
  while (extent >= model->inputs[i].rank)
    extent -= model->inputs[i++].rank;
  const qcc_dim *dim = &model->inputs[i].dims[extent];
  return dim->extent < 0 ? dim->symbol : NULL;
}

// Once per model, so that a run compares numbers and not names.
static bool find_same_extents(qcc_instance *model) {
  const qcc_description *description = &model->desc->description;
  int32_t count = count_extents(description);
  model->same_as = malloc(sizeof(int32_t) * ((size_t)count + 1));
  if (!model->same_as)
    return false;
  for (int32_t e = 0; e < count; ++e) {
    const char *symbol = get_symbol(description, e);
    int32_t first = symbol ? 0 : e;
    while (first < e) {
      const char *other = get_symbol(description, first);
      if (other && strcmp(other, symbol) == 0)
        break;
      ++first;
    }
    model->same_as[e] = first;
  }
  return true;
}

static int32_t init_instance(qcc_instance *model, const char *weights,
                             const qcc_env *env, qcc_error **error) {
  int32_t status = qccrt_init_env(&model->env, env, error);
  if (status == QCC_OK)
    status = qccrt_check_cpu(model->desc, error);
  if (status == QCC_OK)
    status = qccrt_count_threads(&model->env, &model->threads, error);
  if (status != QCC_OK)
    return status;
  if (!find_same_extents(model))
    return qccrt_make_error(error, QCC_OUT_OF_MEMORY,
                            "no memory to open model '%s'",
                            model->desc->description.name);
  status = qccrt_map_weights(model, weights, error);
  return status == QCC_OK ? qccrt_open_devices(model, error) : status;
}

int32_t qccrt_open(const qccrt_model_desc *desc, const char *weights,
                   const qcc_env *env, qcc_instance **model,
                   qcc_error **error) {
  const char *name = desc->description.name;
  if (!model)
    return qccrt_make_error(error, QCC_INVALID_ARGUMENT,
                            "%s_open: `model` is NULL: pass where to store the "
                            "opened model",
                            name);
  *model = NULL;
  if (desc->abi_version != QCC_ABI_VERSION || desc->size != sizeof(*desc))
    return qccrt_make_error(error, QCC_INTERNAL,
                            "model '%s' has ABI version %u and its runtime %u: "
                            "compile it again with one version of qcc",
                            name, desc->abi_version, QCC_ABI_VERSION);
  qcc_instance *opened = calloc(1, sizeof(*opened));
  if (!opened)
    return qccrt_make_error(error, QCC_OUT_OF_MEMORY,
                            "no memory to open model '%s'", name);
  opened->desc = desc;
  opened->process = getpid();
  pthread_mutex_init(&opened->lock, NULL);
  int32_t status = init_instance(opened, weights, env, error);
  if (status != QCC_OK) {
    qccrt_close(opened);
    return status;
  }
  *model = opened;
  return QCC_OK;
}

void qccrt_close(qcc_instance *model) {
  if (!model)
    return;
  qccrt_stop_pool(model->pool);
  qccrt_close_devices(model);
  qccrt_free_blocks(model, model->arenas);
  qccrt_unmap_weights(model);
  free(model->same_as);
  pthread_mutex_destroy(&model->lock);
  free(model);
}

// Whatever the host has set, results are those of the default environment.
static int32_t run_main(qccrt_run *run) {
  qccrt_float_env hosts;
  qccrt_enter_float_env(&hosts);
  int32_t failed = run->model->desc->main(run);
  qccrt_leave_float_env(&hosts);
  return failed;
}

static bool execute(qccrt_run *run) {
  if (!qccrt_check_devices(run) || !qccrt_prepare_inputs(run))
    return false;
  int32_t failed = run_main(run);
  qccrt_end_devices(run);
  if (run->error)
    return false;
  if (failed) {
    qccrt_record(run, QCC_INTERNAL,
                 "model '%s' failed with %d and without a message: a defect of "
                 "qcc, please report it",
                 run->model->desc->description.name, failed);
    return false;
  }
  return qccrt_deliver_outputs(run);
}

static int32_t check_arguments(const qccrt_model_desc *desc,
                               const qcc_instance *model,
                               const DLTensor *const *inputs,
                               DLManagedTensorVersioned **outputs,
                               qcc_error **error) {
  const qcc_description *description = &desc->description;
  const char *missing = NULL;
  if (!model)
    missing = "model";
  else if (!inputs && description->num_inputs)
    missing = "inputs";
  else if (!outputs && description->num_outputs)
    missing = "outputs";
  if (missing)
    return qccrt_make_error(error, QCC_INVALID_ARGUMENT,
                            "%s_run: `%s` is NULL: pass an opened model, %d "
                            "inputs and room for %d outputs",
                            description->name, missing, description->num_inputs,
                            description->num_outputs);
  if (model->desc != desc)
    return qccrt_make_error(error, QCC_INVALID_ARGUMENT,
                            "%s_run: the model was opened by %s_open",
                            description->name, model->desc->description.name);
  return QCC_OK;
}

int32_t qccrt_run_model(const qccrt_model_desc *desc, qcc_instance *model,
                        const DLTensor *const *inputs,
                        DLManagedTensorVersioned **outputs, qcc_error **error) {
  int32_t status = check_arguments(desc, model, inputs, outputs, error);
  if (status != QCC_OK)
    return status;
  size_t num_inputs = (size_t)desc->description.num_inputs;
  size_t num_outputs = (size_t)desc->description.num_outputs;
  size_t num_devices = (size_t)desc->description.num_devices;
  qccrt_run *run =
      calloc(1, sizeof(*run) +
                    (num_inputs + num_outputs + num_devices) * sizeof(void *));
  if (!run)
    return qccrt_make_error(error, QCC_OUT_OF_MEMORY,
                            "no memory to run model '%s'",
                            desc->description.name);
  run->model = model;
  run->inputs = inputs;
  run->outputs = outputs;
  run->input_data = (void **)(run + 1);
  run->results = (DLManagedTensorVersioned **)(run->input_data + num_inputs);
  run->lanes = (qccrt_lane **)(run->results + num_outputs);
  pthread_mutex_init(&run->lock, NULL);
  if (!execute(run)) {
    qccrt_discard_outputs(run);
    status = run->error->code;
    if (error)
      *error = run->error;
    else
      qccrt_free_error(run->error);
  }
  qccrt_return_arenas(run);
  qccrt_free_blocks(model, run->blocks);
  qccrt_free_blocks(model, run->spare);
  pthread_mutex_destroy(&run->lock);
  free(run);
  return status;
}

const void *qccrt_constants(qccrt_run *run) { return run->model->constants; }
