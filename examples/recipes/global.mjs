// What a page without modules gets as `ozx`: esbuild global.mjs --bundle --format=iife --global-name=ozx
export { openOzx } from "@ozx/store-zip";
export { get, open, root } from "zarrita";
