/**
 * The view *Sorries*: sorriesTree.ts, drawn. Clicking a goal shows its hole in the text.
 */

import * as path from "node:path";
import * as vscode from "vscode";
import type { Goals } from "./goals";
import { stateWords } from "./goalText";
import type { GoalState } from "./protocol";
import { FILTER_WORDS, sorriesTree, type DeclarationNode, type FileNode, type Filter, type GoalNode, type SorriesNode } from "./sorriesTree";

const ICONS: Record<GoalState, vscode.ThemeIcon> = {
  waiting: new vscode.ThemeIcon("watch"),
  searching: new vscode.ThemeIcon("loading~spin"),
  proved: new vscode.ThemeIcon("pass-filled", new vscode.ThemeColor("testing.iconPassed")),
  stale: new vscode.ThemeIcon("history"),
  refuted: new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground")),
  open: new vscode.ThemeIcon("circle-large-outline"),
  stopped: new vscode.ThemeIcon("circle-slash"),
  skipped: new vscode.ThemeIcon("dash"),
};

export class SorriesView implements vscode.TreeDataProvider<SorriesNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<SorriesNode>;
  private filter: Filter = "all";

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly goals: Goals) {
    this.view = vscode.window.createTreeView("unsorry.sorries", { treeDataProvider: this, showCollapseAll: true });
  }

  refresh(): void {
    this.changed.fire(undefined);
    const proved = this.goals.proved();
    const words = proved === 1 ? "1 proof to insert" : `${proved} proofs to insert`;
    this.view.badge = proved === 0 ? undefined : { value: proved, tooltip: words };
    const hidden = this.filter !== "all" && this.goals.files().length > 0;
    this.view.description = hidden ? FILTER_WORDS[this.filter] : "";
    this.view.message = hidden && this.getChildren().length === 0 ? "Nothing matches the filter." : "";
  }

  async chooseFilter(): Promise<void> {
    const items = (Object.keys(FILTER_WORDS) as Filter[]).map((filter) => {
      const words = FILTER_WORDS[filter];
      return { filter, label: words.charAt(0).toUpperCase() + words.slice(1), description: filter === this.filter ? "now" : "" };
    });
    const chosen = await vscode.window.showQuickPick(items, { placeHolder: "Which sorrys to show" });
    if (chosen === undefined) return;
    this.filter = chosen.filter;
    this.refresh();
  }

  getChildren(node?: SorriesNode): SorriesNode[] {
    if (node === undefined) return [...sorriesTree(this.goals.files(), this.filter)];
    return node.kind === "goal" ? [] : [...node.children];
  }

  getTreeItem(node: SorriesNode): vscode.TreeItem {
    const item = node.kind === "goal" ? goalItem(node) : node.kind === "file" ? fileItem(node) : declarationItem(node);
    item.id = node.id;
    item.description = node.description;
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(this.view, this.changed).dispose();
  }
}

function fileItem(node: FileNode): vscode.TreeItem {
  const uri = vscode.Uri.parse(node.uri);
  const item = new vscode.TreeItem(path.posix.basename(uri.path), vscode.TreeItemCollapsibleState.Expanded);
  item.iconPath = new vscode.ThemeIcon("file");
  item.tooltip = vscode.workspace.asRelativePath(uri);
  item.contextValue = node.hasProof ? "file.proved" : "file";
  return item;
}

function declarationItem(node: DeclarationNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.Expanded);
  item.iconPath = new vscode.ThemeIcon("symbol-method");
  item.contextValue = node.hasProof ? "declaration.proved" : "declaration";
  return item;
}

function goalItem(node: GoalNode): vscode.TreeItem {
  const { goal } = node;
  const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.None);
  item.iconPath = ICONS[goal.state];
  item.contextValue = `goal.${goal.state}`;
  item.command = { command: "unsorry.revealGoal", title: "Show in the Text", arguments: [node] };
  item.accessibilityInformation = { label: `${node.label}, ${stateWords(goal.state)}` };
  const words = new vscode.MarkdownString();
  words.appendText(goal.message === "" ? stateWords(goal.state) : goal.message);
  words.appendCodeblock(goal.goal, "lean4");
  item.tooltip = words;
  return item;
}
