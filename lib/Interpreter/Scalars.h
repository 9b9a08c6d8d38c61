// Functions of numbers in the four types in which elements are computed.
// Integer results wrap when they are stored; what has no result is an error.

#ifndef LIB_INTERPRETER_SCALARS_H
#define LIB_INTERPRETER_SCALARS_H

#include "dialects/QNN/IR/Ops.h"

#include "llvm/Support/Error.h"

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace qcc::interpreter {

/// Integer arithmetic modulo 2^64, without C++'s undefined overflow.
template <typename C> C wrapAdd(C a, C b) {
  if constexpr (std::is_integral_v<C>)
    return static_cast<C>(uint64_t(a) + uint64_t(b));
  else
    return a + b;
}
template <typename C> C wrapSub(C a, C b) {
  if constexpr (std::is_integral_v<C>)
    return static_cast<C>(uint64_t(a) - uint64_t(b));
  else
    return a - b;
}
template <typename C> C wrapMul(C a, C b) {
  if constexpr (std::is_integral_v<C>)
    return static_cast<C>(uint64_t(a) * uint64_t(b));
  else
    return a * b;
}

template <typename C> bool isNaN(C value) {
  if constexpr (std::is_floating_point_v<C>)
    return std::isnan(value);
  return false;
}

/// NaN where either is.
template <typename C> C maximum(C a, C b) { return isNaN(a) || a > b ? a : b; }
template <typename C> C minimum(C a, C b) { return isNaN(a) || a < b ? a : b; }

/// Toward zero. Not by zero.
template <typename C> C divideIntegers(C a, C b) {
  if constexpr (std::is_signed_v<C>)
    if (b == -1)
      return wrapSub<C>(0, a);
  return a / b;
}

/// With the sign of the dividend. Not by zero.
template <typename C> C getRemainder(C a, C b) {
  if constexpr (std::is_floating_point_v<C>) {
    return std::fmod(a, b);
  } else {
    if constexpr (std::is_signed_v<C>)
      if (b == -1)
        return 0;
    return a % b;
  }
}

/// With the sign of the divisor. Not by zero.
template <typename C> C getModulus(C a, C b) {
  C rest = getRemainder(a, b);
  if (rest == 0) {
    if constexpr (std::is_floating_point_v<C>)
      return std::copysign(rest, b);
    return rest;
  }
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Of integers by squaring; a negative power is 1 / base^n, toward zero.
template <typename C> llvm::Expected<C> raise(C base, C exponent) {
  if constexpr (std::is_floating_point_v<C>) {
    return std::pow(base, exponent);
  } else {
    if (exponent < 0) {
      if (base == 0)
        return llvm::createStringError("0 is raised to a negative power");
      if (base == C(-1))
        return exponent % 2 == 0 ? C(1) : C(-1);
      return base == 1 ? C(1) : C(0);
    }
    C result = 1;
    for (auto n = static_cast<uint64_t>(exponent); n != 0; n >>= 1) {
      if (n & 1)
        result = wrapMul(result, base);
      base = wrapMul(base, base);
    }
    return result;
  }
}

/// `bits` is the width of an element, which a shift may reach.
template <typename C>
llvm::Expected<C> evaluateBinary(qnn::BinaryKind kind, C a, C b,
                                 unsigned bits) {
  using Kind = qnn::BinaryKind;
  constexpr bool isFloat = std::is_floating_point_v<C>;
  bool divides = kind == Kind::div || kind == Kind::mod || kind == Kind::fmod;
  if (!isFloat && divides && b == 0)
    return llvm::createStringError("an integer is divided by zero");
  switch (kind) {
  case Kind::add:
    return wrapAdd(a, b);
  case Kind::sub:
    return wrapSub(a, b);
  case Kind::mul:
    return wrapMul(a, b);
  case Kind::div:
    if constexpr (isFloat)
      return a / b;
    else
      return divideIntegers(a, b);
  case Kind::pow:
    return raise(a, b);
  case Kind::mod:
    return getModulus(a, b);
  case Kind::fmod:
    return getRemainder(a, b);
  case Kind::min:
    return minimum(a, b);
  case Kind::max:
    return maximum(a, b);
  default:
    break;
  }
  if constexpr (!isFloat) {
    bool isGone = static_cast<uint64_t>(b) >= bits;
    switch (kind) {
    case Kind::and_:
      return a & b;
    case Kind::or_:
      return a | b;
    case Kind::xor_:
      return a ^ b;
    case Kind::shl:
      return isGone ? C(0) : static_cast<C>(static_cast<uint64_t>(a) << b);
    case Kind::shr:
      return isGone ? C(0) : static_cast<C>(a >> b);
    default:
      break;
    }
  }
  llvm_unreachable("the verifier keeps such kinds from such elements");
}

template <typename C> bool compare(qnn::CompareKind kind, C a, C b) {
  switch (kind) {
  case qnn::CompareKind::eq:
    return a == b;
  case qnn::CompareKind::ne:
    return a != b;
  case qnn::CompareKind::lt:
    return a < b;
  case qnn::CompareKind::le:
    return a <= b;
  case qnn::CompareKind::gt:
    return a > b;
  case qnn::CompareKind::ge:
    return a >= b;
  }
  llvm_unreachable("unknown comparison");
}

} // namespace qcc::interpreter

#endif // LIB_INTERPRETER_SCALARS_H
