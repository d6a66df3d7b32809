import { joinKey } from "../store/keys.js";
import type { AbsolutePath } from "../store/store.js";

/** Where the collection at a path keeps its OME-XML, if it has any. */
export function omeXmlKey(collection: AbsolutePath): AbsolutePath {
  return joinKey(joinKey(collection, "OME"), "METADATA.ome.xml");
}

/**
 * How many `Image` elements an OME-XML document has, whatever prefix its namespace goes by. A scan in one pass:
 * a document may have millions of elements, and need not be well-formed to be counted.
 */
export function countOmeXmlImages(xml: string): number {
  let count = 0;
  for (let at = xml.indexOf("<"); at >= 0; at = xml.indexOf("<", at + 1)) {
    const end = SKIPPED.find(([start]) => xml.startsWith(start, at))?.[1];
    if (end !== undefined) {
      at = xml.indexOf(end, at);
      if (at < 0) break;
    } else {
      IMAGE_START.lastIndex = at;
      if (IMAGE_START.test(xml)) count++;
    }
  }
  return count;
}

const SKIPPED = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
] as const;
const IMAGE_START = /<(?:[\w.-]{1,100}:)?Image[\s/>]/y;
