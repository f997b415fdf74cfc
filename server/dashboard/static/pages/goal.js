// One goal: what it is, where it stands, and everything that was tried.
import { get } from "../api.js";
import { badge, code, el, replace, section, table, tile } from "../dom.js";
import { moment, oneLine, plural, seconds } from "../format.js";

export const title = "Goal";
const ORIGINS = { search: "a search", import: "another machine", ticket: "a ticket", user: "a person" };

export function make(key) {
  const node = el("div");
  return { node, load: () => get(`goals/${encodeURIComponent(key)}`), draw: (history) => replace(node, draw(history)) };
}

function draw({ goal, display, places, attempts, proofs, refutations, tickets, reasons }) {
  return [
    el("p", { class: "crumbs" }, el("a", { href: "#/goals" }, "All goals")),
    el("pre", { class: "goal", tabindex: "0" }, display),
    el("dl", { class: "tiles" },
      tile("Status", badge(goal.status), tickets.length > 0 && el("a", { href: "#/marketplace" }, `waits for ${plural(tickets.length, "ticket")}`)),
      tile("Difficulty", goal.difficulty.toFixed(2), Object.entries(reasons).slice(0, 3).map(([name, part]) => `${name} ${part > 0 ? "+" : ""}${part.toFixed(2)}`).join(", ")),
      tile("Spent", seconds(goal.spent), plural(attempts.length, "attempt")),
      tile("First seen", moment(goal.first_seen), `last ${moment(goal.last_seen)}`)),
    section("Where it stands", places.length === 0
      ? el("p", { class: "empty" }, "Nowhere any more.")
      : el("ul", { class: "places" }, places.map((place) => el("li", {}, `${place.file}:${place.line}:${place.column} `, code(place.declaration)))),
      el("p", { class: "more" }, "Key ", code(goal.key))),
    proofs.length > 0 && section("Proofs", proofs.map(proof)),
    refutations.length > 0 && section("Counterexamples", refutations.map((one) =>
      el("p", {}, code(Object.entries(one.values).map(([name, value]) => `${name} = ${value}`).join(", ") || "it is false outright"), el("span", { class: "more" }, ` found ${moment(one.found_at)}`)))),
    section("What was tried", history(attempts)),
  ];
}

function proof(one) {
  const axioms = one.axioms.length ? `rests on ${one.axioms.join(", ")}` : "rests on no axioms";
  return el("div", { class: one.withdrawn ? "proof withdrawn" : "proof" },
    el("pre", { tabindex: "0" }, one.helper && `${one.helper}\n\n`, one.script),
    el("p", { class: "more" }, `${one.strategy}, ${seconds(one.seconds)}, from ${ORIGINS[one.origin] ?? one.origin}; ${axioms}; ${one.verified_at ? `verified ${moment(one.verified_at)}` : "not verified here"}`),
    one.withdrawn && el("p", { class: "warning" }, `withdrawn: ${one.withdrawn}`));
}

function history(attempts) {
  return table("Attempts, the newest first", [
    { name: "Strategy", cell: (one) => one.strategy },
    { name: "At", number: true, cell: (one) => moment(one.started_at) },
    { name: "Outcome", cell: (one) => badge(one.outcome) },
    { name: "Took", number: true, cell: (one) => seconds(one.seconds) },
    { name: "Scripts", number: true, cell: (one) => one.scripts_tried },
    { name: "What came of it", wide: true, cell: (one) => (one.script ? code(oneLine(one.script)) : one.reason) },
  ], [...attempts].reverse(), "Nothing has been tried yet.");
}
