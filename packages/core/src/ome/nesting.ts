/** Deeper than any metadata that means something, and far from what a call stack can take. */
const DEEPEST = 64;

/**
 * Whether a JSON value nests so deeply that walking it recursively is unsafe: `JSON.parse` takes a hundred thousand
 * brackets in a row, and the recursion that follows would not.
 */
export function isNestedTooDeeply(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth >= DEEPEST) return true;
  if (Array.isArray(value)) return value.some((item) => isNestedTooDeeply(item, depth + 1));
  return Object.values(value).some((item) => isNestedTooDeeply(item, depth + 1));
}
