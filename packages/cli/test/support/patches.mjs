// Prints where each patch of the example's data loader lies, and its values: patches.mjs PATH OPTIONS [MOST]
import { randomPatches } from "../../../../examples/dataloader/loader.mjs";

const [path, options, most = "Infinity"] = process.argv.slice(2);
const patches = [];
for await (const { start, data } of randomPatches(path, JSON.parse(options))) {
  patches.push({ start, values: Array.from(data) });
  if (patches.length >= Number(most)) break;
}
process.stdout.write(JSON.stringify(patches));
