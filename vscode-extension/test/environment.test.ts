/** Makes real environments, with a tiny wheel that stands for the server's. Needs Python 3.11 or newer and pip, no network. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { clearOldEnvironments, existingEnvironment, interpreterIn, makeEnvironment, type EnvironmentRequest } from "../src/environment";
import { lastWords } from "../src/program";

const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    info = "unsorry-0.1.0.dist-info/"
    wheel.writestr("server/__init__.py", "")
    wheel.writestr("server/cli.py", sys.argv[2])
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: unsorry\\nVersion: 0.1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;

let root = "";
let request: EnvironmentRequest;

function bundle(code: string): void {
  const file = join(request.wheels, "unsorry-0.1.0-py3-none-any.whl");
  const made = spawnSync("python3", ["-c", WHEEL, file, code], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
}

function make(signal = new AbortController().signal, steps: string[] = []): Promise<string> {
  return makeEnvironment(request, { signal, log: () => undefined, step: (words) => steps.push(words) });
}

before(() => { root = mkdtempSync(join(tmpdir(), "unsorry-environment-")); });
after(() => { rmSync(root, { recursive: true, force: true }); });
beforeEach(() => {
  const folder = mkdtempSync(join(root, "case-"));
  request = { storage: join(folder, "storage"), wheels: join(folder, "wheel"), pythonPath: "", pipArguments: ["--no-index"] };
  mkdirSync(request.wheels);
  bundle("print('one')");
});

test("an environment is made once, and found again", async () => {
  assert.equal(await existingEnvironment(request), undefined);
  const steps: string[] = [];
  const python = await make(undefined, steps);
  assert.equal(await existingEnvironment(request), python);
  assert.equal(readdirSync(request.storage).length, 1);
  assert.ok(steps.includes("making a Python environment"));
  assert.equal(spawnSync(python, ["-I", "-m", "server.cli"], { encoding: "utf8" }).stdout, "one\n");
});

test("another wheel wants another environment", async () => {
  const python = await make();
  bundle("print('two')");
  assert.equal(await existingEnvironment(request), undefined);
  assert.notEqual(await make(), python);
});

test("a damaged environment is remade in its place", async () => {
  const python = await make();
  rmSync(python);
  assert.equal(await existingEnvironment(request), undefined);
  assert.equal(await make(), python);
  assert.equal(await existingEnvironment(request), python);
  assert.equal(readdirSync(request.storage).length, 1);
});

test("a cancelled installation leaves nothing", async () => {
  const cancelled = new AbortController();
  setTimeout(() => { cancelled.abort(); }, 300);
  await assert.rejects(make(cancelled.signal), { name: "AbortError" });
  assert.deepEqual(readdirSync(request.storage), []);
});

test("a failed installation leaves nothing and says what pip said", async () => {
  request = { ...request, pipArguments: ["--no-index", "no-such-package-anywhere"] };
  await assert.rejects(make(), /could not install its server: No matching distribution found for no-such-package-anywhere/);
  assert.deepEqual(readdirSync(request.storage), []);
});

test("an extension without a wheel says so", async () => {
  rmSync(request.wheels, { recursive: true });
  await assert.rejects(existingEnvironment(request), /no server in it/);
});

test("a Python that the user names later wants another environment", async () => {
  await make();
  const named = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout.trim();
  request = { ...request, pythonPath: named };
  assert.equal(await existingEnvironment(request), undefined);
  const python = await make();
  assert.equal(await existingEnvironment(request), python);
});

test("what was not used for long is cleared away, the present one is kept", async () => {
  const python = await make();
  const old = join(request.storage, "environment-old");
  const recent = join(request.storage, "environment-recent");
  const crashed = join(request.storage, "environment-x.abc.partial");
  for (const folder of [old, recent, crashed]) mkdirSync(folder);
  for (const folder of [old, recent]) writeFileSync(join(folder, "unsorry-environment.json"), "{}");
  const longAgo = new Date(Date.now() - 30 * 24 * 3600 * 1000);
  for (const path of [join(old, "unsorry-environment.json"), crashed]) utimesSync(path, longAgo, longAgo);
  await clearOldEnvironments(request);
  assert.deepEqual([old, recent, crashed].map((folder) => existsSync(folder)), [false, true, false]);
  assert.equal(await existingEnvironment(request), python);
});

test("the interpreter's place on each system", () => {
  assert.equal(interpreterIn("/e", "linux"), join("/e", "bin", "python"));
  assert.equal(interpreterIn("/e", "win32"), join("/e", "Scripts", "python.exe"));
});

test("pip's last error is the reason", () => {
  assert.equal(lastWords(["WARNING: x", "ERROR: no wheel", "[notice] new pip"]), "no wheel");
  assert.equal(lastWords(["boom"]), "boom");
  assert.equal(lastWords([]), undefined);
});
