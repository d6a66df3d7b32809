import type { ReadOptions } from "@ozx/core";
import { parseXml } from "@ozx/virtual";
import { collectElements, type ElementCollector } from "../parse/elements.js";

/**
 * The images that the XML of a file describes.
 *
 * @throws InvalidMetadataError, UnsupportedError as `parseXml` does
 */
export async function parseElements(
  text: string,
  name: string,
  options?: ReadOptions,
): Promise<ElementCollector> {
  const collector = collectElements();
  const handlers = { open: collector.open, close: collector.close, text() {} };
  await parseXml(new TextEncoder().encode(text), { location: name, what: "the XML" }, handlers, options);
  return collector;
}
