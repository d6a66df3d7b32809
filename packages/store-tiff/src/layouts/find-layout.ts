import { InvalidMetadataError, NotFoundError, type ReadOptions } from "@ozx/core";
import type { Ifd } from "../parse/ifd.js";
import { TAG } from "../parse/tags.js";
import { readText } from "../parse/values.js";
import type { FileSet } from "../read/file-set.js";
import type { TiffFile } from "../read/tiff-file.js";
import { fluoviewLayout } from "./fluoview.js";
import { imagejLayout, parseDescription } from "./imagej.js";
import type { Layout, LayoutOptions } from "./layout.js";
import { lsmLayout } from "./lsm.js";
import { mmstackLayout } from "./micromanager/mmstack.js";
import { ndtiffLayout } from "./micromanager/ndtiff.js";
import { type OmeSource, omeLayout } from "./ome/ome-layout.js";
import { readOmeXml } from "./ome/read-ome-xml.js";
import { philipsLayout } from "./philips.js";
import { plainLayout } from "./plain.js";
import { refuseOtherPictures } from "./refused.js";
import { scanimageLayout } from "./scanimage.js";
import { scnLayout } from "./scn.js";
import { shapedLayout } from "./shaped.js";
import { slideKind, slideLayout } from "./slide.js";
import { stkLayout } from "./stk.js";

/** What a TIFF, and those beside it that belong to it, hold: by what wrote them. */
export async function findLayout(files: FileSet, options?: LayoutOptions): Promise<Layout> {
  const { first } = files;
  const { firstIfd } = first.header;
  if (firstIfd === 0) throw first.fault("has no page");
  const ifd = await first.ifd(firstIfd, options);
  const ndtiff = await ndtiffLayout(files, options);
  if (ndtiff !== undefined) return ndtiff;
  const descriptions = await readDescriptions(first, ifd, options);
  const ome = descriptions.find(isOmeXml);
  const findXml = async (): Promise<OmeSource | undefined> => ome && findOmeXml(ome, files, options);
  // Its index says what is where, also of acquisitions that were stopped, whose OME-XML was never written.
  const stack = await mmstackLayout(
    files,
    async () => (await findXml().catch(() => undefined))?.bytes,
    options,
  );
  if (stack !== undefined) return stack;
  const xml = await findXml();
  if (xml !== undefined) return omeLayout(xml, files, options);
  const texts = descriptions.map(readText);
  const page = await first.page(firstIfd, options);
  const imagej = texts.map(parseDescription).find((found) => found !== undefined);
  if (imagej !== undefined) return imagejLayout(first, imagej, page, options);
  await refuseOtherPictures(first, page, texts, options);
  const slide = await slideKind(first, page, texts[0], options);
  if (slide !== undefined) return slideLayout(first, slide, options);
  return (
    (await scnLayout(first, page, texts[0], options)) ??
    (await philipsLayout(first, page, options)) ??
    (await lsmLayout(first, page, options)) ??
    (await fluoviewLayout(first, page, options)) ??
    (await stkLayout(first, page, options)) ??
    (await scanimageLayout(first, page, options)) ??
    (await shapedLayout(first, page, texts[0], options)) ??
    plainLayout(first, options)
  );
}

/** All descriptions of a page: Micro-Manager writes OME-XML and ImageJ's. */
async function readDescriptions(file: TiffFile, ifd: Ifd, options?: ReadOptions): Promise<Uint8Array[]> {
  const entries = ifd.entries.filter(({ tag, count }) => tag === TAG.ImageDescription && count > 0);
  return Promise.all(entries.map((entry) => file.bytes(entry, options)));
}

/** Whether a description is whole OME-XML: a truncated one does not end so (as tifffile decides). */
function isOmeXml(bytes: Uint8Array): boolean {
  return /OME>[\s\0]*$/.test(new TextDecoder("latin1").decode(bytes.subarray(-64)));
}

/** The OME-XML of a description; that of another file where it says so (BinaryOnly). */
async function findOmeXml(
  bytes: Uint8Array,
  files: FileSet,
  options?: ReadOptions,
): Promise<OmeSource | undefined> {
  const { first } = files;
  const xml = await readOmeXml(bytes, first.name, options);
  if (xml.metadataFile === undefined) return { xml, bytes };
  const name = xml.metadataFile.split(/[\\/]/).at(-1) ?? xml.metadataFile;
  const other = await metadataOf(name, files, options);
  if (other === undefined) {
    throw new NotFoundError(
      `the metadata of ${first.name} is in ${name}, which is not beside it: copy all files of the set into one folder`,
      { location: first.name },
    );
  }
  const full = await readOmeXml(other, name, options);
  if (full.metadataFile === undefined) {
    // Its planes without a file name are in the file with the metadata; those here are named.
    return { xml: { ...full, uuid: xml.uuid }, bytes: other };
  }
  throw new InvalidMetadataError(
    `${name} should have the metadata of ${first.name}, but names another file for it`,
    {
      location: name,
    },
  );
}

/** The OME-XML in a companion file, or in another TIFF. */
async function metadataOf(
  name: string,
  files: FileSet,
  options?: ReadOptions,
): Promise<Uint8Array | undefined> {
  const source = await files.source(name, options);
  if (source === undefined) return undefined;
  const start = await source.read(0, Math.min(4, source.size), options);
  const isTiff = /^(?:II[*+]|MM)/.test(new TextDecoder("latin1").decode(start));
  if (!isTiff) {
    const bytes = await source.read(0, source.size, options).finally(() => source.close());
    return bytes;
  }
  await source.close();
  const file = await files.tiff(name, options);
  const descriptions =
    file && (await readDescriptions(file, await file.ifd(file.header.firstIfd, options), options));
  return descriptions?.find(isOmeXml);
}
