// Processes that a test started, and all their descendants. Two ways to know them, since neither is enough:
// a mark in the environment, which outlives a parent's death, but which Lean's processes are not given;
// and descent, which knows those, but only as long as their parents live.
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "./waiting.mjs";

export const VARIABLE = "E2E_MARK";

/** A mark for one editor: `environment` goes to the process that begins it. All marks of a run begin alike. */
export function newMark() {
  const mark = `${process.env[VARIABLE] ?? "loose"}.${randomBytes(4).toString("hex")}`;
  return { mark, environment: { [VARIABLE]: mark } };
}

/** Everything that lives: {pid, parent, started, command}. A pid with its start time names a process for good. */
function living() {
  const found = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name in parentheses may hold anything; the fields after it are numbers.
      const fields = readFileSync(`/proc/${name}/stat`, "latin1").split(") ").at(-1).split(" ");
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      if (fields[0] !== "Z" && command !== "") found.push({ pid: Number(name), parent: Number(fields[1]), started: fields[19], command });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

function hasMark(pid, mark) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").some((variable) => variable.startsWith(`${VARIABLE}=${mark}`));
  } catch {
    return false;
  }
}

/** The living with this mark, or any that begins with it, and all that descend from them. */
export function family(mark) {
  const all = living();
  const members = new Set(all.filter(({ pid }) => pid !== process.pid && hasMark(pid, mark)).map(({ pid }) => pid));
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** Those of these processes that still live. */
export function still(processes) {
  const now = new Map(living().map((one) => [one.pid, one.started]));
  return processes.filter(({ pid, started }) => now.get(pid) === started);
}

/** End everything with this mark, politely at first. Those that it knew are gone then, too. */
export async function endFamily(mark) {
  const known = new Map();
  const left = () => {
    for (const one of family(mark)) known.set(`${one.pid} ${one.started}`, one);
    return still([...known.values()]);
  };
  end(left(), "SIGTERM");
  const all = () => until("everything to end", () => left().length === 0, 20);
  await all().catch(() => {
    end(left(), "SIGKILL");
    return all();
  });
}

export function end(processes, signal) {
  for (const { pid } of still(processes)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself.
    }
  }
}
