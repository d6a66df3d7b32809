// A worker of Cloudflare's: /?of=ADDRESS answers with the elements of the first level of an .ozx on another server.
import "@ozx/core/codecs/register";
import { openOzx } from "@ozx/store-zip";
import * as zarr from "zarrita";

export default {
  async fetch(request) {
    const store = await openOzx(new URL(request.url).searchParams.get("of"));
    const level = await zarr.open(zarr.root(store).resolve("0"), { kind: "array" });
    const { data } = await zarr.get(level);
    await store.close();
    return new Response(new Uint8Array(data.buffer));
  },
};
