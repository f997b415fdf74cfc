// Runs the scenarios one after the other, and sees to it that nothing they started lives on.
import { spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { E2E, FAILURES, PICTURES } from "./support/paths.mjs";
import { end, family, VARIABLE } from "./support/processes.mjs";
import { until } from "./support/waiting.mjs";

/** No run's is the beginning of another's. */
const MARK = `run-${process.pid}-of-e2e`;
const words = process.argv.slice(2);
const screenshots = words.includes("--screenshots");
const chosen = words.filter((word) => !word.startsWith("-"));
const files = readdirSync(join(E2E, "scenarios"))
  .filter((name) => name.endsWith(".test.mjs") && (chosen.length === 0 || chosen.some((word) => name.includes(word))))
  .map((name) => join(E2E, "scenarios", name));
if (files.length === 0) {
  console.error(`No scenario is called like ${chosen.join(", ")}.`);
  process.exit(2);
}
rmSync(FAILURES, { recursive: true, force: true });

const run = spawn(process.execPath, ["--test", "--test-concurrency=1", "--test-timeout=1200000", "--test-reporter=spec", ...files], {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, [VARIABLE]: MARK, ...(screenshots ? { UNSORRY_SCREENSHOTS: "1" } : {}) },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => { run.kill("SIGTERM"); });
run.on("close", async (code) => {
  // The last processes of a browser end after it.
  await until("everything to end", () => family(MARK).length === 0, 20).catch(() => undefined);
  const left = family(MARK);
  if (left.length > 0) console.error(`Left behind, and ended now:\n${left.map(({ pid, command }) => `  ${pid} ${command.slice(0, 120)}`).join("\n")}`);
  end(left, "SIGKILL");
  console.log(`Pictures: ${process.env.UNSORRY_SCREENSHOTS || screenshots ? "docs/images" : PICTURES}${code === 0 ? "" : `\nWhat failures looked like: ${FAILURES}`}`);
  process.exit(code === 0 && left.length === 0 ? 0 : 1);
});
