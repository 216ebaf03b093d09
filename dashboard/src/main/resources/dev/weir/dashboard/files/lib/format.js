// SPDX-License-Identifier: Apache-2.0
// How numbers and moments read.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const ONE = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** 1,234,567 */
export function whole(number) {
  return WHOLE.format(number);
}

/** A rate or another number that may be small or large: 0.4, 19,980, 1.23M */
export function rate(number) {
  if (number >= 1e6) {
    return SHORT.format(number);
  }
  return number < 10 ? ONE.format(number) : WHOLE.format(number);
}

/** Of microseconds: 45 µs, 1.3 ms, 2.1 s */
export function micros(number) {
  return micro(number).join(" ");
}

/** The same as number and unit. */
export function micro(number) {
  if (number < 1_000) {
    return [WHOLE.format(number), "µs"];
  }
  return number < 1_000_000
    ? [ONE.format(number / 1_000), "ms"]
    : [ONE.format(number / 1_000_000), "s"];
}

/** Of milliseconds in the words of people: 0 s, 12.5 s, 4 min 10 s, 3 h 20 min, 5 d 3 h */
export function duration(millis) {
  const seconds = Math.max(0, millis) / 1_000;
  if (seconds < 60) {
    return `${seconds < 10 ? ONE.format(seconds) : Math.floor(seconds)} s`;
  }
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

export function bytes(number) {
  return number < 1_048_576
    ? `${ONE.format(number / 1_024)} KiB`
    : number < 1_073_741_824
      ? `${WHOLE.format(number / 1_048_576)} MiB`
      : `${ONE.format(number / 1_073_741_824)} GiB`;
}

export function percent(part, of) {
  return of > 0 ? `${ONE.format((100 * part) / of)} %` : "0 %";
}

/** A moment of RFC 3339 in the time of the reader. */
export function moment(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? String(text) : DAY.format(date);
}

export function clock(millis) {
  return CLOCK.format(new Date(millis));
}

/** How long ago a moment of RFC 3339 is. */
export function ago(text, now = Date.now()) {
  return `${duration(now - Date.parse(text))} ago`;
}

/** "1 key", "2 keys" */
export function counted(number, one, many = `${one}s`) {
  return `${whole(number)} ${number === 1 ? one : many}`;
}
