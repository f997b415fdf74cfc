// The requests for helper lemmas: who waits for whom, and what to do about them.
import { get, hasToken, post } from "../api.js";
import { badge, code, el, replace, section } from "../dom.js";
import { moment } from "../format.js";
import { graph } from "../graph.js";

export const title = "Marketplace";
const LIVE = ["open", "claimed"];

export function make() {
  const content = el("div");
  const said = el("p", { role: "status", class: "said" });
  const kind = el("select", { id: "kind", onchange: () => reload() }, ["wanted", "all"].map((name) => el("option", { value: name }, name)));
  let reload = () => {};
  const act = (ticket, action) => async () => {
    try {
      const row = await post(`marketplace/${encodeURIComponent(ticket)}`, { action });
      said.textContent = `${row.ticket_id} is ${row.status} now.`;
    } catch (error) {
      said.textContent = error.message;
    }
    reload();
  };
  return {
    node: el("div", {}, el("form", { class: "filter", onsubmit: (event) => event.preventDefault() }, el("label", {}, "Tickets", kind)), said, content),
    begin: (again) => { reload = again; },
    load: () => get("marketplace"),
    draw: (market) => replace(content, draw(market, kind.value === "all", act)),
  };
}

function draw(market, all, act) {
  const tickets = market.tickets.filter((ticket) => all || LIVE.includes(ticket.status));
  if (tickets.length === 0) return [el("p", { class: "empty" }, all ? "No ticket was ever opened." : "No lemma is wanted at the moment."), el("p", { class: "more" }, "Ask for one: ", code("unsorry tickets open FILE:LINE"))];
  return [
    section("Who waits for whom", el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Dependencies of the tickets" }, picture(market, tickets))),
    section(all ? "All tickets" : "Wanted", !hasToken() && el("p", { class: "warning" }, "To claim or withdraw tickets, open the address that ", code("unsorry dashboard"), " has printed."),
      tickets.map((ticket) => card(ticket, act))),
  ];
}

function picture({ edges, goals }, tickets) {
  const shown = new Set(tickets.map((ticket) => ticket.ticket_id));
  const kept = edges.filter((edge) => shown.has(edge.ticket));
  const waiting = new Set(kept.filter((edge) => edge.kind === "serves").map((edge) => edge.target));
  const nodes = [
    ...goals.filter((goal) => waiting.has(goal.key)).map((goal) => ({ id: goal.key, name: goal.declaration || "goal", more: `${goal.file}:${goal.line}, ${goal.status}`, kind: goal.status, href: `#/goals/${goal.key}` })),
    ...tickets.map((ticket) => ({ id: ticket.ticket_id, name: ticket.name, more: `${ticket.ticket_id}, ${ticket.status}`, kind: `ticket ${ticket.status}`, href: `#/marketplace/${ticket.ticket_id}` })),
  ];
  const arrows = kept.map((edge) => (edge.kind === "serves" ? { from: edge.target, to: edge.ticket } : { from: edge.ticket, to: edge.target }));
  return graph("Goals and the lemmas that they wait for", nodes, arrows);
}

function card(ticket, act) {
  const id = ticket.ticket_id;
  const action = (name, words) => el("button", { type: "button", id: `${name}-${id}`, disabled: !hasToken(), onclick: act(id, name) }, words);
  return el("article", { id },
    el("h3", {}, id, " ", badge(ticket.status)),
    el("pre", { tabindex: "0" }, ticket.lemma || ticket.statement),
    el("p", { class: "more" },
      [ticket.place && `for ${ticket.place}`, `asked by ${ticket.requester}, ${moment(ticket.created_at)}`, ticket.claimant && `held by ${ticket.claimant}`,
        ticket.status === "claimed" && `until ${moment(ticket.lease_until)}`, LIVE.includes(ticket.status) && ticket.expires_at > 0 && `offered until ${moment(ticket.expires_at)}`].filter(Boolean).join(" · ")),
    LIVE.includes(ticket.status) && el("p", { class: "actions" },
      ticket.status === "open" ? action("claim", "Claim") : action("release", "Release"), action("withdraw", "Withdraw"),
      el("span", { class: "more" }, "A proof: ", code(`unsorry tickets complete ${id}`))));
}
