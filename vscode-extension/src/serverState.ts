/**
 * What the server is doing as far as this window knows, in words. Pure.
 */

export type ServerState =
  | { readonly kind: "stopped" }
  /** The private environment is being made. */
  | { readonly kind: "preparing"; readonly step: string }
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  /** It died and is started again after a while. */
  | { readonly kind: "waiting"; readonly reason: string; readonly seconds: number }
  | { readonly kind: "failed"; readonly reason: string };

/** How a process ended, for people. */
export function endOf(code: number | null, signal: string | null): string {
  if (signal !== null) return `was ended by ${signal}`;
  if (code !== null) return `ended with exit code ${code}`;
  return "ended";
}
