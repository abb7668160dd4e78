#!/bin/sh
# Style, import layers, missing migrations. Exit code is non-zero when any of them complains; all of them are always run.
cd "$(dirname "$0")/.." || exit 1
python=.venv/bin/python
failed=""

check() {
  title=$1
  shift
  if "$@"; then echo "ok: $title"; else failed="$failed $title;"; fi
}

check "ruff" "$python" -m ruff check .
check "import layers" "$python" -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-cache
check "migrations" "$python" manage.py makemigrations --check --dry-run
if [ -n "$failed" ]; then
  echo "lint failed:$failed" >&2
  exit 1
fi
