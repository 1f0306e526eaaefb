/** Numbers as people read them. Every function answers a dash for what is not known, so that no page has to ask. */

export const NOTHING = "–";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SPACE = "\u00a0";

/** `1234567` → `1,234,567`: for tooltips and wherever the exact count matters. */
export function exact(value: number | null | undefined): string {
  return value == null || !Number.isFinite(value) ? NOTHING : whole.format(value);
}

/** Three significant digits, without trailing zeros: `1.5`, `12.3`, `123`. */
export function significant(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= base * 0.9995 && unit < units.length - 1) {
    rest /= base;
    unit += 1;
  }
  return `${significant(rest)}${units[unit]}`;
}

/** `1234567` → `1.23M`; below ten thousand the exact count. */
export function count(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return NOTHING;
  if (Math.abs(value) < 10_000 && Number.isInteger(value)) return whole.format(value);
  return scaled(value, 1000, ["", "k", "M", "G", "T"]);
}

/** Decimal bytes: `1536000` → `1.54 MB`. */
export function bytes(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return NOTHING;
  return scaled(
    value,
    1000,
    ["B", "kB", "MB", "GB", "TB", "PB"].map(unit => `${SPACE}${unit}`),
  );
}

/** Milliseconds in the unit that fits: `0.42 ms`, `182 ms`, `1.24 s`, `2.5 min`. */
export function duration(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return NOTHING;
  if (ms > 0 && ms < 0.995) return ms < 0.01 ? `${significant(ms * 1000)}${SPACE}µs` : `${significant(ms)}${SPACE}ms`;
  if (ms < 999.5) return `${significant(ms)}${SPACE}ms`;
  if (ms < 60_000) return `${significant(ms / 1000)}${SPACE}s`;
  return `${significant(ms / 60_000)}${SPACE}min`;
}

/** A share of a whole as a percentage. Something above nothing is never shown as zero, something below all never as 100 %. */
export function percent(part: number, total: number): string {
  if (!(total > 0)) return NOTHING;
  const value = (part / total) * 100;
  if (part > 0 && value < 0.01) return `<0.01${SPACE}%`;
  if (part < total && value > 99.99) return `>99.99${SPACE}%`;
  const digits =
    value === 0 || value === 100 || value >= 9.995
      ? value >= 99.95 && value < 100
        ? 2
        : value >= 9.995 && value < 100
          ? 1
          : 0
      : 2;
  return `${value.toFixed(digits)}${SPACE}%`;
}

/** Apdex with the two decimals that its definition speaks of. */
export function apdex(value: number | null | undefined): string {
  return value == null ? NOTHING : value.toFixed(2);
}

/** Requests a minute. */
export function rate(perMinute: number | null | undefined): string {
  if (perMinute == null || !Number.isFinite(perMinute)) return NOTHING;
  if (perMinute > 0 && perMinute < 0.01) return "<0.01";
  return perMinute >= 999.5 ? count(Math.round(perMinute)) : significant(perMinute);
}
