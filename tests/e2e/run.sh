#!/usr/bin/env bash
# The real-editor test: `tests/e2e/run.sh` sets up what is missing and runs every scenario in VS Code (code-server)
# and Neovim. `--screenshots` renews the pictures in docs/images; other words choose test files (`run.sh life trust`).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export UNSORRY_E2E_DIR=${UNSORRY_E2E_DIR:-$(cd "$here/../.." && pwd)/.e2e}
"$here/setup.sh"
exec "$UNSORRY_E2E_DIR/bin/node" "$here/run.mjs" "$@"
