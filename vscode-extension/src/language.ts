/**
 * Makes Lean files pleasant where no other extension does: comments, brackets, colours.
 * The manifest names only the language and its file extension, which two extensions may do at once.
 * Everything that could contradict leanprover.lean4 is done here, and only in its absence.
 */

import * as vscode from "vscode";
import { leanTokens, TOKEN_TYPES } from "./leanTokens";

const LEGEND = new vscode.SemanticTokensLegend([...TOKEN_TYPES]);

export class Language implements vscode.Disposable {
  private ours: vscode.Disposable | undefined;
  private readonly subscription = vscode.extensions.onDidChange(() => { this.decide(); });

  constructor(private readonly self: string) {
    this.decide();
  }

  dispose(): void {
    this.subscription.dispose();
    this.ours?.dispose();
  }

  private decide(): void {
    const others = vscode.extensions.all.some(({ id, packageJSON }) => id !== this.self && contributesLean(packageJSON));
    if (others) {
      this.ours?.dispose();
      this.ours = undefined;
    } else {
      this.ours ??= vscode.Disposable.from(configuration(), colours());
    }
  }
}

function contributesLean(manifest: unknown): boolean {
  const { contributes } = manifest as { contributes?: { languages?: { id?: unknown }[] } };
  return Array.isArray(contributes?.languages) && contributes.languages.some(({ id }) => id === "lean4");
}

function configuration(): vscode.Disposable {
  const pairs: [string, string][] = [["(", ")"], ["[", "]"], ["{", "}"], ["⟨", "⟩"], ["⟦", "⟧"]];
  return vscode.languages.setLanguageConfiguration("lean4", {
    comments: { lineComment: "--", blockComment: ["/-", "-/"] },
    brackets: pairs,
    autoClosingPairs: [...pairs, ['"', '"']].map(([open = "", close = ""]) => ({ open, close })),
  });
}

function colours(): vscode.Disposable {
  return vscode.languages.registerDocumentSemanticTokensProvider({ language: "lean4" }, {
    provideDocumentSemanticTokens(document) {
      const builder = new vscode.SemanticTokensBuilder(LEGEND);
      for (const { line, start, length, type } of leanTokens(document.getText())) {
        builder.push(line, start, length, TOKEN_TYPES.indexOf(type));
      }
      return builder.build();
    },
  }, LEGEND);
}
