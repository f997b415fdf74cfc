/**
 * Tells of what went wrong, with the buttons that could help.
 */

import * as vscode from "vscode";
import { PlainError, wordsOf } from "./plainError";

const LOG = "Show Log";
const AGAIN = "Restart Server";
const PYTHON = "Choose Python…";

const COMMANDS: Record<string, string> = {
  [LOG]: "unsorry.showLog",
  [AGAIN]: "unsorry.restartServer",
  [PYTHON]: "unsorry.choosePython",
};

export async function tellError(error: unknown): Promise<void> {
  const words = wordsOf(error);
  const message = words.startsWith("Unsorry") ? words : `Unsorry: ${words}`;
  const buttons = error instanceof PlainError ? [error.remedy === "python" ? PYTHON : AGAIN, LOG] : [];
  const chosen = await vscode.window.showErrorMessage(message, ...buttons);
  const command = chosen === undefined ? undefined : COMMANDS[chosen];
  if (command !== undefined) await vscode.commands.executeCommand(command);
}

export async function tellRestart(reason: string): Promise<void> {
  const chosen = await vscode.window.showWarningMessage(`${reason} It is started again.`, LOG);
  if (chosen === LOG) await vscode.commands.executeCommand("unsorry.showLog");
}
