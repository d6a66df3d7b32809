import type { ReadOptions } from "@ozx/core";
import { parseXml } from "@ozx/virtual";
import type { Variant, VariantItem, VariantLevel } from "./lite-variant.js";

/** Types of whole numbers (`runtype`). */
const WHOLE = /^lx_u?int\d+$/;

/**
 * Parses metadata in XML, as files before version 3 have it: an element is a value, whose type and text are attributes, or
 * contains others. Bytes are base64; what is not stays the text that it is.
 *
 * @param where as of `parseXml`
 * @throws as `parseXml` does
 */
export async function parseXmlVariant(
  bytes: Uint8Array,
  where: { readonly location: string; readonly what: string },
  options?: ReadOptions,
): Promise<VariantLevel> {
  const root: VariantItem[] = [];
  const open: { items: VariantItem[]; value: Variant | undefined }[] = [{ items: root, value: undefined }];
  await parseXml(
    bytes,
    where,
    {
      open(_, { runtype = "", value }) {
        open.push({ items: [], value: value === undefined ? undefined : variantOf(runtype, value) });
      },
      close(name) {
        const closed = open.pop();
        if (closed === undefined) return;
        const { items, value } = closed;
        open.at(-1)?.items.push({
          name: name === "no_name" ? "" : name,
          value: items.length > 0 || value === undefined ? { items } : value,
        });
      },
      text() {},
    },
    options,
  );
  return unwrap({ items: root });
}

/** What surrounds the values: `variant`, and a list without a name. */
function unwrap(level: VariantLevel): VariantLevel {
  const [only] = level.items;
  const isWrapper = level.items.length === 1 && (only?.name === "variant" || only?.name === "");
  const inner = only?.value;
  return isWrapper && typeof inner === "object" && "items" in inner ? unwrap(inner) : level;
}

function variantOf(type: string, text: string): Variant {
  if (type === "bool") return text === "true" || text === "1";
  if (type === "CLxByteArray") return bytesOf(text) ?? text;
  if (type !== "double" && !WHOLE.test(type)) return text;
  const value = Number(text);
  return WHOLE.test(type) && !Number.isSafeInteger(value) ? text : value;
}

/** The bytes of base64; undefined where it is something else. */
function bytesOf(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
