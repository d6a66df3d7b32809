import { isOzxError, type JsonObject } from "@ozx/core";
import { checkSchema } from "@ozx/core/validate";
import { skipFor, withoutSharedData } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { downgradeTo04, downgradeTo05, upgradeTo06 } from "../../src/ome/versions/convert-version.js";
import { upgradeAttributes } from "../../src/ome/versions/upgrade-to-05.js";
import { hierarchyOf } from "./hierarchy.js";
import { type Case, exampleCases, suiteCases } from "./schema/suites.js";

const place = { location: "sample.zarr", path: "zarr.json" };

/** What the specification itself calls valid, in its suites and examples. */
function validCases(version: "0.4" | "0.5"): Case[] {
  return [...suiteCases(version), ...exampleCases(version)].filter(({ valid }) => valid);
}

/** The attributes upgraded, in the place where the specification has them. */
async function upgraded({ kind, attributes }: Case): Promise<JsonObject> {
  const inside = kind === "series" ? "/OME" : "/";
  const hierarchy = await hierarchyOf({
    ".zattrs": kind === "series" ? { "bioformats2raw.layout": 3 } : attributes,
    ...(kind === "series" && { "OME/.zattrs": attributes }),
  });
  const node = hierarchy.nodes.get(inside);
  if (node?.kind !== "group") throw new Error("no group");
  return upgradeAttributes(node, hierarchy);
}

function schemaErrors(version: "0.4" | "0.5" | "0.6", kind: Case["kind"], attributes: JsonObject): string[] {
  return checkSchema(version, kind, attributes).map(({ message }) => message);
}

function omeOf(attributes: JsonObject): JsonObject {
  return attributes["ome"] as JsonObject;
}

describe("what the specification calls valid stays valid", skipFor(withoutSharedData("ngff-spec")), () => {
  test("0.4 as 0.5, and as 0.4 again", async () => {
    const cases = validCases("0.4");
    expect(cases.length).toBeGreaterThan(30);
    for (const one of cases) {
      // The umbrella and kinds without a member of theirs have nothing that an upgrade could change.
      const attributes = await upgraded(one);
      if (attributes["ome"] === undefined) continue;
      expect(schemaErrors("0.5", one.kind, attributes), one.name).toEqual([]);
      expect(omeOf(attributes), one.name).toMatchObject({ version: "0.5" });
      expect(schemaErrors("0.4", one.kind, downgradeTo04(attributes, place)), one.name).toEqual([]);
    }
  });

  test("0.5 as 0.6, and as 0.5 again; what cannot be is refused by name", () => {
    const refused: string[] = [];
    const cases = validCases("0.5");
    expect(cases.length).toBeGreaterThan(30);
    for (const { name, kind, attributes } of cases) {
      try {
        const later = upgradeTo06(omeOf(attributes), place);
        expect(schemaErrors("0.6", kind, { ome: later }), name).toEqual([]);
        expect(schemaErrors("0.5", kind, { ome: downgradeTo05(later, place) }), name).toEqual([]);
      } catch (error) {
        if (!isOzxError(error, "Unsupported")) throw error;
        refused.push(`${name}: ${error.feature}`);
      }
    }
    expect(refused).toEqual([]);
  });
});

test("a plate keeps a version in 0.5, where the text asks for it, and has none in 0.6", () => {
  const plate = { version: "0.5", rows: [{ name: "A" }] };
  const later = upgradeTo06({ version: "0.5", plate }, place);
  expect(later).toEqual({ version: "0.6", plate: { rows: [{ name: "A" }] } });
  expect(downgradeTo05(later, place)).toEqual({ version: "0.5", plate });
  expect(downgradeTo04({ ome: { version: "0.5", plate }, lab: 1 }, place)).toEqual({
    plate: { ...plate, version: "0.4" },
    lab: 1,
  });
});
