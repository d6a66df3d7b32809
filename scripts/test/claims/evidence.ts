import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { documentNumbers } from "../../lib/document-numbers.mjs";
import { inRoot } from "../../lib/paths.mjs";

/** Something that documents say with numbers, and what keeps it true. */
export interface Claim {
  /** As it stands in each of the documents, with single spaces in place of line breaks. */
  readonly says: string;
  readonly in: readonly string[];
  /** Throws where it is not so. */
  readonly check: () => void | Promise<void>;
}

type Document = string | readonly string[];

/** What a test checks: its file, and its name or the beginning of it. */
export function tested(documents: Document, says: string, file: string, name: string): Claim {
  return claim(documents, says, () => {
    expect(readFileSync(inRoot(file), "utf8").includes(name), `${file} has no test "${name}"`).toBe(true);
  });
}

/** What a script prints: what it printed last stands in `perf/RESULTS.md`, in these words. */
export function printed(
  documents: Document,
  says: string,
  script: string,
  ...results: readonly string[]
): Claim {
  return claim(documents, says, () => {
    expect(existsSync(inRoot(script)), `there is no ${script}`).toBe(true);
    const { text } = documentNumbers(readFileSync(inRoot("perf/RESULTS.md"), "utf8"));
    const missing = results.filter((result) => !text.includes(result));
    expect(missing, "perf/RESULTS.md has other results").toEqual([]);
  });
}

/** What is computed here: the numbers of the claim, as they stand in it and in its order. */
export function computed(
  documents: Document,
  says: string,
  numbers: () => readonly (string | number)[] | Promise<readonly (string | number)[]>,
): Claim {
  return claim(documents, says, async () => {
    const said = documentNumbers(says);
    expect(said.numbers.map(({ start, end }) => said.text.slice(start, end))).toEqual(
      (await numbers()).map((number) => (typeof number === "number" ? number.toLocaleString("en") : number)),
    );
  });
}

/** What is no claim about ozx: a figure of speech, an example, a fact of another specification. */
export function noClaim(documents: Document, says: string): Claim {
  return claim(documents, says, () => {});
}

function claim(documents: Document, says: string, check: Claim["check"]): Claim {
  return { says, in: typeof documents === "string" ? [documents] : documents, check };
}

/** The value of a constant in a file of the source, such as `const TIMEOUT = 60 * 1000;`. */
export function constant(file: string, name: string): number {
  const source = readFileSync(inRoot(file), "utf8");
  const [, expression = ""] = new RegExp(`\\b${name}(?: =|:) (\\d[\\d_.* ]*)`).exec(source) ?? [];
  expect(expression, `${file} has no constant ${name}`).not.toBe("");
  return expression.split("*").reduce((product, factor) => product * Number(factor.replaceAll("_", "")), 1);
}
