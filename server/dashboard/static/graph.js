// Who waits for whom, as a picture: boxes in columns, what is waited for to the right.
import { svg } from "./dom.js";

const WIDE = 190;
const HIGH = 40;
const ACROSS = 70;
const DOWN = 14;

/** The column of each node: one more than the last of those that wait for it. A circle can't be; if it is, it ends here. */
function columnsOf(nodes, edges) {
  const column = new Map(nodes.map((node) => [node.id, 0]));
  for (let round = 0; round < nodes.length; round += 1) {
    let changed = false;
    for (const { from, to } of edges) {
      if (column.get(to) <= column.get(from)) {
        column.set(to, column.get(from) + 1);
        changed = true;
      }
    }
    if (!changed) break;
  }
  return column;
}

/** nodes: [{id, name, more, kind, href}], edges: [{from, to}] between ids; `from` waits for `to`. */
export function graph(label, nodes, edges) {
  const known = new Set(nodes.map((node) => node.id));
  const arrows = edges.filter(({ from, to }) => known.has(from) && known.has(to));
  const column = columnsOf(nodes, arrows);
  const filled = [];
  const place = new Map();
  for (const node of nodes) {
    const at = column.get(node.id);
    filled[at] = (filled[at] ?? 0) + 1;
    place.set(node.id, { x: at * (WIDE + ACROSS) + 1, y: (filled[at] - 1) * (HIGH + DOWN) + 1 });
  }
  const width = filled.length * (WIDE + ACROSS) - ACROSS + 2;
  const height = Math.max(...filled.filter(Boolean)) * (HIGH + DOWN) - DOWN + 2;
  const shorten = (text) => (text.length > 25 ? `${text.slice(0, 24)}…` : text);
  return svg("svg", { class: "graph", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, svg("path", { class: "arrow", d: "M0 0L8 4L0 8z" }))),
    arrows.map(({ from, to }) => {
      const [a, b] = [place.get(from), place.get(to)];
      const [x1, y1, x2, y2] = [a.x + WIDE, a.y + HIGH / 2, b.x, b.y + HIGH / 2];
      return svg("path", { class: "edge", "marker-end": "url(#arrow)", d: `M${x1} ${y1}C${x1 + ACROSS / 2} ${y1} ${x2 - ACROSS / 2} ${y2} ${x2 - 1} ${y2}` });
    }),
    nodes.map((node) => {
      const { x, y } = place.get(node.id);
      return svg("a", { href: node.href, "aria-label": `${node.name}, ${node.more}` },
        svg("title", {}, `${node.name}: ${node.more}`),
        svg("rect", { class: `node ${node.kind}`, x, y, width: WIDE, height: HIGH, rx: 5 }),
        svg("text", { class: "name", x: x + 10, y: y + 17 }, shorten(node.name)),
        svg("text", { class: "more", x: x + 10, y: y + 31 }, shorten(node.more)));
    }));
}
