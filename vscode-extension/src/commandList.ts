/**
 * The quick pick behind the status bar: what one wants most, and then the rest.
 */

import * as vscode from "vscode";

interface Entry extends vscode.QuickPickItem {
  readonly command?: string;
}

export async function showCommands(paused: boolean, serverRuns: boolean): Promise<void> {
  const chosen = await vscode.window.showQuickPick(entries(paused, serverRuns), { placeHolder: "Unsorry" });
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command);
}

function entries(paused: boolean, serverRuns: boolean): Entry[] {
  const server: Entry[] = [
    group("Server"),
    entry("output", "Show log", "unsorry.showLog"),
    entry("gear", "Settings", "unsorry.openSettings"),
    entry("debug-restart", "Restart server", "unsorry.restartServer"),
  ];
  if (!serverRuns) return server;
  const lean = vscode.window.activeTextEditor?.document.languageId === "lean4";
  return [
    paused ? entry("debug-start", "Resume", "unsorry.resumeSearch") : entry("debug-pause", "Pause", "unsorry.pauseSearch"),
    entry("dashboard", "Set CPU target…", "unsorry.chooseCpuTarget"),
    entry("settings", "Set profile…", "unsorry.chooseProfile"),
    group("Proofs"),
    entry("list-tree", "Show sorrys", "unsorry.sorries.focus"),
    ...(lean ? [entry("check-all", "Insert all proofs of this file", "unsorry.insertAllProofsInFile")] : []),
    entry("check-all", "Insert all proofs of the workspace", "unsorry.insertAllProofsInWorkspace"),
    ...(lean ? [entry("search", "Search this file", "unsorry.searchThisFile")] : []),
    entry("search", "Search the whole workspace", "unsorry.searchThisWorkspace"),
    entry("graph", "Open dashboard", "unsorry.openDashboard"),
    ...server,
    entry("debug-restart", "Restart Lean sessions", "unsorry.restartLeanSessions"),
  ];
}

function entry(icon: string, label: string, command: string): Entry {
  return { label: `$(${icon}) ${label}`, command };
}

function group(label: string): Entry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
