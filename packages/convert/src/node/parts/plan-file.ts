import { InvalidMetadataError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";

/** What one part has to do. */
export interface PartWork {
  /** The entries of known sizes, by their numbers in the container; none where both are equal. */
  readonly from: number;
  readonly to: number;
  /** The parts of the generated entries, by their numbers. */
  readonly fromGenerated: number;
  readonly toGenerated: number;
  /** About how many bytes it writes. */
  readonly bytes: number;
  /** The state of what it reads, when it was planned. */
  readonly source: string;
  /** For an upload: the number of its first part of entries of known sizes, and the first of its segment. */
  readonly number?: number;
  readonly segmentNumber?: number;
}

/** A conversion that many processes carry out: the contents of `plan.json`. */
export interface PlanFile {
  /** Increased when earlier versions could not carry it out. */
  readonly ozxPlan: 1;
  readonly id: string;
  readonly input: string;
  readonly output: string;
  /** Whether the output may replace something. */
  readonly overwrite: boolean;
  /** The options of the conversion, as the command line knows them. */
  readonly options: unknown;
  /** The number of parts. */
  readonly parts: number;
  readonly entries: number;
  readonly bytes: number;
  readonly largestPart: number;
  /** Identifies the layout: a process that finds another one has another input. */
  readonly job: string;
  /** Bytes of the entries of known sizes; what is generated follows them. */
  readonly copied: number;
  /** About how many bytes the end has, and what it needs besides the entries. */
  readonly indexBytes: number;
  readonly ending: string;
  /** Where parts leave their results: a folder, or for an upload an address. */
  readonly state: string;
  /** The upload that all parts belong to. */
  readonly upload?: string;
  /** For an upload: bytes of its parts, and how many numbers each segment may use. */
  readonly partSize?: number;
  readonly segmentParts?: number;
  readonly work: readonly PartWork[];
}

/** A plan as text that people can read. */
export function formatPlan({ work, ...plan }: PlanFile): string {
  const head = JSON.stringify(plan, undefined, 2).slice(0, -2);
  return `${head},\n  "work": [\n${work.map((part) => `    ${JSON.stringify(part)}`).join(",\n")}\n  ]\n}\n`;
}

/**
 * Parses a plan.
 *
 * @param location the name of the file, for messages
 * @throws InvalidMetadataError when it is not a plan, or one of a later version
 */
export function parsePlan(text: string, location: string): PlanFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notAPlan(location, "it is not JSON", cause);
  }
  if (!isJsonObject(value) || value["ozxPlan"] === undefined) throw notAPlan(location, "ozx plan writes one");
  if (value["ozxPlan"] !== 1) throw notAPlan(location, "it is of another version of ozx: use that one");
  const { work, parts } = value;
  const isWhole =
    TEXTS.every((name) => typeof value[name] === "string") &&
    COUNTS.every((name) => isCount(value[name])) &&
    typeof value["overwrite"] === "boolean" &&
    Array.isArray(work) &&
    work.length === parts &&
    work.every(isWork);
  if (!isWhole) throw notAPlan(location, "it was changed, or was not written completely");
  return value as unknown as PlanFile;
}

const TEXTS = ["id", "input", "output", "job", "ending", "state"];
const COUNTS = ["parts", "entries", "bytes", "largestPart", "copied", "indexBytes"];
const WORK_COUNTS = ["from", "to", "fromGenerated", "toGenerated", "bytes"];

function isWork(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    WORK_COUNTS.every((name) => isCount(value[name])) &&
    typeof value["source"] === "string"
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function notAPlan(location: string, why: string, cause?: unknown): InvalidMetadataError {
  return new InvalidMetadataError(`${location} is not a plan of ozx: ${why}`, { location }, { cause });
}
