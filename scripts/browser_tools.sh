#!/bin/sh
# Debian's chromium and Chinese fonts for the browser tests: installs what is missing where that is permitted.
# Prints what is still missing on standard output (nothing when all is there); everything else goes to standard error.
missing() {
  command -v chromium >/dev/null 2>&1 || printf ' chromium'
  dpkg-query -W -f '${Status}' fonts-noto-cjk 2>/dev/null | grep -q 'install ok installed' || printf ' fonts-noto-cjk'
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  as_root="denied"
fi
if command -v apt-get >/dev/null && [ "$as_root" != denied ]; then
  echo "安装 · installing:$wanted" >&2
  {
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted
  } </dev/null >&2 || true
fi
missing
