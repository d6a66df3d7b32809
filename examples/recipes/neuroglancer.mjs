// neuroglancer, here served beside the page, gets a folder that service-worker.mjs makes of an .ozx, as idetik.mjs does.
const { serviceWorker } = navigator;
const isServing =
  serviceWorker.controller ?? new Promise((done) => serviceWorker.addEventListener("controllerchange", done));
await serviceWorker.register("/service-worker.js");
await isServing;
const address = new URL(new URLSearchParams(location.search).get("image"), location);
const shaderControls = { normalized: { range: [0, 3000] } };
const layers = [{ type: "image", name: "image", source: `zarr3://${address}/`, shaderControls }];
const state = { layers, layout: "yz" }; // of the axes z, y and x the last two
const frame = document.createElement("iframe");
frame.style = "border: 0; width: 100%; height: 100%";
frame.src = `/neuroglancer/#!${encodeURIComponent(JSON.stringify(state))}`;
document.body.append(frame);
