/**
 * What the server says and understands beyond LSP, as docs/editor-protocol.md has it.
 * Only names and types, and what they mean; nothing here sends anything.
 */

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** `unsorry/status`. `load` and `target` are shares of the whole machine. */
export interface Status {
  readonly load: number;
  readonly target: number;
  readonly running: number;
  readonly queued: number;
  readonly goals: number;
  readonly solved: number;
  readonly refuted: number;
  readonly open: number;
  readonly tickets: number;
  readonly reading: number;
  readonly paused_because: string;
  readonly follows: string;
  readonly lean: string;
}

export type GoalState =
  | "waiting"
  | "searching"
  | "proved"
  | "stale"
  | "refuted"
  | "open"
  | "stopped"
  | "skipped";

/** Is there a proof to insert? A stale one is checked again first. */
export function hasProof(state: GoalState): boolean {
  return state === "proved" || state === "stale";
}

export interface Goal {
  readonly id: string;
  readonly declaration: string;
  readonly range: Range;
  readonly goal: string;
  readonly state: GoalState;
  readonly message: string;
  readonly proof: string;
  readonly strategy: string;
  readonly seconds: number;
  readonly tickets: readonly (string | number)[];
}

export interface GoalsOfFile {
  readonly uri: string;
  readonly goals: readonly Goal[];
}

export interface Ticket {
  readonly id: string | number;
  readonly status: string;
  readonly statement: string;
  readonly file: string;
  readonly line: number;
  readonly claimant: string | null;
  readonly created: string;
}

export const STATUS = "unsorry/status";
export const GOALS = "unsorry/goals";
export const TICKETS = "unsorry/tickets";
export const TRUST = "unsorry/trust";

/** The commands of the server. The palette's commands have other names, since vscode-languageclient registers these itself. */
export const ServerCommand = {
  pause: "unsorry.pause",
  resume: "unsorry.resume",
  setCpuTarget: "unsorry.setCpuTarget",
  setProfile: "unsorry.setProfile",
  searchGoal: "unsorry.searchGoal",
  findAnother: "unsorry.findAnother",
  stopGoal: "unsorry.stopGoal",
  searchFile: "unsorry.searchFile",
  searchWorkspace: "unsorry.searchWorkspace",
  insert: "unsorry.insert",
  insertAt: "unsorry.insertAt",
  insertAllInDeclaration: "unsorry.insertAllInDeclaration",
  insertAllInFile: "unsorry.insertAllInFile",
  insertAllInWorkspace: "unsorry.insertAllInWorkspace",
  ledgerEntry: "unsorry.ledgerEntry",
  openTicket: "unsorry.openTicket",
  showTicket: "unsorry.showTicket",
  withdrawTicket: "unsorry.withdrawTicket",
  restartSessions: "unsorry.restartSessions",
} as const;

export type ServerCommandName = (typeof ServerCommand)[keyof typeof ServerCommand];
