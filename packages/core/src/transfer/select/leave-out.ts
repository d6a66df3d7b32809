import { NotFoundError, UsageError } from "../../errors.js";
import { imageAt } from "../../ome/versions/upgrade-to-05.js";
import type { AbsolutePath } from "../../store/store.js";
import { parentKey } from "../../store/store-keys.js";
import type { Hierarchy } from "../../zarr/zarr-node.js";
import type { TransferSelection } from "./selection.js";

/**
 * The nodes that a selection leaves out: any that no image needs, and label images.
 *
 * @throws NotFoundError when there is no such node
 * @throws UsageError when it is, or holds, an image or a level
 */
export function leftOutNodes(hierarchy: Hierarchy, { leaveOut = [] }: TransferSelection): AbsolutePath[] {
  const { nodes, broken, location } = hierarchy;
  const left = leaveOut.map((name): AbsolutePath => `/${name.replace(/^\/+|\/+$/g, "")}`);
  const all = new Set(left);
  for (const path of left) {
    const isThere = (one: AbsolutePath): boolean => isIn(one, new Set([path]));
    if ([...nodes.keys()].some(isThere) || broken.some((one) => isThere(one.path))) continue;
    throw new NotFoundError(`there is no node ${path} in ${location} that could be left out`, {
      location,
      path,
    });
  }
  for (const path of left.length === 0 ? [] : nodes.keys()) {
    const image = imageAt(hierarchy, path);
    if (image === undefined || (image.kind === "label-image" && isIn(path, all))) continue;
    const levels = image.multiscales.flatMap((multiscale) => multiscale.levels);
    const needed = [path, ...levels.map((level) => level.path)].find((one) => isIn(one, all));
    if (needed === undefined) continue;
    throw new UsageError(
      `${needed} in ${location} is part of the image ${path} and cannot be left out: take other images with --path, and other levels with --levels`,
    );
  }
  return left;
}

/** Whether a path is one of some nodes, or lies in one. */
export function isIn(path: AbsolutePath, nodes: ReadonlySet<AbsolutePath>): boolean {
  for (let at = path; ; at = parentKey(at)) {
    if (nodes.has(at)) return true;
    if (at === "/") return false;
  }
}
