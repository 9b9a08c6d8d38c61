#include "lib/Runtime/Internal.h"
#include "qcc/Runtime/TypeNames.h"

#include <stdarg.h>
#include <stdio.h>

// A cut text is still a text, so a buffer that is too small is no error.
typedef struct {
  char *at;
  size_t left;
} text;

__attribute__((format(printf, 2, 3))) static void add(text *out,
                                                      const char *format, ...) {
  va_list args;
  va_start(args, format);
  int length = vsnprintf(out->at, out->left, format, args);
  va_end(args);
  if (length < 0)
    return;
  size_t used = (size_t)length < out->left ? (size_t)length : out->left - 1;
  out->at += used;
  out->left -= used;
}

static void add_dtype(text *out, DLDataType dtype) {
  const char *name = qccrt_get_code_name(dtype.code);
  if (!name)
    add(out, "DLPack type %u of %u bits", dtype.code, dtype.bits);
  else if (dtype.code >= kDLBool)
    add(out, "%s", name); // it says the bits
  else
    add(out, "%s%u", name, dtype.bits);
  if (dtype.lanes != 1)
    add(out, "x%u", dtype.lanes);
}

void qccrt_format_info(const qcc_tensor_info *info, char *buffer, size_t size) {
  text out = {buffer, size};
  add_dtype(&out, info->dtype);
  add(&out, "[");
  for (int32_t d = 0; d < info->rank; ++d) {
    const char *comma = d ? ", " : "";
    if (info->dims[d].extent >= 0)
      add(&out, "%s%lld", comma, (long long)info->dims[d].extent);
    else
      add(&out, "%s%s", comma,
          info->dims[d].symbol ? info->dims[d].symbol : "?");
  }
  add(&out, "]");
}

void qccrt_format_tensor(DLDataType dtype, int32_t rank, const int64_t *dims,
                         char *buffer, size_t size) {
  text out = {buffer, size};
  add_dtype(&out, dtype);
  add(&out, "[");
  for (int32_t d = 0; d < rank; ++d)
    add(&out, "%s%lld", d ? ", " : "", (long long)dims[d]);
  add(&out, "]");
}
