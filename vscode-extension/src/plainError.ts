/**
 * An error whose message is meant for people, with what could help against it.
 */

/** `python`: another Python may help. `again`: trying again may help. */
export type Remedy = "python" | "again";

export class PlainError extends Error {
  constructor(
    message: string,
    readonly remedy: Remedy,
  ) {
    super(message);
    this.name = "PlainError";
  }
}

/** What to show of anything that was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
