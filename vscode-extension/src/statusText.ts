/**
 * What the status bar says: the line, the tooltip and how alarming it is. Pure.
 */

import type { Status } from "./protocol";
import type { ServerState } from "./serverState";

export interface StatusText {
  readonly text: string;
  /** Markdown with command links. */
  readonly tooltip: string;
  readonly alarm: "none" | "warning" | "error";
}

const LONGEST_REASON = 48;
/** VS Code draws the columns of a table close together. */
const GAP = "&nbsp;&nbsp;";

export function statusText(server: ServerState, status: Status | undefined, trusted: boolean): StatusText {
  switch (server.kind) {
    case "stopped":
      return { text: "$(circle-slash) Unsorry: stopped", tooltip: plain("The server is stopped.", RESTART), alarm: "none" };
    case "failed":
      return { text: "$(error) Unsorry: not running", tooltip: plain(server.reason, RESTART), alarm: "error" };
    case "preparing":
      return { text: "$(loading~spin) Unsorry: setting up", tooltip: plain(`First start: ${server.step}.`), alarm: "none" };
    case "starting":
      return { text: "$(loading~spin) Unsorry: starting", tooltip: plain("The server is starting."), alarm: "none" };
    case "waiting": {
      const again = `${server.reason} It is started again in ${server.seconds} s.`;
      return { text: "$(loading~spin) Unsorry: restarting", tooltip: plain(again), alarm: "warning" };
    }
    case "running":
      return trusted ? running(status) : untrusted();
  }
}

function untrusted(): StatusText {
  const why = "A Lean file runs code when Lean reads it. Until you trust this workspace, nothing is read or searched.";
  return {
    text: "$(shield) Unsorry: workspace not trusted",
    tooltip: plain(why, "[Manage workspace trust](command:workbench.trust.manage)"),
    alarm: "warning",
  };
}

function running(status: Status | undefined): StatusText {
  if (status === undefined) return { text: "$(beaker) Unsorry", tooltip: plain("Save a Lean file to begin."), alarm: "none" };
  return { text: `${icon(status)} ${status.solved}/${status.goals} · ${activity(status)}`, tooltip: table(status), alarm: "none" };
}

function icon(status: Status): string {
  if (status.paused_because !== "") return "$(debug-pause)";
  if (status.follows !== "") return "$(eye)";
  return status.running > 0 || status.reading > 0 ? "$(sync~spin)" : "$(beaker)";
}

function activity(status: Status): string {
  if (status.paused_because !== "") return shorten(pausedWords(status.paused_because));
  if (status.follows !== "") return "another program searches";
  return percent(status.load);
}

/** The reason may already say that it is a pause. */
function pausedWords(reason: string): string {
  return /^paused\b/i.test(reason) ? reason : `paused: ${reason}`;
}

function table(status: Status): string {
  const rows: [string, string][] = [
    ["CPU", `${percent(status.load)} used, target ${percent(status.target)}`],
    ["Search", `${status.running} running, ${status.queued} queued`],
    ["Sorrys", `${status.goals}: ${status.solved} proved, ${status.refuted} refuted, ${status.open} open`],
    ["Tickets", String(status.tickets)],
    ["Lean", status.lean === "" ? "not running" : status.lean],
  ];
  if (status.reading > 0) rows.splice(1, 0, ["Reading", count(status.reading, "file")]);
  if (status.paused_because !== "") rows.unshift(["Paused", status.paused_because]);
  if (status.follows !== "") rows.unshift(["Searched by", status.follows]);
  const lines = rows.map(([name, value]) => `| ${name}${GAP} | ${escape(value)} |`);
  const pauseOrResume = status.paused_because === "" ? "[Pause](command:unsorry.pauseSearch)" : "[Resume](command:unsorry.resumeSearch)";
  return [
    "**Unsorry**",
    ["| | |", "|:--|:--|", ...lines].join("\n"),
    [pauseOrResume, "[CPU target](command:unsorry.chooseCpuTarget)", "[Sorrys](command:unsorry.sorries.focus)", LOG].join(" · "),
  ].join("\n\n");
}

const LOG = "[Log](command:unsorry.showLog)";
const RESTART = "[Restart server](command:unsorry.restartServer)";

function plain(words: string, ...links: string[]): string {
  return ["**Unsorry**", escape(words), [...links, LOG].join(" · ")].join("\n\n");
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function shorten(words: string): string {
  return words.length > LONGEST_REASON ? `${words.slice(0, LONGEST_REASON - 1)}…` : words;
}

/** Words of the server and names of files are no Markdown. */
function escape(words: string): string {
  return words.replace(/[\\`*_{}[\]<>()#+!|~$]/g, "\\$&").replace(/\n/g, " ");
}
