import {
  describeWithChromium,
  type RangeServerOptions,
  sampleMap,
  startRangeServer,
  testSample,
} from "@ozx/testing";
import { describe, expect, test, vi } from "vitest";
import { type Page, picture, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

vi.setConfig({ testTimeout: 120_000 });

const OPEN = { "Access-Control-Allow-Origin": "*" };

const SMALL = { codec: "gzip", size: { z: 1, y: 300, x: 300 }, levels: 2 } as const;

/** How many of some pixels around the middle of the picture are not dark. */
async function litPixels(page: Page): Promise<number> {
  const screen = await stagePixels(page);
  const [x, y] = [Math.floor(screen.width / 2), Math.floor(screen.height / 2)];
  const offsets = Array.from({ length: 15 }, (_, at) => 10 * at - 70);
  return offsets.filter((offset) => Math.max(...screen.at(x + offset, y + offset)) > 30).length;
}

/** Has a server of this machine answer for addresses; the result is what was asked for. */
async function toServer(page: Page, pattern: string, url: string): Promise<ReadonlySet<string>> {
  const asked = new Set<string>();
  await page.route(pattern, async (route) => {
    asked.add(route.request().url());
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  return asked;
}

const served = pageServer();

describeWithChromium("an address", (chromium) => {
  test("is opened with few requests, and is kept in the page's own", async () => {
    await using server = await startRangeServer(await sampleArchive({ codec: "gzip" }), { headers: OPEN });
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await page.getByLabel("Or from a server").fill(server.url);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.locator(".stage[data-complete=true]").waitFor();
    await expect.poll(() => page.url()).toContain("ch=0:");
    // Each chunk of three channels once: four of what is shown, one of the smallest level. One more for all metadata.
    const large = server.requests.filter(({ bytes }) => bytes > 8192 && bytes < 131_072);
    expect(large.length).toBeLessThanOrEqual(3 * (4 + 1) + 1);
    expect(server.requests.length).toBeLessThanOrEqual(3 * (4 + 1) + 5);
    await picture(page, "remote");

    const link = page.url();
    await page.goto("about:blank");
    await page.goto(link);
    await page.locator(".stage[data-complete=true]").waitFor();
    expect(complaints).toEqual([]);
  });

  test("of a folder is opened as well", async () => {
    const map: Map<string, Uint8Array> = await sampleMap({ size: { z: 1, y: 300, x: 300 }, levels: 2 });
    const content = (path: string) => map.get(path.replace("/image.zarr", ""));
    await using server = await startRangeServer(content, { headers: OPEN });
    await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
    const { page, complaints } = visited;
    await page.getByRole("banner").getByText("image.zarr").waitFor();
    expect(await litPixels(page)).toBeGreaterThan(5);
    // What is looked for and is not there is said in the console by the browser.
    expect(complaints.filter((line) => !line.includes("404"))).toEqual([]);
  });

  test("whose server fails now and then is shown all the same", async () => {
    await using server = await startRangeServer(await sampleArchive(SMALL), { headers: OPEN, fault: "busy" });
    await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
    const { page } = visited;
    await page.locator(".stage[data-complete=true]").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("whose server refuses for a while is tried again on demand, without loading the page anew", async () => {
    let refuses = false;
    await using server = await startRangeServer(
      await sampleArchive({ ...SMALL, size: { z: 2, y: 300, x: 300 } }),
      {
        headers: OPEN,
        forbidden: () => refuses,
      },
    );
    await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
    const { page } = visited;
    await page.locator(".stage[data-complete=true]").waitFor();
    refuses = true;
    await page.getByLabel("Position along z").fill("0");
    await page.getByRole("alert").waitFor();
    refuses = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    await expect.poll(() => litPixels(page)).toBeGreaterThan(5);
  });

  test("of a public bucket is asked for as anybody may", async () => {
    await using server = await startRangeServer(await sampleArchive(SMALL), { headers: OPEN });
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    const asked = await toServer(page, "https://cells.s3.amazonaws.com/**", server.url);
    await page.getByLabel("Or from a server").fill("s3://cells/of mice/image.ozx");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.getByRole("banner").getByText("image.ozx").waitFor();
    await page.locator(".stage[data-complete=true]").waitFor();
    expect([...asked]).toEqual(["https://cells.s3.amazonaws.com/of%20mice/image.ozx"]);
    await expect
      .poll(() => new URL(page.url()).searchParams.get("source"))
      .toBe("s3://cells/of mice/image.ozx");
  });

  test("of a bucket that is not public is met with what to do", async () => {
    await using server = await startRangeServer(new Uint8Array(), { fault: "forbidden", headers: OPEN });
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await toServer(page, "https://cells.s3.amazonaws.com/**", server.url);
    await page.goto(`${served.url}?source=s3://cells/image.ozx`);
    await expect
      .poll(() => page.getByRole("alert").textContent())
      .toMatch(/s3:\/\/cells\/image\.ozx may not be read.*ozx view.*download it/);
    await page.goto(`${served.url}?source=s3://cells`);
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/names no object.*s3:\/\/bucket/);
  });

  describe("that does not work is met with what to do", () => {
    const faults: readonly [what: string, options: RangeServerOptions, message: RegExp][] = [
      [
        "a server that allows no other page",
        {},
        /does not allow pages of other sites.*Access-Control-Allow-Origin/,
      ],
      ["nothing there", { fault: "not-found", headers: OPEN }, /does not exist.*check the address/],
      ["a server without ranges", { fault: "no-ranges", headers: OPEN }, /ranges|parts/],
      ["no right to it", { fault: "forbidden", headers: OPEN }, /may not be read.*download it/],
    ];
    testSample(faults, 2)("%s", async ([name, options, message]) => {
      await using server = await startRangeServer(await sampleArchive({ levels: 1 }), options);
      await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
      const { page } = visited;
      await expect.poll(() => page.getByRole("alert").textContent()).toMatch(message);
      await picture(page, `error: ${name}`);
      expect(await page.getByLabel("Or from a server").inputValue()).toBe(server.url);
    });
  });
});
