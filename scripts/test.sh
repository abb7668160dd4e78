#!/bin/sh
# The whole suite. Exit code is non-zero when a check or a test fails, or when no test ran.
cd "$(dirname "$0")/.." || exit 1
sh scripts/venv.sh dev || exit 1
python=.venv/bin/python
$python -m apps.core.embedded status >/dev/null 2>&1
was_running=$?
mkdir -p artifacts
failed=""

lacking=$(sh scripts/browser_tools.sh) || true
set -- -n 2 --dist loadgroup
if [ -n "$lacking" ]; then
  set -- "$@" -m "not browser"
fi

sh scripts/lint.sh || failed="$failed lint"

$python -m pytest "$@" --junitxml=artifacts/tests.xml
code=$?
case $code in
  0) $python scripts/some_test_ran.py artifacts/tests.xml || failed="$failed no-test-ran" ;;
  *) failed="$failed tests($code)" ;;
esac

# Services that only this run needed don't stay behind.
[ $was_running = 0 ] || $python -m apps.core.embedded stop >/dev/null

if [ -n "$lacking" ]; then
  echo "浏览器测试未运行，缺少 · not run: tests/browser ($(ls tests/browser/test_*.py 2>/dev/null | wc -l) files), missing:$lacking" >&2
  [ "${CI:-}" != true ] || failed="$failed browser-tests-not-run"
fi
if [ -n "$failed" ]; then
  echo "make test failed:$failed" >&2
  exit 1
fi
