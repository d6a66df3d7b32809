/** A file's or folder's name without what says its kind: `cells` for `cells.ome.zarr` and `cells.ozx`. */
export function baseName(name: string): string {
  return name.replace(/(\.ome)?\.(ozx|zip|zarr)$/i, "") || "image";
}
