// What a codec does, for an oracle that is written in Python (test_codecs.py):
//
//   codec-table decode CODEC ZERO   the number of each code, as f64 to stdout
//   codec-table encode CODEC ZERO   the codes of f32 from stdin, u32 to stdout

#include "lib/Formats/CodecRegistry.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace qcc::formats;

template <typename T> static void write(const std::vector<T> &values) {
  std::fwrite(values.data(), sizeof(T), values.size(), stdout);
}

static std::vector<float> readFloats() {
  std::vector<float> values;
  float buffer[4096];
  while (size_t count = std::fread(buffer, sizeof(float), 4096, stdin))
    values.insert(values.end(), buffer, buffer + count);
  return values;
}

int main(int argc, char **argv) {
  CodecRegistry codecs = createBuiltinCodecs();
  const Codec *codec = argc == 4 ? codecs.lookup(argv[2]) : nullptr;
  if (!codec) {
    std::fprintf(stderr, "codec-table decode|encode CODEC ZERO\n");
    return 2;
  }
  int64_t zero = std::atoll(argv[3]);
  if (std::strcmp(argv[1], "decode") == 0) {
    std::vector<double> numbers;
    for (uint64_t code = 0; code >> codec->getBits() == 0; ++code)
      numbers.push_back(codec->decode(static_cast<uint32_t>(code), zero));
    write(numbers);
    return 0;
  }
  std::vector<uint32_t> codes;
  for (float value : readFloats())
    codes.push_back(codec->encode(value, zero));
  write(codes);
  return 0;
}
