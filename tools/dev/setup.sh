#!/usr/bin/env bash
# Makes everything that building and testing need, step by step. Each step is quick when there is nothing to do.
#
#   setup.sh packages      Debian packages, by apt-get (sudo when not root)
#   setup.sh mirrors       where it looks for Debian's security suite, which has LLVM 22
#   setup.sh python        build/venv with the packages of requirements.txt
#   setup.sh configure     CMake, into build
#   setup.sh build [TARGET...]
#   setup.sh models        build/models: the models that need no PyTorch
#   setup.sh models-torch  the same for those that do, with build/venv-models
#
# QCC_BUILD names another build folder.
set -euo pipefail
export LC_ALL=C # what programs print is read

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${QCC_BUILD:-$root/build}

# The C libraries of other architectures: of their headers, for the runtime that qcc carries for each.
packages=(
  ca-certificates ccache clang-22 clang-format-22 cmake g++ git libc6-dev-arm64-cross libc6-dev-riscv64-cross
  libclang-rt-22-dev libgtest-dev liblld-22-dev libmlir-22-dev libprotobuf-dev libzstd-dev lld-22 llvm-22-dev llvm-22-tools
  make mlir-22-tools ninja-build protobuf-compiler python3 python3-dev python3-venv zlib1g-dev
)

say() { printf '== %s\n' "$*"; }

fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

find_missing_packages() {
  local installed
  # dpkg-query fails for a package that it never heard of, and prints the others.
  installed=$({ dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true; } |
    awk '$2 == "installed" { print $1 }')
  comm -23 <(printf '%s\n' "${packages[@]}" | sort) <(sort -u <<<"$installed")
}

has_llvm() { [[ $(apt-cache policy llvm-22-dev 2>/dev/null) =~ Candidate:\ [^\(] ]]; }

# Where Debian's security suite lies beside the mirrors of Debian in apt's sources: /debian-security for /debian, on
# mirrors and snapshots alike. apt reads its sources, whatever their form.
list_security_mirrors() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' |
    sed -n 's,/*$,,; s,/debian\(/.*\)\{0\,1\}$,/debian-security\1,p' | awk '!seen[$0]++'
}

# LLVM 22 is in Debian 12's security suite, which a bare system need not have.
add_security_suite() {
  local codename mirror mirrors advice
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  [ "$codename" = bookworm ] || fail "no package llvm-22-dev in apt's sources, and this is not Debian 12 (bookworm)" \
    "add a source that has LLVM and MLIR 22.1, or use Debian 12"
  advice="add a mirror that has Debian's suite bookworm-security (deb URI bookworm-security main) to /etc/apt/sources.list and start again"
  mapfile -t mirrors < <(list_security_mirrors)
  [ ${#mirrors[@]} != 0 ] || fail "no package llvm-22-dev in apt's sources, and no mirror of Debian (.../debian) among them" "$advice"
  say "packages: adding Debian's security suite (qcc-security.sources), which has LLVM 22"
  # Not every mirror of Debian has the suite.
  for mirror in "${mirrors[@]}"; do
    try_security_suite "$mirror" && return
  done
  fail "no package llvm-22-dev in ${mirrors[*]}, where apt's sources have Debian's security suite" "$advice"
}

# A source that does not work is removed: apt-get update would fail because of it from then on.
try_security_suite() {
  local file=/etc/apt/sources.list.d/qcc-security.sources
  as_root tee "$file" >/dev/null <<EOF
Types: deb
URIs: $1
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
  apt update && has_llvm && return
  as_root rm -f "$file"
  return 1
}

step_mirrors() { list_security_mirrors; }

step_packages() {
  command -v dpkg-query >/dev/null || fail "needs Debian 12 (no dpkg-query here)"
  local missing
  mapfile -t missing < <(find_missing_packages)
  if [ ${#missing[@]} = 0 ]; then
    say "packages: all ${#packages[@]} are installed"
    return
  fi
  say "packages: installing ${missing[*]}"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    fail "these packages are missing, and there is no sudo to install them" "as root: apt-get install ${missing[*]}"
  apt update || fail "apt-get update failed: is there a network?"
  has_llvm || add_security_suite
  apt install -y --no-install-recommends "${missing[@]}" || fail "apt-get could not install: ${missing[*]}"
}

# make_venv FOLDER FULL-REQUIREMENTS BARE-REQUIREMENTS: the second without dependencies.
make_venv() {
  local venv=$1 full=$root/$2 bare=$root/$3 included stamp
  mapfile -t included < <(sed -n "s,^-r ,${full%/*}/,p" "$full")
  stamp=$venv/.made-from-$(cat "$full" "$bare" "${included[@]}" | sha256sum | cut -c1-16)
  if [ -e "$stamp" ] && "$venv/bin/python" -c '' 2>/dev/null; then
    say "python: ${venv#"$root"/} is up to date"
    return
  fi
  say "python: making ${venv#"$root"/} from $2 and $3"
  rm -rf "$venv"
  python3 -m venv "$venv" || fail "python3 -m venv failed: is python3-venv installed?"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$full" ||
    fail "pip could not install $2: is there a network, and a package index in pip's configuration?"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$bare" || fail "pip could not install $3"
  touch "$stamp"
}

step_python() {
  mkdir -p "$build"
  make_venv "$build/venv" requirements.txt test/models/requirements.txt
}

step_configure() {
  local options=(
    -G Ninja
    -DPython3_EXECUTABLE="$build/venv/bin/python"
    -DQCC_LIT="$build/venv/bin/lit"
  )
  # The runtime is built for each architecture whose C library headers are there.
  local stamp=$build/.configured-as wanted
  wanted="${options[*]} $(ls -d /usr/*-linux-gnu/include/stdio.h 2>/dev/null | tr '\n' ' ')"
  if [ -e "$build/build.ninja" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    say "configure: done before (ninja repeats it when a CMake file changed)"
    return
  fi
  say "configure: cmake -S ${root} -B ${build} ${options[*]}"
  cmake -S "$root" -B "$build" "${options[@]}"
  echo "$wanted" >"$stamp"
}

step_build() {
  local start=$SECONDS since
  since=$(stat -c %s "$build/.ninja_log" 2>/dev/null || echo 0)
  # So that ccache finds again what another clone compiled.
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  say "build: ninja -C $build $*"
  ninja -C "$build" "$@" || fail "the build failed: see the first error above"
  say "build: $((SECONDS - start)) s"
  python3 "$root/tools/dev/ninja_times.py" "$build/.ninja_log" --after "$since"
}

step_models() {
  say "models: into ${build#"$root"/}/models"
  "$build/venv/bin/python" "$root/test/models/make_models.py" --out "$build/models"
}

step_models_torch() {
  mkdir -p "$build"
  make_venv "$build/venv-models" test/models/requirements-torch.txt test/models/requirements-torch-data.txt
  if [ -e "$build/models/minilm_qoperator.onnx" ]; then
    say "models: MiniLM is there"
    return
  fi
  "$build/venv-models/bin/python" "$root/test/models/export_minilm.py" --out "$build/models"
}

steps="packages, mirrors, python, configure, build, models or models-torch"
[ $# -gt 0 ] || fail "name a step: $steps"
step=$1
shift
case $step in
packages | mirrors | python | configure | build | models) "step_$step" "$@" ;;
models-torch) step_models_torch ;;
*) fail "no step $step: $steps" ;;
esac
