// What is remembered, and how it served.
import { get } from "../api.js";
import { code, el, replace, section, table, tile } from "../dom.js";
import { command, count, moment, percent, seconds } from "../format.js";

export const title = "Cache";
const ORIGINS = { search: "found by a search", import: "imported", ticket: "through a ticket", user: "by people" };

/** A pattern with words for its holes. */
const pattern = (text) => text.replace(/⧼(p?)(\d+)⧽/g, (_, premise, number) => `‹${premise ? "premise" : "hypothesis"} ${Number(number) + 1}›`);

export function make() {
  const node = el("div");
  return { node, load: () => get("cache"), draw: (figures) => replace(node, draw(figures)) };
}

function draw({ cache, proofs, runs, templates }) {
  const known = Object.values(proofs).reduce((sum, one) => sum + one, 0);
  const looked = cache.hits + cache.rejected + cache.misses;
  return [
    el("dl", { class: "tiles" },
      tile("Proofs", count(known), Object.entries(proofs).map(([origin, number]) => `${count(number)} ${ORIGINS[origin] ?? origin}`).join(", ")),
      tile("Goals looked up", count(looked)),
      tile("Served", count(cache.hits), `${percent(cache.hit_rate)} of all look-ups`),
      tile("Refused by Lean", count(cache.rejected), "known proofs that did not hold again")),
    section("By run", table("Runs, the newest first", [
      { name: "Program", cell: (run) => (run.run === "outside" ? "outside of runs" : command(run.command)) },
      { name: "Began", number: true, cell: (run) => moment(run.started_at) },
      { name: "Ended", number: true, cell: (run) => moment(run.ended_at) },
      { name: "Served", number: true, cell: (run) => count(run.hits) },
      { name: "Refused", number: true, cell: (run) => count(run.rejected) },
      { name: "Not known", number: true, cell: (run) => count(run.misses) },
    ], runs)),
    section("Patterns that proved goals", table("Templates of scripts, the most useful first", [
      { name: "Pattern", wide: true, cell: (one) => code(pattern(one.template)) },
      { name: "Goals", number: true, cell: (one) => count(one.goals) },
      { name: "Proofs", number: true, cell: (one) => count(one.uses) },
      { name: "A proof took", number: true, cell: (one) => (one.uses ? seconds(one.seconds / one.uses) : "") },
    ], templates)),
  ];
}
