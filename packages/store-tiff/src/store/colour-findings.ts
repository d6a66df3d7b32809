import type { Finding } from "@ozx/core";
import { notice } from "@ozx/virtual";
import type { ArrayPlan } from "./array-plan.js";

/** What pixels are that are no brightness (PhotometricInterpretation), and what to do for a picture that looks right. */
const MEANINGS: Readonly<Record<number, readonly [meaning: string, help: string]>> = {
  0: ["their largest value is black (MinIsWhite)", "Invert the display, where it looks like a negative."],
  3: [
    "they are indices of a palette, which is not kept",
    "Save it as RGB with the program that wrote it, to keep its colours.",
  ],
  5: ["they are amounts of ink (CMYK)", "Save it as RGB with the program that wrote it, to see its colours."],
};

/** What a user should know of the pixels of arrays, which are kept as they are. */
export function colourFindings(name: string, plans: Iterable<ArrayPlan>): Finding[] {
  const photometrics = new Set([...plans].map(({ level }) => level.page.photometric));
  return [...photometrics].flatMap((photometric) => {
    const [meaning, help] = MEANINGS[photometric] ?? [];
    if (meaning === undefined || help === undefined) return [];
    return notice("pixel-meaning", `The pixels of ${name} are kept as they are: ${meaning}.`, help);
  });
}
