import type { AbsolutePath, ByteSource, Store, StoreOptions } from "@ozx/core";
import { buildHierarchy, oneFile, virtualStore } from "@ozx/virtual";
import { type LifImage, lifContents } from "../images/lif-contents.js";
import { openLifFile } from "../read/lif-file.js";
import { type PixelArray, pixelArray } from "./pixel-array.js";
import { createPixelReader } from "./pixel-reader.js";

/** A `Store` over a LIF or LOF. */
export interface LifStore extends Store {
  /** How the images are stored in the file, by the paths of their arrays. */
  readonly arrays: ReadonlyMap<AbsolutePath, PixelArray>;
}

/** The array of an image. */
interface ImageArray extends PixelArray {
  readonly image: LifImage;
}

/** The key of the XML that the file has. */
const METADATA: AbsolutePath = "/OME/METADATA.lif.xml";
/** Chunks that a file may say that it lacks, besides as many as four times those that fit in it. */
const MOST_MISSING = 2 ** 22;

/**
 * Opens the store over a LIF or LOF.
 *
 * @param source is closed with the store, and stays open when it cannot be opened
 * @throws as `openLif` does
 */
export async function openLifStore(source: ByteSource, options: StoreOptions = {}): Promise<LifStore> {
  const file = await openLifFile(source, options);
  const { images, findings } = lifContents(file);
  const documents = new Map([[METADATA, new TextEncoder().encode(file.xml)]]);
  const hierarchy = buildHierarchy(
    { images: images.map(({ image }) => image), documents },
    ({ image: number, path }, axes): ImageArray => {
      const image = images[number] as LifImage;
      const array = { ...pixelArray(image, axes), image };
      const chunks = array.shape.reduce(
        (product, size, k) => product * Math.ceil(size / (array.chunkShape[k] ?? 1)),
        1,
      );
      if (chunks > 4 * (source.size / array.chunkBytes) + MOST_MISSING) {
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
    files: oneFile(source),
    canBlock: [...hierarchy.arrays.values()].every(({ access }) => access !== "decoded"),
    findings,
    allowMissing: options.allowMissing,
    descriptor: described && { format: "lif", ...described },
  });
  return { ...store, arrays: hierarchy.arrays };
}
