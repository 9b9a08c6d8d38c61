#include "lib/Target/CPU/Kernels/CostParameters.h"

#include "lib/Host/Embed.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace qcc::cpu;

QCC_EMBED(qcc_costs_generic, QCC_COSTS "/generic.json")
QCC_EMBED(qcc_costs_avx2, QCC_COSTS "/avx2.json")
QCC_EMBED(qcc_costs_avxvnni, QCC_COSTS "/avxvnni.json")
QCC_EMBED(qcc_costs_avx512, QCC_COSTS "/avx512.json")
QCC_EMBED(qcc_costs_avx512vnni, QCC_COSTS "/avx512vnni.json")

static constexpr StringLiteral kKindNames[kNumKernelKinds] = {
    "f32",   "i8",          "i8wide",      "decode",        "decode_row",
    "block", "product_f32", "product_i16", "depthwise_f32", "depthwise_i8"};

StringRef qcc::cpu::getName(KernelKind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

static constexpr std::pair<const char *, double CostParameters::*>
    kSharedMembers[] = {{"l2_rate", &CostParameters::l2Rate},
                        {"l3_rate", &CostParameters::l3Rate},
                        {"memory_rate", &CostParameters::memoryRate},
                        {"overlap", &CostParameters::overlap},
                        {"latency", &CostParameters::latency},
                        {"spill", &CostParameters::spill},
                        {"item", &CostParameters::item},
                        {"point", &CostParameters::point},
                        {"function", &CostParameters::function},
                        {"product", &CostParameters::product}};

static constexpr std::pair<const char *, int64_t CostParameters::*>
    kCacheMembers[] = {{"l1", &CostParameters::l1Bytes},
                       {"l2", &CostParameters::l2Bytes},
                       {"l3", &CostParameters::l3Bytes}};

static constexpr ISA kISAs[] = {ISA::Generic, ISA::AVX2, ISA::AVXVNNI,
                                ISA::AVX512, ISA::AVX512VNNI};

void CostParameters::forEach(
    function_ref<void(const Twine &, double &)> visit) {
  for (auto [name, member] : kSharedMembers)
    visit(name, this->*member);
  for (auto [kind, times] : zip_equal(kKindNames, kernels))
    for (auto [name, member] : KernelTimes::getMembers())
      visit(kind + "." + name, times.*member);
}

const CostParameters &CostParameters::getShipped(ISA isa) {
  static const std::array<CostParameters, std::size(kISAs)> all = [] {
    const StringRef texts[] = {
        QCC_EMBEDDED(qcc_costs_generic), QCC_EMBEDDED(qcc_costs_avx2),
        QCC_EMBEDDED(qcc_costs_avxvnni), QCC_EMBEDDED(qcc_costs_avx512),
        QCC_EMBEDDED(qcc_costs_avx512vnni)};
    std::array<CostParameters, std::size(kISAs)> parsed;
    for (auto [text, parameters] : zip_equal(texts, parsed))
      parameters = cantFail(parse(text), "a file of machines/ is wrong");
    return parsed;
  }();
  return all[static_cast<size_t>(isa)];
}

static Error makeError(const Twine &what) {
  return createStringError("costs: " + what);
}

static Expected<const json::Object *> getObject(const json::Object &from,
                                                StringRef name) {
  if (const json::Object *object = from.getObject(name))
    return object;
  return makeError("there is no object '" + name + "'");
}

Expected<CostParameters> CostParameters::parse(StringRef text) {
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return makeError(toString(value.takeError()));
  const json::Object *root = value->getAsObject();
  if (!root)
    return makeError("the file is no JSON object");
  CostParameters parameters;
  StringRef name = root->getString("instructions").value_or("");
  const ISA *isa =
      find_if(kISAs, [&](ISA known) { return getName(known) == name; });
  if (isa == std::end(kISAs))
    return makeError("'instructions' names no instruction set: '" + name + "'");
  parameters.isa = *isa;
  parameters.measuredOn = root->getString("measured_on").value_or("").str();
  Expected<const json::Object *> caches = getObject(*root, "cache_bytes");
  if (!caches)
    return caches.takeError();
  for (auto [cache, member] : kCacheMembers) {
    std::optional<int64_t> bytes = (*caches)->getInteger(cache);
    if (!bytes || *bytes <= 0)
      return makeError("'cache_bytes' needs a positive number '" +
                       Twine(cache) + "'");
    parameters.*member = *bytes;
  }
  Expected<const json::Object *> times = getObject(*root, "parameters");
  if (!times)
    return times.takeError();
  Error error = Error::success();
  parameters.forEach([&](const Twine &name, double &parameter) {
    if (error)
      return;
    std::optional<double> number = (*times)->getNumber(name.str());
    if (!number || !(*number > 0))
      error = makeError("'parameters' needs a positive number '" + name + "'");
    else if (*number < 1e-5 || *number > 1e7)
      error = makeError("'" + name + "' is no time or rate of a processor");
    else
      parameter = *number;
  });
  if (error)
    return std::move(error);
  return parameters;
}

std::string CostParameters::print() const {
  CostParameters copy = *this;
  json::Object caches, times;
  for (auto [name, member] : kCacheMembers)
    caches[name] = copy.*member;
  // Three digits, for files that people read and compare.
  copy.forEach([&](const Twine &name, double &value) {
    double rounded = 0;
    to_float(formatv("{0:E2}", value).str(), rounded);
    times[name.str()] = rounded;
  });
  json::Object root{{"instructions", getName(isa)},
                    {"measured_on", measuredOn},
                    {"cache_bytes", std::move(caches)},
                    {"parameters", std::move(times)}};
  return formatv("{0:2}\n", json::Value(std::move(root)));
}
