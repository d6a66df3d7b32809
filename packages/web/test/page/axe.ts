import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "./drive.js";

const SOURCE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** The rules of axe-core that the page breaks, each with the elements that do. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // As an expression of the DevTools protocol, since the page's policy allows no other scripts.
  await page.evaluate(await readFile(SOURCE, "utf8"));
  const violations = await page.evaluate(async () => {
    const { axe: run } = globalThis as unknown as { axe: typeof axe };
    return (await run.run()).violations.map(({ id, nodes }) => ({
      id,
      html: nodes.map((node) => node.html),
    }));
  });
  return violations.map(({ id, html }) => `${id}: ${html.join(" ")}`);
}
