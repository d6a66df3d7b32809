// idetik takes the address of a folder, which service-worker.mjs makes of an .ozx: bundled, it lies at the root of the site.
import { Idetik, ImageLayer, OmeZarrImageSource, OrthographicCamera } from "@idetik/core-prerelease";

const { serviceWorker } = navigator;
const isServing =
  serviceWorker.controller ?? new Promise((done) => serviceWorker.addEventListener("controllerchange", done));
await serviceWorker.register("/service-worker.js");
await isServing;
const address = new URL(new URLSearchParams(location.search).get("image"), location);
const source = new OmeZarrImageSource(address.href, "0.5");
const { dimensionNames, shape, scale } = (await source.open()).getAttributes()[0];
const region = dimensionNames.map((dimension) => {
  return { dimension, index: /^[xy]$/.test(dimension) ? { type: "full" } : { type: "point", value: 0 } };
});
const channelProps = [{ contrastLimits: [0, 4000] }];
const layers = [new ImageLayer({ source, region, channelProps, lod: 0 })];
const [height, width] = shape.map((length, k) => length * scale[k]).slice(-2);
const canvas = document.body.appendChild(document.createElement("canvas"));
canvas.style = "width: 100%; height: 100%";
new Idetik({ canvas, viewports: [{ camera: new OrthographicCamera(0, width, 0, height), layers }] }).start();
