// The page: which part of it is shown, and what happens when something changes.
import { takeToken } from "./api.js";
import { el, replace } from "./dom.js";
import { listen } from "./live.js";
import * as blueprint from "./pages/blueprint.js";
import * as cache from "./pages/cache.js";
import * as goal from "./pages/goal.js";
import * as goals from "./pages/goals.js";
import * as host from "./pages/host.js";
import * as incidents from "./pages/incidents.js";
import * as marketplace from "./pages/marketplace.js";
import * as overview from "./pages/overview.js";
import * as strategies from "./pages/strategies.js";

const PAGES = { "": overview, goals, strategies, cache, marketplace, blueprint, host, incidents };
/** Milliseconds between two readings of a page's own data: people read, and a search writes all the time. */
const CALM = 1000;

const main = document.getElementById("main");
const connection = document.getElementById("connection");
const nav = document.querySelector("nav");
let latest = null;
let pressed = false;
/** The page that is shown: {node, load(), draw(data, overview)}, and which of its questions were asked and answered last. */
let shown = null;

function parts() {
  const [name = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { name, argument: rest.map(decodeURIComponent).join("/") };
}

function show(focus) {
  const { name, argument } = parts();
  const page = name === "goals" && argument ? goal : PAGES[name] ?? overview;
  document.title = `${page.title} · Unsorry`;
  for (const link of nav.children) {
    const here = link.getAttribute("href") === `#/${name}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const current = { ...page.make(argument), changes: null, at: 0, waiting: false, text: null, asked: 0, answered: 0, trouble: el("p", { class: "problem", role: "alert", hidden: true }) };
  shown = current;
  current.reload = () => refresh(current, true);
  current.begin?.(current.reload);
  replace(main, el("h1", {}, page.title), current.trouble, current.node);
  if (focus) main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  refresh(current, true);
}

/** When no button of the mouse is down: what is drawn anew between its two ways is never clicked. */
function released() {
  if (!pressed) return Promise.resolve();
  return new Promise((go) => {
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => setTimeout(go), { once: true });
  });
}

/** Draw what is new. A page without data of its own lives on the overview alone. */
async function refresh(page, force = false) {
  if (page !== shown || latest === null) return;
  if (page.load === undefined) {
    await released();
    if (page === shown) page.draw(latest);
    return;
  }
  if (!force && !page.always && page.changes === latest.changes) return;
  const wait = page.at + CALM - Date.now();
  if (!force && wait > 0) {
    if (!page.waiting) {
      page.waiting = true;
      setTimeout(() => { page.waiting = false; refresh(page); }, wait);
    }
    return;
  }
  page.changes = latest.changes;
  page.at = Date.now();
  if (force) page.text = null;
  page.asked += 1;
  const question = page.asked;
  // An answer may be overtaken by that to a later question, about another filter say.
  const counts = () => {
    if (page !== shown || question < page.answered) return false;
    page.answered = question;
    return true;
  };
  try {
    const data = await page.load();
    await released();
    if (!counts()) return;
    page.trouble.hidden = true;
    const text = JSON.stringify(data);
    // What has not changed is left alone, with what the reader has selected in it.
    if (text !== page.text) page.draw(data, latest);
    page.text = text;
  } catch (error) {
    if (!counts()) return;
    page.trouble.textContent = error.message;
    page.trouble.hidden = false;
    // What was there stays, and is asked for again with the next event.
    page.changes = null;
  }
}

function say(problem) {
  connection.textContent = problem || "live";
  connection.className = problem ? "broken" : "live";
}

takeToken();
nav.append(...Object.entries(PAGES).map(([name, page]) => el("a", { href: `#/${name}` }, page.title)));
window.addEventListener("hashchange", () => {
  // The skip link is no page.
  if (location.hash === "#main") main.focus();
  else { takeToken(); show(true); }
});
for (const [name, down] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]]) {
  window.addEventListener(name, () => { pressed = down; }, { capture: true });
}
let resizing = 0;
window.addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => shown?.reload(), 200);
});
listen((overview) => {
  const first = latest === null;
  latest = overview;
  document.getElementById("workspace").textContent = overview.workspace;
  if (first) show(false);
  else refresh(shown);
}, say);
