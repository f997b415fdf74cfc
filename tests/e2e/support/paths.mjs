// Where things are. run.sh says where the set-up went; everything else follows from it.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const E2E = dirname(dirname(fileURLToPath(import.meta.url)));
export const REPOSITORY = dirname(dirname(E2E));
export const HOME = process.env.UNSORRY_E2E_DIR ?? join(REPOSITORY, ".e2e");
export const TOOLS = join(HOME, "tools", "node_modules");
export const VSIX = join(HOME, "unsorry.vsix");
export const FIXTURE = join(E2E, "fixture");
export const UNSORRY = join(REPOSITORY, ".venv", "bin", "unsorry");
/** With --screenshots, the pictures of the documentation; otherwise a run leaves the repository as it was. */
export const PICTURES = process.env.UNSORRY_SCREENSHOTS ? join(REPOSITORY, "docs", "images") : join(HOME, "screenshots");
/** What failed runs leave to be looked at. */
export const FAILURES = join(HOME, "failures");

/** What programs under test get: without the variables of this test, which Unsorry would take for settings. */
export const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^UNSORRY_(E2E_|SCREENSHOTS)/.test(name)));
