/** Whether a graph is all of one piece: its nodes, and those that only its links name. An empty one is. */
export function areConnected(
  nodes: readonly string[],
  links: readonly (readonly [string, string])[],
): boolean {
  const neighbours = new Map<string, string[]>(nodes.map((node) => [node, []]));
  for (const [one, other] of links) {
    neighbours.set(one, [...(neighbours.get(one) ?? []), other]);
    neighbours.set(other, [...(neighbours.get(other) ?? []), one]);
  }
  const [start] = neighbours.keys();
  if (start === undefined) return true;
  const reached = new Set([start]);
  // A set yields what is added while it is gone through.
  for (const node of reached) for (const next of neighbours.get(node) ?? []) reached.add(next);
  return reached.size === neighbours.size;
}
