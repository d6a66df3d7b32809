// Vitessce: a store for the address that its configuration names.
import { openOzx } from "@ozx/store-zip";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { CoordinationLevel, Vitessce, VitessceConfig } from "vitessce";

const url = new URLSearchParams(location.search).get("image");
const config = new VitessceConfig({ schemaVersion: "1.0.17", name: "An .ozx" });
const dataset = config.addDataset("An .ozx").addFile({ fileType: "image.ome-zarr", url });
const view = config.addView(dataset, "spatialBeta");
const channel = { spatialTargetC: 0, spatialChannelColor: [63, 127, 255], spatialChannelWindow: [0, 3000] };
const imageLayer = new CoordinationLevel([{ imageChannel: new CoordinationLevel([channel]) }]);
config.linkViewsByObject([view], { spatialTargetZ: 0, imageLayer });
config.layout(view);
const stores = { [url]: await openOzx(url) };
const viewer = createElement(Vitessce, { config: config.toJSON(), stores, theme: "dark", height: 512 });
createRoot(document.body.appendChild(document.createElement("div"))).render(viewer);
