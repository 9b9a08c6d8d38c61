// Artifacts of every kind, used as their users do.

#include "lib/Host/WeightsFile.h"
#include "test/lib/Target/CPU/EmitFixture.h"

#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Program.h"

#include <dlfcn.h>

using namespace llvm;
using namespace qcc::test;

namespace {

struct Emit : EmitFixture {
  void TearDown() override {
    if (library)
      dlclose(library);
    EmitFixture::TearDown();
  }

  const qcc_model_api *load(const std::string &path) {
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(library, nullptr) << dlerror();
    return library
               ? static_cast<const qcc_model_api *>(dlsym(library, "qcc_model"))
               : nullptr;
  }

  static DLTensor makeTensor(std::vector<float> &values, int64_t *shape) {
    DLTensor tensor = {};
    tensor.data = values.data();
    tensor.device = {kDLCPU, 0};
    tensor.ndim = 1;
    tensor.dtype = {kDLFloat, 32, 1};
    tensor.shape = shape;
    return tensor;
  }

  /// a + b, or the message of the error.
  static std::string run(const qcc_model_api *api, std::vector<float> a,
                         std::vector<float> b, std::vector<float> &y) {
    qcc_error *error = nullptr;
    qcc_instance *model = nullptr;
    int64_t na = static_cast<int64_t>(a.size());
    int64_t nb = static_cast<int64_t>(b.size());
    DLTensor ta = makeTensor(a, &na), tb = makeTensor(b, &nb);
    const DLTensor *inputs[] = {&ta, &tb};
    DLManagedTensorVersioned *out = nullptr;
    int32_t status = api->open(nullptr, nullptr, &model, &error);
    if (status == QCC_OK)
      status = api->run(model, inputs, &out, &error);
    api->close(model);
    if (status != QCC_OK) {
      std::string message = error->message;
      EXPECT_EQ(error->code, status);
      api->free_error(error);
      return message;
    }
    auto *data = static_cast<float *>(out->dl_tensor.data);
    y.assign(data, data + out->dl_tensor.shape[0]);
    out->deleter(out);
    return "";
  }

  static int execute(StringRef program, ArrayRef<StringRef> arguments,
                     StringRef output = "") {
    std::optional<StringRef> redirects[] = {std::nullopt, output, output};
    return sys::ExecuteAndWait(program, arguments, std::nullopt,
                               output.empty()
                                   ? ArrayRef<std::optional<StringRef>>()
                                   : ArrayRef(redirects),
                               60);
  }

