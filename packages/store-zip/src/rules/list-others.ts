import type { Hierarchy } from "@ozx/core";
import {
  type CentralDirectory,
  MARK_DIRECTORY,
  MARK_SHADOWED,
  nameAt,
} from "../directory/central-directory.js";

export const V2_NAMES: ReadonlySet<string> = new Set([".zgroup", ".zarray", ".zattrs", ".zmetadata"]);

/** Entries that are no metadata document of Zarr or OME, no folder, and do not lie below an array. */
export function listOthers(directory: CentralDirectory, { nodes, broken }: Hierarchy): number[] {
  const arrays = new Set<string>();
  for (const node of nodes.values()) if (node.kind === "array") arrays.add(node.path.slice(1));
  // What lies below a broken node may be its chunks.
  for (const { path } of broken) arrays.add(path.slice(1));
  const others: number[] = [];
  if (arrays.has("")) return others;
  const { count, names, nameEnds, marks } = directory;
  let lately: Uint8Array | undefined;
  for (let index = 0, start = 0; index < count; index++) {
    const end = nameEnds[index] as number;
    const isOver = ((marks[index] as number) & (MARK_SHADOWED | MARK_DIRECTORY)) !== 0;
    if (!isOver && !(lately !== undefined && startsWith(names, start, end, lately))) {
      const name = nameAt(directory, index);
      const array = containing(name, arrays);
      // Names that follow each other mostly lie below the same array.
      if (array !== undefined) lately = ENCODER.encode(`${array}/`);
      else if (!isKnown(name)) others.push(index);
    }
    start = end;
  }
  return others;
}

function startsWith(names: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (names[start + i] !== prefix[i]) return false;
  return true;
}

function containing(name: string, folders: ReadonlySet<string>): string | undefined {
  for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
    const folder = name.slice(0, slash);
    if (folders.has(folder)) return folder;
  }
  return undefined;
}

function isKnown(name: string): boolean {
  const last = lastSegment(name);
  return last === "zarr.json" || V2_NAMES.has(last) || name.endsWith("OME/METADATA.ome.xml");
}

export function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

const ENCODER = new TextEncoder();
