import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { describeWithChromium, type RangeServer, startRangeServer } from "@ozx/testing";
import FileSystemStore from "@zarrita/storage/fs";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import * as zarr from "zarrita";
import {
  type Bundle,
  buildPlainScript,
  buildServiceWorker,
  byEsbuild,
  byVite,
  byWebpack,
  installed,
  prepareRecipes,
  served,
} from "../support/recipes.js";
import { inInterop, makeSample, runOzx } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const folder = join(served, "cells.zarr");
/** What browsers insist on; an image may be of any type. */
const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html"],
  [".js", "text/javascript"],
  [".css", "text/css"],
  [".wasm", "application/wasm"],
]);
const typeOf = (path: string): string => TYPES.get(extname(path)) ?? "application/octet-stream";

test("a recipe has at most 20 lines of code", () => {
  const recipes = readdirSync(inInterop("../examples/recipes")).map((name) => `../examples/recipes/${name}`);
  expect(recipes.length).toBeGreaterThan(5);
  for (const recipe of recipes) {
    const lines = readFileSync(inInterop(recipe), "utf8").split("\n");
    expect(lines.filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length, recipe).toBeLessThanOrEqual(20);
  }
});

/** Its page as the package of PyPI has it, which is in a folder of this form there. */
const NEUROGLANCER = "/neuroglancer/v/page/";
const TO_PAGE = `<script>location.replace("${NEUROGLANCER}" + location.hash)</script>`;
const neuroglancer = inInterop(".cache/recipes/python/neuroglancer/static/client");

describeWithTools("The recipes", [installed], () => {
  describeWithChromium("in Chromium", (chromium) => {
    let server: RangeServer;
    beforeAll(async () => {
      prepareRecipes();
      await makeSample(folder, ["--size", "2,2,600,500", "--levels", "3"]);
      await runOzx("convert", folder, join(served, "cells.ozx"), "--force");
      const read = (path: string): Uint8Array | undefined => {
        if (path === "/neuroglancer/") return Buffer.from(TO_PAGE);
        const name = path.endsWith("/") ? `${path}index.html` : path;
        const file = name.startsWith(NEUROGLANCER)
          ? join(neuroglancer, name.slice(NEUROGLANCER.length))
          : join(served, name);
        return existsSync(file) ? readFileSync(file) : undefined;
      };
      const headers = ({ url = "" }: { url?: string | undefined }) => {
        const path = url.replace(/\?.*/, "").replace(/\/$/, "/index.html");
        return { "Content-Type": typeOf(path) };
      };
      server = await startRangeServer(read, { headers });
    });
    afterAll(() => server?.close());

    async function open(recipe: string, bundle: Bundle) {
      const script = await bundle(recipe);
      const body = `<body style="margin: 0; width: 512px; height: 512px"><script src="${script}" type="module"></script>`;
      const name = `${script.replaceAll("/", "-")}.html`;
      writeFileSync(join(served, name), `<!doctype html><meta charset="utf-8" />${body}`);
      return openPage(name);
    }

    async function openPage(name: string) {
      const page = await chromium().newPage();
      onTestFinished(() => page.close());
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`${new URL(server.url).origin}/${name}?image=cells.ozx`);
      return { page, errors };
    }

    test.each([
      ["esbuild", byEsbuild],
      ["Vite", byVite],
      ["webpack", byWebpack],
    ])("bundled by %s, zarrita reads the same values", async (_, bundle) => {
      await expectValues(await open("zarrita.mjs", bundle));
    });

    test("a page without modules reads the same values", async () => {
      await buildPlainScript();
      await expectValues(await openPage("plain-script.html"));
    });

    async function expectValues({ page, errors }: Awaited<ReturnType<typeof openPage>>): Promise<void> {
      const level = await zarr.open(zarr.root(new FileSystemStore(folder)).resolve("0"), { kind: "array" });
      const { data, shape } = await zarr.get(level, [0, 0, null, null]);
      const sum = (data as Uint16Array).reduce((total, value) => total + value, 0);
      await expect
        .poll(async () => [await page.textContent("body"), ...errors])
        .toEqual([`${shape.join(" × ")}, sum ${sum}`]);
    }

    test("the service worker answers ranges of a file", async () => {
      await buildServiceWorker();
      writeFileSync(join(served, "ranges.html"), "<!doctype html>");
      const { page } = await openPage("ranges.html");
      const ranges = ["bytes=5-", "bytes=5-9", "bytes=0-0", "bytes=-7", "bytes=1000000-"];
      const answers = await page.evaluate(async (asked) => {
        const { serviceWorker } = navigator;
        const controlled = new Promise((resolve) =>
          serviceWorker.addEventListener("controllerchange", resolve),
        );
        await serviceWorker.register("/service-worker.js");
        if (serviceWorker.controller === null) await controlled;
        const address = "/cells.ozx/zarr.json";
        const whole = await (await fetch(address)).text();
        const parts: [number, string][] = [];
        for (const Range of asked) {
          const response = await fetch(address, { headers: { Range } });
          parts.push([response.status, await response.text()]);
        }
        return { whole, parts };
      }, ranges);
      const { whole, parts } = answers;
      const expected = [whole.slice(5), whole.slice(5, 10), whole.slice(0, 1), whole.slice(-7)];
      expect(parts.slice(0, 4)).toEqual(expected.map((part) => [206, part]));
      expect(parts[4]?.[0]).toBe(416);
    });

    test.each([
      ...["ome-zarr-js.mjs", "viv.mjs", "openseadragon.mjs"],
      ...["vitessce.mjs", "idetik.mjs", "neuroglancer.mjs"],
    ])("%s draws the image", async (recipe) => {
      await buildServiceWorker();
      const { page, errors } = await open(recipe, byEsbuild);
      const coloursOf = async (): Promise<number> => {
        expect(errors).toEqual([]);
        // In the middle of all pictures, where viewers have nothing of their own.
        const clip = { x: 100, y: 100, width: 300, height: 300 };
        const png = (await page.screenshot({ clip })).toString("base64");
        return page.evaluate(async (text) => {
          const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
          const picture = await createImageBitmap(new Blob([bytes]));
          const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
          canvas?.drawImage(picture, 0, 0);
          const { data } = canvas?.getImageData(0, 0, picture.width, picture.height) ?? { data: [] };
          return new Set(new Uint32Array(Uint8Array.from(data).buffer)).size;
        }, png);
      };
      // Cells have very many; a page without them has a few.
      await expect.poll(coloursOf).toBeGreaterThan(30);
    });
  });
});
