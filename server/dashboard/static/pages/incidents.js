// What went wrong, the newest first.
import { get } from "../api.js";
import { badge, code, el, replace, table } from "../dom.js";
import { moment, plural } from "../format.js";

export const title = "Incidents";
const SEVERITIES = ["low", "medium", "high", "critical"];

export function make() {
  const list = el("div");
  let data = null;
  let least = 0;
  const draw = () => replace(list, drawn(data, least));
  const select = el("select", { id: "severity", onchange: (event) => { least = event.target.selectedIndex; draw(); } },
    SEVERITIES.map((name, at) => el("option", { value: name }, at === 0 ? "all" : at === SEVERITIES.length - 1 ? name : `${name} and worse`)));
  return {
    node: el("div", {}, el("form", { class: "filter", onsubmit: (event) => event.preventDefault() }, el("label", {}, "Severity", select)), list),
    load: () => get("incidents"),
    draw(now) { data = now; draw(); },
  };
}

function drawn({ kinds, incidents }, least) {
  const shown = incidents.filter((one) => SEVERITIES.indexOf(one.severity) >= least);
  return [
    el("p", { class: "more" }, Object.entries(kinds).sort((a, b) => b[1] - a[1]).map(([kind, number]) => `${kind.replaceAll("_", " ")}: ${number}`).join(" · ")),
    el("section", {}, table("Incidents", [
      { name: "What", cell: (one) => [one.kind.replaceAll("_", " "), el("span", { class: "below" }, one.meaning)] },
      { name: "Severity", cell: (one) => badge(one.severity) },
      { name: "At", number: true, cell: (one) => moment(one.happened_at) },
      { name: "Where", cell: (one) => [one.component, one.operation && el("span", { class: "below" }, one.operation)] },
      { name: "What it said", wide: true, cell: (one) => [one.message, one.context !== "{}" && el("details", {}, el("summary", {}, "facts"), code(one.context))] },
    ], shown, "Nothing went wrong.")),
    incidents.length > 0 && el("p", { class: "more" }, plural(shown.length, "incident")),
  ];
}
