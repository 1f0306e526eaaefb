/** Writes tables as CSV (RFC 4180), safe to open in a spreadsheet: a text that could be taken for a formula is quoted with `'`. */

export type CsvCell = string | number | null | undefined;

function cell(value: CsvCell): string {
  if (value == null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [header, ...rows].map(row => `${row.map(cell).join(",")}\r\n`).join("");
}

/** Hands a text to the browser as a file to save. */
export function saveAs(fileName: string, text: string, type = "text/csv"): void {
  saveBlob(fileName, new Blob([text], { type: `${type};charset=utf-8` }));
}

export function saveBlob(fileName: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A file of some fields of rows, under the names that the API gives them. */
export const csvOf =
  <Row extends object>(...fields: (keyof Row & string)[]) =>
  (rows: readonly Row[]) =>
    toCsv(
      fields,
      rows.map(row => fields.map(field => row[field] as CsvCell)),
    );
