// Asks the server, by addresses below that of the page, which may be forwarded. The token came behind the # of the address; it stays in this tab.
const KEY = "unsorry-token";

/** Take the token out of the address, so that it is in no history and no bookmark. */
export function takeToken() {
  // An editor that opens the address may have written = another way.
  const found = /^#token(?:=|%3D)([\w-]+)$/i.exec(location.hash);
  if (!found) return;
  sessionStorage.setItem(KEY, found[1]);
  history.replaceState(null, "", `${location.pathname}#/`);
}

export const hasToken = () => sessionStorage.getItem(KEY) !== null;

async function answered(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(typeof body.detail === "string" ? body.detail : `The server said ${response.status}.`);
  return body;
}

export async function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  const query = new URLSearchParams(given).toString();
  return answered(await fetch(`api/${path}${query ? `?${query}` : ""}`));
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
  return answered(await fetch(`api/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}
