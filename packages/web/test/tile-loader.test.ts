import { expect, test } from "vitest";
import { createTileLoader, type WantedTile } from "../src/image/tiles/tile-loader.js";

/** A loader whose tiles are read when the test says so. */
function controlled() {
  const errors: unknown[] = [];
  const started: string[] = [];
  const aborted: string[] = [];
  const ends = new Map<string, { resolve(value: string): void; reject(error: Error): void }>();
  const loader = createTileLoader<string>({
    sizeOf: () => 1,
    capacity: 100,
    onLoad: () => {},
    onError: (error) => errors.push(error),
  });
  const tile = (key: string): WantedTile<string> => ({
    key,
    read: (signal) => {
      started.push(key);
      signal.addEventListener("abort", () => aborted.push(key));
      return new Promise((resolve, reject) => ends.set(key, { resolve, reject }));
    },
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return { loader, errors, started, aborted, ends, tile, settle };
}

test("tiles ahead are read after those that are wanted, and nothing waits for them", async () => {
  const { loader, started, ends, tile, settle } = controlled();
  loader.want([tile("a")], [tile("b")]);
  expect(started).toEqual(["a", "b"]);
  ends.get("a")?.resolve("A");
  await settle();
  expect(loader.settled).toBe(true);
  loader.want([tile("b")], [tile("c")]);
  expect(loader.settled).toBe(false);
  ends.get("b")?.resolve("B");
  await settle();
  expect(loader.get("b")).toBe("B");
  expect(started, "each once").toEqual(["a", "b", "c"]);
});

test("tiles that are neither wanted nor ahead any longer are aborted", () => {
  const { loader, aborted, tile } = controlled();
  loader.want([tile("a")], [tile("b"), tile("c")]);
  loader.want([tile("b")], [tile("d")]);
  expect(aborted).toEqual(["a", "c"]);
});

test("what cannot be read ahead is read again, and reported, once it is wanted", async () => {
  const { loader, errors, started, ends, tile, settle } = controlled();
  loader.want([tile("a")], [tile("b")]);
  ends.get("b")?.reject(new Error("broken"));
  await settle();
  loader.want([tile("a")], [tile("b")]);
  expect([errors, started]).toEqual([[], ["a", "b"]]);
  loader.want([tile("b")]);
  ends.get("b")?.reject(new Error("broken"));
  await settle();
  expect(started).toEqual(["a", "b", "b"]);
  expect(errors).toHaveLength(1);
  expect(loader.hasFailed("b")).toBe(true);
});
