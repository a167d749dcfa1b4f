// How numbers, sizes and times are written.

const kUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytes(count) {
  if (count === null || count === undefined) return "–";
  let size = Math.max(0, count);
  let unit = 0;
  while (size >= 999.5 && unit < kUnits.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toPrecision(2)} ${kUnits[unit]}`;
}

export function rate(each_second, none = "–") {
  return each_second >= 0.5 ? `${bytes(each_second)}/s` : none;
}

export function milliseconds(count) {
  if (count === null || count === undefined) return "–";
  if (count >= 1000) return `${(count / 1000).toFixed(1)} s`;
  return `${count >= 10 ? Math.round(count) : Number(count.toFixed(1))} ms`;
}

export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

const kClock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const kDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const kYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

// Today by the clock, this year by the day, and everything else by the year.
export function moment(at, now = new Date()) {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return "–";
  if (then.toDateString() === now.toDateString()) return kClock.format(then);
  return then.getFullYear() === now.getFullYear() ? kDay.format(then) : kYear.format(then);
}

export function count_of(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

// snake_case, as columns of commands are called, to words.
export function words(name) {
  const spaced = String(name).replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
