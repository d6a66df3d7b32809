// zarrita: the pixels of one plane. Bundled by Vite, webpack or esbuild, or as a plain script.
import { openOzx } from "@ozx/store-zip";
import * as zarr from "zarrita";

const store = await openOzx(new URLSearchParams(location.search).get("image"));
const level = await zarr.open(zarr.root(store).resolve("0"), { kind: "array" });
const { data, shape } = await zarr.get(level, [0, 0, null, null]); // c, z, y, x
const sum = data.reduce((total, value) => total + value, 0);
document.body.textContent = `${shape.join(" × ")}, sum ${sum}`;
