/**
 * Commands about the search as a whole, the server, and tickets.
 */

import * as vscode from "vscode";
import type { Documents } from "./documents";
import { ticketDescription, ticketLabel } from "./goalText";
import { ServerCommand, type Ticket } from "./protocol";
import type { Server } from "./server";
import { SECTION } from "./settings";
import { percent } from "./statusText";
import type { StatusBar } from "./statusBar";
import type { TicketsView } from "./ticketsView";

const PROFILES = [
  { label: "Quick", description: "up to 8 seconds a goal", profile: 0 },
  { label: "Thorough", description: "up to 20 seconds a goal", profile: 1 },
  { label: "Hard", description: "up to 60 seconds a goal", profile: 2 },
];
const SHARES = [0.1, 0.25, 0.5, 0.75, 1];

export class ServerCommands {
  constructor(
    private readonly server: Server,
    private readonly statusBar: StatusBar,
    private readonly tickets: TicketsView,
    private readonly documents: Documents,
  ) {}

  handlers(): Record<string, (ticket?: Ticket) => Promise<void>> {
    return {
      "unsorry.pauseSearch": async () => { await this.server.execute(ServerCommand.pause); },
      "unsorry.resumeSearch": async () => { await this.server.execute(ServerCommand.resume); },
      "unsorry.chooseCpuTarget": () => this.chooseCpuTarget(),
      "unsorry.chooseProfile": () => this.chooseProfile(),
      "unsorry.restartLeanSessions": async () => { await this.server.execute(ServerCommand.restartSessions); },
      "unsorry.restartServer": () => this.server.restart(),
      "unsorry.choosePython": () => choosePython(),
      "unsorry.showTicketText": (ticket) => this.showTicket(ticket),
      "unsorry.withdrawThisTicket": (ticket) => this.withdraw(ticket),
    };
  }

  private async chooseCpuTarget(): Promise<void> {
    const now = this.statusBar.target;
    const items = SHARES.map((share) => ({ label: percent(share), description: share === now ? "now" : "", share }));
    const chosen = await vscode.window.showQuickPick(items, { placeHolder: "How much of the machine Unsorry may use, until the server ends" });
    if (chosen !== undefined) await this.server.execute(ServerCommand.setCpuTarget, chosen.share);
  }

  private async chooseProfile(): Promise<void> {
    const chosen = await vscode.window.showQuickPick(PROFILES, { placeHolder: "How hard to try, until the server ends" });
    if (chosen !== undefined) await this.server.execute(ServerCommand.setProfile, chosen.profile);
  }

  private async showTicket(given?: Ticket): Promise<void> {
    const ticket = given ?? (await this.pickTicket());
    if (ticket === undefined) return;
    const text = await this.server.execute(ServerCommand.showTicket, ticket.id);
    await this.documents.show(`Ticket ${ticket.id}`, String(text));
  }

  private async withdraw(given?: Ticket): Promise<void> {
    const ticket = given ?? (await this.pickTicket());
    if (ticket !== undefined) await this.server.execute(ServerCommand.withdrawTicket, ticket.id);
  }

  private async pickTicket(): Promise<Ticket | undefined> {
    if (this.tickets.known.length === 0) throw new Error("There is no open ticket.");
    const items = this.tickets.known.map((ticket) => ({ label: ticketLabel(ticket), description: ticketDescription(ticket), ticket }));
    return (await vscode.window.showQuickPick(items, { placeHolder: "Which ticket" }))?.ticket;
  }
}

async function choosePython(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({ title: "Python 3.11 or newer", openLabel: "Use This Python", canSelectMany: false });
  const file = chosen?.[0];
  if (file === undefined) return;
  await vscode.workspace.getConfiguration(SECTION).update("pythonPath", file.fsPath, vscode.ConfigurationTarget.Global);
}
