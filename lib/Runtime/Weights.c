#include "lib/Runtime/Internal.h"
#include "qcc/Runtime/WeightsFile.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Where a relative name of this code's file begins: the current directory when
// it was loaded, which may be another one when a model is opened. Empty when it
// could not be found out.
static char load_directory[PATH_MAX];

__attribute__((constructor)) static void remember_load_directory(void) {
  if (!getcwd(load_directory, sizeof(load_directory)))
    load_directory[0] = '\0';
}

// The directory of the file that this code was loaded from, with the slash, in
// `path`. False: it cannot be found out.
static bool find_own_directory(char *path, size_t size) {
  Dl_info info;
  if (!dladdr((void *)(uintptr_t)&qccrt_open, &info) || !info.dli_fname)
    return false;
  const char *file = info.dli_fname;
  char executable[PATH_MAX];
  if (!strchr(file, '/')) { // linked into a program that PATH found
    ssize_t length =
        readlink("/proc/self/exe", executable, sizeof(executable) - 1);
    if (length < 0)
      return false;
    executable[length] = '\0';
    file = executable;
  }
  const char *base = file[0] == '/' ? "" : load_directory;
  int length = (int)(strrchr(file, '/') + 1 - file);
  int total =
      snprintf(path, size, "%s%s%.*s", base, *base ? "/" : "", length, file);
  return total >= 0 && (size_t)total < size;
}

static int32_t find_default(const qcc_description *model, char *path,
                            size_t size, qcc_error **error) {
  if (!find_own_directory(path, size) ||
      strlen(path) + strlen(model->weights_file) + 1 > size)
    return qccrt_make_error(error, QCC_WEIGHTS,
                            "cannot find out where model '%s' was loaded from: "
                            "pass the path of %s to %s_open",
                            model->name, model->weights_file, model->name);
  strcat(path, model->weights_file);
  return QCC_OK;
}

static int32_t check_file(const qcc_instance *model, const char *path,
                          const qccrt_weights_header *header, uint64_t bytes,
                          qcc_error **error) {
  const qcc_description *description = &model->desc->description;
  const char *name = description->name;
  if (bytes < QCCRT_WEIGHTS_HEADER_BYTES ||
      header->magic != QCCRT_WEIGHTS_MAGIC)
    return qccrt_make_error(error, QCC_WEIGHTS,
                            "%s is not a weights file of qcc: pass the file "
                            "that was written beside model '%s'",
                            path, name);
  if (header->version != QCCRT_WEIGHTS_VERSION ||
      header->header_bytes != QCCRT_WEIGHTS_HEADER_BYTES)
    return qccrt_make_error(error, QCC_WEIGHTS,
                            "%s has format version %u and model '%s' reads %u: "
                            "compile the model again",
                            path, header->version, name, QCCRT_WEIGHTS_VERSION);
  if (header->payload_bytes != description->weights_bytes ||
      header->checksum != model->desc->weights_checksum)
    return qccrt_make_error(error, QCC_WEIGHTS,
                            "%s belongs to another model or another "
                            "compilation than '%s': pass the file that was "
                            "written with it",
                            path, name);
  if (bytes - QCCRT_WEIGHTS_HEADER_BYTES < header->payload_bytes)
    return qccrt_make_error(
        error, QCC_WEIGHTS,
        "%s is truncated: it has %llu bytes of %llu; copy it again", path,
        (unsigned long long)bytes,
        (unsigned long long)(header->payload_bytes +
                             QCCRT_WEIGHTS_HEADER_BYTES));
  return QCC_OK;
}

static int32_t check_payload(const qcc_instance *model, const char *path,
                             qcc_error **error) {
  qccrt_checksum sum;
  qccrt_checksum_begin(&sum);
  qccrt_checksum_add(&sum, model->constants,
                     model->desc->description.weights_bytes);
  if (qccrt_checksum_end(&sum) == model->desc->weights_checksum)
    return QCC_OK;
  return qccrt_make_error(error, QCC_WEIGHTS,
                          "%s is damaged: its checksum is wrong; copy it again "
                          "or compile the model again",
                          path);
}

static int32_t map_descriptor(qcc_instance *model, const char *path, int file,
                              qcc_error **error) {
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
    return qccrt_make_error(error, QCC_WEIGHTS, "%s is not a file", path);
  qccrt_weights_header header;
  memset(&header, 0, sizeof(header));
  if (pread(file, &header, sizeof(header), 0) < 0)
    return qccrt_make_error(error, QCC_WEIGHTS, "cannot read %s: %s", path,
                            strerror(errno));
  uint64_t bytes = (uint64_t)status.st_size;
  int32_t result = check_file(model, path, &header, bytes, error);
  if (result != QCC_OK)
    return result;
  int flags = MAP_SHARED;
#ifdef MAP_POPULATE
  flags |= MAP_POPULATE; // the checksum reads all of it anyway
#endif
  void *mapping = mmap(NULL, bytes, PROT_READ, flags, file, 0);
  if (mapping == MAP_FAILED)
    return qccrt_make_error(error, QCC_WEIGHTS, "cannot map %s: %s", path,
                            strerror(errno));
  model->mapping = mapping;
  model->mapping_bytes = bytes;
  model->constants = (const char *)mapping + QCCRT_WEIGHTS_HEADER_BYTES;
  return check_payload(model, path, error);
}

int32_t qccrt_map_weights(qcc_instance *model, const char *path,
                          qcc_error **error) {
  static const _Alignas(QCCRT_ALIGNMENT) char nothing[QCCRT_ALIGNMENT];
  const qcc_description *description = &model->desc->description;
  if (!description->weights_file) {
    const void *embedded = model->desc->embedded_weights;
    model->constants = embedded ? embedded : nothing;
    return QCC_OK;
  }
  char beside[PATH_MAX];
  if (!path) {
    int32_t status = find_default(description, beside, sizeof(beside), error);
    if (status != QCC_OK)
      return status;
    path = beside;
  }
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return qccrt_make_error(error, QCC_WEIGHTS,
                            "cannot open the weights of model '%s', %s: %s; "
                            "keep the file beside the model or pass its path "
                            "to %s_open",
                            description->name, path, strerror(errno),
                            description->name);
  int32_t status = map_descriptor(model, path, file, error);
  close(file);
  return status;
}

void qccrt_unmap_weights(qcc_instance *model) {
  if (model->mapping)
    munmap(model->mapping, model->mapping_bytes);
}
