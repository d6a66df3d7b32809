import type { OmeVersion } from "./model.js";

/** The versions that are written as they are named here. */
const VERSIONS: ReadonlySet<string> = new Set<OmeVersion>([
  ...(["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.9.dev1"] as const),
]);

/** Names under which the text of a release was published before it. */
const SAME_AS_RELEASED: ReadonlyMap<string, OmeVersion> = new Map([["0.6rc0", "0.6"]]);

/** The version that a text means, also for drafts: `0.6rc0` and `0.6.dev4` are read as 0.6; undefined for unknown versions. */
export function knownVersion(text: string): OmeVersion | undefined {
  if (isVersion(text)) return text;
  const release = /^(0\.[1-6])\.?(?:rc|dev|a|b)\d*$/.exec(text)?.[1];
  return release !== undefined && isVersion(release) ? release : undefined;
}

function isVersion(text: string): text is OmeVersion {
  return VERSIONS.has(text);
}

/** Whether a text is the name of a draft, which may differ from the release that it is read as: `0.6.dev1`. */
export function isDraft(text: string): boolean {
  return knownVersion(text) !== undefined && !VERSIONS.has(text) && !SAME_AS_RELEASED.has(text);
}

/** Whether images of a version have coordinate systems instead of axes: from 0.6 on. */
export function hasCoordinateSystems(version: OmeVersion): boolean {
  return version >= "0.6";
}

/** Whether a version allows axes of any number, type and order (RFC-3). */
export function hasFreeAxes(version: OmeVersion): boolean {
  return version >= "0.9";
}

/**
 * The known version that is nearest to an unknown one of metadata with coordinate systems: 0.9.dev2 and 1.0 come after
 * 0.9.dev1, 0.7 before it.
 */
export function nearestWithSystems(text: string | undefined): OmeVersion {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(text ?? "") ?? [];
  return Number(major) > 0 || Number(minor) >= 9 ? "0.9.dev1" : "0.6";
}
