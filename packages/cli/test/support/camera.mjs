// Appends frames to the image at the path of the first argument until it is killed; prints how many are durable.
import { createImage } from "ozx";

const [path, kind = "alone"] = process.argv.slice(2);
const SIDE = 64;
const image = await createImage(path, {
  axes: ["t", "y", "x"],
  shape: [undefined, SIDE, SIDE],
  dtype: "uint16",
  levels: 2,
});
const frame = (t) => Uint16Array.from({ length: SIDE * SIDE }, (_, k) => ((k * 31) % 1000) + t);
for (let t = 0; ; t++) {
  if (kind === "alone") await image.append(frame(t));
  else await Promise.all([image.append(frame(t)), image.append(frame(++t)), image.append(frame(++t))]);
  process.stdout.write(`${image.length}\n`);
}
