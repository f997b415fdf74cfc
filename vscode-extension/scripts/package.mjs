// Makes unsorry-VERSION.vsix: the bundled client, the server's wheel, and the pictures of docs/images.
// Needs no network beyond what pip wants for the build backend.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const repository = join(process.cwd(), "..");
const pictures = join(repository, "docs", "images");

function run(program, ...programArguments) {
  const { status, error } = spawnSync(program, programArguments, { stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** The interpreter to build the wheel with: named by PYTHON, else the one of `make setup`, else the first on the PATH. */
function python() {
  const ours = join(repository, ".venv", "bin", "python");
  return process.env.PYTHON || (existsSync(ours) ? ours : process.platform === "win32" ? "python" : "python3");
}

/** setuptools copies into build/ of the source folder and keeps what it finds there; a copy of the sources keeps the tree clean. */
function wheel() {
  const sources = join("dist", "wheel-sources");
  for (const folder of ["wheel", sources]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  for (const name of ["lean", "search", "server", "bench", "pyproject.toml", "README.md", "LICENSE"]) {
    cpSync(join(repository, name), join(sources, name), {
      recursive: true,
      filter: (path) => !/__pycache__|bench[\\/]results/.test(path),
    });
  }
  // A fixed time makes the same sources the same wheel, and so the same environment.
  process.env.SOURCE_DATE_EPOCH ??= "1577836800";
  run(python(), "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", "wheel", sources);
  rmSync(sources, { recursive: true, force: true });
}

/** The README shows pictures of the repository; inside the vsix they lie beside it. */
function readme() {
  rmSync("images", { recursive: true, force: true });
  mkdirSync("images");
  if (existsSync(pictures)) {
    for (const name of readdirSync(pictures)) cpSync(join(pictures, name), join("images", name));
  }
  writeFileSync(join("dist", "README.md"), readFileSync("README.md", "utf8").replaceAll("../docs/images/", "images/"));
}

mkdirSync("dist", { recursive: true });
wheel();
run(process.execPath, "scripts/build.mjs");
readme();
run(
  process.execPath, join("node_modules", "@vscode", "vsce", "vsce"), "package",
  "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links",
  "--readme-path", "dist/README.md", "--out", "unsorry.vsix",
);
