/**
 * Commands about one goal, one file or all of them: from the palette (then the cursor says which goal is meant),
 * from a key, or from the tree. Each asks the server, which knows how to do it.
 */

import * as vscode from "vscode";
import type { Documents } from "./documents";
import type { Goals } from "./goals";
import { declarationName } from "./goalText";
import type { Goal } from "./protocol";
import { ServerCommand, type ServerCommandName } from "./protocol";
import type { Server } from "./server";
import type { SorriesNode } from "./sorriesTree";

export type Handlers = Record<string, (node?: SorriesNode) => Promise<void>>;

interface Place {
  readonly uri: string;
  readonly goal: Goal;
}

export class GoalCommands {
  constructor(
    private readonly server: Server,
    private readonly goals: Goals,
    private readonly documents: Documents,
  ) {}

  handlers(): Handlers {
    return {
      "unsorry.insertProofAtCursor": () => this.insertAtCursor(),
      "unsorry.insertProof": (node) => this.insert(node),
      "unsorry.insertAllProofsInDeclaration": (node) => this.insertAllInDeclaration(node),
      "unsorry.insertAllProofsInFile": (node) => this.insertAll(ServerCommand.insertAllInFile, this.file(node)),
      "unsorry.insertAllProofsInWorkspace": () => this.insertAll(ServerCommand.insertAllInWorkspace),
      "unsorry.searchGoalHarder": (node) => this.onGoal(ServerCommand.searchGoal, node),
      "unsorry.stopSearchingHere": (node) => this.onGoal(ServerCommand.stopGoal, node),
      "unsorry.findAnotherProof": (node) => this.onGoal(ServerCommand.findAnother, node),
      "unsorry.searchThisFile": async (node) => { await this.server.execute(ServerCommand.searchFile, this.file(node)); },
      "unsorry.searchThisWorkspace": async () => { await this.server.execute(ServerCommand.searchWorkspace); },
      "unsorry.showLedgerEntry": (node) => this.showLedgerEntry(node),
      "unsorry.openTicketForGoal": (node) => this.openTicket(node),
      "unsorry.revealGoal": (node) => this.reveal(node),
    };
  }

  private async insertAtCursor(): Promise<void> {
    const editor = leanEditor();
    const { line, character } = editor.selection.active;
    await this.server.execute(ServerCommand.insertAt, editor.document.uri.toString(), line, character);
  }

  private async insert(node?: SorriesNode): Promise<void> {
    const { uri, goal } = this.place(node);
    await this.server.execute(ServerCommand.insert, uri, goal.id);
  }

  private async insertAllInDeclaration(node?: SorriesNode): Promise<void> {
    if (node?.kind !== "declaration") return;
    await this.insertAll(ServerCommand.insertAllInDeclaration, node.uri, node.declaration);
  }

  private async insertAll(command: ServerCommandName, ...commandArguments: unknown[]): Promise<void> {
    const inserted = Number(await this.server.execute(command, ...commandArguments));
    const words = inserted === 1 ? "1 proof inserted." : `${inserted} proofs inserted.`;
    vscode.window.setStatusBarMessage(`$(beaker) ${words}`, 5000);
  }

  private async onGoal(command: ServerCommandName, node?: SorriesNode): Promise<void> {
    const { uri, goal } = this.place(node);
    await this.server.execute(command, uri, goal.id);
  }

  private async showLedgerEntry(node?: SorriesNode): Promise<void> {
    const { uri, goal } = this.place(node);
    const text = await this.server.execute(ServerCommand.ledgerEntry, uri, goal.id);
    await this.documents.show(`Ledger: ${declarationName(goal.declaration)}`, String(text));
  }

  private async openTicket(node?: SorriesNode): Promise<void> {
    const { uri, goal } = this.place(node);
    await this.server.execute(ServerCommand.openTicket, uri, goal.id);
    await vscode.commands.executeCommand("unsorry.tickets.focus");
  }

  private async reveal(node?: SorriesNode): Promise<void> {
    const { uri, goal } = this.place(node);
    const { start, end } = goal.range;
    const selection = new vscode.Range(start.line, start.character, end.line, end.character);
    await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection, preview: true });
  }

  private file(node?: SorriesNode): string {
    return node?.uri ?? leanEditor().document.uri.toString();
  }

  private place(node?: SorriesNode): Place {
    if (node?.kind === "goal") return { uri: node.uri, goal: node.goal };
    const editor = leanEditor();
    const uri = editor.document.uri.toString();
    const goal = this.goals.at(uri, editor.selection.active);
    if (goal === undefined) throw new Error("There is no sorry that Unsorry knows on this line. Save the file to have it read.");
    return { uri, goal };
  }
}

function leanEditor(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "lean4") throw new Error("This works on a Lean file in the editor.");
  return editor;
}
