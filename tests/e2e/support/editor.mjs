// The editor as its user sees it: a page in a browser, driven by keys and clicks, read by eye.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "./browser.mjs";
import { FAILURES, PICTURES } from "./paths.mjs";
import { PATIENCE, until } from "./waiting.mjs";

export class Editor {
  static async open(server, folder, { width = 1280, height = 800 } = {}) {
    const editor = new Editor();
    editor.browser = await openBrowser();
    const context = await editor.browser.newContext({ viewport: { width, height }, deviceScaleFactor: 1 });
    context.setDefaultTimeout(PATIENCE);
    editor.page = await context.newPage();
    await editor.page.goto(server.url(folder), { waitUntil: "domcontentloaded" });
    await editor.page.waitForSelector(".monaco-workbench .part.statusbar", { timeout: 2 * PATIENCE });
    await editor.rememberStatus();
    await editor.page.waitForSelector(".explorer-folders-view .monaco-list-row", { timeout: 2 * PATIENCE });
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
    await this.page.waitForFunction(([wide, high]) => {
      const { offsetWidth, offsetHeight } = document.querySelector(".monaco-workbench");
      return offsetWidth === wide && offsetHeight === high;
    }, [width, height]);
  }

  async picture(name, clip) {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), ...(clip ? { clip } : {}) });
  }

  press(keys) {
    return this.page.keyboard.press(keys);
  }

  /** Open VS Code's input by its key, and write into it. A key that comes while the window is busy is lost: pressed again then. */
  async ask(keys, words) {
    const input = this.page.locator(".quick-input-widget input:visible").first();
    for (let tries = 1; ; tries += 1) {
      await this.press(keys);
      try {
        await input.waitFor({ timeout: 10_000 });
        return await input.fill(words);
      } catch (error) {
        if (tries === 6) throw error;
        await this.press("Escape");
      }
    }
  }

  /** Take the row that Enter would take, as soon as it is this one: the list is drawn anew while it is filtered, and a click may miss. */
  async take(words) {
    await this.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: words }).waitFor();
    await this.press("Enter");
  }

  async show(file) {
    await this.ask("Control+p", file);
    await this.take(file);
    await this.page.waitForSelector(`.tab.active[data-resource-name="${file}"], .tab.active[aria-label^="${file}"]`);
    // The tab is there before the text, in whose place another file's may still stand.
    await this.page.waitForSelector(`.editor-instance .monaco-editor[data-uri$="/${file}"] .view-lines .view-line`);
  }

  /** The same with no other file open, for a picture. */
  async showAlone(file) {
    await this.command("View: Close All Editors");
    await this.page.locator(".tab").first().waitFor({ state: "detached" });
    await this.show(file);
  }

  async cursor(line, column) {
    await this.focus();
    await this.ask("Control+g", `:${line}:${column}`);
    await this.press("Enter");
    await this.page.waitForSelector(".quick-input-widget", { state: "hidden" });
    await this.cursorBecomes(line, column);
  }

  /** Wait until the status bar has the cursor there, or anywhere on the line. */
  async cursorBecomes(line, column = "") {
    const place = this.page.locator(".statusbar-item[id='status.editor.selection']");
    await until(`the cursor at ${line}:${column}`, async () => (await place.textContent()).includes(`Ln ${line}, Col ${column}`));
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
    await this.ask("F1", `>${title}`);
    await this.take(title);
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

  /** Wait for a text of which something is true. An editor that is being drawn has none, of which nothing is. */
  textBecomes(what, is) {
    return until(what, async () => {
      const text = await this.text();
      return text.trim() !== "" && is(text) ? text : Promise.reject(new Error(text));
    });
  }

  withoutSorry() {
    return this.textBecomes("the text has the proof", (text) => !text.includes("sorry"));
  }

  get statusItem() {
    return this.page.locator('.statusbar-item[id="unsorry.unsorry.unsorry.status"]');
  }

  /** Have the page keep everything that our item of the status bar shows: its words, with names for its icons. */
  async rememberStatus() {
    await this.page.evaluate(() => {
      const bar = document.querySelector(".part.statusbar");
      window.statusSeen = [];
      const look = () => {
        const item = bar.querySelector('.statusbar-item[id="unsorry.unsorry.unsorry.status"]');
        if (item === null) return;
        const icon = /codicon-([\w-]+)/.exec(item.querySelector(".codicon")?.className)?.[1] ?? "";
        const words = `${icon} ${item.textContent.trim()}`.replace(/\s+/g, " ");
        if (words !== window.statusSeen.at(-1)) window.statusSeen.push(words);
      };
      new MutationObserver(look).observe(bar, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    });
  }

  /** What it has shown since it had shown so much. */
  statusSince(from) {
    return this.page.evaluate((seen) => window.statusSeen.slice(seen), from);
  }

  async status() {
    return (await this.statusSince(-1))[0] ?? "";
  }

  /** Do something, and wait until the status bar has shown a state since: also one that is over by now. Without `act`: since the beginning. */
  async statusPasses(pattern, act) {
    const from = act === undefined ? 0 : (await this.statusSince(0)).length;
    await act?.();
    return until(`the status bar has shown ${pattern}`, async () => {
      const seen = await this.statusSince(from);
      return seen.find((words) => pattern.test(words)) ?? Promise.reject(new Error(seen.join(" | ")));
    }, 120);
  }

  statusBecomes(pattern, seconds = 180) {
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

  problemsBecome(pattern, seconds = 180) {
    return until(`the problems show ${pattern}`, async () => {
      const words = await this.problems();
      return pattern.test(words) ? words : Promise.reject(new Error(words));
    }, seconds);
  }

  /** The words of a message that is shown now, or soon. */
  message(pattern, seconds = 60) {
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
    for (let left = 5; ; left--) {
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

  /** The hover at the cursor, as from the keyboard, when it says something of this kind. What says something else, or went away, is asked for again. */
  async hover(pattern) {
    const shown = this.page.locator(".monaco-editor .monaco-hover:visible").first();
    const says = async () => {
      const words = (await shown.innerText({ timeout: 5000 })).replace(/\u00a0/g, " ");
      return pattern.test(words) ? words : Promise.reject(new Error(words));
    };
    return until(`a hover with ${pattern}`, async () => {
      await this.press("Control+k");
      await this.press("Control+i");
      try {
        // The diagnostic's part is shown at once, the server's follows.
        return await until("the whole of it", says, 15);
      } catch (error) {
        await this.press("Escape");
        throw error;
      }
    }, 120);
  }

  async hideSideBar() {
    await this.hide(".part.sidebar", "Control+b");
  }

  async closePanel() {
    await this.hide(".part.panel", "Control+j");
    await this.focus();
  }

  async hide(part, keys) {
    if (!(await this.page.locator(part).isVisible())) return;
    await this.press(keys);
    await this.page.waitForSelector(part, { state: "hidden" });
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

  /** The status bar's tooltip, when it has all of these. Another thing's may still be shown, and a new status takes ours away. */
  statusTooltip(...patterns) {
    const tooltip = this.page.locator(".workbench-hover:visible", { hasText: "Unsorry" }).first();
    return until(`a tooltip with ${patterns.join(", ")}`, async () => {
      await this.page.mouse.move(640, 300);
      await this.statusItem.hover();
      const words = (await tooltip.innerText({ timeout: 10_000 })).replace(/\u00a0/g, " ");
      return patterns.every((pattern) => pattern.test(words)) ? words : Promise.reject(new Error(words));
    });
  }

  async clearNotifications() {
    await this.command("Notifications: Clear All Notifications");
    await until("no notification is left", async () => (await this.notifications()).length === 0);
  }

  rows(view) {
    return this.page.locator(`.pane:has(.pane-header[aria-label^="${view}"]) .monaco-list-row`);
  }

  /** Name and description of each row, from the top. */
  async rowTexts(view) {
    return this.rows(view).evaluateAll((rows) => rows.sort((one, other) => one.dataset.index - other.dataset.index).map((row) =>
      [".label-name", ".label-description"].map((part) => row.querySelector(part)?.innerText ?? "").join(" ").replace(/\s+/g, " ").trim()));
  }
}
