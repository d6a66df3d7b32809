import fc from "fast-check";

/** Where fields of 16 and 32 bits end, where ZIP64 starts and where whole numbers in JavaScript end. */
export const BOUNDARY_SIZES = [
  0,
  1,
  0xfffe,
  0xffff,
  0x1_0000,
  0xffff_fffe,
  0xffff_ffff,
  0x1_0000_0000,
  0x1_0000_0001,
  5 * 2 ** 30,
  2 ** 40 + 7,
  Number.MAX_SAFE_INTEGER,
] as const;

export const u32Value = fc.oneof(
  fc.constantFrom(0, 0xfffe, 0xffff, 0xffff_fffe, 0xffff_ffff),
  fc.nat(0xffff_ffff),
);
export const u64Value = fc.oneof(fc.constantFrom(...BOUNDARY_SIZES), fc.maxSafeNat());
export const smallBytes = fc.uint8Array({ maxLength: 40 });
