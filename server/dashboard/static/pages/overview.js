// The workspace at a glance: figures, what runs now, what was found last.
import { meter } from "../charts.js";
import { badge, code, el, replace, section, table, tile } from "../dom.js";
import { bytes, command, count, moment, oneLine, percent, place, plural, seconds } from "../format.js";

export const title = "Overview";

export function make() {
  const node = el("div");
  return { node, draw: (overview) => replace(node, draw(overview)) };
}

const goalLink = (one) => el("a", { href: `#/goals/${one.goal}` }, place(one));

function draw(overview) {
  const { goals, cache, last_hour: hour } = overview;
  const settled = (goals.proved ?? 0) + (goals.refuted ?? 0);
  const known = settled + (goals.open ?? 0);
  const incidents = Object.values(overview.incidents).reduce((sum, one) => sum + one, 0);
  return [
    el("dl", { class: "tiles" },
      tile("Goals settled", `${count(settled)} of ${count(known)}`, `${count(goals.proved ?? 0)} proved, ${count(goals.refuted ?? 0)} refuted`, "goals"),
      tile("Attempts", count(overview.attempts), `${count(hour.attempts)} in the last hour`, "attempts"),
      tile("Successes", count(overview.successes), `${percent(overview.success_rate)} of all attempts`, "successes"),
      tile("From the cache", percent(cache.hit_rate), `${count(cache.hits)} of ${count(cache.hits + cache.rejected + cache.misses)} look-ups`, "cache"),
      tile("Tickets", count(overview.open_tickets), "wanted", "tickets"),
      tile("Incidents", count(incidents), plural(Object.keys(overview.incidents).length, "kind"), "incidents")),
    section("Running now", searches(overview), overview.searching.length > 0 && running(overview)),
    section("Found last", finds(overview.finds)),
  ];
}

function searches({ searching }) {
  if (searching.length === 0) return el("p", { class: "empty" }, "Nobody searches here now. Start ", code("unsorry bg"), ", or open the workspace in your editor.");
  return el("ul", { class: "searches" }, searching.map((search) => {
    const { status } = search;
    const load = `${percent(status.load)} of the machine, allowed ${percent(status.target)}`;
    return el("li", {},
      el("b", {}, command(search.command)), el("span", { class: "more" }, `process ${search.process}, since ${moment(search.started_at)}`),
      el("span", { class: "load" }, meter(load, status.load, status.target), load),
      el("span", {}, `${plural(status.running, "job")} running, ${status.queued} waiting; ${plural(search.sessions, "Lean session")}, ${bytes(search.memory)}`),
      status.paused_because && el("span", { class: "warning" }, `paused: ${status.paused_because}`),
      status.follows && el("span", { class: "warning" }, `waits: ${status.follows} searches`));
  }));
}

function running({ running: attempts, at }) {
  return table("Strategies at work", [
    { name: "Strategy", cell: (one) => one.strategy },
    { name: "Goal", cell: goalLink },
    { name: "Declaration", cell: (one) => code(one.declaration) },
    { name: "For", number: true, cell: (one) => seconds(Math.max(0, at - one.started_at)) },
    { name: "Allowed", number: true, cell: (one) => seconds(one.seconds) },
  ], attempts, "No strategy is at work at the moment.");
}

function finds(all) {
  return table("The last finds", [
    { name: "Goal", cell: goalLink },
    { name: "Declaration", cell: (one) => code(one.declaration) },
    { name: "Result", cell: (one) => badge(one.outcome) },
    { name: "By", cell: (one) => one.strategy },
    { name: "Script", wide: true, cell: (one) => (one.outcome === "proved" ? code(oneLine(one.script)) : "") },
    { name: "In", number: true, cell: (one) => seconds(one.seconds) },
    { name: "At", number: true, cell: (one) => moment(one.ended_at) },
  ], all);
}
