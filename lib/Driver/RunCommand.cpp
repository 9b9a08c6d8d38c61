#include "lib/Driver/Commands.h"
#include "lib/Driver/Crash.h"
#include "lib/Driver/Differences.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/Inputs.h"
#include "lib/Driver/Interpreted.h"
#include "lib/Driver/Programs.h"
#include "lib/Driver/TensorFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

static constexpr StringLiteral notInterpreted =
    "is for compiled models, and --interpret compiles none";

/// Those that the interpreter knows, too.
static constexpr StringRef formatOptions[] = {"--weights", "--method",
                                              "--activations"};

static Expected<std::unique_ptr<Program>>
makeProgram(Session &session, const Arguments &arguments,
            const Shapes &shapes) {
  StringRef path = arguments.getOperand();
  if (!arguments.has("--interpret")) {
    Expected<int64_t> threads = arguments.getThreads("--threads", 0);
    if (!threads)
      return threads.takeError();
    return makeArtifact(session, arguments, shapes, *threads);
  }
  if (isArtifact(path))
    return makeUsageError("--interpret needs a model, not the compiled '" +
                          path + "'");
  for (const OptionSpec &spec : programOptions)
    if (!is_contained(formatOptions, spec.name))
      if (Error error = arguments.refuse(spec.name, notInterpreted))
        return std::move(error);
  if (Error error = arguments.refuse(
          arguments.getExtensions()->getTargetOptions(), notInterpreted))
    return std::move(error);
  if (Error error = arguments.refuse("--threads", notInterpreted))
    return std::move(error);
  Expected<ProgramOptions> options = parseProgram(arguments);
  if (!options)
    return options.takeError();
  auto module = readModel(session, {path.str(), std::nullopt}, shapes);
  if (!module)
    return module.takeError();
  // Other numbers only where they were asked for: what stands after import is
  // the reference of every comparison.
  bool isCompressed = !options->pipeline.weights.empty() ||
                      !options->pipeline.activations.empty();
  if (isCompressed)
    if (Error error = runPhases(session, **module, Phase::Import,
                                Phase::Compress, *options))
      return std::move(error);
  return Interpreted::create(std::move(*module));
}

static Expected<Tolerance> getTolerance(const Arguments &arguments) {
  Tolerance tolerance;
  Expected<double> relative = arguments.getNumber("--rtol", tolerance.relative);
  if (!relative)
    return relative.takeError();
  Expected<double> absolute = arguments.getNumber("--atol", tolerance.absolute);
  if (!absolute)
    return absolute.takeError();
  return Tolerance{*relative, *absolute};
}

static Error checkOutputs(const Signature &signature, ArrayRef<Tensor> outputs,
                          StringRef folder, Tolerance tolerance,
                          mlir::MLIRContext &context) {
  bool differs = false;
  for (auto [index, port, output] : enumerate(signature.outputs, outputs)) {
    Expected<Tensor> expected =
        readNumbered(folder, "output", index, output.getElementType(), context);
    if (!expected)
      return expected.takeError();
    Difference difference = findDifference(output, *expected, tolerance);
    outs() << describe(difference, port.name, *expected) << '\n';
    differs |= !difference.agrees();
  }
  return differs ? makeDifference() : Error::success();
}

static Error writeOutputs(const Signature &signature, ArrayRef<Tensor> outputs,
                          StringRef folder) {
  if (std::error_code error = sys::fs::create_directories(folder))
    return makeUsageError("cannot make the folder '" + folder +
                          "': " + error.message());
  for (auto [port, output] : zip_equal(signature.outputs, outputs)) {
    Expected<std::string> path = writeTensor(folder, port.name, output);
    if (!path)
      return path.takeError();
  }
  return Error::success();
}

static void printOutputs(const Signature &signature, ArrayRef<Tensor> outputs) {
  for (auto [port, output] : zip_equal(signature.outputs, outputs)) {
    outs() << port.name << ": "
           << getTypeName(output.getElementType(), output.getShape());
    std::vector<double> numbers = getNumbers(output);
    if (!numbers.empty())
      outs() << " min " << format("%.6g", *min_element(numbers)) << " max "
             << format("%.6g", *max_element(numbers));
    outs() << '\n';
  }
}

static Error runProgram(Program &program, const Arguments &arguments,
                        const Shapes &shapes, mlir::MLIRContext &context) {
  StringRef folder = arguments.get("--expect").value_or("");
  Expected<Tolerance> tolerance = getTolerance(arguments);
  if (!tolerance)
    return tolerance.takeError();
  const Signature &signature = program.getSignature();
  auto inputs = makeInputs(signature, arguments, folder, shapes, context);
  if (!inputs)
    return inputs.takeError();
  auto outputs = [&] {
    Activity activity("running the model");
    return program.run(*inputs);
  }();
  if (!outputs)
    return outputs.takeError();
  if (auto target = arguments.get("--output-dir"))
    if (Error error = writeOutputs(signature, *outputs, *target))
      return error;
  if (!folder.empty())
    return checkOutputs(signature, *outputs, folder, *tolerance, context);
  if (!arguments.has("--output-dir"))
    printOutputs(signature, *outputs);
  return Error::success();
}

/// Options that are ignored without others.
static Error checkOptions(const Arguments &arguments) {
  if (arguments.has("--expect")) {
    if (Error error = arguments.refuse(
            "--random-inputs", "has no inputs to make up: --expect has all"))
      return error;
  } else {
    for (StringRef option : {"--rtol", "--atol"})
      if (Error error = arguments.refuse(option, "is for --expect"))
        return error;
  }
  if (!arguments.has("--random-inputs"))
    return arguments.refuse("--seed", "is for --random-inputs");
  return Error::success();
}

static Error runModel(const Arguments &arguments) {
  if (Error error = checkOptions(arguments))
    return error;
  Expected<int64_t> jobs = arguments.getThreads("-j", 0);
  if (!jobs)
    return jobs.takeError();
  Expected<Shapes> shapes = parseShapes(arguments);
  if (!shapes)
    return shapes.takeError();
  Session session(*jobs, errs(), arguments.getExtensions());
  auto program = makeProgram(session, arguments, *shapes);
  if (!program)
    return program.takeError();
  return runProgram(**program, arguments, *shapes, session.getContext());
}

static constexpr OptionSpec options[] = {
    {"--output-dir", "DIR",
     "write each output as NAME.npy, or NAME.pb for types that npy lacks"},
    {"--expect", "DIR",
     "take inputs from input_0.pb, ... and compare with output_0.pb, ...;\n"
     "exit status 1 when outputs differ"},
    {"--rtol", "R", "relative tolerance of --expect (default: 1e-3)"},
    {"--atol", "A", "absolute tolerance of --expect (default: 1e-7)"},
    {"--interpret", "", "run the model by the interpreter"},
    {"--threads", "N", "threads of the run (default: one for each core)"},
    {"-j", "N", "threads of the compiler (default: one for each core)"},
};
static const ArrayRef<OptionSpec> groups[] = {
    inputOptions, options, shapeOptions, programOptions, pluginOptions};

const Command commands::run = {
    {"run", "MODEL|ARTIFACT", "run a model",
     "Runs MODEL (.onnx, .mlir) or ARTIFACT (.so, made "
     "by 'qcc compile') once and\nprints, writes or "
     "compares its outputs.",
     groups},
    runModel};

} // namespace qcc::driver
