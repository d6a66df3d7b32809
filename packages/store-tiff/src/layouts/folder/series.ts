import { CorruptDataError, type Finding, type JsonObject, NotFoundError, UsageError } from "@ozx/core";
import { type ChannelMetadata, createCache, type ImageScale, type PlaneSizes } from "@ozx/virtual";
import type { FileSet } from "../../read/file-set.js";
import type { TiffFile } from "../../read/tiff-file.js";
import { findLayout } from "../find-layout.js";
import type { Layout, LayoutOptions, PlaneList, TiffImage } from "../layout.js";
import { type AcquiredPlanes, acquisitionLayout, numberValues } from "../micromanager/acquisition.js";
import { inOrder, type PlaneAxis } from "../planes.js";
import { axesAreKnown, stackAxes } from "../stack-axes.js";
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

/** Files whose planes are known. */
const CACHED_LAYOUTS = 64;

/** Planes in files of their own, or stacks of them, whose names say where they belong. */
export async function seriesLayout(
  name: string,
  named: readonly NamedFile[],
  files: FileSet,
  metadata: SeriesMetadata,
  options?: LayoutOptions,
): Promise<Layout> {
  const { first } = files;
  const page = await first.page(first.header.firstIfd, options);
  const findings: Finding[] = [];
  const free = (["z", "c", "t"] as const).filter((axis) => named.every(({ at }) => at[axis] === undefined));
  const inFile = await fileSizes(first, free, findings, options);
  const perFile = inFile.sizes.t * inFile.sizes.c * inFile.sizes.z;
  const numbers = (axis: NameAxis): Map<number | string, number> =>
    numberValues(named.map(({ at }) => at[axis] ?? 0));
  const [t, c, z, p] = [numbers("t"), numbers("c"), numbers("z"), numbers("p")];
  const column = (
    axis: NameAxis,
    values: Map<number | string, number>,
    within: (plane: number) => number,
  ): Int32Array =>
    Int32Array.from({ length: named.length * perFile }, (_, k) => {
      const ofName = values.get(named[Math.floor(k / perFile)]?.at[axis] ?? 0) ?? 0;
      return ofName + within(k % perFile);
    });
  const { sizes } = inFile;
  const layouts = createCache<string, Promise<PlaneList>>(CACHED_LAYOUTS);
  const planes: AcquiredPlanes = {
    count: named.length * perFile,
    t: column("t", t, (plane) => Math.floor(plane / (sizes.z * sizes.c))),
    c: column("c", c, (plane) => Math.floor(plane / sizes.z) % sizes.c),
    z: column("z", z, (plane) => plane % sizes.z),
    position: column("p", p, () => 0),
    async at(k) {
      const path = named[Math.floor(k / perFile)]?.path;
      if (path === undefined) return undefined;
      const file = await openFile(path, files);
      if (perFile === 1) return { file, ifd: file.header.firstIfd };
      const list = layouts.get(path) ?? inFile.planesOf(file);
      layouts.set(path, list);
      return (await list).at(k % perFile);
    },
  };
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
    scale: metadata.scale ?? inFile.scale ?? {},
    channels: metadata.channels?.(channelNames) ?? channelNames.map((label) => ({ name: label })),
    significantBits: metadata.significantBits,
    attributes: metadata.attributes ?? {},
    positionAttributes: metadata.positionAttributes ?? (() => undefined),
    findings,
  });
}

/** The planes in each file, which are all like the first. */
interface FilePlanes {
  readonly sizes: PlaneSizes;
  readonly scale: ImageScale | undefined;
  /** The planes of a file, in the order t, c, z. */
  planesOf(file: TiffFile): Promise<PlaneList>;
}

/**
 * What the planes in each file are: as the first says, or an axis that the names do not say.
 *
 * @throws UsageError where names and files say the same axis
 */
async function fileSizes(
  first: TiffFile,
  free: readonly PlaneAxis[],
  findings: Finding[],
  options?: LayoutOptions,
): Promise<FilePlanes> {
  const { name } = first;
  const imageOf = async (file: TiffFile): Promise<{ image: TiffImage; isOpen: boolean }> => {
    const { images, hasOpenAxes = false } = await findLayout(alone(file), { signal: options?.signal });
    const [image] = images;
    if (image !== undefined && images.length === 1) return { image, isOpen: hasOpenAxes };
    throw new UsageError(
      `${file.name} has ${images.length} images, and can be no part of another one: open it on its own`,
    );
  };
  const { image, isOpen } = await imageOf(first);
  const count = image.sizes.t * image.sizes.c * image.sizes.z;
  const open = isOpen ? stackAxes({ name, count }, options?.axes, findings, free[0]) : undefined;
  if (options?.axes !== undefined && open === undefined) throw axesAreKnown(name, "each of its files");
  const sizes = open?.sizes ?? image.sizes;
  const twice = (["t", "c", "z"] as const).filter((axis) => sizes[axis] > 1 && !free.includes(axis));
  if (twice.length > 0) {
    throw new UsageError(
      `${name} has ${count} planes along ${twice.join(", ")}, which the names of the files say too: give --axes for the planes in each file, or another pattern`,
    );
  }
  return {
    sizes,
    scale: image.scale,
    async planesOf(file) {
      const { image: other } = await imageOf(file);
      const isAlike = (["t", "c", "z"] as const).every((axis) => other.sizes[axis] === image.sizes[axis]);
      const planes = other.levels[0]?.planes;
      if (planes === undefined || !isAlike) {
        throw new CorruptDataError(`${file.name} has other planes than ${name}, which is in the same image`, {
          location: file.name,
        });
      }
      return open === undefined ? planes : inOrder(planes, sizes, open.order);
    },
  };
}

/** A file without those beside it. */
function alone(file: TiffFile): FileSet {
  return {
    first: file,
    firstName: undefined,
    tiff: async () => undefined,
    source: async () => undefined,
    list: async () => undefined,
    versions: () => undefined,
    checkUnchanged: async () => {},
    closeOthers: async () => {},
    close: async () => {},
  };
}

async function openFile(path: string, files: FileSet): Promise<TiffFile> {
  const file = await files.tiff(path);
  if (file !== undefined) return file;
  throw new NotFoundError(`${path} was removed while it was being read`, { location: path });
}
