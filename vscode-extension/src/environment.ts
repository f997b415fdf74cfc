/**
 * The private Python environment with the bundled server in it: found, checked, made, cleared away.
 * It is made in a folder of its own and renamed when it is complete, so that neither a cancelled nor
 * a crashed installation leaves half of one. Knows nothing of VS Code.
 */

import { createHash, randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import * as path from "node:path";
import { PlainError } from "./plainError";
import { runProgram, type Log } from "./program";
import { findPython, type Python } from "./python";

const MARKER = "unsorry-environment.json";
const PREFIX = "environment-";
const PARTIAL = ".partial";
/** Another window may still run an older version's environment, or be making one. */
const KEEP_UNUSED_DAYS = 14;
const KEEP_PARTIAL_DAYS = 1;
/** What the commands of the editor need beyond the server. */
const EXTRAS = "dashboard";
const CHECK_SECONDS = 60;
const DAY = 24 * 3600 * 1000;

export interface EnvironmentRequest {
  /** Where environments live. */
  readonly storage: string;
  /** The folder with the bundled wheel. */
  readonly wheels: string;
  /** A Python named by the user, or "". */
  readonly pythonPath: string;
  readonly pipArguments: readonly string[];
}

interface Marker {
  readonly wheel: string;
  readonly python: string;
  readonly named: string;
}

export interface Making {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called only when there is something to be made; `step` is a line for people. */
  readonly step: (step: string) => void;
}

/** Return the interpreter of a complete environment if there is one, without making anything. */
export async function existingEnvironment(request: EnvironmentRequest): Promise<string | undefined> {
  const { hash } = await bundledWheel(request.wheels);
  const folder = environmentFolder(request.storage, hash);
  const marker = await readMarker(folder);
  if (marker?.wheel !== hash) return undefined;
  if (request.pythonPath !== "" && request.pythonPath !== marker.named) return undefined;
  const python = interpreterIn(folder);
  if (!(await answers(python))) return undefined;
  const now = new Date();
  await fs.utimes(path.join(folder, MARKER), now, now).catch(() => undefined);
  return python;
}

/** Make the environment and return its interpreter. Throws a PlainError, or an AbortError when cancelled. */
export async function makeEnvironment(request: EnvironmentRequest, making: Making): Promise<string> {
  const { file, hash } = await bundledWheel(request.wheels);
  making.step("looking for Python");
  const python = await findPython(request.pythonPath);
  making.log(`Python ${python.version.join(".")}: ${python.executable}`);
  await fs.mkdir(request.storage, { recursive: true });
  const partial = path.join(request.storage, `${PREFIX}${hash}.${randomBytes(6).toString("hex")}${PARTIAL}`);
  try {
    await install(python, file, partial, request, making);
    const marker: Marker = { wheel: hash, python: python.executable, named: request.pythonPath };
    await fs.writeFile(path.join(partial, MARKER), JSON.stringify(marker));
    const folder = environmentFolder(request.storage, hash);
    await takeOver(partial, folder);
    return interpreterIn(folder);
  } finally {
    await fs.rm(partial, { recursive: true, force: true });
  }
}

/** Remove what no window has used for long: other versions' environments, and what crashes left. */
export async function clearOldEnvironments(request: EnvironmentRequest, now = Date.now()): Promise<void> {
  const current = environmentFolder(request.storage, (await bundledWheel(request.wheels)).hash);
  for (const name of await fs.readdir(request.storage).catch(() => [])) {
    const folder = path.join(request.storage, name);
    if (!name.startsWith(PREFIX) || folder === current) continue;
    const isPartial = name.endsWith(PARTIAL);
    const used = await fs.stat(isPartial ? folder : path.join(folder, MARKER)).catch(() => undefined);
    const days = isPartial ? KEEP_PARTIAL_DAYS : KEEP_UNUSED_DAYS;
    if (used === undefined || now - used.mtimeMs > days * DAY) {
      await fs.rm(folder, { recursive: true, force: true });
    }
  }
}

export function interpreterIn(folder: string, platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" ? path.join(folder, "Scripts", "python.exe") : path.join(folder, "bin", "python");
}

async function install(
  python: Python,
  wheel: string,
  folder: string,
  request: EnvironmentRequest,
  making: Making,
): Promise<void> {
  const options = { cwd: request.storage, signal: making.signal, log: making.log };
  making.step("making a Python environment");
  await runProgram([python.executable, "-I", "-m", "venv", folder], options).catch((error: unknown) => {
    throw explained(error, `Unsorry could not make a Python environment with ${python.executable}`);
  });
  making.step("installing the server");
  const pip = [interpreterIn(folder), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"];
  await runProgram([...pip, "--progress-bar", "off", ...request.pipArguments, `${wheel}[${EXTRAS}]`], {
    ...options,
    line: (line) => {
      const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
      if (name !== undefined) making.step(`installing ${name}`);
      else if (line.startsWith("Installing collected")) making.step("installing the server");
    },
  }).catch((error: unknown) => {
    throw explained(error, "Unsorry could not install its server");
  });
}

/** Rename the finished folder to its place. A complete one that another window made first is kept. */
async function takeOver(partial: string, folder: string): Promise<void> {
  if (!(await answers(interpreterIn(folder)))) {
    // Moved aside first: removing takes a while, and must not be seen half done.
    const damaged = `${folder}.${randomBytes(6).toString("hex")}${PARTIAL}`;
    const moved = await fs.rename(folder, damaged).then(() => true, () => false);
    if (moved) await fs.rm(damaged, { recursive: true, force: true });
  } else {
    const marker = await readMarker(folder);
    const made = await readMarker(partial);
    if (marker !== undefined && marker.named === made?.named) return;
    await fs.rm(folder, { recursive: true, force: true });
  }
  await fs.rename(partial, folder);
}

async function bundledWheel(folder: string): Promise<{ file: string; hash: string }> {
  const names = (await fs.readdir(folder).catch(() => [])).filter((name) => name.endsWith(".whl"));
  const name = names[0];
  if (name === undefined) throw new PlainError("This build of the extension has no server in it; set unsorry.serverPath.", "again");
  const file = path.join(folder, name);
  const hash = createHash("sha256").update(await fs.readFile(file)).digest("hex").slice(0, 16);
  return { file, hash };
}

function environmentFolder(storage: string, hash: string): string {
  return path.join(storage, PREFIX + hash);
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    return JSON.parse(await fs.readFile(path.join(folder, MARKER), "utf8")) as Marker;
  } catch {
    return undefined;
  }
}

/** Does this interpreter start, and does it find the server? */
async function answers(python: string): Promise<boolean> {
  const signal = AbortSignal.timeout(CHECK_SECONDS * 1000);
  return runProgram([python, "-I", "-c", "import server.cli"], { signal, log: () => undefined }).then(
    () => true,
    () => false,
  );
}

function explained(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || error.name === "AbortError") return error;
  return new PlainError(`${what}: ${error.message}`, "again");
}
