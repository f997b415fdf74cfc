/**
 * How long to wait before a server that died is started again, and when to give up.
 * Knows nothing of processes; it only counts.
 */

const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 30;
/** This many deaths within the window mean that starting it again does not help. */
const MOST_DEATHS = 6;
const WINDOW_SECONDS = 300;

export class Restarts {
  private deaths: number[] = [];

  /** Note a death; return the seconds to wait, or undefined to give up. */
  died(now: number): number | undefined {
    this.deaths = this.deaths.filter((moment) => now - moment < WINDOW_SECONDS);
    this.deaths.push(now);
    if (this.deaths.length >= MOST_DEATHS) return undefined;
    return Math.min(FIRST_SECONDS * 2 ** (this.deaths.length - 1), LONGEST_SECONDS);
  }

  /** A start that the user asked for begins a new count. */
  forget(): void {
    this.deaths = [];
  }
}
