/**
 * The life of the language server: started, watched, started again when it dies, ended.
 * What it says is passed on as events; who listens is not known here.
 */

import { spawn, type ChildProcess } from "node:child_process";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { PlainError, wordsOf } from "./plainError";
import * as protocol from "./protocol";
import { Restarts } from "./restarts";
import { endOf, type ServerState } from "./serverState";
import { SECTION } from "./settings";

const START_SECONDS = 60;
const STOP_SECONDS = 5;
/** A process is gone a little after its pipes have closed, on a busy machine a while. */
const EXIT_SECONDS = 5;

/** Finds the command line that starts the server; may take long, and tells of its steps. */
export type Locate = (signal: AbortSignal, step: (step: string) => void) => Promise<readonly string[]>;
/** Gets the result, or the error, of every command that the server's own actions, lenses and links run. */
export type Answered = (command: string, result: unknown) => void;

export class Server implements vscode.Disposable {
  private readonly stateEmitter = new vscode.EventEmitter<ServerState>();
  private readonly statusEmitter = new vscode.EventEmitter<protocol.Status>();
  private readonly goalsEmitter = new vscode.EventEmitter<readonly protocol.GoalsOfFile[]>();
  private readonly ticketsEmitter = new vscode.EventEmitter<readonly protocol.Ticket[]>();
  private readonly failureEmitter = new vscode.EventEmitter<unknown>();
  private readonly restarts = new Restarts();
  private client: LanguageClient | undefined;
  private process: ChildProcess | undefined;
  /** Aborted as soon as the present launch is no longer wanted. */
  private wanted = new AbortController();
  /** Launches and ends happen one after the other. */
  private turn: Promise<void> = Promise.resolve();
  private present: ServerState = { kind: "stopped" };

  readonly onState = this.stateEmitter.event;
  readonly onStatus = this.statusEmitter.event;
  /** Files whose goals are known now; after a start, all of them. */
  readonly onGoals = this.goalsEmitter.event;
  readonly onTickets = this.ticketsEmitter.event;
  /** It is not running and will not be started again on its own. */
  readonly onFailure = this.failureEmitter.event;

  constructor(
    private readonly locate: Locate,
    private readonly answered: Answered,
    private readonly log: vscode.LogOutputChannel,
    private readonly trace: vscode.LogOutputChannel,
  ) {}

  get state(): ServerState {
    return this.present;
  }

  /** Start, or end what runs and start afresh. */
  restart(): Promise<void> {
    this.restarts.forget();
    return this.launchAfter(0);
  }

  stop(): Promise<void> {
    this.wanted.abort();
    return this.enqueue(async () => {
      await this.end();
      this.become({ kind: "stopped" });
    });
  }

  /** Run a command of the server. Throws a PlainError when there is none, and what the server says otherwise. */
  async execute(command: protocol.ServerCommandName, ...commandArguments: unknown[]): Promise<unknown> {
    return this.running().sendRequest(ExecuteCommandRequest.type, { command, arguments: commandArguments });
  }

  async grantTrust(): Promise<void> {
    if (this.present.kind === "running") await this.running().sendNotification(protocol.TRUST, { trusted: true });
  }

  dispose(): void {
    void this.stop();
  }

