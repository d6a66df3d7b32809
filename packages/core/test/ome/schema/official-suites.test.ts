import { skipFor, withoutSharedData } from "@ozx/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { checkSchema } from "../../../src/ome/schema/check-schema.js";
import { SCHEMAS_06 } from "../../../src/ome/schema/coordinate-schemas.js";
import {
  type Case,
  conformanceCases,
  exampleCases,
  SUITES_ARE_THERE,
  suiteCases,
  transformationExamples,
} from "./suites.js";

/** Upstream's own runner expects this one to fail: JSON Schema cannot say it. `checkOme` does. */
const NOT_FOR_SCHEMAS = "plate: plate/well_path_has_column_before_row";

function runCase({ version, kind, strict, valid, attributes }: Case): void {
  const findings = checkSchema(version, kind, attributes, { strict });
  if (valid) expect(findings).toEqual([]);
  else expect(findings).not.toEqual([]);
}

describe("official suites", skipFor(withoutSharedData("ngff-spec")), () => {
  describe("0.4", () => {
    const cases = SUITES_ARE_THERE ? suiteCases("0.4") : [];
    test("has 92 cases", () => expect(cases).toHaveLength(92));
    test.each(cases)("$name", runCase);
  });

  describe("0.5", () => {
    const cases = SUITES_ARE_THERE ? suiteCases("0.5") : [];
    test("has 86 cases", () => expect(cases).toHaveLength(86));
    test.each(cases.filter(({ name }) => name !== NOT_FOR_SCHEMAS))("$name", runCase);
    test(`${NOT_FOR_SCHEMAS} passes the schema`, () => {
      const found = cases.find(({ name }) => name === NOT_FOR_SCHEMAS);
      expect(found?.valid).toBe(false);
      expect(found && checkSchema("0.5", "plate", found.attributes)).toEqual([]);
    });
    test.each(cases.filter(({ valid, strict }) => valid && !strict))("$name is valid for any", (found) =>
      runCase({ ...found, kind: "any" }),
    );
  });

  describe("0.6", () => {
    const cases = SUITES_ARE_THERE ? conformanceCases() : [];
    test("has 143 cases", () => expect(cases).toHaveLength(143));
    test.each(cases)("$name", runCase);
  });

  describe.each(["0.4", "0.5", "0.6rc0"] as const)("examples of %s", (version) => {
    test.each(SUITES_ARE_THERE ? exampleCases(version) : [])("$name", runCase);
  });

  describe("examples of 0.6 without a schema", () => {
    test.each(SUITES_ARE_THERE ? transformationExamples() : [])("$name", ({ transformations, valid }) => {
      expect(transformations.every((item) => v.is(SCHEMAS_06.transformation, item))).toBe(valid);
    });
  });
});
