import { createThrottle } from "../../bytes/concurrency.js";
import { hasLevel, levelsOf } from "../../codecs/levels.js";
import { isOzxError, type OzxError } from "../../errors.js";
import { type Finding, sentence, violation } from "../../findings.js";
import type { AbsolutePath, Store, StoreEntry } from "../../store/store.js";
import type { CheckOptions } from "../../store/store-format.js";
import { formatForm, parentKey } from "../../store/store-keys.js";
import { gridOf, keyLocator, type LocatedKey, listEntries } from "../array-keys.js";
import { type Codec, codecOf } from "../codec/codec.js";
import { laxDocuments } from "../lax-documents.js";
import { divides } from "../shard/shard-layout.js";
import { namesakes } from "../stored-path.js";
import type { ArrayNode, Hierarchy } from "../zarr-node.js";
import { type CheckTask, createDataCheck, type DataCheck, runCheckTasks } from "./check-data.js";
import type { DecoderParts } from "./chunk-decoder.js";
import {
  BELOW_ARRAY,
  CHUNK_DECODES,
  CHUNK_KEYS,
  CODEC_CHAIN,
  CODEC_LEVEL,
  IMPLICIT_GROUP,
  NODE_FORM,
  SHARD_SHAPE,
  STRICT_JSON,
  UNREADABLE_NODE,
  UNSUPPORTED_NODE,
} from "./zarr-rules.js";

/**
 * Checks a hierarchy as Zarr: its documents, and every key below an array; with `deep` also the index of every shard
 * and the data of every chunk, within a memory budget.
 *
 * @param hierarchy all nodes of the store, as `readHierarchy` returns them
 * @throws UnreadableError, SourceChangedError where the store itself fails
 */
export async function* checkZarr(
  store: Store,
  hierarchy: Hierarchy,
  options: CheckOptions & Pick<DecoderParts, "checker"> = {},
): AsyncGenerator<Finding> {
  yield* checkNodes(hierarchy);
  const { signal, deep = false, checker } = options;
  // Its keys are not listed but derived from the arrays, so none can be stray.
  if (store.unlisted !== undefined && !deep) return;
  const checkData = deep ? await createDataCheck(store, { signal, checker }) : undefined;
  yield* runCheckTasks(tasksOf(store, hierarchy, checkData, options), { signal });
}

/** The task for each key: its finding, or the check of its data. */
async function* tasksOf(
  store: Store,
  hierarchy: Hierarchy,
  checkData: DataCheck | undefined,
  { signal, onProgress }: CheckOptions,
): AsyncGenerator<CheckTask> {
  const locate = keyLocator(hierarchy);
  const pause = createThrottle({ signal });
  const done = { entries: 0, bytes: 0 };
  let listed = 0;
  const tooLong: Finding[] = [];
  const onTooLong = (key: AbsolutePath, { message }: OzxError): void => {
    tooLong.push(violation(CHUNK_DECODES, key, sentence(message)));
  };
  for await (const entry of listEntries(store, hierarchy, { signal, onTooLong })) {
    // Reading the clock costs as much as checking a key.
    const paused = ++listed % 256 === 0 ? pause() : undefined;
    if (paused !== undefined) {
      await paused;
      onProgress?.({ ...done });
    }
    const located = locate(entry.key);
    const finding = located && strayKey(entry, located);
    if (finding !== undefined) yield { cost: 0, run: async () => [finding] };
    if (located === undefined || finding !== undefined || checkData === undefined) {
      done.entries++;
      done.bytes += entry.size;
      continue;
    }
    const task = checkData(entry, located);
    yield {
      cost: task.cost,
      run: async () => {
        const findings = await task.run();
        done.entries++;
        done.bytes += entry.size;
        onProgress?.({ ...done });
        return findings;
      },
    };
  }
  yield { cost: 0, run: async () => tooLong };
}

/** What is wrong with a key below an array; undefined for its chunks. */
export function strayKey({ key }: StoreEntry, { node, kind }: LocatedKey): Finding | undefined {
  if (kind === "in-grid") return undefined;
  if (kind === "stray") {
    return violation(CHUNK_KEYS, key, `${key} is not the name of a chunk of the array ${node.path}.`);
  }
  const unit = node.array.shardShape === undefined ? "chunks" : "shards";
  return violation(
    CHUNK_KEYS,
    key,
    `${key} lies outside of the array ${node.path}, which has ${gridOf(node).join(" × ")} ${unit}.`,
  );
}

/** Finds nodes whose names look the same. */
export function* checkForms({ nodes }: Hierarchy): Generator<Finding> {
  for (const [one, other] of namesakes(nodes)) {
    yield violation(
      NODE_FORM,
      other,
      `${formatForm(one)} and ${formatForm(other)} differ in their normal form of Unicode only.`,
    );
  }
}

