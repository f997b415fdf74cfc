// Numbers and times for people.
const whole = new Intl.NumberFormat("en");
const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const count = (number) => whole.format(number);
export const percent = (share, digits = 0) => `${(share * 100).toFixed(digits)} %`;

export function seconds(value) {
  if (value < 10) return `${value.toFixed(2)} s`;
  if (value < 100) return `${value.toFixed(1)} s`;
  if (value < 5400) return `${Math.round(value / 60)} min`;
  return `${(value / 3600).toFixed(1)} h`;
}

export function bytes(value) {
  return value < 2 ** 30 ? `${Math.round(value / 2 ** 20)} MiB` : `${(value / 2 ** 30).toFixed(1)} GiB`;
}

/** A moment: the time of today, the day before that. */
export function moment(at) {
  if (!at) return "";
  const date = new Date(at * 1000);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : day.format(date);
}

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** Where a goal stands; that of a ticket stands in no file. */
export const place = ({ file, line }) => (file.startsWith("ticket:") ? file.replace("ticket:", "") : `${file}:${line}`);

/** A script on one line. */
export const oneLine = (script) => script.split("\n").map((line) => line.trim()).filter(Boolean).join(" ; ");

/** What a searching program is called. */
export const command = (name) => ({ lsp: "the editor", bg: "unsorry bg", "": "a program" })[name] ?? `unsorry ${name}`;
