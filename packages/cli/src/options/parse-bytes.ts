const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3 };

/**
 * Parses a number of bytes, as in `64MB`, `1.5g`, `2GiB` or `2000`.
 *
 * @returns NaN for what is not a size
 */
export function parseBytes(text: string): number {
  const [, number, unit = "", binary] = /^(\d+(?:\.\d+)?)\s*(?:([kmg])(i)?)?b?$/i.exec(text.trim()) ?? [];
  return Math.round(Number(number) * (binary ? 1024 : 1000) ** (POWERS[unit.toLowerCase()] ?? 0));
}
