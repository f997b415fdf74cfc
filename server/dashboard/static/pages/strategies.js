// What each strategy did within the last day.
import { get } from "../api.js";
import { columns, legend, meter } from "../charts.js";
import { el, replace, section, table } from "../dom.js";
import { count, percent, seconds } from "../format.js";

export const title = "Strategies";
const HOUR = 3600;

export function make() {
  const charts = el("div");
  let chosen = "";
  let data = null;
  const select = el("select", { id: "strategy", onchange: (event) => { chosen = event.target.value; draw(); } }, el("option", { value: "" }, "all"));
  const draw = () => replace(charts, drawn(data, chosen));
  return {
    node: el("div", {}, el("form", { class: "filter", onsubmit: (event) => event.preventDefault() }, el("label", {}, "Strategy", select)), charts),
    load: () => get("strategies", { hours: 24 }),
    draw(now) {
      data = now;
      const names = ["", ...now.strategies.map((one) => one.strategy).sort()];
      if (select.options.length !== names.length) select.replaceChildren(...names.map((name) => el("option", { value: name, selected: name === chosen }, name || "all")));
      draw();
    },
  };
}

function hours(data, chosen) {
  const made = [];
  for (let start = data.since; start <= data.until; start += HOUR) {
    const rows = data.hours.filter((hour) => hour.start === start && (!chosen || hour.strategy === chosen));
    const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
    made.push({ at: new Date(start * 1000), attempts: sum("attempts"), successes: sum("successes"), seconds: sum("seconds") });
  }
  return made;
}

function drawn(data, chosen) {
  const all = hours(data, chosen);
  const label = (hour) => `${String(hour.at.getHours()).padStart(2, "0")} h`;
  const who = chosen || "all strategies";
  return [
    section("Attempts an hour", columns(`Attempts and successes of ${who} in each of the last 24 hours`, all.map((hour) => ({
      label: label(hour), all: hour.attempts, part: hour.successes, says: `${label(hour)}: ${count(hour.attempts)} attempts, ${count(hour.successes)} successful`,
    }))), legend([["part", "successful"], ["all", "without success"]])),
    section("Minutes an hour", columns(`Minutes that ${who} worked in each of the last 24 hours`, all.map((hour) => ({
      label: label(hour), all: hour.seconds / 60, part: 0, says: `${label(hour)}: ${seconds(hour.seconds)}`,
    })))),
    section("The last 24 hours", table("Strategies over the last 24 hours", [
      { name: "Strategy", cell: (one) => one.strategy },
      { name: "Attempts", number: true, cell: (one) => count(one.attempts) },
      { name: "Successes", number: true, cell: (one) => count(one.successes) },
      { name: "Rate", number: true, cell: (one) => el("span", { class: "load" }, meter(`${percent(one.successes / one.attempts)} successful`, one.successes / one.attempts), el("span", { class: "share" }, percent(one.successes / one.attempts))) },
      { name: "Median", number: true, cell: (one) => seconds(one.median) },
      { name: "9 of 10 within", number: true, cell: (one) => seconds(one.nine_of_ten) },
      { name: "In all", number: true, cell: (one) => seconds(one.seconds) },
    ], data.strategies.filter((one) => !chosen || one.strategy === chosen), "Nothing was tried within the last 24 hours.")),
  ];
}
