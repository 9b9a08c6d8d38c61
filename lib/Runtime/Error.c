#include "lib/Runtime/Internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// Where there is no memory for an error either.
static qcc_error out_of_memory = {
    QCC_OUT_OF_MEMORY, "no memory, not even for the message that says where"};

static qcc_error *format_error(int32_t code, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (length < 0)
    return &out_of_memory;
  qcc_error *error = malloc(sizeof(qcc_error) + (size_t)length + 1);
  if (!error)
    return &out_of_memory;
  char *message = (char *)(error + 1);
  vsnprintf(message, (size_t)length + 1, format, args);
  error->code = code;
  error->message = message;
  return error;
}

int32_t qccrt_make_error(qcc_error **error, int32_t code, const char *format,
                         ...) {
  if (!error)
    return code;
  va_list args;
  va_start(args, format);
  *error = format_error(code, format, args);
  va_end(args);
  return (*error)->code;
}

void qccrt_record(qccrt_run *run, int32_t code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  qcc_error *error = format_error(code, format, args);
  va_end(args);
  pthread_mutex_lock(&run->lock);
  if (!run->error) {
    run->error = error;
    error = NULL;
  }
  pthread_mutex_unlock(&run->lock);
  qccrt_free_error(error);
}

void qccrt_fail(qccrt_run *run, const char *message) {
  qccrt_record(run, QCC_MODEL_CHECK, "model '%s': %s",
               run->model->desc->description.name, message);
}

void qccrt_free_error(qcc_error *error) {
  if (error != &out_of_memory)
    free(error);
}