  void *library = nullptr;
  std::vector<float> y;
};

TEST_F(Emit, SharedObjectRuns) {
  std::string path = getPath("add.so");
  ASSERT_EQ(emit(path), "");
  const qcc_model_api *api = load(path);
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(api->magic, QCC_MODEL_MAGIC);
  EXPECT_EQ(api->abi_version, static_cast<uint32_t>(QCC_ABI_VERSION));
  EXPECT_EQ(api->size, sizeof(qcc_model_api));
  EXPECT_EQ(reinterpret_cast<void *>(api->open), dlsym(library, "add_open"));
  EXPECT_EQ(run(api, {1, 2, 3}, {10, 20, 30}, y), "");
  EXPECT_EQ(y, (std::vector<float>{11, 22, 33}));
}

TEST_F(Emit, SharedObjectReportsErrors) {
  std::string path = getPath("add.so");
  ASSERT_EQ(emit(path), "");
  const qcc_model_api *api = load(path);
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(run(api, {1, 2}, {1, 2, 3}, y),
            "input 1 ('b'): extent 0, 'n', is 3, but it is 2 in input 0 ('a'), "
            "extent 0: extents of one name must be equal");
  std::vector<float> large(101);
  EXPECT_EQ(run(api, large, large, y), "model 'add': it is too long");
}

TEST_F(Emit, DescribesItself) {
  interface.inputs[0].format = "int8:tensor";
  interface.inputs[0].component = "codes";
  interface.inputs[1].dims[0] = {7, ""};
  machine.mcpu = "haswell";
  std::string path = getPath("add.so");
  ASSERT_EQ(emit(path), "");
  const qcc_model_api *api = load(path);
  ASSERT_NE(api, nullptr);
  const qcc_description *model = api->describe();
  EXPECT_EQ(model->size, sizeof(qcc_description));
  EXPECT_STREQ(model->name, "add");
  EXPECT_STREQ(model->cpu, "haswell");
  EXPECT_EQ(model->num_inputs, 2);
  EXPECT_EQ(model->num_outputs, 1);
  EXPECT_STREQ(model->inputs[0].name, "a");
  EXPECT_STREQ(model->inputs[0].format, "int8:tensor");
  EXPECT_STREQ(model->inputs[0].component, "codes");
  EXPECT_EQ(model->inputs[0].dims[0].extent, -1);
  EXPECT_STREQ(model->inputs[0].dims[0].symbol, "n");
  EXPECT_EQ(model->inputs[1].dims[0].extent, 7);
  EXPECT_EQ(model->inputs[1].dims[0].symbol, nullptr);
  EXPECT_EQ(model->inputs[1].format, nullptr);
  EXPECT_EQ(model->outputs[0].dtype.bits, 32);
  EXPECT_EQ(model->outputs[0].rank, 1);
  EXPECT_EQ(model->outputs[0].alias_input, -1);
  EXPECT_EQ(model->weights_file, nullptr);
}

TEST_F(Emit, SharedObjectExportsTheInterfaceOnly) {
  std::string path = getPath("add.so");
  ASSERT_EQ(emit(path), "");
  auto file = object::ObjectFile::createObjectFile(path);
  ASSERT_TRUE(bool(file));
  auto *elf = cast<object::ELFObjectFileBase>(file->getBinary());
  std::vector<std::string> exported;
  for (object::ELFSymbolRef symbol : elf->getDynamicSymbolIterators())
    if (!(cantFail(symbol.getFlags()) & object::SymbolRef::SF_Undefined))
      exported.push_back(cantFail(symbol.getName()).str());
  std::vector<std::string> expected = qcc::host::getExportedSymbols(interface);
  std::sort(exported.begin(), exported.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(exported, expected);
}

// Reads the first constant in place of input b.
const char constantSource[] = R"mlir(
llvm.func @qccrt_constants(!llvm.ptr) -> !llvm.ptr
llvm.func @qccrt_output(!llvm.ptr, i32, i32, !llvm.ptr) -> !llvm.ptr
llvm.func @qccgen_main(%run: !llvm.ptr) -> i32 {
  %i0 = llvm.mlir.constant(0 : i32) : i32
  %i1 = llvm.mlir.constant(1 : i32) : i32
  %c2 = llvm.mlir.constant(2 : i64) : i64
  %dims = llvm.alloca %i1 x i64 : (i32) -> !llvm.ptr
  llvm.store %c2, %dims : i64, !llvm.ptr
  %y = llvm.call @qccrt_output(%run, %i0, %i1, %dims) : (!llvm.ptr, i32, i32, !llvm.ptr) -> !llvm.ptr
  %c = llvm.call @qccrt_constants(%run) : (!llvm.ptr) -> !llvm.ptr
  %both = llvm.load %c : !llvm.ptr -> i64
  llvm.store %both, %y : i64, !llvm.ptr
  llvm.return %i0 : i32
}
)mlir";

struct Constants : Emit, testing::WithParamInterface<uint64_t> {
  std::string emitWithWeights(const std::string &path) {
    auto writer =
        qcc::host::WeightsFile::create(qcc::host::makeWeightsPath(path));
    if (!writer)
      return toString(writer.takeError());
    float values[] = {5, 6};
    cantFail((*writer)->append(
        ArrayRef(reinterpret_cast<char *>(values), sizeof(values))));
    interface.weights = cantFail((*writer)->finish(GetParam()));
    cantFail((*writer)->publish());
    return emit(path, constantSource);
  }
};
INSTANTIATE_TEST_SUITE_P(EmbedLimits, Constants, testing::Values(0, 1000));

TEST_P(Constants, AreFound) {
  std::string path = getPath("constant.so");
  ASSERT_EQ(emitWithWeights(path), "");
  const qcc_model_api *api = load(path);
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(run(api, {1}, {1}, y), "");
  EXPECT_EQ(y, (std::vector<float>{5, 6}));
  EXPECT_EQ(sys::fs::exists(path + ".weights"), GetParam() == 0);
}

TEST_P(Constants, AreFoundFromAnotherFolder) {
  std::string path = getPath("constant.so");
  ASSERT_EQ(emitWithWeights(path), "");
  SmallString<128> before;
  ASSERT_FALSE(sys::fs::current_path(before));
  ASSERT_FALSE(sys::fs::set_current_path(folder));
  const qcc_model_api *api = load("./constant.so");
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(run(api, {1}, {1}, y), "");
  EXPECT_FALSE(sys::fs::set_current_path(before));
}

TEST_P(Constants, AreMissed) {
  std::string path = getPath("constant.so");
  ASSERT_EQ(emitWithWeights(path), "");
  sys::fs::remove(path + ".weights");
  const qcc_model_api *api = load(path);
  ASSERT_NE(api, nullptr);
  std::string message = run(api, {1}, {1}, y);
  if (GetParam() == 0)
    EXPECT_TRUE(contains(message, "cannot open the weights of model 'add', " +
                                      path + ".weights: No such file"));
  else
    EXPECT_EQ(message, "");
}

// Two models as a C program uses them.
const char program[] = R"c(
#include <add.o.h>
#include <twin.a.h>
#include <stdio.h>
int main(void) {
  float a[] = {1, 2}, b[] = {3, 4};
  int64_t shape[] = {2};
  DLTensor ta = {a, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, NULL, 0}, tb = ta;
  const DLTensor *in[] = {&ta, &tb};
  DLManagedTensorVersioned *out[] = {NULL};
  qcc_instance *model;
  qcc_error *error;
  tb.data = b;
  if (add_open(NULL, NULL, &model, &error) || add_run(model, in, out, &error)) {
    fprintf(stderr, "%s\n", error->message);
    add_free_error(error);
    return 1;
  }
  float *y = out[0]->dl_tensor.data;
  printf("%g %g %s %s\n", y[0], y[1], add_describe()->name, twin_describe()->name);
  out[0]->deleter(out[0]);
  add_close(model);
  return 0;
}
)c";

