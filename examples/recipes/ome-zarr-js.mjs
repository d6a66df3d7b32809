// ome-zarr.js: a picture in the channels' own colours.
import { openOzx } from "@ozx/store-zip";
import { render } from "ome-zarr.js";

const store = await openOzx(new URLSearchParams(location.search).get("image"));
const picture = document.createElement("img");
picture.src = await render(store, 256);
document.body.append(picture);
