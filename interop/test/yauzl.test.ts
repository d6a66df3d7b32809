import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import type { Entry, ZipFile } from "yauzl";
import yauzl from "yauzl";
import { archiveNames } from "../support/own-reader.js";
import { describeSubjects } from "../support/subjects.js";

describeSubjects((subject) => {
  test("yauzl reads every entry with its CRC-32", async () => {
    const archive = await subject.archive();
    const names: string[] = [];
    for await (const { entry, content } of entriesOf(archive)) {
      names.push(entry.fileName);
      expect(crc32(content), entry.fileName).toBe(entry.crc32);
      expect(content.length, entry.fileName).toBe(entry.uncompressedSize);
    }
    expect(names.sort()).toEqual(await archiveNames(archive));
  });
});

async function* entriesOf(archive: string): AsyncGenerator<{ entry: Entry; content: Buffer }> {
  const open = promisify<string, yauzl.Options, ZipFile>(yauzl.open);
  const file = await open(archive, { lazyEntries: true, strictFileNames: true, autoClose: false });
  const openEntry = promisify<Entry, NodeJS.ReadableStream>(file.openReadStream.bind(file));
  const entries: Entry[] = [];
  await new Promise((resolve, reject) => {
    file.on("error", reject).on("end", resolve);
    file.on("entry", (entry: Entry) => {
      entries.push(entry);
      file.readEntry();
    });
    file.readEntry();
  });
  for (const entry of entries) yield { entry, content: await buffer(await openEntry(entry)) };
  file.close();
}
