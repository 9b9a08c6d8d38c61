#!/usr/bin/env bash
# Formats the tree (clang-format for C and C++, ruff for Python); with --check only tells what it would change.
#
# QCC_BUILD names another build folder than build, whose Python environment has ruff.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
ruff=${QCC_BUILD:-build}/venv/bin/ruff
# Without the Python environment of tools/dev/setup.sh, C and C++ alone.
[ -x "$ruff" ] || ruff=true

list() {
  git ls-files --cached --others --exclude-standard -- "$@" ':!include/qcc/Runtime/dlpack'
}

case ${1:-} in
"")
  list '*.c' '*.h' '*.cpp' | xargs clang-format-22 -i
  "$ruff" format --quiet .
  "$ruff" check --fix .
  ;;
--check)
  status=0
  list '*.c' '*.h' '*.cpp' | xargs clang-format-22 --dry-run -Werror || status=1
  "$ruff" format --diff . || status=1
  "$ruff" check . || status=1
  exit $status
  ;;
*)
  echo "usage: format.sh [--check]" >&2
  exit 2
  ;;
esac
