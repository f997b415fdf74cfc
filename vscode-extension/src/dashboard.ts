/**
 * The dashboard: one `unsorry dashboard` for each folder that asked for it, shown in the browser, ended with the window.
 */

import * as vscode from "vscode";
import { PlainError } from "./plainError";
import { runProgram } from "./program";
import type { Locate } from "./server";

const ADDRESS = /http:\/\/\S+/;

export class Dashboard implements vscode.Disposable {
  private readonly addresses = new Map<string, Promise<string>>();
  private readonly window = new AbortController();

  /** `locate` finds the command line of `unsorry`, to which a command can be added. */
  constructor(
    private readonly locate: Locate,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async open(): Promise<void> {
    const folder = await chosenFolder();
    if (folder === undefined) return;
    let address = this.addresses.get(folder);
    if (address === undefined) {
      address = this.start(folder);
      this.addresses.set(folder, address);
    }
    await vscode.env.openExternal(vscode.Uri.parse(await address));
  }

  dispose(): void {
    this.window.abort();
  }

  /** The address, as soon as it can be opened. What ended is started again by the next who asks. */
  private async start(folder: string): Promise<string> {
    try {
      const { signal } = this.window;
      const command = [...(await this.locate(signal, () => undefined)), "dashboard", "--port", "0", "--workspace", folder];
      return await new Promise((resolve, reject) => {
        const line = (said: string): void => {
          const address = ADDRESS.exec(said)?.[0];
          if (address !== undefined) resolve(address);
        };
        // The token in the address is nobody else's business.
        const log = (said: string): void => { this.log.info(said.replace(/#token=\S+/, "")); };
        void runProgram(command, { signal, log, line, cwd: folder })
          .finally(() => { this.addresses.delete(folder); })
          .then(() => { reject(new PlainError("The dashboard has ended.", "again")); }, reject);
      });
    } catch (error) {
      this.addresses.delete(folder);
      throw error;
    }
  }
}

async function chosenFolder(): Promise<string | undefined> {
  const file = vscode.window.activeTextEditor?.document.uri;
  const here = file && vscode.workspace.getWorkspaceFolder(file);
  if (here !== undefined) return here.uri.fsPath;
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) throw new Error("Open a folder first: the dashboard is about one.");
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  return (await vscode.window.showWorkspaceFolderPick({ placeHolder: "Whose dashboard" }))?.uri.fsPath;
}
