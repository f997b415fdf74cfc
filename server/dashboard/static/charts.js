// Charts as SVG, small and without a library: columns over hours, lines over minutes, a meter, rows of bars.
import { el, svg } from "./dom.js";

const HEIGHT = 180;
const LEFT = 40;
const BOTTOM = 22;
const TOP = 8;

/** A chart is as wide as its place, so that its words are as large as others: pixels when it is drawn. */
const room = () => Math.max(260, Math.min(1200, document.getElementById("main").clientWidth - 74));

/** A round number from there on whose half is whole. */
function nice(largest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(largest, 1)));
  return [2, 4, 10].map((step) => step * power).find((step) => step >= largest) ?? largest;
}

function frame(label, width, top, format, children) {
  const lines = [0, 0.5, 1].map((part) => {
    const y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - part);
    return [
      svg("line", { class: "grid", x1: LEFT, x2: width, y1: y, y2: y }),
      svg("text", { class: "tick", x: LEFT - 6, y: y + 4, "text-anchor": "end" }, format(top * part)),
    ];
  });
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": label }, lines, children);
}

/** Columns that are filled up to a second number: columns: [{label, all, part, says}]. */
export function columns(label, data) {
  const top = nice(Math.max(1, ...data.map((one) => one.all)));
  const whole = room();
  const step = (whole - LEFT) / Math.max(1, data.length);
  const height = HEIGHT - TOP - BOTTOM;
  const every = Math.ceil((data.length * 60) / whole);
  return frame(label, whole, top, String, data.map((one, at) => {
    const x = LEFT + at * step + step * 0.12;
    const width = step * 0.76;
    const column = (value, name) => svg("rect", { class: name, x, width, y: TOP + height * (1 - value / top), height: (height * value) / top, rx: Math.min(2, width / 4) });
    return svg("g", { class: "column" },
      svg("title", {}, one.says),
      svg("rect", { class: "touch", x: LEFT + at * step, width: step, y: TOP, height }),
      one.all > 0 && column(one.all, "all"),
      one.part > 0 && column(one.part, "part"),
      at % every === 0 && svg("text", { class: "tick", x: x + width / 2, y: HEIGHT - 6, "text-anchor": "middle" }, one.label));
  }));
}

/** Lines over time: lines: [{name, points: [[at, value]]}], values from 0 to top. */
export function lines(label, all, top, format, from, until) {
  const height = HEIGHT - TOP - BOTTOM;
  const whole = room();
  const x = (at) => LEFT + ((whole - LEFT) * (at - from)) / Math.max(1, until - from);
  const y = (value) => TOP + height * (1 - Math.min(1, value / top));
  const drawn = all.filter((line) => line.points.length > 1).map((line) =>
    svg("polyline", { class: `line ${line.name}`, points: line.points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }));
  const minutes = Math.max(1, Math.round((until - from) / 60));
  const ticks = [svg("text", { class: "tick", x: LEFT, y: HEIGHT - 6 }, `${minutes} min ago`), svg("text", { class: "tick", x: whole, y: HEIGHT - 6, "text-anchor": "end" }, "now")];
  return frame(label, whole, top, format, [drawn, ticks]);
}

/** What the colours of lines or columns mean: [[class, words]]. */
export function legend(entries) {
  return el("p", { class: "legend" }, entries.map(([name, words]) => el("span", {}, svg("svg", { class: "swatch", viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("rect", { class: name, width: 12, height: 12, rx: 2 })), words)));
}

/** A bar that is filled to a share, with a mark where it should end. */
export function meter(label, share, mark) {
  const filled = Math.max(0, Math.min(1, share)) * 200;
  return svg("svg", { class: "meter", viewBox: "0 0 200 12", role: "img", "aria-label": label, preserveAspectRatio: "none" },
    svg("title", {}, label),
    svg("rect", { class: "back", width: 200, height: 12, rx: 3 }),
    svg("rect", { class: "part", width: filled, height: 12, rx: 3 }),
    mark !== undefined && mark < 1 && svg("rect", { class: "mark", x: mark * 200 - 1, width: 2, height: 12 }));
}
