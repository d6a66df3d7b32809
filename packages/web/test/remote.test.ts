import {
  describeWithChromium,
  outsideSample,
  type RangeServerOptions,
  sampleMap,
  skipFor,
  startRangeServer,
  testSample,
} from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type Page, picture, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const OPEN = { "Access-Control-Allow-Origin": "*" };

const SMALL = { codec: "gzip", size: { z: 1, y: 300, x: 300 }, levels: 2 } as const;

/** How many of 15 pixels around the middle of the picture are not dark. */
async function litPixels(page: Page): Promise<number> {
  const screen = await stagePixels(page);
  const [x, y] = [Math.floor(screen.width / 2), Math.floor(screen.height / 2)];
  const offsets = Array.from({ length: 15 }, (_, at) => 10 * at - 70);
  return offsets.filter((offset) => Math.max(...screen.at(x + offset, y + offset)) > 30).length;
}

/** Redirects requests for a pattern of addresses to a local server; returns the requested addresses. */
async function toServer(page: Page, pattern: string, url: string): Promise<ReadonlySet<string>> {
  const requested = new Set<string>();
  await page.route(pattern, async (route) => {
    requested.add(route.request().url());
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  return requested;
}

const served = pageServer();

describeWithChromium("an address", (chromium) => {
  test("is opened with few requests, and becomes part of the page's own", async () => {
    await using server = await startRangeServer(await sampleArchive({ codec: "gzip" }), { headers: OPEN });
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await page.getByLabel("Or from a server").fill(server.url);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.locator(".stage[data-complete=true]").waitFor();
    await expect.poll(() => page.url()).toContain("ch=0:");
    // Each chunk of three channels once: four visible ones and one of the smallest level. One more for all metadata.
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

  test("of a folder is opened too", skipFor(outsideSample()), async () => {
    const map: Map<string, Uint8Array> = await sampleMap({ size: { z: 1, y: 300, x: 300 }, levels: 2 });
    const content = (path: string) => map.get(path.replace("/image.zarr", ""));
    await using server = await startRangeServer(content, { headers: OPEN });
    await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
    const { page, complaints } = visited;
    await page.getByRole("banner").getByText("image.zarr").waitFor();
    expect(await litPixels(page)).toBeGreaterThan(5);
    // The browser logs every 404, and the search for metadata causes some.
    expect(complaints.filter((line) => !line.includes("404"))).toEqual([]);
  });

  test("whose server fails now and then is shown", skipFor(outsideSample()), async () => {
    await using server = await startRangeServer(await sampleArchive(SMALL), { headers: OPEN, fault: "busy" });
    await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
    const { page } = visited;
    await page.locator(".stage[data-complete=true]").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test(
    "whose server refuses for a while is retried on demand, without reloading the page",
    skipFor(outsideSample()),
    async () => {
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
    },
  );

  test("of a public bucket is requested without a signature", skipFor(outsideSample()), async () => {
    await using server = await startRangeServer(await sampleArchive(SMALL), { headers: OPEN });
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    const requested = await toServer(page, "https://cells.s3.amazonaws.com/**", server.url);
    await page.getByLabel("Or from a server").fill("s3://cells/of mice/image.ozx");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.getByRole("banner").getByText("image.ozx").waitFor();
    await page.locator(".stage[data-complete=true]").waitFor();
    expect([...requested]).toEqual(["https://cells.s3.amazonaws.com/of%20mice/image.ozx"]);
    await expect
      .poll(() => new URL(page.url()).searchParams.get("source"))
      .toBe("s3://cells/of mice/image.ozx");
  });

  test("of a private bucket: the error says what to do", skipFor(outsideSample()), async () => {
    await using server = await startRangeServer(new Uint8Array(), { fault: "forbidden", headers: OPEN });
    await using visited = await visit(chromium(), served.url);
    const { page } = visited;
    await toServer(page, "https://cells.s3.amazonaws.com/**", server.url);
    await page.goto(`${served.url}?source=s3://cells/image.ozx`);
    await expect
      .poll(() => page.getByRole("alert").textContent())
      .toMatch(/s3:\/\/cells\/image\.ozx cannot be read.*ozx view.*download it/);
    await page.goto(`${served.url}?source=s3://cells`);
    await expect
      .poll(() => page.getByRole("alert").textContent())
      .toMatch(/does not name an object.*s3:\/\/bucket/);
  });

  describe("that cannot be read: the error says what to do", () => {
    const faults: readonly [what: string, options: RangeServerOptions, message: RegExp][] = [
      [
        "a server that allows no other website",
        {},
        /does not allow other websites.*Access-Control-Allow-Origin/,
      ],
      ["a missing file", { fault: "not-found", headers: OPEN }, /does not exist.*check the address/],
      ["a server without ranges", { fault: "no-ranges", headers: OPEN }, /ranges|parts/],
      ["a private file", { fault: "forbidden", headers: OPEN }, /cannot be read.*download it/],
    ];
    testSample(faults, 1)("%s", async ([name, options, message]) => {
      await using server = await startRangeServer(await sampleArchive({ levels: 1 }), options);
      await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
      const { page } = visited;
      await expect.poll(() => page.getByRole("alert").textContent()).toMatch(message);
      await picture(page, `error: ${name}`);
      expect(await page.getByLabel("Or from a server").inputValue()).toBe(server.url);
    });
  });
});
