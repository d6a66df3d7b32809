import { type AbsolutePath, openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { bombImages, describeWithChromium, sampled } from "@ozx/testing";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { chooseFile, visit } from "./page/drive.js";
import { pageServer } from "./page/serve-page.js";

const BOMBS = sampled(await bombImages(), 3);
const served = pageServer();

/** A hierarchy as it is in an archive, whatever its version and however damaged it is. */
function zipOf(values: ReadonlyMap<AbsolutePath, Uint8Array>): Uint8Array {
  return zipSync(Object.fromEntries([...values].map(([key, bytes]) => [key.slice(1), bytes])), { level: 0 });
}

/** What reading the image says outside of a browser, where other tests see that it stops at the size of a chunk. */
async function messageOf(values: Map<AbsolutePath, Uint8Array>): Promise<string> {
  try {
    const { images } = await openOmeZarr(memoryStore(values, "bomb.zip"), { formats: [] });
    await images[0]?.level(0).read();
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
  throw new Error("the chunk was decoded");
}

describeWithChromium("a chunk of zeros without an end", (chromium) => {
  test.each(BOMBS)("in %s is an error of the page, too", async (_, values) => {
    const expected = await messageOf(values);
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await chooseFile(page, zipOf(values), "bomb.zip");
    await page.getByRole("alert").first().waitFor();
    expect(await page.getByRole("alert").first().textContent()).toContain(expected);
  });
});
