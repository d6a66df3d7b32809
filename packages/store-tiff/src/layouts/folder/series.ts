import { type JsonObject, NotFoundError, type ReadOptions } from "@ozx/core";
import type { FileSet } from "../../read/file-set.js";
import type { TiffFile } from "../../read/tiff-file.js";
import { unknownAxis } from "../findings.js";
import type { ChannelMetadata, ImageScale, Layout } from "../layout.js";
import { type AcquiredPlanes, acquisitionLayout, numberValues } from "../micromanager/acquisition.js";
import type { NameAxis, NamedFile } from "./file-names.js";

/** What is known of a series of files besides their names. */
export interface SeriesMetadata {
  readonly title: string;
  readonly scale?: ImageScale | undefined;
  /** Given the names of channels that the files have. */
  readonly channels?: ((names: readonly (string | undefined)[]) => readonly ChannelMetadata[]) | undefined;
  readonly significantBits?: number | undefined;
  readonly attributes?: JsonObject | undefined;
  readonly labels?: ((position: number) => string | undefined) | undefined;
  readonly positionAttributes?: ((position: number) => JsonObject | undefined) | undefined;
}

/** Planes in files of their own, or stacks of them, whose names say where they belong. */
export async function seriesLayout(
  name: string,
  named: readonly NamedFile[],
  files: FileSet,
  metadata: SeriesMetadata,
  options?: ReadOptions,
): Promise<Layout> {
  const { first } = files;
  const page = await first.page(first.header.firstIfd, options);
  const { count: pages } = await first.pages(options);
  // The pages of a file are what the names do not say.
  const pageAxis = (["z", "c", "t"] as const).find((axis) => named.every(({ at }) => at[axis] === undefined));
  const perFile = pageAxis === undefined ? 1 : pages;
  const numbers = (axis: NameAxis): Map<number | string, number> =>
    numberValues(named.map(({ at }) => at[axis] ?? 0));
  const [t, c, z, p] = [numbers("t"), numbers("c"), numbers("z"), numbers("p")];
  const column = (axis: NameAxis, values: Map<number | string, number>): Int32Array =>
    Int32Array.from({ length: named.length * perFile }, (_, k) => {
      if (axis === pageAxis) return k % perFile;
      return values.get(named[Math.floor(k / perFile)]?.at[axis] ?? 0) ?? 0;
    });
  const planes: AcquiredPlanes = {
    count: named.length * perFile,
    t: column("t", t),
    c: column("c", c),
    z: column("z", z),
    position: column("p", p),
    async at(k) {
      const path = named[Math.floor(k / perFile)]?.path;
      const file = path === undefined ? undefined : await openFile(path, files);
      if (file === undefined || perFile === 1) return file && { file, ifd: file.header.firstIfd };
      const table = await file.pages();
      const ifd = table.offsets[k % perFile];
      return k % perFile < table.count && ifd !== undefined ? { file, ifd } : undefined;
    },
  };
  const isUnknown = perFile > 1 && pageAxis !== undefined;
  const channelNames = [...c.keys()].map((value) => (typeof value === "string" ? value : undefined));
  const labels = [...p].map(([value, number]) => ({
    number,
    label: metadata.labels?.(number) ?? (typeof value === "string" ? value : undefined),
  }));
  return acquisitionLayout({
    title: metadata.title,
    name,
    file: first,
    page,
    planes,
    positions: labels,
    scale: metadata.scale ?? {},
    channels: metadata.channels?.(channelNames) ?? channelNames.map((label) => ({ name: label })),
    significantBits: metadata.significantBits,
    attributes: metadata.attributes ?? {},
    positionAttributes: metadata.positionAttributes ?? (() => undefined),
    findings: isUnknown ? [unknownAxis(first.name, perFile, pageAxis)] : [],
  });
}

async function openFile(path: string, files: FileSet): Promise<TiffFile> {
  const file = await files.tiff(path);
  if (file !== undefined) return file;
  throw new NotFoundError(`${path} was removed while it was being read`, { location: path });
}
