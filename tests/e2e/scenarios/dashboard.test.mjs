// The dashboard in a real browser, over a workspace in which a real search runs.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { Dashboard } from "../support/dashboard.mjs";
import { sleep, until } from "../support/waiting.mjs";
import { Workspace } from "../support/workspace.mjs";

const PAGES = ["Overview", "Goals", "Strategies", "Cache", "Marketplace", "Blueprint", "Host", "Incidents"];
/** Keeps a search busy for as long as it may take. */
const LONG = "theorem later (x y z n : Nat) (hx : 0 < x) (hy : 0 < y) (hn : 3 < n) : x ^ n + y ^ n ≠ z ^ n := by\n  sorry\n";
let workspace;
let dashboard;

const rows = () => dashboard.page.getByRole("region", { name: "Goals" }).locator("tbody tr");

/** Wait until one goal alone is listed. The list before may have been as long; which goal it is says whose list this is. */
function only(name) {
  return until(`${name} alone`, async () => {
    const found = await rows().allInnerTexts();
    return found.length === 1 && found[0].includes(name) ? true : Promise.reject(new Error(found.join(" | ")));
  }, 300);
}

before(async () => {
  workspace = new Workspace(["Easy.lean", "Both.lean", "Tree.lean", "Wrong.lean", "Hard.lean"]);
  dashboard = await Dashboard.start(workspace.folder);
});
afterEach(async (context) => {
  if (!context.passed) await dashboard?.failed(`dashboard: ${context.name}`.replace(/[^\w .:-]/g, ""));
});
after(async () => {
  await dashboard?.stop();
  workspace?.remove();
});

test("the address opens the overview, and the token is no longer in it", async () => {
  const page = await dashboard.open({ colorScheme: "light" });
  assert.equal(page.url(), `${dashboard.root}/#/`);
  assert.ok(await dashboard.figure("attempts") > 0);
  await page.getByText("Nobody searches here now.").waitFor();
});

test("a search that starts is seen at work, and the counters change without a reload", async () => {
  const { page } = dashboard;
  const before = await dashboard.figure("attempts");
  await page.evaluate(() => { window.loadedOnce = true; });
  const search = dashboard.spawn("bg", "--profile", "1");
  await page.getByText("unsorry bg").first().waitFor();
  await page.getByRole("region", { name: "Strategies at work" }).locator("tbody tr").first().waitFor();
  await until("more attempts", async () => await dashboard.figure("attempts") > before);
  await page.getByRole("region", { name: "The last finds" }).getByText("Tree.mirror_mirror").waitFor({ timeout: 600_000 });
  assert.ok(await page.evaluate(() => window.loadedOnce), "the page was loaded again");
  assert.equal(dashboard.requests.filter((url) => url.endsWith("/api/stats")).length, 0, "the browser polls");
  assert.equal(search.exitCode, null);
});

