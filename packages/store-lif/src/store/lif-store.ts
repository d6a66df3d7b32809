import type { AbsolutePath, ByteSource, Store, StoreOptions } from "@ozx/core";
import { buildHierarchy, virtualStore } from "@ozx/virtual";
import { type LifImage, lifContents } from "../images/lif-contents.js";
import { openFile } from "../read/open-project.js";
import { type PixelArray, pixelArray } from "./pixel-array.js";
import { createPixelReader } from "./pixel-reader.js";

/** A `Store` over a LIF, LOF or project. */
export interface LifStore extends Store {
  /** How the images are stored in the file, by the paths of their arrays. */
  readonly arrays: ReadonlyMap<AbsolutePath, PixelArray>;
}

/** The array of an image. */
interface ImageArray extends PixelArray {
  readonly image: LifImage;
}

/** The key of the XML that the file has; those of a project in several files are numbered. */
const keyOf = (k: number): AbsolutePath => `/OME/METADATA${k === 0 ? "" : `.${k}`}.lif.xml`;
/** Chunks that a file may say that it lacks, besides as many as four times those that fit in it. */
const MOST_MISSING = 2 ** 22;

/**
 * Opens the store over a LIF, LOF or project in several files.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @throws as `openLif` does
 */
export async function openLifStore(source: ByteSource, options: StoreOptions = {}): Promise<LifStore> {
  const file = await openFile(source, options);
  const { images, findings } = lifContents(file);
  const documents = new Map(
    file.documents.map((text, k): [AbsolutePath, Uint8Array] => [keyOf(k), new TextEncoder().encode(text)]),
  );
  const hierarchy = buildHierarchy(
    { images: images.map(({ image }) => image), documents },
    ({ image: number, path }, axes): ImageArray => {
      const image = images[number] as LifImage;
      const block = file.block(image.element);
      const decodedFrom = typeof block === "object" ? block.storedBytes : undefined;
      const array = { ...pixelArray(image, axes, decodedFrom), image };
      const chunks = array.shape.reduce(
        (product, size, k) => product * Math.ceil(size / (array.chunkShape[k] ?? 1)),
        1,
      );
      const { size } = typeof block === "object" ? block.source : source;
      if (chunks > 4 * (size / array.chunkBytes) + MOST_MISSING) {
        throw file.fault(`says that its image ${path} has ${array.shape.join(" × ")} pixels`);
      }
      return array;
    },
  );
  const described = source.descriptor?.();
  const store = virtualStore<ImageArray>({
    name: source.name,
    format: "lif",
    ...hierarchy,
    readerOf: (array, path) => createPixelReader(file, array.image, array, path),
    storedBytesOf: async ({ access, storedBytes }) => (access === "plain" ? undefined : storedBytes),
    files: file.files,
    canBlock:
      file.kind !== "project" && [...hierarchy.arrays.values()].every(({ access }) => access !== "decoded"),
    findings,
    allowMissing: options.allowMissing,
    descriptor: described && { format: "lif", ...described },
  });
  return { ...store, arrays: hierarchy.arrays };
}
