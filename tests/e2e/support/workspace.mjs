// A folder with Lean files for one test, and Lean's own opinion of what became of them.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENVIRONMENT, FIXTURE, UNSORRY } from "./paths.mjs";

export class Workspace {
  /** The folder's name is what the editor shows. */
  constructor(files, name = "proofs") {
    this.root = mkdtempSync(join(tmpdir(), "unsorry-e2e-"));
    this.folder = join(this.root, name);
    mkdirSync(this.folder);
    for (const file of files) cpSync(join(FIXTURE, file), join(this.folder, file));
  }

  path(file) {
    return join(this.folder, file);
  }

  read(file) {
    return readFileSync(this.path(file), "utf8");
  }

  /** Run plain Lean on a file: {accepted, output}. */
  check(file) {
    const run = spawnSync(UNSORRY, ["toolchain", "exec", this.path(file)], { encoding: "utf8", timeout: 300_000, env: ENVIRONMENT });
    return { accepted: run.status === 0, output: run.stdout + run.stderr };
  }

  remove() {
    removeFolder(this.root);
  }
}

/** Processes that are about to end may still write into it. */
export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
