/**
 * Where something lies that begins `pixels` after `start`, each of the size `scale`: `start + pixels · scale` of the
 * numbers as people write them, where 0.1 + 0.2 is 0.3. Metadata that is made of other metadata stays as exact.
 */
export function placeAfter(start: number, pixels: number, scale: number): number {
  if (![start, pixels, scale].every(Number.isFinite)) return start + pixels * scale;
  const [from, count, size] = [start, pixels, scale].map(decimalOf) as [Decimal, Decimal, Decimal];
  const added = { digits: count.digits * size.digits, exponent: count.exponent + size.exponent };
  const exponent = Math.min(from.exponent, added.exponent);
  const sum = [from, added].reduce(
    (all, part) => all + part.digits * 10n ** BigInt(part.exponent - exponent),
    0n,
  );
  return Number(`${sum}e${exponent}`);
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** By its shortest text, as in `-1.5e-7`. */
function decimalOf(value: number): Decimal {
  const [digits = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", part = ""] = digits.split(".");
  return { digits: BigInt(whole + part), exponent: Number(exponent) - part.length };
}
