import type { Finding, FindingLevel, FindingSeverity } from "../findings/finding.js";

/** All of a finding that does not depend on where it was found. */
export interface RuleText {
  readonly rule: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  readonly help: string;
}

export function finding(text: RuleText, where: string, message: string): Finding {
  const { rule, level, severity, help } = text;
  return { rule, level, severity, where, message, help };
}

/** What the readers notice themselves, because they have to do without it; all else is found by `rules`. */
export const UNREADABLE_PART: RuleText = {
  rule: "ome-unreadable-part",
  level: "MUST",
  severity: "error",
  help: "Correct this member of the metadata; until then it is left out.",
};

export const OUTSIDE_PATH: RuleText = {
  rule: "ome-path-inside",
  level: "policy",
  severity: "error",
  help: "Write a path that stays below the root of the hierarchy; until then it is left out.",
};

export const OMERO_COLOR: RuleText = {
  rule: "ome-omero-color",
  level: "MUST",
  severity: "error",
  help: "Write the color as six hexadecimal digits, as in 00FFFF; until then the viewer chooses one.",
};

export const LABEL_VALUE: RuleText = {
  rule: "ome-label-value",
  level: "MUST",
  severity: "error",
  help: "Write the label-value as a whole number, as it is in the pixels; until then it is left out.",
};

export const UNKNOWN_VERSION: RuleText = {
  rule: "ome-version-known",
  level: "policy",
  severity: "warning",
  help: "It is read like the nearest version that is known; a newer release of this software may know it.",
};

export const MISSING_ARRAY: RuleText = {
  rule: "ome-level-array",
  level: "MUST",
  severity: "error",
  help: "Copy the missing array from the original data, or take the level out of datasets.",
};

export const LEVEL_DIMENSIONS: RuleText = {
  rule: "ome-level-dimensions",
  level: "MUST",
  severity: "error",
  help: "Write one axis for each dimension of the array, in the array's order.",
};

export const TRANSFORM_LENGTH: RuleText = {
  rule: "ome-transform-length",
  level: "MUST",
  severity: "error",
  help: "Write one number for each axis; until then the transformation is not applied.",
};

export const UNSUPPORTED_TRANSFORM: RuleText = {
  rule: "ome-transform-supported",
  level: "policy",
  severity: "warning",
  help: "Positions are given without it; pixel values are not touched by it.",
};
