#include "lib/Driver/Commands.h"
#include "lib/Driver/Errors.h"
#include "lib/Driver/Programs.h"
#include "lib/Driver/Report.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc::driver {

static json::Array listPorts(ArrayRef<Port> ports) {
  json::Array list;
  for (const Port &port : ports) {
    json::Array shape;
    for (const Extent &extent : port.extents) {
      if (extent.size >= 0)
        shape.push_back(extent.size);
      else
        shape.push_back(extent.symbol.empty() ? json::Value(nullptr)
                                              : json::Value(extent.symbol));
    }
    list.push_back(json::Object{{"name", json::fixUTF8(port.name)},
                                {"type", port.getTypeName()},
                                {"shape", std::move(shape)}});
  }
  return list;
}

/// The devices beside the host's processor.
static json::Array listDevices(const qcc_description &description) {
  json::Array list;
  for (const qcc_device_info &device :
       ArrayRef(description.devices, description.num_devices))
    list.push_back(json::Object{
        {"name", json::fixUTF8(device.name)},
        {"driver", json::fixUTF8(device.driver)},
        {"machine", json::fixUTF8(device.machine)},
        {"memory_bytes", static_cast<int64_t>(device.memory_bytes)},
        {"code_bytes", static_cast<int64_t>(device.code_bytes)}});
  return list;
}

static Expected<json::Object> inspectArtifact(const Arguments &arguments,
                                              Session &session) {
  StringRef path = arguments.getOperand();
  if (Error error = refuseProgramOptions(arguments))
    return std::move(error);
  if (Error error =
          arguments.refuse(shapeOptions, "is for models, and '" + path +
                                             "' is compiled already"))
    return std::move(error);
  auto artifact = Artifact::open(path, session.getContext(), 1);
  if (!artifact)
    return artifact.takeError();
  const LoadedModel &model = (*artifact)->getModel();
  Expected<json::Object> report = readReport(model);
  if (!report)
    return report.takeError();
  json::Object result = std::move(*report);
  const qcc_description &description = model.getDescription();
  result["inputs"] = listPorts((*artifact)->getSignature().inputs);
  result["outputs"] = listPorts((*artifact)->getSignature().outputs);
  // Copies: the texts are gone with the artifact.
  result["compiler"] = std::string(description.compiler);
  result["triple"] = std::string(description.triple);
  result["cpu"] = std::string(description.cpu);
  result["devices"] = listDevices(description);
  result["artifact_weight_bytes"] =
      static_cast<int64_t>(description.weights_bytes);
  return std::move(result);
}

static Expected<json::Object> inspectModel(const Arguments &arguments,
                                           Session &session) {
  Expected<Shapes> shapes = parseShapes(arguments);
  if (!shapes)
    return shapes.takeError();
  Expected<ProgramOptions> options = parseProgram(arguments);
  if (!options)
    return options.takeError();
  StringRef path = arguments.getOperand();
  ModelSource source{path.str(), std::nullopt};
  if (Error error = refuseShapesOfIR(source, *shapes))
    return std::move(error);
  auto module = readModel(session, source, *shapes);
  if (!module)
    return module.takeError();
  if (Error error =
          runPhases(session, **module, Phase::Import, Phase::Decide, *options))
    return std::move(error);
  Expected<Signature> signature = getSignature(**module);
  if (!signature)
    return signature.takeError();
  json::Object result = makeReport(path, **module);
  result["inputs"] = listPorts(signature->inputs);
  result["outputs"] = listPorts(signature->outputs);
  return std::move(result);
}

static void printPorts(const json::Object &report, StringRef key,
                       StringRef title) {
  for (const json::Value &port : *report.getArray(key))
    outs() << title << ' ' << port.getAsObject()->getString("name") << ": "
           << port.getAsObject()->getString("type") << '\n';
}

static void printDevices(const json::Object &report) {
  const json::Array *devices = report.getArray("devices");
  if (!devices)
    return;
  for (const json::Value &value : *devices) {
    const json::Object &device = *value.getAsObject();
    auto getBytes = [&](StringRef key) {
      return formatCount(
          static_cast<double>(device.getInteger(key).value_or(0)));
    };
    StringRef machine = device.getString("machine").value_or("");
    outs() << "device " << device.getString("name") << ": driver "
           << device.getString("driver")
           << (machine.empty() ? "" : ", machine ") << machine << ", "
           << getBytes("code_bytes") << " bytes of code, "
           << getBytes("memory_bytes") << " bytes of its memory\n";
  }
}

static Error runInspect(const Arguments &arguments) {
  Session session(1, errs(), arguments.getExtensions());
  StringRef path = arguments.getOperand();
  Expected<json::Object> report = isArtifact(path)
                                      ? inspectArtifact(arguments, session)
                                      : inspectModel(arguments, session);
  if (!report)
    return report.takeError();
  if (arguments.has("--json")) {
    outs() << formatv("{0:2}\n", json::Value(std::move(*report)));
    return Error::success();
  }
  printPorts(*report, "inputs", "input");
  printPorts(*report, "outputs", "output");
  printDevices(*report);
  outs() << formatReport(*report);
  return Error::success();
}

static constexpr OptionSpec options[] = {
    {"--json", "", "print JSON"},
};
static const ArrayRef<OptionSpec> groups[] = {options, programOptions,
                                              pluginOptions, shapeOptions};

const Command commands::inspect = {
    {"inspect", "MODEL|ARTIFACT", "list the layers of a model",
     "Lists each layer of MODEL as it would be compiled, or of ARTIFACT (.so) "
     "as "
     "it was: op,\nshapes, format, bytes of weights, multiply-accumulates, "
     "device, kernel, and why there is\nno kernel for the formats asked for. "
     "Where extents are open, MACs are those for\nextents of 1, marked '*?'.",
     groups},
    runInspect};

} // namespace qcc::driver
