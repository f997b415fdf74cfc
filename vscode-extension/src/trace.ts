/**
 * The channel that what VS Code and the server say to each other is written to.
 * vscode-languageclient traces only while its channel has the level Trace, which a user sets elsewhere and for one
 * session; here the setting `unsorry.trace.server` alone decides, and the lines go into the ordinary log.
 */

import * as vscode from "vscode";
import { SECTION } from "./settings";

const SETTING = "trace.server";

export function traceChannel(log: vscode.LogOutputChannel, subscriptions: vscode.ExtensionContext["subscriptions"]): vscode.LogOutputChannel {
  const changed = new vscode.EventEmitter<vscode.LogLevel>();
  const change = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${SECTION}.${SETTING}`)) changed.fire(level());
  });
  subscriptions.push(changed, change);
  return {
    name: log.name,
    get logLevel() {
      return level();
    },
    onDidChangeLogLevel: changed.event,
    trace: (message) => { log.info(message); },
    debug: (message) => { log.debug(message); },
    info: (message) => { log.info(message); },
    warn: (message) => { log.warn(message); },
    error: (message) => { log.error(message); },
    append: (text) => { log.append(text); },
    appendLine: (text) => { log.appendLine(text); },
    replace: (text) => { log.replace(text); },
    clear: () => { log.clear(); },
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- one of its overloads is, and an implementation has all
    show: () => { log.show(true); },
    hide: () => { log.hide(); },
    // The log has an owner.
    dispose: () => undefined,
  };
}

function level(): vscode.LogLevel {
  const wanted = vscode.workspace.getConfiguration(SECTION).get<string>(SETTING, "off");
  return wanted === "off" ? vscode.LogLevel.Off : vscode.LogLevel.Trace;
}
