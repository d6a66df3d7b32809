import { memorySink, memoryStore } from "@ozx/core/container";
import { expect, test } from "vitest";
import { layOut } from "../../src/write/layout.js";
import { openRunJournal } from "../../src/write/run-journal.js";

const COUNT = 200_000;

test("a first note of very many made entries has them all", async () => {
  const notes: string[] = [];
  const journal = {
    resumes: true,
    interval: 0,
    read: async () => new Uint8Array(),
    truncate: async () => {},
    begin: async () => ({ leftover: undefined, records: [] }),
    checkpoint: async (text: string) => {
      notes.push(text);
    },
  };
  const source = { ...memoryStore(), fingerprint: async () => ({ text: "as it was" }) };
  const layout = layOut([], new Uint8Array());
  const data = { layout, source, entries: [], crcs: new Uint32Array() };
  const account = await openRunJournal(data, [], { ...memorySink(), journal });
  for (let at = 0; at < COUNT; at++)
    account.added({ name: `${at}`, size: 1, crc: at, headerOffset: at * 100 });
  account.reached(COUNT * 100);
  await account.settle();
  expect(notes.map((note) => JSON.parse(note).length)).toEqual([COUNT]);
});
