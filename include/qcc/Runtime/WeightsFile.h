// The side file of a model: a header of 4096 bytes, then the payload, which is
// mapped and read in place.
//
// All numbers are little endian. The checksum is XXH64 with seed 0
// (github.com/Cyan4973/xxHash, doc/xxhash_spec.md) over the payload: it finds
// damage, at several GB/s, and is no defence against forgery.

#ifndef QCC_RUNTIME_WEIGHTSFILE_H
#define QCC_RUNTIME_WEIGHTSFILE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QCCRT_WEIGHTS_MAGIC UINT64_C(0x0073746867696577) /* "weights\0" */
#define QCCRT_WEIGHTS_VERSION 1
#define QCCRT_WEIGHTS_HEADER_BYTES 4096

/// The first bytes of the file; the rest up to the payload is zero.
typedef struct qccrt_weights_header {
  uint64_t magic;
  uint32_t version;
  uint32_t header_bytes; ///< Where the payload begins.
  uint64_t payload_bytes;
  uint64_t checksum;
} qccrt_weights_header;

/// XXH64 of data that arrives in pieces.
typedef struct qccrt_checksum {
  uint64_t lane[4];
  uint64_t total;
  unsigned char tail[32]; ///< The last `total % 32` bytes.
} qccrt_checksum;

static const uint64_t qccrt_prime1 = UINT64_C(0x9E3779B185EBCA87);
static const uint64_t qccrt_prime2 = UINT64_C(0xC2B2AE3D27D4EB4F);
static const uint64_t qccrt_prime3 = UINT64_C(0x165667B19E3779F9);
static const uint64_t qccrt_prime4 = UINT64_C(0x85EBCA77C2B2AE63);
static const uint64_t qccrt_prime5 = UINT64_C(0x27D4EB2F165667C5);

static inline uint64_t qccrt_rotate(uint64_t x, int bits) {
  return (x << bits) | (x >> (64 - bits));
}

static inline uint64_t qccrt_read64(const unsigned char *p) {
  uint64_t x;
  memcpy(&x, p, sizeof(x));
  return x;
}

static inline uint64_t qccrt_checksum_round(uint64_t lane, uint64_t word) {
  return qccrt_rotate(lane + word * qccrt_prime2, 31) * qccrt_prime1;
}

static inline void qccrt_checksum_begin(qccrt_checksum *sum) {
  memset(sum, 0, sizeof(*sum));
  sum->lane[0] = qccrt_prime1 + qccrt_prime2;
  sum->lane[1] = qccrt_prime2;
  sum->lane[2] = 0;
  sum->lane[3] = 0 - qccrt_prime1;
}

static inline const unsigned char *
qccrt_checksum_stripes(qccrt_checksum *sum, const unsigned char *p,
                       uint64_t stripes) {
  uint64_t a = sum->lane[0], b = sum->lane[1];
  uint64_t c = sum->lane[2], d = sum->lane[3];
  for (; stripes != 0; --stripes, p += 32) {
    a = qccrt_checksum_round(a, qccrt_read64(p));
    b = qccrt_checksum_round(b, qccrt_read64(p + 8));
    c = qccrt_checksum_round(c, qccrt_read64(p + 16));
    d = qccrt_checksum_round(d, qccrt_read64(p + 24));
  }
  sum->lane[0] = a;
  sum->lane[1] = b;
  sum->lane[2] = c;
  sum->lane[3] = d;
  return p;
}

static inline void qccrt_checksum_add(qccrt_checksum *sum, const void *data,
                                      uint64_t bytes) {
  const unsigned char *p = (const unsigned char *)data;
  uint64_t held = sum->total % 32;
  sum->total += bytes;
  if (held != 0) {
    uint64_t take = 32 - held < bytes ? 32 - held : bytes;
    memcpy(sum->tail + held, p, (size_t)take);
    p += take;
    bytes -= take;
    if (held + take < 32)
      return;
    qccrt_checksum_stripes(sum, sum->tail, 1);
  }
  p = qccrt_checksum_stripes(sum, p, bytes / 32);
  memcpy(sum->tail, p, (size_t)(bytes % 32));
}

static inline uint64_t qccrt_checksum_merge(uint64_t hash, uint64_t lane) {
  hash ^= qccrt_checksum_round(0, lane);
  return hash * qccrt_prime1 + qccrt_prime4;
}

static inline uint64_t qccrt_checksum_end(const qccrt_checksum *sum) {
  uint64_t hash = qccrt_prime5;
  if (sum->total >= 32) {
    hash = qccrt_rotate(sum->lane[0], 1) + qccrt_rotate(sum->lane[1], 7) +
           qccrt_rotate(sum->lane[2], 12) + qccrt_rotate(sum->lane[3], 18);
    for (int i = 0; i < 4; ++i)
      hash = qccrt_checksum_merge(hash, sum->lane[i]);
  }
  hash += sum->total;
  const unsigned char *p = sum->tail, *end = p + sum->total % 32;
  for (; end - p >= 8; p += 8)
    hash = qccrt_rotate(hash ^ qccrt_checksum_round(0, qccrt_read64(p)), 27) *
               qccrt_prime1 +
           qccrt_prime4;
  if (end - p >= 4) {
    uint32_t word;
    memcpy(&word, p, sizeof(word));
    hash = qccrt_rotate(hash ^ word * qccrt_prime1, 23) * qccrt_prime2 +
           qccrt_prime3;
    p += 4;
  }
  for (; p != end; ++p)
    hash = qccrt_rotate(hash ^ *p * qccrt_prime5, 11) * qccrt_prime1;
  hash = (hash ^ (hash >> 33)) * qccrt_prime2;
  hash = (hash ^ (hash >> 29)) * qccrt_prime3;
  return hash ^ (hash >> 32);
}

#ifdef __cplusplus
}
#endif

#endif // QCC_RUNTIME_WEIGHTSFILE_H
