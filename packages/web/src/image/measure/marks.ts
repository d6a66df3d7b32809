/** A position in pixels of the largest level, from the outer corner of its first pixel. */
export type Position = readonly [x: number, y: number];

/** What kind of mark it is: an area is a polygon, a box has two opposite corners. */
export type MarkKind = "point" | "line" | "box" | "area";

/** A mark on an image. */
export interface Mark {
  readonly kind: MarkKind;
  readonly positions: readonly Position[];
}

/** The least and the most positions of each kind. */
const COUNTS: Readonly<Record<MarkKind, readonly [least: number, most: number]>> = {
  point: [1, 1],
  line: [2, 2],
  box: [2, 2],
  area: [3, 200],
};

/** Marks in a link: an address has limits. */
const MOST_MARKS = 200;

/** Marks as a member of the page's address, as in `point:10,20/line:0,0,30.5,40`. */
export function formatMarks(marks: readonly Mark[]): string {
  return marks.map(({ kind, positions }) => `${kind}:${positions.flat().map(short).join(",")}`).join("/");
}

/** Parses a text by {@link formatMarks}; what is not valid is left out. */
export function parseMarks(text: string | null): Mark[] {
  const parts = (text ?? "").split("/", MOST_MARKS);
  return parts.flatMap((part) => {
    const [kind = "", numbers = ""] = part.split(":", 2);
    if (!isKind(kind)) return [];
    const values = numbers.split(",").map((one) => (one === "" ? Number.NaN : Number(one)));
    const [least, most] = COUNTS[kind];
    const isValid = values.every((value) => Math.abs(value) < 1e9) && values.length % 2 === 0;
    const count = values.length / 2;
    if (!isValid || count < least || count > most) return [];
    const positions = Array.from({ length: count }, (_, at) => {
      return [values[2 * at] ?? 0, values[2 * at + 1] ?? 0] as const;
    });
    return [{ kind, positions }];
  });
}

/** Whether a mark with these positions has as many as its kind may have. */
export function isFull(kind: MarkKind, positions: readonly Position[]): boolean {
  return positions.length >= COUNTS[kind][1];
}

/** Whether a mark with these positions has as many as its kind must have. */
export function isEnough(kind: MarkKind, positions: readonly Position[]): boolean {
  return positions.length >= COUNTS[kind][0];
}

function isKind(text: string): text is MarkKind {
  return Object.hasOwn(COUNTS, text);
}

/** Hundredths of a pixel. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
