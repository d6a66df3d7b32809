import { expect, test } from "vitest";
import { hasImageSuffix, withoutImageSuffix } from "../../src/format/image-names.js";

test.each([
  ["cells.ozx", "cells"],
  ["cells.ome.zarr", "cells"],
  ["cells.ome.tif", "cells"],
  ["slide.SVS", "slide"],
  ["scan.2026-11-30.czi", "scan.2026-11-30"],
  ["movie.ome.ome.tiff", "movie.ome"],
])("%s is an image, called %s", (name, image) => {
  expect(hasImageSuffix(name)).toBe(true);
  expect(withoutImageSuffix(name)).toBe(image);
});

test.each(["notes.txt", "cells.ome", "zarr", "cells.zarr.json"])("%s has no suffix of an image", (name) => {
  expect(hasImageSuffix(name)).toBe(false);
  expect(withoutImageSuffix(name)).toBe(name);
});
