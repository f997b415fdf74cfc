/**
 * Runs one program to its end: lines into a log, cancelled by a signal, and an error that says what went wrong.
 * Not for the server, which lives on.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const KILL_AFTER_SECONDS = 5;

export type Log = (line: string) => void;

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly line?: (line: string) => void;
  readonly cwd?: string;
}

/** Resolve when it ended with 0. Throws an AbortError when cancelled, else an Error with its last words. */
export async function runProgram(command: readonly string[], options: RunOptions): Promise<void> {
  const [program = "", ...programArguments] = command;
  options.signal.throwIfAborted();
  options.log(`$ ${command.join(" ")}`);
  const child = spawn(program, programArguments, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const complaints: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    options.log(line);
    options.line?.(line);
  });
  createInterface(child.stderr).on("line", (line) => {
    options.log(line);
    if (line.trim() !== "") complaints.push(line.trim());
  });
  const stop = (): void => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_SECONDS * 1000).unref();
  };
  options.signal.addEventListener("abort", stop, { once: true });
  try {
    const [code, reason] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, exitSignal) => { resolve([exitCode, exitSignal]); });
    });
    options.signal.throwIfAborted();
    if (code !== 0) throw new Error(lastWords(complaints) ?? `it ended with ${code ?? reason ?? "an unknown error"}.`);
  } finally {
    options.signal.removeEventListener("abort", stop);
  }
}

/** pip writes its reason on lines that begin with ERROR; the last one is about it. */
export function lastWords(complaints: readonly string[]): string | undefined {
  const errors = complaints.filter((line) => line.startsWith("ERROR: "));
  const line = errors.at(-1) ?? complaints.at(-1);
  return line?.replace(/^ERROR: /, "");
}
