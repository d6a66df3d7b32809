import { type Finding, InvalidMetadataError, isOzxError, type JsonObject, type ReadOptions } from "@ozx/core";
import { missingPlanes, notice } from "@ozx/virtual";
import type { CziFile } from "../read/czi-file.js";
import { readTimeStamps } from "../read/read-attachments.js";
import { unlessDamaged } from "../read/segment-source.js";
import { buildLevels } from "./build-levels.js";
import { describeImage } from "./describe-image.js";
import { groupScenes, type SceneGroup } from "./group-scenes.js";
import type { Layout } from "./layout.js";
import type { CziMetadata } from "./metadata.js";
import { commonForm } from "./pixel-form.js";
import { plateOf } from "./plate.js";
import { isFull } from "./pyramid-factor.js";
import { readMetadata } from "./read-metadata.js";
import { atMostDetailed, splitByDensity } from "./split-by-density.js";

const NO_METADATA: CziMetadata = { pixelSizes: {}, channels: new Map(), scenes: new Map() };
/** Attachments that are pictures of their own. */
const PICTURES: readonly string[] = ["Label", "SlidePreview", "Prescan"];

/**
 * Finds out what a CZI holds: what its directory lists are the images, and its XML says more of them.
 *
 * @throws UnsupportedError for pixels that are not read
 */
export async function findLayout(file: CziFile, options?: ReadOptions): Promise<Layout> {
  const { name, entries } = file;
  const findings: Finding[] = file.isScanned ? [noDirectory(name, entries.length)] : [];
  if (entries.length === 0) throw noPixels(file);
  const all = groupScenes(entries, name).flatMap((group) => splitByDensity(group, name));
  // Reduced tiles of all scenes together are in none.
  const whole = all.filter((group) => group.entries.some(isFull));
  const groups = whole.length > 0 ? whole : all.map(atMostDetailed);
  const metadata = await metadataOf(file, findings, options);
  const differing = differingIn(groups);
  const parts = groups.map((group) => ({ group, levels: buildLevels(group.entries, name) }));
  const hasTimes = parts.some(({ levels }) => levels.sizes.t > 1);
  const facts = {
    metadata,
    interval: hasTimes ? (metadata.interval ?? (await intervalOf(file, options))) : undefined,
    differing,
  };
  const images = parts.map(({ group, levels }) =>
    describeImage(group, commonForm(group.entries.map(({ pixelType }) => pixelType)), levels, facts),
  );
  findings.push(
    ...leftOut(
      file,
      parts.map(({ levels }) => levels),
      all.length - groups.length,
    ),
  );
  return {
    images,
    plate: plateOf(groups, metadata),
    attributes: attributesOf(metadata),
    findings,
  };
}

async function metadataOf(file: CziFile, findings: Finding[], options?: ReadOptions): Promise<CziMetadata> {
  if (file.xml === undefined) return NO_METADATA;
  try {
    return await readMetadata(file.xml, file.name, options);
  } catch (error) {
    const isLost = isOzxError(error, "InvalidMetadata") || isOzxError(error, "Unsupported");
    if (!isLost) throw error;
    // The pixels do not depend on it.
    const what = `The metadata of ${file.name} cannot be read, and it is kept as it is: ${error.message}.`;
    findings.push(
      notice("unreadable-metadata", what, "Give the image its pixel sizes and names with ozx edit."),
    );
    return NO_METADATA;
  }
}

/** The dimensions without an axis along which images differ. */
function differingIn(groups: readonly SceneGroup[]): string[] {
  const values = new Map<string, Set<number | undefined>>();
  for (const { at } of groups) {
    for (const [dimension, start] of Object.entries(at)) {
      values.set(dimension, (values.get(dimension) ?? new Set()).add(start));
    }
  }
  return [...values].flatMap(([dimension, starts]) => (starts.size > 1 ? dimension : []));
}

/** The median of the times between points in time, which are seconds from the start; dates, as other writers have, are not taken. */
async function intervalOf(file: CziFile, options?: ReadOptions): Promise<number | undefined> {
  const attachment = file.attachments?.find(({ type }) => type === "CZTIMS");
  if (attachment === undefined) return undefined;
  const from = { source: file.source, isRemote: file.source.readSync === undefined };
  const times = (await unlessDamaged(() => readTimeStamps(from, attachment.position, options))) ?? [];
  const steps = times
    .slice(1)
    .map((time, k) => time - (times[k] ?? 0))
    .sort((a, b) => a - b);
  const step = steps[Math.floor(steps.length / 2)];
  const isFromStart = times[0] !== undefined && Math.abs(times[0]) < EARLIEST_DATE;
  return isFromStart && step !== undefined && Number.isFinite(step) && step > 0
    ? Number(step.toPrecision(6))
    : undefined;
}

/** Days since 1899, as OLE has them, in 1954. */
const EARLIEST_DATE = 20_000;

function attributesOf({ acquired }: CziMetadata): JsonObject {
  return acquired === undefined ? {} : { czi: { acquisitionDateAndTime: acquired } };
}

function leftOut(
  { name, attachments }: CziFile,
  levels: readonly {
    readonly leftOut: number;
    readonly missing: number;
    readonly sizes: Record<"t" | "c" | "z", number>;
  }[],
  apart: number,
): Finding[] {
  const sum = (of: (one: (typeof levels)[number]) => number): number =>
    levels.reduce((total, one) => total + of(one), 0);
  const reduced = apart + sum((one) => one.leftOut);
  const missing = sum((one) => one.missing);
  const pictures = (attachments ?? []).filter((one) => PICTURES.includes(one.name)).map((one) => one.name);
  return [
    ...(attachments === undefined
      ? [
          notice(
            "unreadable-attachments",
            `The list of what is attached to ${name} is damaged: times between points may be missing.`,
            "Copy the file again, if the original is not damaged.",
          ),
        ]
      : []),
    ...(missing > 0
      ? [
          missingPlanes(
            name,
            missing,
            sum(({ sizes }) => sizes.t * sizes.c * sizes.z),
          ),
        ]
      : []),
    ...(reduced > 0
      ? [
          notice(
            "levels-left-out",
            `${reduced === 1 ? "1 level" : `${reduced} levels`} of the pyramids of ${name} ${reduced === 1 ? "does" : "do"} not have all channels and tiles, and ${reduced === 1 ? "is" : "are"} left out.`,
            "Make levels for the whole image with ozx convert --pyramid.",
          ),
        ]
      : []),
    ...(pictures.length > 0
      ? [
          notice(
            "pictures-left-out",
            `Pictures that are attached to ${name} are left out: ${[...new Set(pictures)].join(", ")}.`,
            "Export them from ZEN, if you need them.",
          ),
        ]
      : []),
  ];
}

function noDirectory(name: string, count: number): Finding {
  return notice(
    "no-directory",
    `${name} was not finished by the program that wrote it, and has no directory: ${count} subblocks were found without it.`,
    "Open and save it with ZEN, to have it read faster.",
  );
}

function noPixels({ name, source }: CziFile): InvalidMetadataError {
  source.checkUnchanged?.();
  return new InvalidMetadataError(`${name} contains no pixels: its directory is empty`, { location: name });
}