  private running(): LanguageClient {
    if (this.client === undefined || this.present.kind !== "running") {
      throw new PlainError("Unsorry's server is not running.", "again");
    }
    return this.client;
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work, work);
    return this.turn;
  }

  private launchAfter(seconds: number): Promise<void> {
    this.wanted.abort();
    const controller = new AbortController();
    this.wanted = controller;
    return this.enqueue(async () => {
      await this.end();
      await pause(seconds, controller.signal);
      if (!controller.signal.aborted) await this.launch(controller.signal);
    });
  }

  private async launch(signal: AbortSignal): Promise<void> {
    try {
      this.become({ kind: "starting" });
      const command = await this.locate(signal, (step) => { this.become({ kind: "preparing", step }); });
      signal.throwIfAborted();
      this.become({ kind: "starting" });
      await this.connect(command);
    } catch (error) {
      if (signal.aborted) return;
      await this.end();
      this.log.error(wordsOf(error));
      this.become({ kind: "failed", reason: wordsOf(error) });
      this.failureEmitter.fire(error);
    }
  }

  private async connect(command: readonly string[]): Promise<void> {
    this.log.info(`Starting ${command.join(" ")}`);
    const client = new QuietClient(SECTION, "Unsorry", () => this.spawn(command), this.options());
    this.client = client;
    client.onNotification(protocol.STATUS, (status: protocol.Status) => { this.statusEmitter.fire(status); });
    client.onNotification(protocol.GOALS, (known: { files: protocol.GoalsOfFile[] }) => { this.goalsEmitter.fire(known.files); });
    client.onNotification(protocol.TICKETS, (known: { tickets: protocol.Ticket[] }) => { this.ticketsEmitter.fire(known.tickets); });
    await withinSeconds(START_SECONDS, client.start()).catch((error: unknown) => {
      throw new PlainError(this.whyNotStarted(command, error), "again");
    });
    this.become({ kind: "running" });
    // Trust may have been granted while the server started.
    if (vscode.workspace.isTrusted) await client.sendNotification(protocol.TRUST, { trusted: true });
    await this.askForEverything(client);
  }

  /** Notifications tell only what changes. */
  private async askForEverything(client: LanguageClient): Promise<void> {
    try {
      this.goalsEmitter.fire((await client.sendRequest<{ files: protocol.GoalsOfFile[] }>(protocol.GOALS)).files);
      this.ticketsEmitter.fire((await client.sendRequest<{ tickets: protocol.Ticket[] }>(protocol.TICKETS)).tickets);
    } catch (error) {
      this.log.warn(`Asking for goals and tickets: ${wordsOf(error)}`);
    }
  }

  private spawn(command: readonly string[]): Promise<ChildProcess> {
    const [program = "", ...programArguments] = command;
    // With PYTHONUNBUFFERED, Python's standard output is a raw file, and messages from several threads get mixed up.
    const environment = { ...process.env };
    delete environment["PYTHONUNBUFFERED"];
    const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file");
    return new Promise((resolve, reject) => {
      const child = spawn(program, programArguments, { env: environment, cwd: folder?.uri.fsPath });
      this.process = child;
      child.once("error", reject);
      child.once("spawn", () => { resolve(child); });
    });
  }

  private options(): LanguageClientOptions {
    const ended = { action: CloseAction.DoNotRestart, handled: true, message: "The connection to the server is closed." };
    return {
      documentSelector: [{ scheme: "file", language: "lean4" }],
      outputChannel: this.log,
      traceOutputChannel: this.trace,
      initializationOptions: { trusted: vscode.workspace.isTrusted, showsTexts: true },
      initializationFailedHandler: () => false,
      markdown: { isTrusted: { enabledCommands: Object.values(protocol.ServerCommand) } },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => {
          if (this.present.kind === "running") void this.exited();
          return ended;
        },
      },
      middleware: {
        // Not by way of the client's own `next`, which would show a failure with codes and method names.
        executeCommand: async (command, commandArguments: unknown[]) => {
          try {
            this.answered(command, await this.execute(command as protocol.ServerCommandName, ...commandArguments));
          } catch (error) {
            this.answered(command, error);
          }
        },
      },
    };
  }

  /** Wait until it is known how the server ended. */
  private async exited(): Promise<void> {
    const child = this.process;
    await new Promise((resolve) => { setImmediate(resolve); });
    if (child?.exitCode === null && child.signalCode === null) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EXIT_SECONDS * 1000);
        child.once("exit", () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (this.process === child) this.died();
  }

  private died(): void {
    if (this.present.kind !== "running" || this.wanted.signal.aborted) return;
    const reason = `Unsorry's server ${endOf(this.process?.exitCode ?? null, this.process?.signalCode ?? null)}`;
    const seconds = this.restarts.died(Date.now() / 1000);
    if (seconds === undefined) {
      this.become({ kind: "failed", reason: `${reason}, again and again.` });
      this.failureEmitter.fire(new PlainError(`${reason}, again and again. It is not started any more.`, "again"));
      return;
    }
    this.log.warn(`${reason}; starting it again in ${seconds} s.`);
    this.become({ kind: "waiting", reason: `${reason}.`, seconds });
    void this.launchAfter(seconds);
  }

  private whyNotStarted(command: readonly string[], error: unknown): string {
    const child = this.process;
    // A child that never ran has no pid, and an exit code that says nothing.
    const over = child?.pid !== undefined && (child.exitCode !== null || child.signalCode !== null);
    const missing = (error as { code?: unknown } | undefined)?.code === "ENOENT";
    const what = over ? `it ${endOf(child.exitCode, child.signalCode)}` : missing ? "there is no such program" : wordsOf(error);
    return `Unsorry's server did not start (${command.join(" ")}): ${what}.`;
  }

  /** Leaves no process behind, however the client feels. */
  private async end(): Promise<void> {
    const { client, process: child } = this;
    this.client = undefined;
    this.process = undefined;
    await client?.dispose(STOP_SECONDS * 1000).catch(() => undefined);
    if (child?.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  }

  private become(state: ServerState): void {
    this.present = state;
    this.stateEmitter.fire(state);
  }
}

/** Writes its own troubles into the log only: a setting that changes while the server restarts is nobody's business. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`it did not answer within ${seconds} s`)); }, seconds * 1000);
    work.then(resolve, reject).finally(() => { clearTimeout(timer); });
  });
}
