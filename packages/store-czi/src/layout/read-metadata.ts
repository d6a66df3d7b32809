import type { ReadOptions } from "@ozx/core";
import { parseXml } from "@ozx/virtual";
import type { CziMetadata, MetadataChannel, MetadataScene } from "./metadata.js";

type Attributes = Readonly<Record<string, string>>;
type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** Elements of the metadata that say something of its parts, below `ImageDocument/Metadata`. */
const IMAGE = "Information/Image";
const CHANNEL = `${IMAGE}/Dimensions/Channels/Channel`;
const SCENE = `${IMAGE}/Dimensions/S/Scenes/Scene`;
const DISPLAY = "DisplaySetting/Channels/Channel";
const DISTANCE = "Scaling/Items/Distance";
/** Channels and scenes that are kept: more than any file has. */
const MOST = 65_536;
/** Characters of a value that is kept. */
const LONGEST = 4096;

/**
 * Reads the XML of a CZI: pixel sizes, channels, scenes, and when it was acquired.
 *
 * @param name of the file, in errors
 * @throws InvalidMetadataError when it is not well-formed
 * @throws UnsupportedError when it has a document type
 */
export async function readMetadata(
  bytes: Uint8Array,
  name: string,
  options?: ReadOptions,
): Promise<CziMetadata> {
  const pixelSizes: Partial<Record<"x" | "y" | "z", number>> = {};
  const channels = new Map<number, Draft<MetadataChannel>>();
  const scenes = new Map<number, Draft<MetadataScene>>();
  const whole: Draft<Pick<CziMetadata, "interval" | "acquired" | "significantBits">> = {};
  const path: string[] = [];
  const counts = new Map<string, number>();
  let text = "";
  let current: { channel?: Draft<MetadataChannel>; scene?: Draft<MetadataScene>; distance?: string } = {};

  const numbered = (kind: string, attribute: string | undefined): number => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const said = /^(?:Channel:)?(\d{1,9})$/.exec(attribute ?? "")?.[1];
    return said === undefined ? count : Number(said);
  };
  const openPart = (here: string, attributes: Attributes): void => {
    const named = attributes["Name"] || undefined;
    if (here === CHANNEL || here === DISPLAY) {
      const channel = entryOf(channels, numbered(here, attributes["Id"]));
      channel.name ??= named;
      current = { channel };
    } else if (here === SCENE) {
      const scene = entryOf(scenes, numbered(here, attributes["Index"]));
      scene.name ??= named;
      current = { scene };
    } else if (here === `${SCENE}/Shape` && current.scene !== undefined) current.scene.well ??= wellOf(named);
    else if (here === DISTANCE) current = { distance: attributes["Id"]?.toLowerCase() ?? "" };
  };
  const closePart = (here: string, value: string): void => {
    const { channel, scene, distance } = current;
    if (here === `${DISTANCE}/Value` && (distance === "x" || distance === "y" || distance === "z")) {
      const size = positive(value);
      if (size !== undefined) pixelSizes[distance] ??= size;
    } else if (channel !== undefined && (here === `${CHANNEL}/Color` || here === `${DISPLAY}/Color`)) {
      // What is displayed counts more than what it was acquired with.
      const color = colorOf(value);
      channel.color = here === `${DISPLAY}/Color` ? (color ?? channel.color) : (channel.color ?? color);
    } else if (channel !== undefined && here === `${DISPLAY}/Low`) channel.low = part(value);
    else if (channel !== undefined && here === `${DISPLAY}/High`) channel.high = part(value);
    else if (scene !== undefined && here === `${SCENE}/ArrayName`) scene.well ??= wellOf(value);
    else if (here === `${IMAGE}/AcquisitionDateAndTime`) whole.acquired ??= value || undefined;
    else if (here === `${IMAGE}/ComponentBitCount`) whole.significantBits ??= positive(value);
    else if (here === `${IMAGE}/Dimensions/T/Positions/Interval/Increment`)
      whole.interval ??= positive(value);
  };

  await parseXml(
    bytes,
    { location: name, what: "the metadata" },
    {
      open(element, attributes) {
        path.push(element);
        text = "";
        openPart(path.slice(2).join("/"), attributes);
      },
      text(piece) {
        if (text.length < LONGEST) text += piece;
      },
      close() {
        closePart(path.slice(2).join("/"), text.trim());
        path.pop();
        text = "";
      },
    },
    options,
  );
  return { pixelSizes, ...whole, channels, scenes };
}

function entryOf<T extends object>(entries: Map<number, Partial<T>>, key: number): Partial<T> {
  const known = entries.get(key) ?? {};
  if (entries.size < MOST) entries.set(key, known);
  return known;
}

/** `#AARRGGBB` or `#RRGGBB` as six digits. */
function colorOf(text: string): string | undefined {
  return /^#(?:[0-9a-f]{2})?([0-9a-f]{6})$/i.exec(text)?.[1]?.toUpperCase();
}

function wellOf(name: string | undefined): string | undefined {
  return name !== undefined && /^[A-Z]{1,2}\d{1,2}$/.test(name) ? name : undefined;
}

function positive(text: string): number | undefined {
  const value = text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/** A part of a range, from 0 to 1. */
function part(text: string): number | undefined {
  const value = text === "" ? Number.NaN : Number(text);
  return value >= 0 && value <= 1 ? value : undefined;
}
