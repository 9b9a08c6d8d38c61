// The C interface: what is wrong comes back as a status and an error object,
// and nothing else is touched.

#include "qcc/CAPI/Compiler.h"

#include "gtest/gtest.h"

#include <dlfcn.h>
#include <string>

namespace {

/// Expects an error, frees it and returns its message.
std::string take(int32_t status, qcc_error *error, int32_t expectedStatus,
                 int32_t expectedCode) {
  EXPECT_EQ(status, expectedStatus);
  if (!error) {
    ADD_FAILURE() << "no error was set";
    return "";
  }
  EXPECT_EQ(error->code, expectedCode);
  std::string message = error->message;
  qcc_free_error(error);
  return message;
}

std::string compileFile(const char *model, const char *output,
                        std::initializer_list<const char *> options = {}) {
  qcc_error *error = nullptr;
  int32_t status = qcc_compile_file(model, output, options.begin(),
                                    int32_t(options.size()), &error);
  return take(status, error, 2, QCC_INVALID_ARGUMENT);
}

std::string compileBytes(const void *model, uint64_t bytes, const char *name) {
  qcc_error *error = nullptr;
  int32_t status =
      qcc_compile_bytes(model, bytes, name, "m.so", nullptr, 0, &error);
  return take(status, error, 2, QCC_INVALID_ARGUMENT);
}

std::string load(const char *artifact) {
  qcc_error *error = nullptr;
  qcc_loaded *loaded = nullptr;
  int32_t status = qcc_load(artifact, 1, &loaded, &error);
  EXPECT_EQ(loaded, nullptr);
  return take(status, error, 2, QCC_INVALID_ARGUMENT);
}

TEST(CompilerCAPI, NullPointersAreRefused) {
  EXPECT_EQ(compileFile(nullptr, "m.so"), "model and output must not be NULL");
  EXPECT_EQ(compileFile("m.onnx", nullptr),
            "model and output must not be NULL");
  EXPECT_EQ(compileBytes(nullptr, 0, "m"),
            "model, name and output must not be NULL");
  EXPECT_EQ(compileBytes("", 0, nullptr),
            "model, name and output must not be NULL");
  EXPECT_EQ(load(nullptr), "artifact and loaded must not be NULL");
  qcc_error *error = nullptr;
  int32_t status = qcc_load("m.so", 1, nullptr, &error);
  EXPECT_EQ(take(status, error, 2, QCC_INVALID_ARGUMENT),
            "artifact and loaded must not be NULL");
}

TEST(CompilerCAPI, OptionsAreThoseOfTheCommand) {
  EXPECT_EQ(compileFile("m.onnx", "m.so", {"--weigths=int8"}),
            "unknown option '--weigths' for 'qcc compile'; did you mean "
            "'--weights'?");
  EXPECT_EQ(compileFile("m.onnx", "m.so", {"-O7"}),
            "option '-O' needs 0 to 3, not 7");
  // An option where there may be none: the model stands behind `--`.
  EXPECT_EQ(compileFile("--help", "m.so"),
            "'--help' is no model that qcc reads: its name must end in .onnx "
            "or .mlir");
}

TEST(CompilerCAPI, MessagesNameTheModel) {
  EXPECT_NE(compileFile("no/such.onnx", "m.so").find("no/such.onnx"),
            std::string::npos);
  EXPECT_EQ(compileBytes("", 0, "mine"), "qcc: error: mine: the file is empty");
  std::string message = compileBytes("\xff\xff\xff", 3, "mine");
  EXPECT_EQ(message.find("qcc: error: mine: byte 0"), 0u) << message;
}

TEST(CompilerCAPI, WhatIsNoArtifactIsNotLoaded) {
  EXPECT_EQ(load("no/such.so"), "cannot load the model 'no/such.so': cannot "
                                "open shared object file: No such file or "
                                "directory");
  // A shared object, but of no model: the compiler's own.
  Dl_info info;
  ASSERT_TRUE(dladdr(reinterpret_cast<void *>(&qcc_version), &info));
  EXPECT_EQ(load(info.dli_fname),
            std::string("'") + info.dli_fname +
                "' is no model compiled by qcc: it has no symbol 'qcc_model'");
}

TEST(CompilerCAPI, MessagesCallAnArtifactAsTheyAreTold) {
  qcc_error *error = nullptr;
  qcc_loaded *loaded = nullptr;
  int32_t status = qcc_load_as("no/such.so", "mine", 1, &loaded, &error);
  EXPECT_EQ(take(status, error, 2, QCC_INVALID_ARGUMENT),
            "cannot load the model 'mine': cannot open shared object file: No "
            "such file or directory");
  EXPECT_EQ(qcc_load_as("m.so", nullptr, 1, &loaded, nullptr), 2);
}

TEST(CompilerCAPI, ErrorsMayBeIgnored) {
  EXPECT_EQ(qcc_compile_file(nullptr, nullptr, nullptr, 0, nullptr), 2);
  EXPECT_EQ(qcc_load("no/such.so", 1, nullptr, nullptr), 2);
  qcc_free_error(nullptr);
  qcc_unload(nullptr);
}

TEST(CompilerCAPI, VersionNamesTheProgram) {
  EXPECT_EQ(std::string(qcc_version()).find("qcc "), 0u);
}

} // namespace
