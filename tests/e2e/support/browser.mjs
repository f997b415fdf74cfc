// The browser of all scenarios: the system's Chromium, without a window.
import { createRequire } from "node:module";
import { join } from "node:path";
import { TOOLS } from "./paths.mjs";

const { chromium } = createRequire(join(TOOLS, "x.js"))("playwright-core");
const BROWSER = process.env.UNSORRY_E2E_BROWSER ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export function openBrowser() {
  return chromium.launch({ executablePath: BROWSER, headless: true, args: FLAGS });
}
