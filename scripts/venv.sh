#!/bin/sh
# Make .venv and install the pinned requirements, only when they changed. Usage: scripts/venv.sh [dev]
set -eu
cd "$(dirname "$0")/.."
set_of=${1:-run}

fail() { printf '%s\n' "$1" >&2; exit 1; }

# A pyenv shim may exist without a Python behind it, so each candidate is asked.
python=""
for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || fail "需要 Python 3.11 或更新版本。 Python 3.11 or newer is needed: apt-get install python3 python3-venv"

files="requirements.txt constraints.txt"
[ "$set_of" = run ] || files="$files requirements-dev.txt"
stamp=$( { "$python" -V; cat $files; } | sha256sum | cut -d' ' -f1)

# The development set contains the run-time set.
for done in .venv/.installed-dev ".venv/.installed-$set_of"; do
  if [ -x .venv/bin/python ] && [ -f "$done" ] && grep -q "^$set_of $stamp\$" "$done" && .venv/bin/python -c 'import django' 2>/dev/null; then
    exit 0
  fi
done

make_venv() {
  rm -rf .venv
  if "$python" -m venv .venv >/dev/null 2>&1; then return; fi
  # Debian ships venv's pip part as a package of its own (python3.11-venv).
  package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "安装 $package · installing Debian's $package"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null; then
      rm -rf .venv
      if "$python" -m venv .venv >/dev/null 2>&1; then return; fi
    fi
  fi
  echo "缺少 $package，改为直接从软件源取 pip · $package is missing, taking pip from the package index instead"
  rm -rf .venv
  "$python" -m venv --without-pip .venv || fail "不能建立 .venv：请先安装 $package。 .venv can't be made: install $package first."
  .venv/bin/python scripts/fetch_pip.py || fail "不能取得 pip：请先安装 $package。 pip can't be fetched: install $package first (apt-get install $package)."
}

if ! [ -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1 ||
   [ "$(.venv/bin/python -c 'import sys; print(sys.version_info[:2])')" != "$("$python" -c 'import sys; print(sys.version_info[:2])')" ]; then
  make_venv
fi

requirements=requirements.txt
[ "$set_of" = run ] || requirements=requirements-dev.txt
echo "安装 Python 软件包，首次约需一两分钟 · installing $requirements, a minute or two the first time"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input -r "$requirements" -c constraints.txt
{
  echo "$set_of $stamp"
  if [ "$set_of" = dev ]; then
    echo "run $( { "$python" -V; cat requirements.txt constraints.txt; } | sha256sum | cut -d' ' -f1)"
  fi
} > ".venv/.installed-$set_of"
