/**
 * The tree of files, declarations and goals that the view shows, as data. Pure.
 */

import { declarationName, goalDescription, target } from "./goalText";
import { hasProof, type Goal, type GoalsOfFile, type GoalState } from "./protocol";

export type Filter = "all" | "unsolved" | "proved" | "refuted";

export interface GoalNode {
  readonly kind: "goal";
  readonly id: string;
  readonly uri: string;
  readonly goal: Goal;
  readonly label: string;
  readonly description: string;
}

export interface DeclarationNode {
  readonly kind: "declaration";
  readonly id: string;
  readonly uri: string;
  readonly declaration: string;
  readonly label: string;
  readonly description: string;
  readonly hasProof: boolean;
  readonly children: readonly GoalNode[];
}

export interface FileNode {
  readonly kind: "file";
  readonly id: string;
  readonly uri: string;
  readonly description: string;
  readonly hasProof: boolean;
  readonly children: readonly DeclarationNode[];
}

export type SorriesNode = FileNode | DeclarationNode | GoalNode;

const SHOWN: Record<Filter, (state: GoalState) => boolean> = {
  all: () => true,
  unsolved: (state) => !hasProof(state) && state !== "refuted" && state !== "skipped",
  proved: hasProof,
  refuted: (state) => state === "refuted",
};

export const FILTER_WORDS: Record<Filter, string> = {
  all: "all sorrys",
  unsolved: "only what is not solved",
  proved: "only what is proved",
  refuted: "only what is refuted",
};

export function sorriesTree(files: readonly GoalsOfFile[], filter: Filter): readonly FileNode[] {
  return files.flatMap(({ uri, goals }) => {
    const children = declarations(uri, goals.filter(({ state }) => SHOWN[filter](state)));
    if (children.length === 0) return [];
    return [{ kind: "file", id: uri, uri, description: share(goals), hasProof: anyProof(goals), children }];
  });
}

function declarations(uri: string, goals: readonly Goal[]): readonly DeclarationNode[] {
  const byName = new Map<string, Goal[]>();
  for (const goal of goals) {
    const sameName = byName.get(goal.declaration);
    if (sameName === undefined) byName.set(goal.declaration, [goal]);
    else sameName.push(goal);
  }
  return [...byName].map(([declaration, mine]) => ({
    kind: "declaration",
    id: `${uri}#${declaration}`,
    uri,
    declaration,
    label: declarationName(declaration),
    description: share(mine),
    hasProof: anyProof(mine),
    children: mine.map((goal) => goalNode(uri, goal)),
  }));
}

function goalNode(uri: string, goal: Goal): GoalNode {
  return {
    kind: "goal",
    id: `${uri}#${goal.declaration}#${goal.id}`,
    uri,
    goal,
    label: target(goal.goal),
    description: goalDescription(goal),
  };
}

/** `2/3`: so many are proved. */
function share(goals: readonly Goal[]): string {
  return `${goals.filter(({ state }) => hasProof(state)).length}/${goals.length}`;
}

function anyProof(goals: readonly Goal[]): boolean {
  return goals.some(({ state }) => hasProof(state));
}
