/**
 * The goals that the server told of, by file. Pure: it knows neither VS Code nor the server.
 */

import { hasProof, type Goal, type GoalsOfFile, type Position } from "./protocol";

export class Goals {
  private readonly byFile = new Map<string, readonly Goal[]>();

  /** Take over what was said about some files. */
  update(files: readonly GoalsOfFile[]): void {
    for (const { uri, goals } of files) {
      if (goals.length === 0) this.byFile.delete(uri);
      else this.byFile.set(uri, [...goals].sort((one, other) => before(one.range.start, other.range.start)));
    }
  }

  clear(): void {
    this.byFile.clear();
  }

  files(): readonly GoalsOfFile[] {
    return [...this.byFile].map(([uri, goals]) => ({ uri, goals })).sort((one, other) => one.uri.localeCompare(other.uri));
  }

  of(uri: string): readonly Goal[] {
    return this.byFile.get(uri) ?? [];
  }

  /** The goal whose hole is at a position, or the nearest on its line. */
  at(uri: string, position: Position): Goal | undefined {
    const goals = this.of(uri);
    const inside = goals.find(({ range }) => before(range.start, position) <= 0 && before(position, range.end) <= 0);
    if (inside !== undefined) return inside;
    const onLine = goals.filter(({ range }) => range.start.line <= position.line && position.line <= range.end.line);
    const distance = (goal: Goal): number => Math.abs(goal.range.start.character - position.character);
    return [...onLine].sort((one, other) => distance(one) - distance(other))[0];
  }

  /** Proofs that wait for being inserted. */
  proved(): number {
    return this.files().reduce((sum, { goals }) => sum + goals.filter(({ state }) => hasProof(state)).length, 0);
  }
}

function before(one: Position, other: Position): number {
  return one.line - other.line || one.character - other.character;
}
