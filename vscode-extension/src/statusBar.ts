/**
 * The status bar item. What it says is in statusText.ts.
 */

import * as vscode from "vscode";
import type { Status } from "./protocol";
import type { Server } from "./server";
import { statusText, type StatusText } from "./statusText";

const LINKS = [
  "unsorry.pauseSearch",
  "unsorry.resumeSearch",
  "unsorry.chooseCpuTarget",
  "unsorry.sorries.focus",
  "unsorry.showLog",
  "unsorry.restartServer",
  "workbench.trust.manage",
];

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("unsorry.status", vscode.StatusBarAlignment.Left, 10);
  private readonly subscriptions: vscode.Disposable[];
  private status: Status | undefined;
  private shown: StatusText | undefined;

  constructor(private readonly server: Server) {
    this.item.name = "Unsorry";
    this.item.command = "unsorry.showCommands";
    this.subscriptions = [
      server.onState((state) => {
        if (state.kind !== "running") this.status = undefined;
        void vscode.commands.executeCommand("setContext", "unsorry.server", state.kind);
        this.show();
      }),
      server.onStatus((status) => {
        this.status = status;
        this.show();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => { this.show(); }),
    ];
    this.show();
    this.item.show();
  }

  get paused(): boolean {
    return (this.status?.paused_because ?? "") !== "";
  }

  get target(): number | undefined {
    return this.status?.target;
  }

  dispose(): void {
    vscode.Disposable.from(this.item, ...this.subscriptions).dispose();
  }

  /** The status comes several times a second; a tooltip that is open must not be drawn again for nothing. */
  private show(): void {
    const wanted = statusText(this.server.state, this.status, vscode.workspace.isTrusted);
    const { text, tooltip, alarm } = wanted;
    if (text !== this.shown?.text) this.item.text = text;
    if (tooltip !== this.shown?.tooltip) {
      const words = new vscode.MarkdownString(tooltip);
      words.isTrusted = { enabledCommands: LINKS };
      this.item.tooltip = words;
      void vscode.commands.executeCommand("setContext", "unsorry.paused", this.paused);
    }
    if (alarm !== this.shown?.alarm) {
      this.item.backgroundColor = alarm === "none" ? undefined : new vscode.ThemeColor(`statusBarItem.${alarm}Background`);
    }
    this.shown = wanted;
  }
}
