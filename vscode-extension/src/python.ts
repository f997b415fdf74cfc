/**
 * Finds a Python that can run the server. Runs interpreters to ask their version; installs nothing.
 */

import { execFile } from "node:child_process";
import { PlainError } from "./plainError";

export const OLDEST = [3, 11] as const;
const ASK_SECONDS = 20;
/** `ensurepip` is a package of its own on Debian; without it there is no environment to be made. */
const QUESTION =
  "import importlib.util as u, json, sys; " +
  "print(json.dumps([sys.executable, list(sys.version_info[:3]), bool(u.find_spec('venv') and u.find_spec('ensurepip'))]))";

export interface Python {
  readonly executable: string;
  readonly version: readonly [number, number, number];
}

interface Answer extends Python {
  readonly makesEnvironments: boolean;
}

export type Ask = (command: readonly string[]) => Promise<string>;

/** The command lines to try, best first. A named Python is the only candidate: silently taking another would surprise. */
export function candidates(named: string, platform: NodeJS.Platform): readonly (readonly string[])[] {
  if (named !== "") return [[named]];
  if (platform === "win32") return [["py", "-3"], ["python"], ["python3"]];
  return ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"].map((name) => [name]);
}

/** What an interpreter said to QUESTION, or undefined for anything that is no answer to it. */
export function parseAnswer(output: string): Answer | undefined {
  try {
    const parsed: unknown = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    if (!Array.isArray(parsed)) return undefined;
    const [executable, version, makesEnvironments] = parsed as unknown[];
    if (typeof executable !== "string" || executable === "" || !Array.isArray(version)) return undefined;
    const [major, minor, micro] = version.map(Number);
    if (major === undefined || minor === undefined || micro === undefined) return undefined;
    return { executable, version: [major, minor, micro], makesEnvironments: makesEnvironments === true };
  } catch {
    return undefined;
  }
}

/** The first Python that will do. Throws a PlainError that says which ones were found and why they won't. */
export async function findPython(
  named: string,
  platform: NodeJS.Platform = process.platform,
  ask: Ask = askInterpreter,
): Promise<Python> {
  const rejected: string[] = [];
  for (const command of candidates(named, platform)) {
    const output = await ask(command).catch(() => "");
    const answer = parseAnswer(output);
    if (answer === undefined) continue;
    const name = `${command.join(" ")} is ${answer.version.join(".")}`;
    if (!newEnough(answer)) rejected.push(name);
    else if (!answer.makesEnvironments) rejected.push(`${name} without the modules venv and ensurepip`);
    else return { executable: answer.executable, version: answer.version };
  }
  throw new PlainError(explain(named, rejected), "python");
}

function newEnough({ version: [major, minor] }: Python): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function explain(named: string, rejected: readonly string[]): string {
  const wanted = `Unsorry needs Python ${OLDEST.join(".")} or newer`;
  if (named !== "" && rejected.length === 0) return `${wanted}, and ${named} (from unsorry.pythonPath) does not run.`;
  if (rejected.length === 0) return `${wanted}, and there is none on the PATH.`;
  const hint = rejected.some((reason) => reason.includes("ensurepip")) ? " On Debian and Ubuntu: apt install python3-venv." : "";
  return `${wanted}, with venv; ${rejected.join(", ")}.${hint}`;
}

function askInterpreter(command: readonly string[]): Promise<string> {
  const [program = "", ...programArguments] = command;
  return new Promise((resolve, reject) => {
    // -I: neither the folder we stand in nor the user's variables decide what is imported.
    execFile(program, [...programArguments, "-I", "-c", QUESTION], { timeout: ASK_SECONDS * 1000 }, (error, stdout) => {
      if (error instanceof Error) reject(error);
      else resolve(stdout);
    });
  });
}
