/**
 * How goals and tickets are put into a line of text. Pure.
 */

import type { Goal, GoalState, Ticket } from "./protocol";

const LONGEST = 90;

/** What is to be proved, on one line: the first target of Lean's display, without the hypotheses. */
export function target(display: string): string {
  const lines = display.split("\n");
  const first = lines.findIndex((line) => line.startsWith("⊢"));
  if (first < 0) return oneLine(display);
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => !line.startsWith(" "));
  return oneLine([lines[first] ?? "", ...rest.slice(0, end < 0 ? undefined : end)].join(" "));
}

export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

const STATE_WORDS: Record<GoalState, string> = {
  waiting: "waiting",
  searching: "searching",
  proved: "proved",
  stale: "proved before the last edits",
  refuted: "refuted",
  open: "open",
  stopped: "stopped",
  skipped: "skipped",
};

export function stateWords(state: GoalState): string {
  return STATE_WORDS[state];
}

/** What stands behind a goal in the tree. */
export function goalDescription({ state, proof }: Goal): string {
  return state === "proved" && proof !== "" ? oneLine(proof) : stateWords(state);
}

export function declarationName(declaration: string): string {
  return declaration === "" ? "example" : declaration;
}

export function ticketLabel({ statement }: Ticket): string {
  return oneLine(statement);
}

export function ticketDescription({ status, claimant, file, line }: Ticket): string {
  const by = status === "claimed" && claimant !== null && claimant !== "" ? ` by ${claimant}` : "";
  const name = file.split(/[\\/]/).at(-1) ?? file;
  return `${status}${by} · ${name}:${line}`;
}
