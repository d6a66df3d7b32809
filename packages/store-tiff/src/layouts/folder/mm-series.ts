import { type JsonObject, type ReadOptions, UsageError } from "@ozx/core";
import { isJsonObject, type SourceFolder } from "@ozx/core/container";
import { readText } from "../../parse/values.js";
import {
  bitDepthOf,
  channelsOf,
  labelOf,
  numberIn,
  type PlaneMetadata,
  scaleOf,
  stagePositions,
  textIn,
} from "../micromanager/summary.js";
import type { NamedFile } from "./file-names.js";
import type { SeriesMetadata } from "./series.js";

/** The metadata of a hundred thousand planes has some 200 MB. */
const LARGEST = 512 * 1024 * 1024;

/** Planes that Micro-Manager saved as single files, as `metadata.txt` lists them. */
export interface MicroManagerSeries {
  readonly files: readonly NamedFile[];
  readonly metadata: SeriesMetadata;
}

/**
 * Reads the `metadata.txt` of each position.
 *
 * @param documents their paths, as in `Pos0/metadata.txt`
 * @param present the paths of all files
 * @returns undefined where they list no file that is there
 */
export async function readMicroManagerSeries(
  folder: SourceFolder,
  documents: readonly string[],
  present: ReadonlySet<string>,
  options?: ReadOptions,
): Promise<MicroManagerSeries | undefined> {
  const files: NamedFile[] = [];
  const names = new Map<number, string>();
  const labels = new Map<number, string>();
  const times = new Map<number, JsonObject>();
  let summary: JsonObject = {};
  for (const path of documents) {
    const document = await readDocument(folder, path, options);
    const parent = path.slice(0, path.lastIndexOf("/") + 1);
    if (isJsonObject(document["Summary"])) summary = document["Summary"];
    for (const [key, plane] of Object.entries(document)) {
      const listed = isJsonObject(plane) ? fileOf(key, plane) : undefined;
      const found =
        listed &&
        [parent + listed, listed, parent + listed.replace(/^.*\//, "")].find((one) => present.has(one));
      if (!isJsonObject(plane) || found === undefined) continue;
      const at = coordinatesOf(plane, documents.indexOf(path));
      files.push({ path: found, at });
      const channel = textIn(plane, "Channel");
      if (channel !== undefined) names.set(at.c, channel);
      const label = textIn(plane, "PositionName");
      if (label !== undefined) labels.set(at.p, label);
      if (at.c === 0 && at.z === 0 && at.p === 0 && times.size < 8) times.set(at.t, plane);
    }
  }
  if (files.length === 0) return undefined;
  const stage = stagePositions(summary);
  const sampled = [...times]
    .sort(([a], [b]) => a - b)
    .map(([t, metadata]): PlaneMetadata => ({ t, metadata }));
  return {
    files,
    metadata: {
      title: "Micro-Manager files",
      scale: scaleOf(summary, sampled),
      channels: (known) =>
        channelsOf(
          summary,
          known.map((name, c) => name ?? names.get(c)),
        ),
      significantBits: bitDepthOf(sampled[0]?.metadata ?? {}, summary),
      attributes: { micromanager: { Summary: summary } },
      labels: (position) => labels.get(position) ?? labelOf(stage[position]),
      positionAttributes: (position) =>
        stage[position] && { micromanager: { StagePosition: stage[position] } },
    },
  };
}

/** The document of a position. A program that was stopped did not write the last brace. */
async function readDocument(folder: SourceFolder, path: string, options?: ReadOptions): Promise<JsonObject> {
  const source = await folder.open(path, options);
  if (source === undefined) return {};
  try {
    if (source.size > LARGEST) {
      throw new UsageError(
        `${source.name} has ${source.size} bytes, more than can be read: give a pattern of the files instead`,
      );
    }
    const text = readText(await source.read(0, source.size, options));
    for (const end of ["", "}", "}}"]) {
      try {
        const document: unknown = JSON.parse(text.replace(/,\s*$/, "") + end);
        if (isJsonObject(document)) return document;
      } catch {
        // Tried with the next end.
      }
    }
    return {};
  } finally {
    await source.close();
  }
}

/** The file of a plane: in the key from version 2 on, in the metadata before. */
function fileOf(key: string, plane: JsonObject): string | undefined {
  if (key.startsWith("Metadata-")) return key.slice("Metadata-".length);
  return key.startsWith("FrameKey-") ? textIn(plane, "FileName") : undefined;
}

function coordinatesOf(plane: JsonObject, position: number): Record<"t" | "c" | "z" | "p", number> {
  const index = (...keys: readonly string[]): number => {
    const value = keys.map((key) => numberIn(plane, key)).find((one) => one !== undefined) ?? 0;
    return Number.isSafeInteger(value) && value >= 0 ? value : 0;
  };
  return {
    t: index("FrameIndex", "Frame"),
    c: index("ChannelIndex"),
    z: index("SliceIndex", "Slice"),
    p: numberIn(plane, "PositionIndex") === undefined ? position : index("PositionIndex"),
  };
}
