// `unsorry dashboard` on a workspace with a ledger, its page in a browser, and the programs that search meanwhile.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "./browser.mjs";
import { ENVIRONMENT, FAILURES, PICTURES, UNSORRY } from "./paths.mjs";
import { endFamily, newMark } from "./processes.mjs";
import { PATIENCE, until } from "./waiting.mjs";

export class Dashboard {
  static async start(folder) {
    const dashboard = new Dashboard();
    dashboard.folder = folder;
    Object.assign(dashboard, newMark());
    dashboard.run("prove", "--timeout", "60", "Easy.lean");
    const server = dashboard.spawn("dashboard", "--port", "0");
    let said = "";
    server.stdout.on("data", (text) => { said += text; });
    [dashboard.address] = await until("the address", () => /http:\/\/\S+(?=\s)/.exec(said), 120);
    dashboard.root = new URL(dashboard.address).origin;
    dashboard.browser = await openBrowser();
    return dashboard;
  }

  /** A page at the address that was printed, or another one. `requests` and `complaints` are what it asked for, and what the browser said. */
  async open({ address = this.address, ...options } = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1180, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    this.page = await context.newPage();
    this.requests = [];
    this.complaints = [];
    this.page.on("request", (request) => this.requests.push(request.url()));
    this.page.on("console", (message) => { if (message.type() === "error") this.complaints.push(message.text()); });
    this.page.on("pageerror", (error) => this.complaints.push(String(error)));
    await this.page.goto(address);
    await this.page.getByRole("heading", { level: 1 }).waitFor();
    return this.page;
  }

  /** A number on the overview. */
  async figure(id) {
    return Number((await this.page.locator(`#${id} .value`).innerText()).replace(/[^\d]/g, ""));
  }

  async go(title) {
    await this.page.getByRole("link", { name: title, exact: true }).click();
    await this.page.getByRole("heading", { level: 1, name: title }).waitFor();
  }

  /** A picture, of the whole page or as much as fits a height. */
  async picture(name, height) {
    mkdirSync(PICTURES, { recursive: true });
    const { width } = this.page.viewportSize();
    const clip = height ? { clip: { x: 0, y: 0, width, height } } : { fullPage: true };
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), ...clip });
  }

  async failed(name) {
    mkdirSync(FAILURES, { recursive: true });
    await this.page?.screenshot({ path: join(FAILURES, `${name}.png`) }).catch(() => undefined);
  }

  spawn(...words) {
    return spawn(UNSORRY, words, { cwd: this.folder, env: { ...ENVIRONMENT, ...this.environment }, stdio: ["ignore", "pipe", "inherit"] });
  }

  run(...words) {
    const run = spawnSync(UNSORRY, words, { cwd: this.folder, env: { ...ENVIRONMENT, ...this.environment }, encoding: "utf8", timeout: 300_000 });
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout;
  }

  async stop() {
    await this.browser?.close();
    await endFamily(this.mark);
  }
}
