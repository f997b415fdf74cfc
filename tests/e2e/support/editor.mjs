// The editor as its user sees it: a page in a browser, driven by keys and clicks, read by eye.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "./browser.mjs";
import { FAILURES, PICTURES } from "./paths.mjs";
import { sleep, until } from "./waiting.mjs";

export class Editor {
  static async open(server, folder, { width = 1280, height = 800 } = {}) {
    const editor = new Editor();
    editor.browser = await openBrowser();
    const context = await editor.browser.newContext({ viewport: { width, height }, deviceScaleFactor: 1 });
    editor.page = await context.newPage();
    await editor.page.goto(server.url(folder), { waitUntil: "domcontentloaded" });
    await editor.page.waitForSelector(".monaco-workbench .part.statusbar", { timeout: 60_000 });
    await editor.page.waitForSelector(".explorer-folders-view .monaco-list-row", { timeout: 60_000 });
    return editor;
  }

  async close() {
    await this.browser.close();
  }

  /** A picture of the whole window, for whoever looks into a failure. */
  async failed(name) {
    mkdirSync(FAILURES, { recursive: true });
    await this.page.screenshot({ path: join(FAILURES, `${name}.png`) }).catch(() => undefined);
  }

  /** The size of the window; what is open for a moment, such as a menu, does not survive a change. */
  async size(width, height) {
    await this.page.setViewportSize({ width, height });
    await sleep(300);
  }

