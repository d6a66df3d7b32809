/** A number with at most six significant digits: `0.65` for 0.6500000000000001. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A shape: `3×4×512×512`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join("×");
}

/** Some of many names, as in `a, b and 3 others`: the first ones, at most `most`. */
export function formatFirst(names: readonly string[], most = 1): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${plural(names.length - most, "other")}` : shown;
}

/** The symbol of a unit by its UDUNITS-2 name (`µm` for `micrometer`); the name itself where there is none. */
export function unitSymbol(unit: string): string {
  return SYMBOLS.get(unit) ?? unit;
}

const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["angstrom", "Å"],
  ["picometer", "pm"],
  ["nanometer", "nm"],
  ["micrometer", "µm"],
  ["micron", "µm"],
  ["millimeter", "mm"],
  ["centimeter", "cm"],
  ["meter", "m"],
  ["inch", "in"],
  ["microsecond", "µs"],
  ["millisecond", "ms"],
  ["second", "s"],
  ["minute", "min"],
  ["hour", "h"],
  ["day", "d"],
]);

/** A compression ratio: `1.5`, `87`, `1000`; empty where a size is not known, or nothing is stored. */
export function formatRatio(full: number | undefined, stored: number | undefined): string {
  if (full === undefined || stored === undefined || stored === 0) return "";
  const ratio = full / stored;
  return ratio >= 99.5 ? ratio.toFixed(0) : String(Number(ratio.toPrecision(2)));
}

/** A size as in {@link formatBytes}; `?` where it is not known. */
export function formatSize(bytes: number | undefined): string {
  return bytes === undefined ? "?" : formatBytes(bytes);
}

/** A decoded and a stored size: `1.2 GB stored as 300 MB`; the decoded one alone where the other is not known. */
export function formatStoredSize(full: number | undefined, stored: number | undefined): string {
  return stored === undefined ? formatSize(full) : `${formatSize(full)} stored as ${formatSize(stored)}`;
}

/** A list of names, with consecutive numbers or letters as a range: `A to H`, `1, 2, 5`. */
export function formatNames(names: readonly string[]): string {
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return "none";
  return names.length > 2 && isRun(names) ? `${first} to ${last}` : names.join(", ");
}

function isRun(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || name === successor(names[index - 1] ?? ""));
}

/** The next number or letter: `10` after `9`, `08` after `07`, `B` after `A`, `AA` after `Z`. */
function successor(name: string): string | undefined {
  if (/^\d{1,15}$/.test(name)) return String(Number(name) + 1).padStart(name.length, "0");
  if (!/^[A-Z]{1,3}$/.test(name)) return undefined;
  const last = name.charCodeAt(name.length - 1);
  if (last < 0x5a) return name.slice(0, -1) + String.fromCharCode(last + 1);
  return name.length === 1 ? "AA" : `${successor(name.slice(0, -1))}A`;
}

/** A size: `999 B`, `10.1 MB`. Units are decimal, as for disks and networks. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit]}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A whole number with separators: `100,000`. */
export function formatCount(count: number): string {
  // toLocaleString loads a locale's data, which takes 20 ms of a short command.
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its noun: `1 file`, `2 files`, `2 entries`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A duration: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
