// Waiting for something to become true, with words for when it does not.
import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

/** Milliseconds that the browser may take for one thing; a machine may be slow, and who is quick does not wait. */
export const PATIENCE = 60_000;

/** Poll until `look` returns something truthy, and return it. */
export async function until(what, look, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error.message;
    }
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}. Last seen: ${JSON.stringify(last)}`);
    await sleep(150);
  }
}
