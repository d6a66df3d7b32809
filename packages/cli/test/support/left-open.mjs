// Leaves a writer open in a way: by an exception, or at the end of the process.
import { createImage } from "ozx";

const [path, how] = process.argv.slice(2);
const image = await createImage(path, {
  axes: ["y", "x"],
  shape: [512, 512],
  dtype: "uint8",
  chunks: [64, 64],
});
await image.write({ y: [0, 64] }, new Uint8Array(64 * 512).fill(3));
if (how === "throws") throw new Error("something else");
if (how === "exits") process.exit(3);
