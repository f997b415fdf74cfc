// How far the blueprint is, as `unsorry blueprint` has found last.
import { get } from "../api.js";
import { badge, code, el, replace, section, table, tile } from "../dom.js";
import { count, moment, percent, plural } from "../format.js";

export const title = "Blueprint";
const SHARES = { stated: "Stated", can_state: "Can be stated", can_prove: "Can be proved", proved: "Proved", fully_proved: "Fully proved" };
const ABSENT = {
  "not looked at": ["Nobody has compared the blueprint with Lean yet: ", "unsorry blueprint status"],
  none: ["This workspace has no blueprint, which would be in ", "blueprint/src"],
};

export function make() {
  const node = el("div");
  return { node, always: true, load: () => get("blueprint"), draw: (figures) => replace(node, draw(figures)) };
}

function draw({ state, at, found }) {
  if (found === null) {
    const [text, command] = ABSENT[state];
    return [el("p", { class: "empty" }, text, code(command))];
  }
  const { coverage, nodes, critical, wrong_marks: wrong, problems } = found;
  const places = Object.fromEntries(nodes.map((one) => [one.label, one]));
  return [
    el("p", { class: "more" }, `As of ${moment(at)}: ${plural(nodes.length, "node")}. `, "Look again: ", code("unsorry blueprint status")),
    problems.map((problem) => el("p", { class: "problem" }, problem)),
    el("dl", { class: "tiles" },
      Object.entries(coverage).map(([name, one]) => tile(SHARES[name] ?? name, percent(one.share), `${count(one.nodes)} of ${count(one.of)}`)),
      tile("Wrong marks", count(wrong.length), wrong.length > 0 && "unsorry blueprint sync")),
    section("Critical path", table("Open nodes, by the share of the ways that lead over them", [
      { name: "Node", cell: (one) => one.label },
      { name: "Ways over it", number: true, cell: (one) => percent(one.betweenness, 1) },
      { name: "Waiting", number: true, cell: (one) => count(one.waiting) },
      { name: "Declaration", wide: true, cell: (one) => code((places[one.label]?.lean ?? []).join(", ")) },
    ], critical.slice(0, 20), "Nothing waits for anything.")),
    section("Nodes", table("All nodes", [
      { name: "Node", cell: (one) => [one.label, el("span", { class: "below" }, one.kind)] },
      { name: "State", cell: (one) => badge(one.state) },
      { name: "Declarations", cell: (one) => code(one.lean.join(", ")) },
      { name: "Why", wide: true, cell: (one) => one.reason },
      { name: "Where", cell: (one) => `${one.file}:${one.line}` },
    ], nodes)),
  ];
}
