/** Instants and spans as people read them, in the browser's time zone, 24-hour clock. */
import { NOTHING } from "./numbers";

/** The IANA name of the browser's time zone; sent along with every query so that days are the reader's days. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The zone's short name as of now: `UTC`, `CET`, `GMT+5:30`. */
export const TIME_ZONE_SHORT =
  new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" })
    .formatToParts(new Date())
    .find(part => part.type === "timeZoneName")?.value ?? TIME_ZONE;

const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };

/** With the year where it is not this one: data is kept for longer than a year. */
function dated(options: Intl.DateTimeFormatOptions): (date: Date, now?: number) => string {
  const [short, long] = [options, { ...options, year: "numeric" } as const].map(
    one => new Intl.DateTimeFormat("en-GB", one),
  ) as [Intl.DateTimeFormat, Intl.DateTimeFormat];
  return (date, now = Date.now() / 1000) =>
    (date.getFullYear() === asDate(now).getFullYear() ? short : long).format(date);
}

const formats = {
  time: new Intl.DateTimeFormat("en-GB", clock),
  dateTime: dated({ ...day, ...clock }),
  day: dated(day),
  date: dated({ weekday: "short", ...day }),
  seconds: new Intl.DateTimeFormat("en-GB", { ...clock, second: "2-digit", fractionalSecondDigits: 3 }),
  full: new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" }),
};

const asDate = (secs: number) => new Date(secs * 1000);

/** `21 Nov, 14:05`, or `21 Nov 2025, 14:05`. */
export function dateTime(secs: number | null | undefined, now?: number): string {
  return secs == null ? NOTHING : formats.dateTime(asDate(secs), now);
}

/** `14:05:09.123`, with the day before it unless it is today. */
export function clockTime(secs: number, now: number = Date.now() / 1000): string {
  const time = formats.seconds.format(asDate(secs));
  const today = asDate(secs).toDateString() === asDate(now).toDateString();
  return today ? time : `${formats.day(asDate(secs), now)} ${time}`;
}

/** With year, seconds and zone: for titles. */
export function fullTime(secs: number | null | undefined): string {
  return secs == null ? "" : formats.full.format(asDate(secs));
}

/** For files and programs. */
export function isoTime(secs: number): string {
  return asDate(secs).toISOString();
}

/** `14:05 – 14:10` within a day, else with dates; whole days as a date. */
export function timeSpan(from: number, to: number, now?: number): string {
  if (to - from >= 82_800 && to - from <= 90_000) return formats.date(asDate(from), now);
  const sameDay = asDate(from).toDateString() === asDate(to - 1).toDateString();
  return `${dateTime(from, now)} – ${sameDay ? formats.time.format(asDate(to)) : dateTime(to, now)}`;
}

/** `12 s`, `4 min`, `3 h`, `2 d`: rounded down, one unit. */
export function span(secs: number): string {
  const size = Math.max(0, Math.floor(secs));
  if (size < 60) return `${size}\u00a0s`;
  if (size < 3600) return `${Math.floor(size / 60)}\u00a0min`;
  if (size < 86_400 * 2) return `${Math.floor(size / 3600)}\u00a0h`;
  return `${Math.floor(size / 86_400)}\u00a0d`;
}

/** `12 s ago`. A clock that is a little ahead of the hub's says `just now`, never a negative span. */
export function ago(secs: number | null | undefined, now: number): string {
  if (secs == null) return "never";
  return now - secs < 1 ? "just now" : `${span(now - secs)} ago`;
}

/** The value of a `datetime-local` input, in local time. */
export function toLocalInput(secs: number): string {
  const date = asDate(secs);
  const pad = (part: number) => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** Unix seconds of a `datetime-local` value, or null when it is not one. */
export function fromLocalInput(value: string): number | null {
  const ms = new Date(value).getTime();
  return value === "" || Number.isNaN(ms) ? null : Math.floor(ms / 1000);
}
