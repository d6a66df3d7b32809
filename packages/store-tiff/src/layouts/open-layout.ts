import { type ByteSource, isOzxError, NotFoundError, type ReadOptions } from "@ozx/core";
import { createFileSet, type FileSet } from "../read/file-set.js";
import { isCompanion } from "../read/is-companion.js";
import { openTiffFile, type TiffFile } from "../read/tiff-file.js";
import { findLayout } from "./find-layout.js";
import type { Layout, LayoutOptions } from "./layout.js";
import { omeLayout } from "./ome/ome-layout.js";
import { readOmeXml } from "./ome/read-ome-xml.js";
import { axesAreKnown } from "./stack-axes.js";

/** The images of a file, and the files that they are in. */
export interface OpenedLayout {
  readonly layout: Layout;
  readonly files: FileSet;
}

/**
 * Finds out what a TIFF or companion file holds.
 *
 * @param source is closed with the files, and stays open when it cannot be opened
 * @throws as `openTiff` does
 */
export async function openLayout(source: ByteSource, options?: LayoutOptions): Promise<OpenedLayout> {
  let first: TiffFile;
  try {
    first = await openTiffFile(source, options);
  } catch (error) {
    // Asked afterwards, since on a server each look at the start is a request.
    const isOther = isOzxError(error, "UnknownFormat") && (await isCompanion(source, options));
    if (isOther) return openCompanion(source, options);
    throw error;
  }
  const files = createFileSet(first);
  try {
    const layout = await findLayout(files, options);
    if (options?.axes !== undefined && layout.hasOpenAxes !== true)
      throw axesAreKnown(source.name, layout.title);
    return { layout, files };
  } catch (error) {
    await files.closeOthers();
    throw error;
  }
}

async function openCompanion(source: ByteSource, options?: ReadOptions): Promise<OpenedLayout> {
  const { name, size, folder } = source;
  const bytes = await source.read(0, size, options);
  const xml = await readOmeXml(bytes, name, options);
  const names = new Set(xml.images.flatMap(({ blocks }) => blocks.files.flatMap((file) => file.name ?? [])));
  for (const path of names) {
    const first = await folder?.open(path.split(/[\\/]/).at(-1) ?? path, options);
    if (first === undefined) continue;
    let files: FileSet | undefined;
    try {
      files = createFileSet(await openTiffFile(first, options), folder);
      const layout = await omeLayout({ xml, bytes }, files, options);
      await source.close();
      return { layout, files };
    } catch (error) {
      await (files?.close() ?? first.close());
      throw error;
    }
  }
  throw new NotFoundError(
    `${name} describes the planes of ${[...names][0] ?? "TIFFs that it does not name"}, and none of its files is beside it: copy all files of the set into one folder`,
    { location: name },
  );
}
