import { createImage } from "ozx";

/**
 * Writes an image of uint16 with structures and noise, which packs about two to one.
 *
 * @param options those of `createImage`; axes end in y and x, and rows are written in bands
 */
export async function makeNoisyImage(path, options) {
  const { axes, shape, chunks } = options;
  const writer = await createImage(path, { dtype: "uint16", ...options });
  const [height, width] = shape.slice(-2);
  const rows = Math.max(chunks.at(-2), Math.min(height, 512));
  let state = 1;
  for (const position of positions(shape.slice(0, -2))) {
    for (let y = 0; y < height; y += rows) {
      const stop = Math.min(y + rows, height);
      const data = new Uint16Array((stop - y) * width);
      for (let at = 0; at < data.length; at++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        data[at] = 500 + ((at % width) >> 3) + (state >>> 27);
      }
      const outer = position.map((index, axis) => [axes[axis], [index, index + 1]]);
      await writer.write({ ...Object.fromEntries(outer), y: [y, stop] }, data);
    }
  }
  await writer.close();
}

function positions([extent, ...rest]) {
  if (extent === undefined) return [[]];
  return Array.from({ length: extent }, (_, index) =>
    positions(rest).map((below) => [index, ...below]),
  ).flat();
}
