// The compared libraries. Each opens a file or an address, and then reads values by name.
import { openAsBlob, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";

export const READERS = {
  ozx: {
    open: async (path) => ozxReader(await openOzxStore(path)),
    openUrl: async (url) => ozxReader(await openOzxStore(url)),
  },
  zarrita: {
    async open(path) {
      const { default: ZipFileStore } = await import("@zarrita/storage/zip");
      return storeReader(ZipFileStore.fromBlob(await openAsBlob(path)));
    },
    async openUrl(url) {
      const { default: ZipFileStore } = await import("@zarrita/storage/zip");
      return storeReader(ZipFileStore.fromUrl(url));
    },
  },
  unzipit: {
    async open(path) {
      const { unzip } = await import("unzipit");
      return unzipitReader((await unzip(await openAsBlob(path))).entries);
    },
    async openUrl(url) {
      const { HTTPRangeReader, unzip } = await import("unzipit");
      return unzipitReader((await unzip(new HTTPRangeReader(url))).entries);
    },
  },
  "zip.js": {
    async open(path) {
      const { BlobReader } = await import("@zip.js/zip.js");
      return zipJsReader(new BlobReader(await openAsBlob(path)));
    },
    async openUrl(url) {
      const { HttpRangeReader } = await import("@zip.js/zip.js");
      return zipJsReader(new HttpRangeReader(url));
    },
  },
  yauzl: { open: openYauzl },
  // Not a library: reads the bytes of each chunk at its known position in the file.
  "fs.read": { open: openPlain },
};

async function openOzxStore(location) {
  const { openPath } = await import("@ozx/core/node");
  const { ozxFormat } = await import("@ozx/store-zip");
  return openPath(location, { formats: [ozxFormat] });
}

function ozxReader(store) {
  return {
    get: (name) => store.get(`/${name}`),
    getRange: (name, length) => store.getRange(`/${name}`, { offset: 0, length }),
    getSync: (name, target) => store.readSync(`/${name}`, target),
  };
}

async function openPlain(path) {
  const { loadArchive, close } = await openOzxStore(path);
  const { directory, end } = await loadArchive();
  const { count, names, nameEnds, headerOffsets, sizes } = directory;
  const ranges = new Map();
  for (let index = 0; index < count; index++) {
    const name = names.subarray(index === 0 ? 0 : nameEnds[index - 1], nameEnds[index]);
    const dataEnd = index + 1 < count ? headerOffsets[index + 1] : end.directoryOffset;
    ranges.set(String(Buffer.from(name)), { start: dataEnd - sizes[index], size: sizes[index] });
  }
  await close();
  const file = openSync(path);
  const readFile = promisify(read);
  return {
    async get(name) {
      const { start, size } = ranges.get(name);
      return (await readFile(file, new Uint8Array(size), 0, size, start)).buffer;
    },
    getSync(name, target) {
      const { start, size } = ranges.get(name);
      readSync(file, target, 0, size, start);
    },
  };
}

function storeReader(store) {
  return { get: (name) => store.get(`/${name}`) };
}

function unzipitReader(entries) {
  return { get: async (name) => new Uint8Array(await entries[name].arrayBuffer()) };
}

async function zipJsReader(reader) {
  const { Uint8ArrayWriter, ZipReader, configure } = await import("@zip.js/zip.js");
  configure({ useWebWorkers: false });
  const entries = await new ZipReader(reader).getEntries();
  const byName = new Map(entries.map((entry) => [entry.filename, entry]));
  return { get: (name) => byName.get(name).getData(new Uint8ArrayWriter(), { checkCrc32: true }) };
}

async function openYauzl(path) {
  const { default: yauzl } = await import("yauzl");
  const zip = await new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, file) =>
      error ? reject(error) : resolve(file),
    );
  });
  const byName = new Map();
  await new Promise((resolve, reject) => {
    zip.on("entry", (entry) => {
      byName.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.once("end", resolve).once("error", reject);
    zip.readEntry();
  });
  return {
    async get(name) {
      const stream = await new Promise((resolve, reject) => {
        zip.openReadStream(byName.get(name), (error, opened) => (error ? reject(error) : resolve(opened)));
      });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}
