/**
 * Puts the parts together. What each does is in its own file.
 */

import * as vscode from "vscode";
import { showCommands } from "./commandList";
import { Dashboard } from "./dashboard";
import { Documents } from "./documents";
import { GoalCommands } from "./goalCommands";
import { Goals } from "./goals";
import { Language } from "./language";
import { tellError, tellRestart } from "./messages";
import { ServerCommand } from "./protocol";
import { Server } from "./server";
import { ServerCommands } from "./serverCommands";
import { wantsAnotherServer } from "./settings";
import { locateProgram, locateServer } from "./setup";
import { SorriesView } from "./sorriesView";
import { StatusBar } from "./statusBar";
import { TicketsView } from "./ticketsView";
import { traceChannel } from "./trace";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Unsorry", { log: true });
  const documents = new Documents();
  const goals = new Goals();
  const sorries = new SorriesView(goals);
  const tickets = new TicketsView();
  const trace = traceChannel(log, context.subscriptions);
  const runningServer = new Server(locateServer(context, log), showAnswer(documents), log, trace);
  const statusBar = new StatusBar(runningServer);
  const dashboard = new Dashboard(locateProgram(context, log), log);
  server = runningServer;
  context.subscriptions.push(log, documents, sorries, tickets, statusBar, dashboard, new Language(context.extension.id));

  context.subscriptions.push(
    runningServer.onGoals((files) => {
      // The server may write an address another way than VS Code does.
      goals.update(files.map((file) => ({ ...file, uri: vscode.Uri.parse(file.uri).toString() })));
      sorries.refresh();
    }),
    runningServer.onTickets((known) => { tickets.show(known); }),
    runningServer.onState((state) => {
      if (state.kind === "waiting") void tellRestart(state.reason);
      if (state.kind === "running") return;
      goals.clear();
      sorries.refresh();
      tickets.show([]);
    }),
    runningServer.onFailure((error) => { void tellError(error); }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => runningServer.grantTrust()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (wantsAnotherServer(change)) void runningServer.restart();
    }),
  );

  register(context, new GoalCommands(runningServer, goals, documents).handlers());
  register(context, new ServerCommands(runningServer, statusBar, tickets, documents).handlers());
  register(context, {
    "unsorry.filterSorries": () => sorries.chooseFilter(),
    "unsorry.showCommands": () => showCommands(statusBar.paused, runningServer.state.kind === "running"),
    "unsorry.openDashboard": () => dashboard.open(),
    "unsorry.openSettings": async () => {
      await vscode.commands.executeCommand("workbench.action.openSettings", `@ext:${context.extension.id}`);
    },
    "unsorry.showLog": () => {
      log.show();
      return Promise.resolve();
    },
  });

  void runningServer.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** Results that are texts for people, of commands in the server's own lenses, actions and hovers. */
function showAnswer(documents: Documents): (command: string, result: unknown) => void {
  const titles: Record<string, string> = {
    [ServerCommand.ledgerEntry]: "Ledger entry",
    [ServerCommand.showTicket]: "Ticket",
  };
  return (command, result) => {
    const title = titles[command];
    if (result instanceof Error) void tellError(result);
    else if (title !== undefined && typeof result === "string") void documents.show(title, result);
  };
}

/** A command that fails says why. */
function register(context: vscode.ExtensionContext, handlers: Record<string, (given?: never) => Promise<void>>): void {
  for (const [name, handler] of Object.entries(handlers)) {
    const command = vscode.commands.registerCommand(name, async (given?: never) => {
      try {
        await handler(given);
      } catch (error) {
        void tellError(error);
      }
    });
    context.subscriptions.push(command);
  }
}
