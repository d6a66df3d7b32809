import { type AbsolutePath, NotFoundError, type ReadOptions, type Store } from "@ozx/core";
import { printable } from "../terminal/text-layout.js";

/** The key of an argument, with or without slashes at its start and end. */
export function toKey(text: string): AbsolutePath {
  return `/${text.replace(/^\/+|\/+$/g, "")}`;
}

/** The error for a key that does not exist, with similar keys. */
export async function missingKey(
  store: Store,
  key: AbsolutePath,
  options: ReadOptions,
): Promise<NotFoundError> {
  const name = printable(key.slice(1));
  const place = { location: store.name, path: key };
  if (store.unlisted !== undefined) {
    return new NotFoundError(`there is no ${name} in ${store.name}: check the spelling`, place);
  }
  const closest = createClosest(key);
  for await (const entry of store.list(options)) {
    if (entry.key.startsWith(`${key === "/" ? "" : key}/`)) {
      const what = name === "" ? "the root" : name;
      return new NotFoundError(`${what} in ${store.name} is a folder; "ozx ls" lists its keys`, place);
    }
    closest.offer(entry.key);
  }
  const matches = closest.keys().map((match) => printable(match.slice(1)));
  const hint = matches.length > 0 ? `did you mean ${matches.join(" or ")}?` : `"ozx ls" lists its keys`;
  return new NotFoundError(`there is no ${name} in ${store.name}: ${hint}`, place);
}

const MOST_MATCHES = 3;

/** Keeps the keys that are most similar to one. */
function createClosest(wanted: string) {
  const best: { key: string; score: number }[] = [];
  return {
    offer(key: string): void {
      const score = similarity(key, wanted);
      if (score < 0.6 || (best.length === MOST_MATCHES && score <= (best.at(-1)?.score ?? 0))) return;
      best.push({ key, score });
      best.sort((a, b) => b.score - a.score);
      best.length = Math.min(best.length, MOST_MATCHES);
    },
    keys: (): string[] => best.map(({ key }) => key),
  };
}

/**
 * The length of the common start and end of two keys in relation to their length, from 0 to 1. Fast, because it is
 * computed for each of a million keys.
 */
function similarity(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a.charCodeAt(head) === b.charCodeAt(head)) head++;
  let tail = 0;
  while (tail < shorter - head && a.charCodeAt(a.length - 1 - tail) === b.charCodeAt(b.length - 1 - tail))
    tail++;
  return (head + tail) / Math.max(a.length, b.length);
}
