const PREFIXES = [
  "yocto zepto atto femto pico nano micro milli centi deci",
  "hecto kilo mega giga tera peta exa zetta yotta",
].flatMap((row) => row.split(" "));

const withPrefixes = (unit: string): string[] => [unit, ...PREFIXES.map((prefix) => prefix + unit)];

const UNITS = {
  space: new Set([...withPrefixes("meter"), "angstrom", "foot", "inch", "mile", "parsec", "yard"]),
  time: new Set([...withPrefixes("second"), "minute", "hour", "day"]),
} as const;

/** Whether a unit is in the specification's list for axes of a type ("axes metadata"). */
export function isUnit(type: "space" | "time", unit: string | undefined): boolean {
  return unit !== undefined && UNITS[type].has(unit);
}

/**
 * The unit in the specification's list for a symbol or another spelling: `micrometer` for `um`, `µm`, `microns`; undefined
 * where there is none.
 */
export function unitFromSpelling(type: "space" | "time", unit: string): string | undefined {
  const symbol = SYMBOLS[type].get(unit.normalize("NFKC").trim());
  if (symbol !== undefined) return symbol;
  const plain = unit.trim().toLowerCase().replace(/metre/, "meter").replace(/s$/, "");
  return [plain, SYMBOLS[type].get(plain)].find((name) => isUnit(type, name));
}

const SYMBOLS = {
  space: new Map([
    ...withSymbols("m", "meter"),
    ...[
      ["Å", "angstrom"],
      ["A", "angstrom"],
      ["in", "inch"],
      ["ft", "foot"],
    ],
    ...[
      ["micron", "micrometer"],
      ["pc", "parsec"],
      ["yd", "yard"],
      ["feet", "foot"],
    ],
  ] as [string, string][]),
  time: new Map([
    ...withSymbols("s", "second"),
    ...[
      ["sec", "second"],
      ["min", "minute"],
      ["h", "hour"],
      ["hr", "hour"],
      ["d", "day"],
    ],
  ] as [string, string][]),
};

/** Symbols in the order of PREFIXES. NFKC maps the micro sign to the Greek letter. */
function withSymbols(symbol: string, unit: string): [string, string][] {
  const letters = [..."yzafpnμmcdhkMGTPEZY"];
  const prefixed = letters.map((letter, k): [string, string] => [letter + symbol, `${PREFIXES[k]}${unit}`]);
  return [[symbol, unit], ...prefixed, [`u${symbol}`, `micro${unit}`]];
}
