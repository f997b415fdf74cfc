/**
 * The settings that the extension itself acts on. All others are the server's: it asks for them.
 */

import * as vscode from "vscode";

export interface ServerSettings {
  readonly serverPath: string;
  readonly pythonPath: string;
  readonly pipArguments: readonly string[];
}

export const SECTION = "unsorry";

export function serverSettings(): ServerSettings {
  const settings = vscode.workspace.getConfiguration(SECTION);
  return {
    serverPath: settings.get<string>("serverPath", "").trim(),
    pythonPath: settings.get<string>("pythonPath", "").trim(),
    pipArguments: settings.get<string[]>("pipArguments", []),
  };
}

/** Does this change want another server, rather than only telling the one that runs? */
export function wantsAnotherServer(change: vscode.ConfigurationChangeEvent): boolean {
  return ["serverPath", "pythonPath", "pipArguments"].some((name) => change.affectsConfiguration(`${SECTION}.${name}`));
}
