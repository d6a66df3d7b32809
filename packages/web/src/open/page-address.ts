import { useEffect, useState } from "react";

/**
 * The number of times that the user has come to another address of this page: by Back, Forward, or a link that was
 * pasted over its address. What the page itself writes into its address does not count.
 */
export function useArrivals(): number {
  const [arrivals, setArrivals] = useState(0);
  useEffect(() => {
    const arrive = (): void => setArrivals((count) => count + 1);
    window.addEventListener("popstate", arrive);
    return () => window.removeEventListener("popstate", arrive);
  }, []);
  return arrivals;
}

/** Keeps the view in the address, without an entry in the browser's history for every small change. */
export function replaceHash(hash: string): void {
  history.replaceState(null, "", withHash(hash));
}

/** Goes to another view, from which Back comes back to this one. */
export function pushHash(hash: string): void {
  history.pushState(null, "", withHash(hash));
}

function withHash(hash: string): URL {
  const page = new URL(location.href);
  page.hash = hash;
  return page;
}

/** One member of a fragment. Slashes, colons and commas are allowed there, and are easier to read unescaped. */
export function formatMember(key: string, value: string): string {
  return `${key}=${encodeURIComponent(value).replace(/%(?:2F|3A|2C)/g, decodeURIComponent)}`;
}

/** The members of a fragment; none where the fragment is for another source than the named one. */
export function membersOf(hash: string, name: string): URLSearchParams {
  const members = new URLSearchParams(hash.replace(/^#/, ""));
  return members.get("of") === name ? members : new URLSearchParams();
}

/** The name of the source that a fragment is for; undefined where there is none. */
export function nameInHash(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, "")).get("of") ?? undefined;
}

/** The section in a fragment; undefined where there is none. */
export function tabOfHash(hash: string, name: string): string | undefined {
  return membersOf(hash, name).get("tab") ?? undefined;
}

/** The path of the image in a fragment; undefined where there is none. */
export function imageOfHash(hash: string, name: string): string | undefined {
  return membersOf(hash, name).get("image") ?? undefined;
}

/** A fragment with another section, and with the rest of the view where it is of the same source. */
export function hashWithTab(hash: string, name: string, tab: string | undefined): string {
  const own = formatMember("of", name);
  const members = hash.replace(/^#/, "").split("&");
  const rest = members.includes(own) ? members.filter((one) => !one.startsWith("tab=")) : [own];
  return [...rest, ...(tab === undefined ? [] : [formatMember("tab", tab)])].join("&");
}
