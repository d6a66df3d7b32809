import { levelAt, type VariantLevel } from "./lite-variant.js";

/** The texts that describe the acquisition (`SLxImageTextInfo`), by the names that the file has for them. */
export function parseTextInfo(root: VariantLevel | undefined): Readonly<Record<string, string>> {
  const level = levelAt(root, "SLxImageTextInfo") ?? root;
  const texts = level?.items.flatMap(({ name, value }): [string, string][] =>
    typeof value === "string" && value !== "" ? [[name, value]] : [],
  );
  return Object.fromEntries(texts ?? []);
}
