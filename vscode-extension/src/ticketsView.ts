/**
 * The view *Tickets*: the helper lemmas that are asked for. Clicking one shows it.
 */

import * as vscode from "vscode";
import { ticketDescription, ticketLabel } from "./goalText";
import type { Ticket } from "./protocol";

export class TicketsView implements vscode.TreeDataProvider<Ticket>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<Ticket>;
  private tickets: readonly Ticket[] = [];

  readonly onDidChangeTreeData = this.changed.event;

  constructor() {
    this.view = vscode.window.createTreeView("unsorry.tickets", { treeDataProvider: this });
  }

  show(tickets: readonly Ticket[]): void {
    this.tickets = tickets;
    this.view.description = tickets.length === 0 ? "" : String(tickets.length);
    this.changed.fire(undefined);
  }

  get known(): readonly Ticket[] {
    return this.tickets;
  }

  getChildren(ticket?: Ticket): Ticket[] {
    return ticket === undefined ? [...this.tickets] : [];
  }

  getTreeItem(ticket: Ticket): vscode.TreeItem {
    const item = new vscode.TreeItem(ticketLabel(ticket));
    item.id = String(ticket.id);
    item.description = ticketDescription(ticket);
    item.iconPath = new vscode.ThemeIcon(ticket.status === "claimed" ? "person" : "tag");
    item.contextValue = "ticket";
    item.command = { command: "unsorry.showTicketText", title: "Show Ticket", arguments: [ticket] };
    const words = new vscode.MarkdownString();
    words.appendText(`Ticket ${ticket.id}, ${ticket.status}, since ${new Date(ticket.created).toLocaleString()}`);
    words.appendCodeblock(ticket.statement, "lean4");
    item.tooltip = words;
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(this.view, this.changed).dispose();
  }
}
