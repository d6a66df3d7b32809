/** The suffixes of files and folders that hold images, in any container that ozx reads; the last part of a name tells no more. */
const SUFFIX = /\.(?:ozx|zip|zarr|tiff?|btf|tf[28]|svs|scn|ndpi|bif|qptiff|lsm|stk|czi|nd2|lif|lof|xlef)$/i;

/** Whether a name ends as those of images do. */
export function hasImageSuffix(name: string): boolean {
  return SUFFIX.test(name);
}

/** The name of an image without what its container ends in: `cells` for `cells.ozx`, `cells.ome.zarr` and `cells.ome.tif`. */
export function withoutImageSuffix(name: string): string {
  return hasImageSuffix(name) ? name.replace(SUFFIX, "").replace(/\.ome$/i, "") : name;
}
