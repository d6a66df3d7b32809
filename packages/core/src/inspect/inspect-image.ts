import { isOzxError, type OzxError } from "../errors.js";
import type { Finding } from "../findings.js";
import type { Axis, Channel, Level } from "../ome/model.js";
import type { OpenImage } from "../open/node.js";
import type { StoredSizes } from "../open/storage.js";
import { inspectArray } from "./inspect-array.js";
import type { ErrorReport, FailedImage, ImageReport, LevelReport, Nullable } from "./report.js";

/** What there is to say about one image. */
export function inspectImage(image: OpenImage, stored: StoredSizes): ImageReport | FailedImage {
  const inspected = inspectAlone(image, stored);
  if (inspected.error !== null) return inspected;
  // Label images are no place to look for more of them: a list may lead back to the image itself.
  return { ...inspected, labels: image.labels.map((label) => inspectAlone(label, stored)) };
}

function inspectAlone(image: OpenImage, stored: StoredSizes): ImageReport | FailedImage {
  const { path } = image;
  try {
    const { kind, version, multiscales } = image.model;
    return {
      path,
      error: null,
      kind,
      omeVersion: version,
      name: image.name ?? null,
      multiscales: multiscales.length,
      axes: image.axes.map(axisReport),
      levels: multiscales[0].levels.map((level) => levelReport(level, stored)),
      channels: image.channels.map(channelReport),
      labels: [],
    };
  } catch (error) {
    if (!isOzxError(error)) throw error;
    return { path, error: errorReport(error) };
  }
}

export function errorReport({ _tag, message }: OzxError): ErrorReport {
  return { kind: _tag, message };
}

/** What is wrong with an image and its label images, as far as they can be read at all. */
export function problemsOf(image: OpenImage): readonly Finding[] {
  if (!isReadable(image)) return [];
  return [image, ...image.labels.filter(isReadable)].flatMap(({ model: { problems, multiscales } }) => [
    ...problems,
    ...multiscales.flatMap(({ levels }) => levels.flatMap((level) => level.problems)),
  ]);
}

function isReadable(image: OpenImage): boolean {
  try {
    return image.model !== undefined;
  } catch (error) {
    if (isOzxError(error)) return false;
    throw error;
  }
}

function levelReport({ path, scale, translation, array }: Level, stored: StoredSizes): LevelReport {
  return { path, scale, translation, array: array === undefined ? null : inspectArray(array, stored) };
}

export function axisReport({ name, type, unit }: Axis): Nullable<Axis> {
  return { name, type: type ?? null, unit: unit ?? null };
}

function channelReport({ label, color, window, active }: Channel): Nullable<Channel> {
  return { label: label ?? null, color: color ?? null, window: window ?? null, active };
}
