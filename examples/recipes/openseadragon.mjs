// OpenSeadragon: each tile is read from the level that it is shown at.
import { compositeChannels, openOmeZarr } from "@ozx/core";
import { ozxReader } from "@ozx/store-zip";
import OpenSeadragon from "openseadragon";

const address = new URLSearchParams(location.search).get("image");
const [image] = (await openOmeZarr(address, { formats: [ozxReader] })).images;
const levels = image.levels.toReversed(); // the smallest first
const [height, width] = image.level(0).shape.slice(-2);
async function downloadTileStart(job) {
  const [level, ...at] = job.src.split(",").map((text) => Number(text));
  const [y, x] = levels[level].shape.slice(-2).map((n, k) => [at[k] * 256, Math.min(at[k] * 256 + 256, n)]);
  const { data, shape } = await levels[level].read({ c: 0, z: 0, y, x });
  const tile = new OffscreenCanvas(shape[1], shape[0]).getContext("2d");
  const pixels = compositeChannels([{ values: data, window: image.channels[0].window }]);
  tile.putImageData(new ImageData(pixels, shape[1]), 0, 0);
  job.finish(tile, null, "context2d");
}
const source = { width, height, tileSize: 256, maxLevel: levels.length - 1, downloadTileStart };
source.getTileUrl = (level, x, y) => `${level},${y},${x}`;
OpenSeadragon({ element: document.body, tileSources: source, showNavigationControl: false });
