import type { AbsolutePath } from "@ozx/core";
import { isBelow } from "@ozx/core/container";

/** Nodes that are moved with all that is below them. */
export interface NodeMove {
  readonly from: AbsolutePath;
  readonly to: AbsolutePath;
}

/** Where a node or a key is after some moves. */
export function movedPath(path: AbsolutePath, moves: readonly NodeMove[]): AbsolutePath {
  const move = moves.find(({ from }) => path === from || isBelow(path, from));
  return move === undefined ? path : (`${move.to}${path.slice(move.from.length)}` as AbsolutePath);
}

/** The moves back. */
export function reversed(moves: readonly NodeMove[]): NodeMove[] {
  return moves.map(({ from, to }) => ({ from: to, to: from }));
}
