import type { JsonObject, ReadOptions } from "@ozx/core";
import { TAG } from "../../parse/tags.js";
import type { FileSet } from "../../read/file-set.js";
import type { TiffFile } from "../../read/tiff-file.js";
import type { Layout } from "../layout.js";
import { type AcquiredPlanes, acquisitionLayout, parseLoose, samplePlanes } from "./acquisition.js";
import { type IndexMap, readIndexMap, readStackHeader } from "./mmstack-header.js";
import {
  bitDepthOf,
  channelsOf,
  labelOf,
  type PlaneMetadata,
  scaleOf,
  stagePositions,
  textIn,
} from "./summary.js";

/** A file of a set, with its planes. */
interface StackFile {
  readonly path: string | undefined;
  readonly map: IndexMap;
}

/** Channels whose names are read. */
const MOST_CHANNELS = 256;

/**
 * An acquisition that Micro-Manager saved as stacks (MMStack): one file for each position, and more where one would be too
 * large. The index map in each file says which plane is where.
 *
 * @returns undefined for other files
 */
export async function mmstackLayout(
  files: FileSet,
  findOmeXml: () => Promise<Uint8Array | undefined>,
  options?: ReadOptions,
): Promise<Layout | undefined> {
  const { first, firstName } = files;
  const header = await readStackHeader(first, options);
  const own = header && (await readIndexMap(first, header.indexMap, options));
  if (header === undefined || own === undefined || own.count === 0) return undefined;
  const { summary } = header;
  const stacks: StackFile[] = [{ path: undefined, map: own }];
  for (const path of await otherFiles(files, firstName ?? "", summary, options)) {
    const file = await files.tiff(path, options);
    const other = file && (await readStackHeader(file, options));
    const map = file && other && (await readIndexMap(file, other.indexMap, options));
    if (map !== undefined) stacks.push({ path, map });
  }
  const planes = joinMaps(files, stacks);
  const start = own.ifds[0] as number;
  const page = await first.page(start, options);
  const metadataAt = async (k: number): Promise<JsonObject> => {
    const ref = k < 0 ? undefined : await planes.at(k);
    return ref === undefined ? {} : pageMetadata(ref.file, ref.ifd, options);
  };
  const samples = samplePlanes(planes);
  const stage = stagePositions(summary);
  const positions = await Promise.all(
    [...samples.positions].map(async ([number, k]) => {
      const label = labelOf(stage[number]);
      return { number, label: label ?? textIn(await metadataAt(k), "PositionName") };
    }),
  );
  const times = await Promise.all(
    samples.times.map(
      async ({ t, plane }): Promise<PlaneMetadata> => ({ t, metadata: await metadataAt(plane) }),
    ),
  );
  const names = await Promise.all(
    samples.channels.slice(0, MOST_CHANNELS).map(async (k) => textIn(await metadataAt(k), "Channel")),
  );
  return acquisitionLayout({
    title: "Micro-Manager stack",
    name: first.name,
    file: first,
    page,
    planes,
    positions,
    scale: scaleOf(summary, times),
    channels: channelsOf(summary, names),
    significantBits: bitDepthOf(times[0]?.metadata ?? {}, summary),
    attributes: { micromanager: { Summary: summary } },
    positionAttributes: (number) => stage[number] && { micromanager: { StagePosition: stage[number] } },
    omeXml: await findOmeXml(),
    findings: [],
  });
}

/** The other files of an acquisition: `PREFIX_MMStack_POSITION.ome.tif`, then `_1` and so on for each. */
async function otherFiles(
  files: FileSet,
  own: string,
  summary: JsonObject,
  options?: ReadOptions,
): Promise<readonly string[]> {
  const [, prefix] = /^(.*_MMStack)/.exec(own) ?? [];
  if (prefix === undefined) return [];
  const isMember = (name: string): boolean =>
    name !== own && name.startsWith(prefix) && /\.tiff?$/i.test(name);
  const listed = await files.list(options);
  if (listed !== undefined) return listed.filter(isMember).sort(byNumber);
  const labels = stagePositions(summary).flatMap((position) => labelOf(position) ?? []);
  const names: string[] = [];
  // Where files cannot be listed they are asked for by their names.
  for (const base of new Set([
    own.replace(/(?:_\d+)?\.ome\.tif$/, ""),
    ...labels.map((label) => `${prefix}_${label}`),
  ])) {
    for (let k = 0; ; k++) {
      const name = `${base}${k === 0 ? "" : `_${k}`}.ome.tif`;
      if (name !== own && (await files.tiff(name, options)) === undefined) break;
      if (name !== own) names.push(name);
    }
  }
  return names;
}

/** So that `_10` comes after `_9`, and the file without a number first. */
function byNumber(a: string, b: string): number {
  return a
    .replace(/\.ome\.tiff?$/i, "")
    .localeCompare(b.replace(/\.ome\.tiff?$/i, ""), "en", { numeric: true });
}

function joinMaps(files: FileSet, stacks: readonly StackFile[]): AcquiredPlanes {
  const count = stacks.reduce((sum, { map }) => sum + map.count, 0);
  const [t, c, z, position, stackOf] = Array.from({ length: 5 }, () => new Int32Array(count)) as [
    ...[Int32Array, Int32Array, Int32Array, Int32Array, Int32Array],
  ];
  const ifds = new Float64Array(count);
  let at = 0;
  for (const [number, { map }] of stacks.entries()) {
    t.set(map.frames.subarray(0, map.count), at);
    c.set(map.channels.subarray(0, map.count), at);
    z.set(map.slices.subarray(0, map.count), at);
    position.set(map.positions.subarray(0, map.count), at);
    ifds.set(map.ifds.subarray(0, map.count), at);
    stackOf.fill(number, at, at + map.count);
    at += map.count;
  }
  return {
    count,
    ...{ t, c, z, position },
    async at(k) {
      const path = stacks[stackOf[k] as number]?.path;
      const file = path === undefined ? files.first : await files.tiff(path);
      return file && { file, ifd: ifds[k] as number };
    },
  };
}

async function pageMetadata(file: TiffFile, offset: number, options?: ReadOptions): Promise<JsonObject> {
  const text = await file.text(await file.ifd(offset, options), TAG.MicroManagerMetadata, options);
  return text === undefined ? {} : parseLoose(text);
}