TEST_F(Emit, ObjectAndArchiveLinkIntoOneProgram) {
  ASSERT_EQ(emit(getPath("add.o")), "");
  interface.name = "twin";
  ASSERT_EQ(emit(getPath("twin.a")), "");
  std::error_code error;
  {
    raw_fd_ostream os(getPath("main.c"), error);
    os << program;
  }
  std::string source = getPath("main.c"), binary = getPath("main"),
              output = getPath("output");
  ASSERT_EQ(execute(QCC_TEST_CLANG,
                    {QCC_TEST_CLANG, "-std=c11", "-Wall", "-Wextra", "-Werror",
                     "-pedantic", "-I", folder, source, getPath("add.o"),
                     getPath("twin.a"), "-lm", "-o", binary},
                    output),
            0)
      << read(output);
  ASSERT_EQ(execute(binary, {binary}, output), 0) << read(output);
  EXPECT_EQ(read(output), "4 6 add twin\n");
}

TEST_F(Emit, HeaderIsCxxToo) {
  ASSERT_EQ(emit(getPath("add.o")), "");
  std::string header = getPath("add.o.h"), output = getPath("output");
  EXPECT_EQ(execute(QCC_TEST_CLANG,
                    {QCC_TEST_CLANG, "-x", "c++", "-std=c++11", "-Wall",
                     "-Werror", "-fsyntax-only", header},
                    output),
            0)
      << read(output);
  std::string text = read(header);
  EXPECT_TRUE(contains(text, "inputs[0]  a  float32[n]"));
  EXPECT_TRUE(contains(text, "outputs[0]  y  float32[n]"));
  EXPECT_TRUE(contains(text, "int32_t add_run(qcc_instance *model,"));
}

