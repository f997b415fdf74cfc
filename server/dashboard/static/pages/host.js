// The machine: how much of it Unsorry takes, and how much it may.
import { get } from "../api.js";
import { legend, lines } from "../charts.js";
import { el, replace, section, table, tile } from "../dom.js";
import { bytes, command, moment, percent, plural } from "../format.js";

export const title = "Host";
const MINUTES = 10;

export function make() {
  const node = el("div");
  return { node, always: true, load: () => get("host"), draw: (host) => replace(node, draw(host)) };
}

function draw({ cores, memory_total: total, samples, searching }) {
  const now = samples.at(-1);
  const until = now.at;
  const from = until - MINUTES * 60;
  const points = (name, per = 1) => samples.map((sample) => [sample.at, sample[name] / per]);
  const sessions = searching.reduce((sum, one) => sum + one.sessions, 0);
  return [
    el("dl", { class: "tiles" },
      tile("Unsorry", percent(now.unsorry), now.target ? `allowed ${percent(now.target)} of the machine` : "nobody searches now"),
      tile("All programs", percent(now.cpu), plural(cores, "core")),
      tile("Memory", bytes(now.memory), `of ${bytes(total)}`),
      tile("Lean sessions", String(sessions), bytes(now.sessions_memory))),
    section("Processor", lines("Share of the machine over the last ten minutes", [
      { name: "machine", points: points("cpu") }, { name: "target", points: points("target").filter(([, value]) => value > 0) }, { name: "unsorry", points: points("unsorry") },
    ], 1, percent, from, until), legend([["unsorry", "Unsorry"], ["machine", "all programs"], ["target", "allowed"]])),
    section("Memory", lines("Memory over the last ten minutes", [
      { name: "machine", points: points("memory", total) }, { name: "unsorry", points: points("sessions_memory", total) },
    ], 1, percent, from, until), legend([["unsorry", "Lean sessions"], ["machine", "all programs"]])),
    section("Programs that search here", table("Programs that search here", [
      { name: "Program", cell: (one) => command(one.command) },
      { name: "Process", number: true, cell: (one) => one.process },
      { name: "Since", number: true, cell: (one) => moment(one.started_at) },
      { name: "Load", number: true, cell: (one) => percent(one.status.load) },
      { name: "Allowed", number: true, cell: (one) => percent(one.status.target) },
      { name: "Slots", number: true, cell: (one) => `${one.status.light} light, ${one.status.heavy} heavy` },
      { name: "Sessions", number: true, cell: (one) => `${one.sessions_busy} of ${one.sessions} busy` },
      { name: "Memory", number: true, cell: (one) => bytes(one.memory) },
      { name: "State", cell: (one) => one.status.paused_because || (one.status.follows ? `waits: ${one.status.follows} searches` : "works") },
    ], searching, "Nobody searches here now.")),
  ];
}
