// Opens an image and prints the shape of its image: open-tiff.mjs FILE
import { openOmeZarr } from "../../packages/cli/dist/index.js";

const node = await openOmeZarr(process.argv[2]);
console.log(node.images[0].levels[0].shape);
await node.close();