  async picture(name, clip) {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), ...(clip ? { clip } : {}) });
  }

  press(keys) {
    return this.page.keyboard.press(keys);
  }

  /** Open VS Code's input by its key. A key that comes while the window is busy is lost: pressed again then. */
  async ask(keys) {
    const input = this.page.locator(".quick-input-widget input:visible").first();
    for (let tries = 1; ; tries += 1) {
      await this.press(keys);
      try {
        return await input.waitFor({ timeout: 5000 });
      } catch (error) {
        if (tries === 6) throw error;
        await this.press("Escape");
      }
    }
  }

  async show(file) {
    await this.ask("Control+p");
    await this.page.keyboard.type(file);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: file }).first().click();
    await this.page.waitForSelector(`.tab.active[data-resource-name="${file}"], .tab.active[aria-label^="${file}"]`);
    await this.page.waitForSelector(".editor-instance .view-lines .view-line");
  }

  /** The same with no other file open, for a picture. */
  async showAlone(file) {
    await this.press("Control+k");
    await this.press("Control+w");
    await this.page.waitForSelector(".tab", { state: "detached" });
    await this.show(file);
  }

  async cursor(line, column) {
    await this.focus();
    await this.ask("Control+g");
    await this.page.keyboard.type(`${line}:${column}`);
    await this.press("Enter");
    await this.page.waitForSelector(".quick-input-widget", { state: "hidden" });
  }

  async focus() {
    await this.press("Control+1");
  }

  async save() {
    await this.press("Control+s");
    await this.page.waitForSelector(".tab.active.dirty", { state: "detached" });
  }

  /** Run a command of the palette by its title. */
  async command(title) {
    await this.ask("F1");
    await this.page.keyboard.type(title);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
  }

  /** Choose a row of the quick pick that is open. */
  async choose(label) {
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: label }).first().click();
  }

  async text() {
    const lines = await this.page.locator(".editor-instance .view-line").evaluateAll((found) =>
      found.map((line) => [parseFloat(line.style.top), line.innerText]).sort(([one], [other]) => one - other).map(([, text]) => text));
    return lines.join("\n").replace(/[\u00a0\u00b7]/g, " ");
  }

  get statusItem() {
    return this.page.locator('.statusbar-item[id="unsorry.unsorry.unsorry.status"]');
  }

  /** The status bar's words, with names for its icons. */
  async status() {
    const icon = await this.statusItem.locator(".codicon").first().getAttribute("class").catch(() => "");
    return `${/codicon-([\w-]+)/.exec(icon ?? "")?.[1] ?? ""} ${(await this.statusItem.innerText()).trim()}`.replace(/\s+/g, " ");
  }

  statusBecomes(pattern, seconds = 90) {
    return until(`the status bar shows ${pattern}`, async () => {
      const words = await this.status();
      return pattern.test(words) ? words : Promise.reject(new Error(words));
    }, seconds);
  }

  /** Lines under the text: info, warning, error, hint. */
  squiggles(kind) {
    return this.page.locator(`.editor-instance .squiggly-${kind}`).count();
  }

  async openProblems() {
    if (!(await this.page.locator(".markers-panel").isVisible())) await this.press("Control+Shift+M");
    await this.page.waitForSelector(".markers-panel");
  }

  async problems() {
    await this.openProblems();
    return (await this.page.locator(".markers-panel").innerText()).replace(/\s+/g, " ");
  }

  problemsBecome(pattern, seconds = 90) {
    return until(`the problems show ${pattern}`, async () => {
      const words = await this.problems();
      return pattern.test(words) ? words : Promise.reject(new Error(words));
    }, seconds);
  }

  /** The words of a message that is shown now, or soon. */
  message(pattern, seconds = 20) {
    return until(`a message with ${pattern}`, async () => {
      const all = (await this.notifications()).map((text) => text.replace(/\s+/g, " ").trim());
      return all.find((text) => pattern.test(text)) ?? Promise.reject(new Error(all.join(" | ")));
    }, seconds);
  }

  async notifications() {
    return this.page.locator(".notification-toast").allInnerTexts();
  }

  /** The menu behind the light bulb: titles of its actions. */
  async openActions() {
    // VS Code drops the question when diagnostics change while it is asked; a person presses again.
    for (let left = 2; ; left--) {
      await this.press("Control+.");
      const shown = this.page.waitForSelector(".action-widget .monaco-list-row", { timeout: 10_000 });
      if (await shown.then(() => true, (error) => left > 0 ? false : Promise.reject(error))) break;
      await this.press("Escape");
    }
    return (await this.page.locator(".action-widget .monaco-list-row").allInnerTexts()).map((text) => text.trim());
  }

  async chooseAction(title) {
    await this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first().click();
  }

  /** The hover at the cursor, as from the keyboard, when it says something of this kind. */
  async hover(pattern) {
    await this.press("Control+k");
    await this.press("Control+i");
    return until(`a hover with ${pattern}`, async () => {
      const words = (await this.page.locator(".monaco-editor .monaco-hover:visible").first().innerText({ timeout: 1000 })).replace(/\u00a0/g, " ");
      return pattern.test(words) ? words : Promise.reject(new Error(words));
    }, 20);
  }

  async openView(command) {
    await this.command(command);
    await sleep(300);
  }

  async hideSideBar() {
    if (await this.page.locator(".part.sidebar").isVisible()) await this.press("Control+b");
  }

  async closePanel() {
    if (await this.page.locator(".part.panel").isVisible()) await this.press("Control+j");
    await this.focus();
  }

  /** Is there a light bulb to be seen? */
  bulb() {
    return this.page.locator(".editor-instance .lightBulbWidget, .editor-instance [class*='lightbulb'], .editor-instance [class*='light-bulb']")
      .evaluateAll((found) => found.some((bulb) => bulb.offsetParent && bulb.getBoundingClientRect().width > 0));
  }

  /** The lines above declarations, by their words. */
  lenses(words) {
    return this.page.locator(".editor-instance .codelens-decoration a", { hasText: words });
  }

  /** The number of the first line that begins with some words. */
  numberOf(words) {
    return this.page.evaluate((wanted) => {
      const line = [...document.querySelectorAll(".editor-instance .view-line")].find((found) => found.innerText.trim().startsWith(wanted));
      const number = [...document.querySelectorAll(".editor-instance .margin-view-overlays > div")].find((found) => found.style.top === line.style.top);
      return Number(number.querySelector(".line-numbers").innerText);
    }, words);
  }

  async statusTooltip() {
    await this.page.mouse.move(640, 300);
    await this.statusItem.hover();
    const tooltip = this.page.locator(".workbench-hover:visible").first();
    await tooltip.waitFor({ timeout: 10_000 });
    return (await tooltip.innerText()).replace(/\u00a0/g, " ");
  }

  async quickPick() {
    await this.page.waitForSelector(".quick-input-list .monaco-list-row");
    return (await this.page.locator(".quick-input-list .monaco-list-row").allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
  }

  async clearNotifications() {
    await this.command("Notifications: Clear All Notifications");
    await until("no notification is left", async () => (await this.notifications()).length === 0, 20);
  }

  rows(view) {
    return this.page.locator(`.pane:has(.pane-header[aria-label^="${view}"]) .monaco-list-row`);
  }

  /** Name and description of each row. */
  async rowTexts(view) {
    return this.rows(view).evaluateAll((rows) => rows.map((row) =>
      [".label-name", ".label-description"].map((part) => row.querySelector(part)?.innerText ?? "").join(" ").replace(/\s+/g, " ").trim()));
  }
}
