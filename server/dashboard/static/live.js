// What the server sends by itself: one stream for the whole page, as long as it is open.

/** Call `see(overview)` now and at every change, and `problem(text)` when there is nothing to see ("" when there is again). */
export function listen(see, problem) {
  const source = new EventSource("api/events");
  source.addEventListener("overview", (event) => {
    problem("");
    see(JSON.parse(event.data));
  });
  source.addEventListener("problem", (event) => problem(JSON.parse(event.data).detail));
  // The browser connects again by itself.
  source.addEventListener("error", () => problem("The dashboard does not answer. Is `unsorry dashboard` still running?"));
  return source;
}