test("a picture of it: dark, light and narrow, while the search runs", async () => {
  const { page } = dashboard;
  // The search may have tried everything by now.
  writeFileSync(workspace.path("Later.lean"), LONG);
  await page.getByRole("region", { name: "Strategies at work" }).locator("tbody tr", { hasText: "later" }).first().waitFor({ timeout: 300_000 });
  for (const [name, colorScheme, width, height] of [["dashboard-light", "light", 1180, 720], ["dashboard-dark", "dark", 1180, 720], ["dashboard-narrow", "light", 390, 860]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    // It draws itself anew for the width.
    await until(`${name} is no wider than its window`, () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await sleep(500); // For the picture alone.
    await dashboard.picture(name, height);
  }
  await page.setViewportSize({ width: 1180, height: 900 });
});

test("the goals can be filtered, and each has its history", async () => {
  const { page } = dashboard;
  await dashboard.go("Goals");
  await until("all goals", async () => await rows().count() >= 5, 300);
  await page.getByLabel("Status").selectOption("refuted");
  await only("length_pos");
  await page.getByLabel("Status").selectOption("");
  await page.getByLabel("Name").fill("mirror_mirror");
  await only("mirror_mirror");
  await rows().getByRole("link").click();
  await page.getByRole("heading", { name: "What was tried" }).waitFor();
  assert.match(await page.locator("pre.goal").innerText(), /⊢ t\.mirror\.mirror = t/);
  await page.getByRole("region", { name: /^Attempts/ }).getByText("proved", { exact: true }).first().waitFor();
  await dashboard.picture("dashboard-goal");
});

test("an answer that comes after that to a later question is not shown", async () => {
  const { page } = dashboard;
  await dashboard.go("Goals");
  await only("mirror_mirror");
  const overtaken = /\/api\/goals\?.*status=refuted/;
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  await page.route(overtaken, async (route) => {
    await released;
    await route.continue();
  });
  const asked = page.waitForRequest(overtaken);
  await page.getByLabel("Status").selectOption("refuted");
  await asked;
  await page.getByLabel("Status").selectOption("");
  await page.getByLabel("Name").fill("size_mirror");
  await only("size_mirror");
  const answered = page.waitForResponse(overtaken);
  release();
  await (await answered).finished();
  await sleep(500); // Nothing may happen now.
  assert.match((await rows().allInnerTexts()).join(" | "), /size_mirror/);
  await page.unroute(overtaken);
});

test("what can't be read is said, and the page stays as it is", async () => {
  const { page } = dashboard;
  await dashboard.go("Goals");
  await only("size_mirror");
  const goals = /\/api\/goals\?/;
  await page.route(goals, (route) => route.fulfill({ status: 503, json: { detail: "The ledger is locked." } }));
  await page.getByLabel("Name").fill("mirror_mirror");
  const alert = page.getByRole("alert").filter({ hasText: "The ledger is locked." });
  await alert.waitFor();
  assert.match((await rows().allInnerTexts()).join(" | "), /size_mirror/);
  await page.unroute(goals);
  await page.getByLabel("Name").fill("mirror");
  await until("both of that name", async () => await rows().count() >= 2);
  await alert.waitFor({ state: "hidden" });
});

test("what the mouse is on is not drawn anew before it is released", async () => {
  const { page } = dashboard;
  await page.getByLabel("Name").fill("mirror_mirror");
  await only("mirror_mirror");
  const link = await rows().getByRole("link").elementHandle();
  await link.hover();
  await page.mouse.down();
  const answered = page.waitForResponse(/\/api\/goals\?/);
  await page.evaluate(() => window.dispatchEvent(new Event("resize")));
  await (await answered).finished();
  await sleep(500); // Nothing may happen now.
  assert.ok(await link.evaluate((node) => node.isConnected), "it was drawn anew");
  await page.mouse.up();
  await page.getByRole("heading", { name: "What was tried" }).waitFor();
});

test("every page can be reached by keyboard alone", async () => {
  const { page } = dashboard;
  for (const title of PAGES) {
    const link = page.getByRole("link", { name: title, exact: true });
    await page.locator("main").focus();
    for (let tabs = 0; !(await link.evaluate((node) => node === document.activeElement)); tabs += 1) {
      assert.ok(tabs < 30, `${title} is out of reach`);
      await page.keyboard.press("Shift+Tab");
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await until("it is in the picture", async () => (await page.locator("main").innerText()).length > 40);
  }
});

test("the host, the strategies and the cache have their charts and tables", async () => {
  const { page } = dashboard;
  await dashboard.go("Host");
  await page.getByRole("img", { name: /Share of the machine/ }).waitFor();
  await page.getByRole("region", { name: "Programs that search here" }).getByText("unsorry bg").waitFor();
  await dashboard.go("Strategies");
  const chart = page.getByRole("img", { name: /Attempts and successes of all strategies/ });
  await until("a column for each hour", async () => await chart.locator(".column").count() === 24);
  // Which ones have been tried by now is a matter of time.
  const tried = page.getByLabel("Strategy").locator("option:not([value=''])").first();
  await tried.waitFor({ state: "attached" });
  const name = await tried.getAttribute("value");
  await page.getByLabel("Strategy").selectOption(name);
  await page.getByRole("img", { name: `successes of ${name} ` }).first().waitFor();
  await dashboard.go("Cache");
  await page.getByRole("region", { name: /^Templates/ }).waitFor();
});

test("a ticket can be withdrawn by who has the token, and by nobody else", async () => {
  const [id] = dashboard.run("tickets", "open", "theorem helper (n : Nat) : n + 0 = n").split("\n");
  await dashboard.open({ address: `${dashboard.root}/#/marketplace` });
  await dashboard.page.locator(`#withdraw-${id}`).waitFor();
  assert.ok(await dashboard.page.locator(`#withdraw-${id}`).isDisabled());
  await dashboard.open();
  await dashboard.go("Marketplace");
  await dashboard.page.locator(`#claim-${id}`).click();
  await dashboard.page.locator(`#release-${id}`).waitFor();
  await dashboard.page.locator(`#withdraw-${id}`).click();
  await dashboard.page.getByText(`${id} is withdrawn now.`).waitFor();
  await until("it is gone from the list", async () => await dashboard.page.locator(`#withdraw-${id}`).count() === 0);
  assert.match(dashboard.run("tickets", "show", id), /withdrawn/);
});

test("nothing is asked of another machine, and the browser complains of nothing", async () => {
  for (const title of PAGES) await dashboard.go(title);
  assert.deepEqual(dashboard.requests.filter((url) => !url.startsWith(`${dashboard.root}/`)), []);
  assert.deepEqual(dashboard.complaints, []);
});