TEST_F(Emit, TextIsForTheProcessorAskedFor) {
  machine.mcpu = "haswell";
  ASSERT_EQ(emit(getPath("add.s")), "");
  EXPECT_TRUE(contains(read(getPath("add.s")), "%ymm"));
  EXPECT_EQ(StringRef(read(getPath("add.s"))).count("%zmm"), 0u);
  machine.mcpu = "skylake-avx512";
  ASSERT_EQ(emit(getPath("wide.s")), "");
  EXPECT_TRUE(contains(read(getPath("wide.s")), "%zmm"));
  ASSERT_EQ(emit(getPath("add.ll")), "");
  EXPECT_TRUE(contains(read(getPath("add.ll")), "define i32 @add_open(ptr"));
  EXPECT_TRUE(
      contains(read(getPath("add.ll")), "\"target-cpu\"=\"skylake-avx512\""));
  EXPECT_FALSE(sys::fs::exists(getPath("add.ll.h")));
}

// The pre-RA schedulers must stay off, or register tiles spill; but lld resets
// all options.
TEST_F(Emit, KeepsTheSchedulersOff) {
  ASSERT_EQ(emit(getPath("add.so")), "");
  for (const char *name : {"enable-misched", "pre-RA-sched"})
    EXPECT_EQ(cl::getRegisteredOptions().lookup(name)->getNumOccurrences(), 1)
        << name;
}

TEST_F(Emit, OtherArchitecturesAsText) {
  machine.triple = "aarch64-linux-gnu";
  ASSERT_EQ(emit(getPath("add.s")), "");
  EXPECT_TRUE(contains(read(getPath("add.s")), "fadd\tv"));
  machine.triple = "riscv64-linux-gnu";
  machine.mattr = "+f,+d";
  ASSERT_EQ(emit(getPath("add.s")), "");
  EXPECT_TRUE(contains(read(getPath("add.s")), "fadd.s"));
}

TEST_F(Emit, EveryOptimizationLevelComputesTheSame) {
  for (unsigned level = 0; level <= 3; ++level) {
    options.optLevel = level;
    std::string path = getPath("add" + std::to_string(level) + ".so");
    ASSERT_EQ(emit(path), "");
    const qcc_model_api *api = load(path);
    ASSERT_NE(api, nullptr);
    EXPECT_EQ(run(api, {1, 2}, {3, 4}, y), "");
    EXPECT_EQ(y, (std::vector<float>{4, 6}));
    dlclose(library);
    library = nullptr;
  }
}

// Large enough for several parts, with constants and functions that are
// private and used across them.
std::string makeLargeSource() {
  std::string source = addSource;
  StringRef call = "%sum = llvm.fadd %va, %vb : f32";
  std::string calls = "%s0 = llvm.fadd %va, %vb : f32\n";
  for (int f = 0; f < 40; ++f) {
    std::string name = "step" + std::to_string(f);
    calls += "%s" + std::to_string(f + 1) + " = llvm.call @" + name + "(%s" +
             std::to_string(f) + ") : (f32) -> f32\n";
    source += "llvm.mlir.global private constant @zero" + std::to_string(f) +
              "(dense<0.0> : tensor<4xf32>) : !llvm.array<4 x f32>\n" +
              "llvm.func internal @" + name +
              "(%v0: f32) -> f32 attributes {no_inline} {\n";
    for (int i = 0; i < 200; ++i) {
      std::string n = std::to_string(i), next = std::to_string(i + 1);
      source += "%p" + n + " = llvm.mlir.addressof @zero" +
                std::to_string((f + i) % 40) + " : !llvm.ptr\n" + "%c" + n +
                " = llvm.load volatile %p" + n + " : !llvm.ptr -> f32\n" +
                "%v" + next + " = llvm.fadd %v" + n + ", %c" + n + " : f32\n";
    }
    source += "llvm.return %v200 : f32\n}\n";
  }
  calls += "%sum = llvm.call @step0(%s40) : (f32) -> f32";
  return source.replace(source.find(call.str()), call.size(), calls);
}

TEST_F(Emit, PartsGiveOneReproducibleModel) {
  std::string source = makeLargeSource();
  ASSERT_EQ(emit(getPath("one.o"), source), "");
  options.jobs = 2;
  ASSERT_EQ(emit(getPath("two.o"), source), "");
  EXPECT_EQ(read(getPath("one.o")), read(getPath("two.o")));
  std::string path = getPath("add.so");
  ASSERT_EQ(emit(path, source), "");
  const qcc_model_api *api = load(path);
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(run(api, {1, 2, 3}, {10, 20, 30}, y), "");
  EXPECT_EQ(y, (std::vector<float>{11, 22, 33}));
}

} // namespace
