import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedPath } from "@ozx/testing";
import type { SchemaKind, SchemaVersion } from "../../../src/ome/schema/ome-schemas.js";
import { isJsonObject, type JsonObject } from "../../../src/zarr/json.js";

/** The official suites are data of the specification and lie beside the repository, not in it. */
const ROOT = sharedPath("ngff-spec");

export const SUITES_ARE_THERE = existsSync(ROOT);

export interface Case {
  readonly name: string;
  readonly version: SchemaVersion;
  readonly kind: SchemaKind | "any";
  readonly strict: boolean;
  readonly valid: boolean;
  readonly attributes: JsonObject;
}

/** The cases of 0.4 and 0.5: one file a schema, in the form of the JSON-Schema test suite. */
export function suiteCases(version: "0.4" | "0.5"): Case[] {
  const folder = join(ROOT, version, "tests");
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const suite = readJson(join(folder, file)) as {
        schema: { id: string };
        tests: { formerly: string; data: JsonObject; valid: boolean }[];
      };
      return suite.tests.map(({ formerly, data, valid }) => ({
        name: `${file.replace("_suite.json", "")}: ${formerly}`,
        version,
        ...schemaOf(suite.schema.id),
        valid,
        attributes: data,
      }));
    });
}

/** The cases of 0.6: one file a case, which says in `_conformance` what is expected of it. */
export function conformanceCases(): Case[] {
  const folder = join(ROOT, "0.6rc0", "tests", "attributes");
  return jsonFiles(folder).map((file) => {
    const [level, expectation] = file.split("/");
    return {
      name: file,
      version: "0.6",
      kind: "any",
      strict: level === "strict",
      valid: expectation === "valid",
      attributes: readJson(join(folder, file)) as JsonObject,
    };
  });
}

/** The examples of a version whose folder names a schema that exists. */
export function exampleCases(version: "0.4" | "0.5" | "0.6rc0"): Case[] {
  const folder = join(ROOT, version, "examples");
  return jsonFiles(folder).flatMap((file) => {
    const config = readJson(join(folder, file.replace(/\/.*/, ""), ".config.json")) as { schema: string };
    if (!existsSync(join(ROOT, version, config.schema))) return [];
    const document = readJson(join(folder, file)) as JsonObject;
    const attributes = document["attributes"];
    return {
      name: file,
      version: version === "0.6rc0" ? "0.6" : version,
      ...schemaOf(config.schema),
      valid: !REJECTED_EXAMPLES.has(`${version}/${file}`),
      attributes: isJsonObject(attributes) ? attributes : document,
    };
  });
}

/** Examples that the official schemas reject too: one is no whole document, the other lacks recommended members. */
const REJECTED_EXAMPLES: ReadonlySet<string> = new Set([
  "0.6rc0/multiscales_strict/multiscales_example_relative.json",
  "0.6rc0/multiscales_strict/multiscales_reference_to_label.json",
]);

/** 0.6: examples of transformations and coordinate systems on their own, for which there is no schema file. */
export function transformationExamples(): { name: string; transformations: unknown[]; valid: boolean }[] {
  const folder = join(ROOT, "0.6rc0", "examples", "transformations");
  return jsonFiles(folder)
    .filter((file) => !file.includes("/"))
    .map((name) => {
      const document = readJson(join(folder, name)) as JsonObject;
      const list = document["coordinateTransformations"];
      // One example still has the members of byDimension as they were before the release candidate.
      const valid = name !== "byDimensionXarray.json";
      return { name, transformations: Array.isArray(list) ? list : [document], valid };
    });
}

function schemaOf(id: string): Pick<Case, "kind" | "strict"> {
  const [, strict, name = ""] = /^schemas\/(strict_)?(\w+)\.schema$/.exec(id) ?? [];
  const kinds: Record<string, SchemaKind | "any"> = {
    bf2raw: "bioformats2raw",
    ome: "series",
    ome_zarr: "any",
  };
  return { kind: kinds[name] ?? (name as SchemaKind), strict: strict !== undefined };
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /[^/.]\.json$/.test(file) && !file.endsWith(".config.json"))
    .sort();
}

/** Examples have comment lines. */
function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8").replace(/^\s*\/\/.*$/gm, ""));
}
