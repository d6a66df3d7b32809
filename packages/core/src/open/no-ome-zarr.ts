import { UnknownFormatError } from "../errors.js";
import { omeVersionOf } from "../ome/ome-metadata.js";
import type { Store } from "../store/store.js";
import type { Hierarchy } from "../zarr/zarr-node.js";

/** Why a place is no OME-Zarr by itself, and what may have been meant: an image in it, or the one that it is part of. */
export function noOmeZarr(
  { name, format }: Pick<Store, "name" | "format">,
  hierarchy: Hierarchy,
): UnknownFormatError {
  const root = hierarchy.nodes.get("/");
  const what = root ? `a Zarr ${root.kind} without OME-Zarr metadata` : "neither zarr.json nor .zgroup in it";
  return new UnknownFormatError(
    `${name} is no OME-Zarr: there is ${what}; give ${meant({ name, format }, hierarchy)}`,
    {
      location: name,
    },
  );
}

function meant({ name, format }: Pick<Store, "name" | "format">, { nodes }: Hierarchy): string {
  const folder = name.replace(/\/+$/, "");
  if (nodes.get("/")?.kind === "array") {
    const above = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
    return above === "" ? "the image that it is a level of" : `${above}, if it is a level of that`;
  }
  // Only the highest: what is in an image is no image of its own.
  const images: string[] = [];
  for (const node of nodes.values()) {
    if (omeVersionOf(node) === undefined) continue;
    if (!images.some((path) => node.path.startsWith(`${path}/`))) images.push(node.path);
  }
  if (images.length === 0) return "the folder or archive that the image itself is";
  const more = images.length > MOST ? `, or another of ${images.length}` : "";
  return (
    images
      .slice(0, MOST)
      // What is in an archive has no name of its own that could be given.
      .map((path) => (format === "zip" ? `--path ${path.slice(1)}` : folder + path))
      .join(" or ") + more
  );
}

const MOST = 3;
