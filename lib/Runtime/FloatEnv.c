// The floating-point environment of a run: the default one, whatever the host
// has set. The host finds its own again, exception flags included.

#include "lib/Runtime/Internal.h"

#if defined(__x86_64__)

// fegetenv and fesetenv save and load the x87 unit as well, which takes longer
// than a small layer, and nothing in an artifact computes there. So hosts whose
// control bits are the default, and that is nearly all, only have SSE's flags
// put back.
enum { SSE_FLAGS = 0x3f, SSE_DEFAULT = 0x1f80, X87_DEFAULT = 0x37f };

static bool is_default(unsigned sse) {
  uint16_t x87;
  __asm__ volatile("fnstcw %0" : "=m"(x87));
  return (sse & ~(unsigned)SSE_FLAGS) == SSE_DEFAULT && x87 == X87_DEFAULT;
}

void qccrt_enter_float_env(qccrt_float_env *hosts) {
  hosts->sse = __builtin_ia32_stmxcsr();
  hosts->is_default = is_default(hosts->sse);
  if (hosts->is_default)
    return;
  fegetenv(&hosts->whole);
  fesetenv(FE_DFL_ENV);
}

void qccrt_leave_float_env(const qccrt_float_env *hosts) {
  if (!hosts->is_default)
    fesetenv(&hosts->whole);
  else if (__builtin_ia32_stmxcsr() != hosts->sse)
    __builtin_ia32_ldmxcsr(hosts->sse);
}

#else

void qccrt_enter_float_env(qccrt_float_env *hosts) {
  fegetenv(&hosts->whole);
  fesetenv(FE_DFL_ENV);
}

void qccrt_leave_float_env(const qccrt_float_env *hosts) {
  fesetenv(&hosts->whole);
}

#endif
