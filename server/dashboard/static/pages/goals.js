// All goals, filtered by status, file, name and difficulty. The filter stays while the list changes.
import { get } from "../api.js";
import { meter } from "../charts.js";
import { badge, code, el, replace, table } from "../dom.js";
import { moment, place, plural, seconds } from "../format.js";

export const title = "Goals";
const PAGE = 50;
/** Kept when one comes back from a goal. */
const filter = { status: "", file: "", text: "", easiest: "", hardest: "", order: "seen", offset: 0 };

export function make() {
  const list = el("div", { id: "list" });
  let reload = () => {};
  const changed = (name) => (event) => {
    filter[name] = event.target.value;
    filter.offset = 0;
    reload();
  };
  const choice = (name, words, options) => el("label", {}, words, el("select", { id: `filter-${name}`, onchange: changed(name) },
    options.map(([value, label]) => el("option", { value, selected: String(filter[name]) === value }, label))));
  const files = choice("file", "File", [["", "all"]]);
  const form = el("form", { class: "filter", role: "search", onsubmit: (event) => event.preventDefault() },
    el("label", {}, "Name", el("input", { id: "filter-text", type: "search", placeholder: "file or declaration", maxlength: 200, value: filter.text, oninput: changed("text") })),
    choice("status", "Status", [["", "all"], ["open", "open"], ["proved", "proved"], ["refuted", "refuted"], ["skipped", "skipped"]]),
    files,
    choice("easiest", "Difficulty from", [["", "0"], ["0.25", "0.25"], ["0.5", "0.5"], ["0.75", "0.75"]]),
    choice("hardest", "to", [["", "1"], ["0.75", "0.75"], ["0.5", "0.5"], ["0.25", "0.25"]]),
    choice("order", "Order", [["seen", "seen last"], ["difficulty", "hardest"], ["spent", "most time spent"], ["place", "file and line"]]));
  const turn = (offset) => () => { filter.offset = offset; reload(); };
  return {
    node: el("div", {}, form, list),
    begin: (again) => { reload = again; },
    load: () => get("goals", { ...filter, limit: PAGE }),
    draw(page) {
      drawFiles(files.querySelector("select"), page.files);
      replace(list, rows(page.goals), pager(page, turn));
    },
  };
}

function drawFiles(select, files) {
  const wanted = ["", ...Object.keys(files)];
  if (filter.file && !wanted.includes(filter.file)) wanted.push(filter.file);
  if ([...select.options].map((option) => option.value).join("\n") === wanted.join("\n")) return;
  select.replaceChildren(...wanted.map((file) => el("option", { value: file, selected: file === filter.file }, file ? `${file} (${files[file] ?? 0})` : "all")));
}

function rows(goals) {
  return table("Goals", [
    { name: "Goal", cell: (goal) => el("a", { href: `#/goals/${goal.key}`, id: `goal-${goal.key}` }, place(goal)) },
    { name: "Declaration", cell: (goal) => code(goal.declaration) },
    { name: "To prove", wide: true, cell: (goal) => code(goal.target) },
    { name: "Status", cell: (goal) => badge(goal.status) },
    { name: "Difficulty", number: true, cell: (goal) => el("span", { class: "load" }, meter(`difficulty ${goal.difficulty.toFixed(2)}`, goal.difficulty), el("span", { class: "share" }, goal.difficulty.toFixed(2))) },
    { name: "Spent", number: true, cell: (goal) => seconds(goal.spent) },
    { name: "Seen", number: true, cell: (goal) => moment(goal.last_seen) },
  ], goals, "No goal is like that.");
}

function pager({ total, goals }, turn) {
  const last = filter.offset + goals.length;
  return el("p", { class: "pager" },
    el("button", { type: "button", id: "before", disabled: filter.offset === 0, onclick: turn(Math.max(0, filter.offset - PAGE)) }, "Before"),
    el("span", {}, goals.length ? `${filter.offset + 1} to ${last} of ${plural(total, "goal")}` : plural(total, "goal")),
    el("button", { type: "button", id: "next", disabled: last >= total, onclick: turn(last) }, "Next"));
}
