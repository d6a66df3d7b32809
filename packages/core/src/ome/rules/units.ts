const PREFIXES = [
  "yocto zepto atto femto pico nano micro milli centi deci",
  "hecto kilo mega giga tera peta exa zetta yotta",
].flatMap((row) => row.split(" "));

const withPrefixes = (unit: string): string[] => [unit, ...PREFIXES.map((prefix) => prefix + unit)];

const UNITS = {
  space: new Set([...withPrefixes("meter"), "angstrom", "foot", "inch", "mile", "parsec", "yard"]),
  time: new Set([...withPrefixes("second"), "minute", "hour", "day"]),
} as const;

/** Whether a unit is in the list that the specification recommends for axes of a type ("axes metadata"). */
export function isUnit(type: "space" | "time", unit: string | undefined): boolean {
  return unit !== undefined && UNITS[type].has(unit);
}
