// Makes elements. Text is always text: nothing that comes from a file is ever read as markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false && child !== ""));
  return node;
}

/** An HTML element: el("a", {href: "#/goals"}, "goals"). Children may be nested arrays; empty ones are left out. */
export function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Put these children into a node. What had the focus has it again, found by its id. */
export function replace(node, ...children) {
  const focused = node.contains(document.activeElement) ? document.activeElement.id : "";
  node.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (focused) document.getElementById(focused)?.focus();
}

/** A table. columns: [{name, number, cell(row), wide}]; the first column names the row. */
export function table(caption, columns, rows, empty = "Nothing yet.") {
  if (rows.length === 0) return el("p", { class: "empty" }, empty);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {},
      el("caption", { class: "hidden" }, caption),
      el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col", class: column.number && "number" }, column.name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, columns.map((column, at) =>
        el(at === 0 ? "th" : "td", { scope: at === 0 && "row", class: [column.number && "number", column.wide && "wide"].filter(Boolean).join(" ") || null }, column.cell(row))))))));
}

/** A section with a heading. */
export function section(title, ...children) {
  return el("section", {}, el("h2", {}, title), ...children);
}

/** A number with its name. */
export function tile(name, value, more, id) {
  return el("div", { class: "tile", id }, el("dt", {}, name), el("dd", {}, el("span", { class: "value" }, value), more && el("span", { class: "more" }, more)));
}

/** What became of something: a word, and a colour that says the same. */
export function badge(word) {
  return el("span", { class: `badge ${word}` }, word);
}

/** Lean code. */
export function code(text) {
  return el("code", {}, text);
}