/** Checks the nodes of a hierarchy, apart from their attributes and their data. */
export function* checkNodes(hierarchy: Hierarchy): Generator<Finding> {
  for (const { path, error } of hierarchy.broken) {
    const rule = isOzxError(error, "Unsupported") ? UNSUPPORTED_NODE : UNREADABLE_NODE;
    yield violation(rule, path, sentence(error.message));
  }
  yield* implicitGroups(hierarchy);
  yield* checkForms(hierarchy);
  for (const node of hierarchy.nodes.values()) {
    for (const { key } of laxDocuments(node)) {
      yield violation(STRICT_JSON, key, `${key} has NaN or Infinity in it, which is no JSON.`);
    }
    const array = arrayAbove(node.path, hierarchy);
    if (array !== undefined) {
      yield violation(
        BELOW_ARRAY,
        node.path,
        `The ${node.kind} ${node.path} lies below the array ${array.path}.`,
      );
    }
    if (node.kind === "array") {
      yield* shardShape(node);
      yield* codecLevels(node);
      yield* codecChain(node);
    }
  }
}

/** Folders without a document above nodes. Zarr v2 allows them; v3 does not, since its final text. */
function* implicitGroups({ nodes, broken }: Hierarchy): Generator<Finding> {
  const known = new Set<AbsolutePath>(broken.map(({ path }) => path));
  for (const node of nodes.values()) {
    if (node.zarrFormat !== 3) continue;
    for (let path = node.path; path !== "/"; ) {
      path = parentKey(path);
      if (nodes.has(path) || known.has(path)) break;
      known.add(path);
      yield violation(
        IMPLICIT_GROUP,
        path,
        `${path} has no zarr.json, though the ${node.kind} ${node.path} lies below it.`,
      );
    }
  }
}

function arrayAbove(path: AbsolutePath, { nodes }: Hierarchy): ArrayNode | undefined {
  for (let above = path; above !== "/"; ) {
    above = parentKey(above);
    const node = nodes.get(above);
    if (node?.kind === "array") return node;
  }
  return undefined;
}

function* shardShape({ path, array }: ArrayNode): Generator<Finding> {
  const { shardShape, chunkShape } = array;
  if (shardShape === undefined || divides(chunkShape, shardShape)) return;
  yield violation(
    SHARD_SHAPE,
    path,
    `The array ${path} has shards of ${shardShape.join(" × ")}, which chunks of ${chunkShape.join(" × ")} do not fill.`,
  );
}

/** The codecs of an array, with those inside its shards. */
function* allCodecs(codecs: unknown): Generator<Codec> {
  if (!Array.isArray(codecs)) return;
  for (const codec of codecs.map(codecOf)) {
    yield codec;
    yield* allCodecs(codec.configuration["codecs"]);
  }
}

/** Zarr v2 leaves levels to the compressors, of which gzip's has -1; v3 gives each codec its range. */
function* codecLevels({ path, zarrFormat, document }: ArrayNode): Generator<Finding> {
  if (zarrFormat !== 3) return;
  for (const { name, configuration } of allCodecs(document["codecs"])) {
    const level = configuration[name === "blosc" ? "clevel" : "level"];
    const levels = levelsOf(name);
    if (levels === undefined || level === undefined || hasLevel(name, level)) continue;
    yield violation(
      CODEC_LEVEL,
      path,
      `The codec ${name} of the array ${path} has the level ${JSON.stringify(level)}, not one from ${levels.join(" to ")}.`,
    );
  }
}

/** Zarr v3, `bytes`: "endian: Required for data types for which endianness is applicable". */
function* codecChain({ path, zarrFormat, document, array }: ArrayNode): Generator<Finding> {
  if (zarrFormat !== 3) return;
  const [first] = allCodecs(document["codecs"]);
  if (first === undefined) {
    yield violation(CODEC_CHAIN, path, `The array ${path} has no codec that makes bytes of its elements.`);
  }
  if (!MULTIBYTE.test(array.dtype)) return;
  for (const { name, configuration } of allCodecs(document["codecs"])) {
    if (name !== "bytes" || (configuration["endian"] ?? undefined) !== undefined) continue;
    // Others take it for little, as ozx does.
    yield violation(
      { ...CODEC_CHAIN, severity: "warning" },
      path,
      `The codec bytes of the array ${path} has no endian, and each ${array.dtype} has several bytes.`,
    );
  }
}

const MULTIBYTE = /^(?:u?int|float|complex)(?!8$)\d+$/;
