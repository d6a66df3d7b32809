/** Deeper than any metadata that means something, and far from what a call stack can take. */
const DEEPEST = 64;

/**
 * Whether a JSON value nests so deeply that walking it recursively is unsafe: `JSON.parse` takes a hundred thousand
 * brackets in a row, and the recursion that follows would not.
 */
export function isNestedTooDeeply(value: unknown): boolean {
  let layer = [value];
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    layer = layer.flatMap((item) => (typeof item === "object" && item !== null ? childrenOf(item) : []));
  }
  return false;
}

function childrenOf(value: object): unknown[] {
  return Object.values(value).filter((child) => typeof child === "object" && child !== null);
}
