#include "qcc/CAPI/Compiler.h"

#include "lib/Driver/Commands.h"
#include "lib/Driver/Compile.h"
#include "lib/Driver/Crash.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/Extensions.h"
#include "lib/Driver/LoadedModel.h"
#include "lib/Driver/Version.h"

#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace llvm;
using namespace qcc::driver;

struct qcc_loaded {
  std::shared_ptr<LoadedModel> model;
};

namespace {
/// An error that owns its message.
struct OwnedError {
  qcc_error error;
  std::string message;
};
} // namespace

static qcc_error *makeError(int32_t code, std::string message) {
  auto *owned = new OwnedError{{}, StringRef(message).rtrim().str()};
  owned->error.code = code;
  owned->error.message = owned->message.c_str();
  return &owned->error;
}

/// `told` is what was reported already.
static int32_t report(Error error, std::string told, qcc_error **result) {
  if (!error)
    return 0;
  ExitCode code = ExitCode::Usage;
  int32_t status = QCC_OK;
  handleAllErrors(
      std::move(error),
      [&](const ModelError &error) {
        code = error.getCode();
        status = error.getStatus();
        told += error.getMessage();
      },
      [&](const CommandError &error) {
        code = error.getCode();
        told += error.getMessage();
      },
      [&](const ErrorInfoBase &error) { told += error.message(); });
  if (result)
    *result = makeError(status                     ? status
                        : code == ExitCode::Defect ? QCC_INTERNAL
                                                   : QCC_INVALID_ARGUMENT,
                        told);
  return static_cast<int32_t>(code);
}

static Error compileFrom(const ModelSource &source, const char *output,
                         ArrayRef<const char *> options,
                         raw_ostream &diagnostics) {
  std::vector<std::string> words = {"-o", output};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"--", source.name});
  Expected<Arguments> arguments = parseArguments(commands::compile.spec, words);
  if (!arguments)
    return arguments.takeError();
  return compile(*arguments, source, diagnostics);
}

static int32_t compileSource(const ModelSource &source, const char *output,
                             const char *const *options, int32_t numOptions,
                             qcc_error **error) {
  installFatalErrorHandler();
  std::string told;
  raw_string_ostream diagnostics(told);
  Error failure = Error::success();
  std::string crash = runGuarded([&] {
    failure =
        compileFrom(source, output, ArrayRef(options, numOptions), diagnostics);
  });
  if (!crash.empty())
    failure = joinErrors(std::move(failure), makeDefect(crash));
  if (!failure && !told.empty() && error)
    *error = makeError(QCC_OK, told); // warnings
  return report(std::move(failure), told, error);
}

int32_t qcc_compile_file(const char *model, const char *output,
                         const char *const *options, int32_t numOptions,
                         qcc_error **error) {
  if (!model || !output)
    return report(makeUsageError("model and output must not be NULL"), {},
                  error);
  return compileSource(ModelSource{model, std::nullopt}, output, options,
                       numOptions, error);
}

int32_t qcc_compile_bytes(const void *model, uint64_t bytes, const char *name,
                          const char *output, const char *const *options,
                          int32_t numOptions, qcc_error **error) {
  if (!model || !name || !output)
    return report(makeUsageError("model, name and output must not be NULL"), {},
                  error);
  ModelSource source{name, StringRef(static_cast<const char *>(model), bytes)};
  return compileSource(source, output, options, numOptions, error);
}

int32_t qcc_load(const char *artifact, int32_t threads, qcc_loaded **loaded,
                 qcc_error **error) {
  if (!artifact || !loaded)
    return report(makeUsageError("artifact and loaded must not be NULL"), {},
                  error);
  return qcc_load_as(artifact, artifact, threads, loaded, error);
}

int32_t qcc_load_as(const char *artifact, const char *name, int32_t threads,
                    qcc_loaded **loaded, qcc_error **error) {
  if (!artifact || !name || !loaded)
    return report(makeUsageError("artifact, name and loaded must not be NULL"),
                  {}, error);
  auto model = LoadedModel::open(artifact, std::max(threads, 0), name);
  if (!model)
    return report(model.takeError(), {}, error);
  *loaded = new qcc_loaded{std::move(*model)};
  return 0;
}

const qcc_description *qcc_describe(const qcc_loaded *loaded) {
  return &loaded->model->getDescription();
}

int32_t qcc_run(const qcc_loaded *loaded, const DLTensor *const *inputs,
                DLManagedTensorVersioned **outputs, qcc_error **error) {
  return report(loaded->model->run(inputs, outputs), {}, error);
}

void qcc_unload(qcc_loaded *loaded) { delete loaded; }

void qcc_free_error(qcc_error *error) {
  delete reinterpret_cast<OwnedError *>(error);
}

const char *qcc_version(void) { return versionText; }
