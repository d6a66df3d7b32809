import * as v from "valibot";
import { type Finding, type RuleText, violation } from "../../findings.js";
import type { JsonObject } from "../../zarr/json.js";
import { formatValue, isNestedTooDeeply } from "../ome-metadata.js";
import type { Schema } from "./json-schema.js";
import { type IssuePath, type ListWindow, listWindows } from "./list-windows.js";
import { documentSchema, SCHEMA_KEYS, type SchemaKind, type SchemaVersion } from "./ome-schemas.js";

/** Options of {@link checkSchema}. */
export interface SchemaOptions {
  /** Also report what the specification recommends (the official "strict" schemas). */
  readonly strict?: boolean;
  /** The node that the attributes belong to, for the findings; `/` by default. */
  readonly where?: string;
}

/**
 * Checks a node's attributes (`.zattrs`, or the `attributes` of `zarr.json`) as the official JSON schemas of a version do.
 * Schemas cannot check what depends on arrays and other nodes, nor much of the specification's prose: see `checkOme`.
 *
 * @param kind what the attributes must describe, or `any` for any kind (`ome_zarr.schema` from 0.5 on)
 * @returns no findings where the attributes are valid
 */
export function checkSchema(
  version: SchemaVersion,
  kind: SchemaKind | "any",
  attributes: JsonObject,
  options?: SchemaOptions,
): Finding[] {
  return kind === "any"
    ? checkAny(version, attributes, options)
    : [...schemaSteps(version, kind, attributes, options)].flat();
}

/** The findings of {@link checkSchema} in batches, some of them empty, each after about a millisecond of work. */
export function* schemaSteps(
  version: SchemaVersion,
  kind: SchemaKind,
  attributes: JsonObject,
  { strict = false, where = "/" }: SchemaOptions = {},
): Generator<readonly Finding[]> {
  const [must, should] = [ruleTextFor(kind, "MUST"), ruleTextFor(kind, "SHOULD")];
  if (isNestedTooDeeply(attributes)) {
    return yield [violation(must, where, `The attributes of ${where} are nested too deeply to be read.`)];
  }
  const schema = documentSchema(version, kind);
  if (schema === undefined) {
    return yield [violation(must, where, `OME-Zarr ${version} has no ${kind} metadata.`)];
  }
  const path = version === "0.4" ? [SCHEMA_KEYS[kind]] : ["ome", SCHEMA_KEYS[kind]];
  let isValid = true;
  for (const window of listWindows(attributes, path)) {
    const found = window === undefined ? [] : issues(schema.required, window, must, where);
    isValid &&= found.length === 0;
    yield found;
  }
  if (!isValid || !strict || schema.recommended === undefined) return;
  for (const window of listWindows(attributes, path)) {
    yield window === undefined ? [] : issues(schema.recommended, window, should, where);
  }
}

const KINDS = Object.keys(SCHEMA_KEYS) as SchemaKind[];

function checkAny(
  version: SchemaVersion,
  attributes: JsonObject,
  { strict = false, where = "/" }: SchemaOptions = {},
): Finding[] {
  let fewest: Finding[] | undefined;
  for (const kind of KINDS) {
    // The strict `ome_zarr.schema` of 0.6 has no scenes.
    const isLeftOut = version === "0.6" && strict && kind === "scene";
    if (documentSchema(version, kind) === undefined || isLeftOut) continue;
    const found = checkSchema(version, kind, attributes, { strict, where });
    if (found.length === 0) return [];
    const ome = version === "0.4" ? attributes : attributes["ome"];
    const isMeant = typeof ome === "object" && ome !== null && SCHEMA_KEYS[kind] in ome;
    if (isMeant && found.length < (fewest?.length ?? Infinity)) fewest = found;
  }
  return (
    fewest ?? [
      violation(
        ruleTextFor("any", "MUST"),
        where,
        `The attributes of ${where} are not OME-Zarr ${version} metadata.`,
      ),
    ]
  );
}

function ruleTextFor(kind: SchemaKind | "any", level: "MUST" | "SHOULD"): RuleText {
  const id = kind === "any" ? "ome-schema" : `ome-schema-${kind}`;
  return level === "MUST"
    ? {
        id,
        level,
        severity: "error",
        help: "Correct this member of the metadata as the specification requires.",
      }
    : { id: `${id}-recommended`, level, severity: "warning", help: "Add this member to the metadata." };
}

function issues(schema: Schema, window: ListWindow, text: RuleText, where: string): Finding[] {
  const result = v.safeParse(schema, window.attributes);
  return (result.issues ?? []).flatMap((issue) => {
    const path = window.pathOf(issue.path ?? []);
    if (path === undefined) return [];
    const member = formatPath(path);
    const missing = issue.input === undefined;
    const message = missing
      ? `${member} is missing from the metadata of ${where}.`
      : `${member} in the metadata of ${where} ${issue.message}; it is ${formatValue(issue.input)}.`;
    return violation(text, where, message);
  });
}

/** A path as in JavaScript: `ome.multiscales[0].axes`. */
function formatPath(path: IssuePath): string {
  const text = path.reduce(
    (before, { key }) =>
      typeof key === "number"
        ? `${before}[${key}]`
        : before === ""
          ? String(key)
          : `${before}.${String(key)}`,
    "",
  );
  return text === "" ? "All" : text;
}
