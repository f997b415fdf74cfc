/**
 * Finds the command line of the server for this window, and shows the making of the private environment.
 */

import * as vscode from "vscode";
import { clearOldEnvironments, existingEnvironment, makeEnvironment, type EnvironmentRequest } from "./environment";
import { PlainError, wordsOf } from "./plainError";
import type { Locate } from "./server";
import { serverSettings } from "./settings";

/** Without -I, Python would import `server` from the folder that is open. */
const MODULE = ["-I", "-m", "server.cli"];

/** The command line of the language server. */
export function locateServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Locate {
  const locate = locateProgram(context, log);
  return async (signal, step) => [...(await locate(signal, step)), "lsp"];
}

/** The command line of `unsorry`, without a command. */
export function locateProgram(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Locate {
  return async (signal, step) => {
    const { serverPath, pythonPath, pipArguments } = serverSettings();
    if (serverPath !== "") return [serverPath];
    const request: EnvironmentRequest = {
      storage: context.globalStorageUri.fsPath,
      wheels: context.asAbsolutePath("wheel"),
      pythonPath,
      pipArguments,
    };
    const python = (await existingEnvironment(request)) ?? (await make(request, log, signal, step));
    void clearOldEnvironments(request).catch((error: unknown) => { log.warn(`Clearing old environments: ${wordsOf(error)}`); });
    return [python, ...MODULE];
  };
}

async function make(
  request: EnvironmentRequest,
  log: vscode.LogOutputChannel,
  unwanted: AbortSignal,
  tell: (step: string) => void,
): Promise<string> {
  const options = { location: vscode.ProgressLocation.Notification, title: "Unsorry: first start", cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const cancelled = new AbortController();
    token.onCancellationRequested(() => { cancelled.abort(); });
    const step = (words: string): void => {
      tell(words);
      progress.report({ message: words });
    };
    try {
      const signal = AbortSignal.any([unwanted, cancelled.signal]);
      return await makeEnvironment(request, { log: (line) => { log.info(line); }, signal, step });
    } catch (error) {
      if (cancelled.signal.aborted) throw new PlainError("Setting up Unsorry's server was cancelled.", "again");
      throw error;
    }
  });
}
