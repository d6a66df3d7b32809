import { memorySink, memoryStore } from "@ozx/core/container";
import { expect, test } from "vitest";
import { layOut } from "../../src/write/layout.js";
import { openRunJournal } from "../../src/write/run-journal.js";

const COUNT = 200_000;

test("a first record of very many generated entries has all of them", async () => {
  const records: string[] = [];
  const journal = {
    resumes: true,
    interval: 0,
    read: async () => new Uint8Array(),
    truncate: async () => {},
    begin: async () => ({ leftover: undefined, records: [] }),
    forget: () => {},
    checkpoint: async (text: string) => {
      records.push(text);
    },
  };
  const source = { ...memoryStore(), fingerprint: async () => ({ text: "as it was" }) };
  const layout = await layOut([], new Uint8Array());
  const data = { layout, source, entries: [], crcs: new Uint32Array() };
  const runs = await openRunJournal(data, [], { ...memorySink(), journal });
  for (let at = 0; at < COUNT; at++) runs.added({ name: `${at}`, size: 1, crc: at, headerOffset: at * 100 });
  runs.reached(COUNT * 100);
  await runs.settle();
  expect(records.map((record) => JSON.parse(record).length)).toEqual([COUNT]);
});
