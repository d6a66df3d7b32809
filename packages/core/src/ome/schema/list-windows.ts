import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { compareSteps, sliceOf } from "./json-schema.js";

/** Attributes for one step of their check. */
export interface ListWindow {
  /** They have slices in place of their long lists. */
  readonly attributes: JsonObject;
  /** The path of an issue in all of the attributes; undefined where another window reports the issue. */
  readonly pathOf: (path: IssuePath) => IssuePath | undefined;
}

/** The path of an issue, from the attributes on. */
export type IssuePath = readonly { readonly key?: unknown }[];

/** Checking so many members takes about a millisecond. */
const WINDOW = 2048;

/**
 * Divides attributes for a check in steps: a plate may list a million wells, and have several issues with each. Every
 * window has the same slice of all long lists of one kind of metadata, of which each was compared as a whole for members
 * that it has twice.
 *
 * @param path where the metadata of that kind is, as in `["ome", "plate"]`
 * @returns one window where no list is long; undefined in between, after each millisecond of comparing
 */
export function* listWindows(
  attributes: JsonObject,
  path: readonly string[],
): Generator<ListWindow | undefined> {
  const part = path.reduce<unknown>((at, key) => (isJsonObject(at) ? at[key] : undefined), attributes);
  const lists = Array.isArray(part) ? [part] : isJsonObject(part) ? Object.values(part) : [];
  let longest = 0;
  for (const list of lists) {
    if (!Array.isArray(list) || list.length <= WINDOW) continue;
    longest = Math.max(longest, list.length);
    for (const _ of compareSteps(list)) yield undefined;
  }
  // Without long lists this is the only window, of the attributes themselves.
  if (longest === 0) yield { attributes, pathOf: (issue) => issue };
  for (let from = 0; from < longest; from += WINDOW) {
    const window = replaceAt(attributes, path, slicePart(part, from));
    yield { attributes: window, pathOf: (issue) => wholePath(issue, from, path, Array.isArray(part)) };
  }
}

function slicePart(part: unknown, from: number): unknown {
  if (!isJsonObject(part)) return sliced(part, from);
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, sliced(value, from)]));
}

function sliced(value: unknown, from: number): unknown {
  const isLong = Array.isArray(value) && value.length > WINDOW;
  return isLong ? sliceOf(value, from, from + WINDOW) : value;
}

function replaceAt(object: JsonObject, [name = "", ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = object[name];
  return {
    ...object,
    [name]: isJsonObject(inner) && rest.length > 0 ? replaceAt(inner, rest, value) : value,
  };
}

/** Of the windows after the first, only issues with members of long lists are new. */
function wholePath(
  issue: IssuePath,
  from: number,
  path: readonly string[],
  isList: boolean,
): IssuePath | undefined {
  if (from === 0) return issue;
  const at = isList ? path.length : path.length + 1;
  const index = issue[at]?.key;
  if (typeof index !== "number" || path.some((name, depth) => issue[depth]?.key !== name)) return undefined;
  return issue.with(at, { key: index + from });
}
