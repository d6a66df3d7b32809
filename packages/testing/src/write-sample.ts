import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SampleOptions } from "./sample/options.js";
import { sampleEntries } from "./sample-image.js";

/** Writes the sample as a folder of files, over what is there already. */
export async function writeSampleFolder(folder: string, options?: SampleOptions): Promise<void> {
  const made = new Set<string>();
  for await (const { key, value } of sampleEntries(options)) {
    const file = join(folder, key);
    const parent = dirname(file);
    if (!made.has(parent)) {
      await mkdir(parent, { recursive: true });
      made.add(parent);
    }
    await writeFile(file, value);
  }
}
