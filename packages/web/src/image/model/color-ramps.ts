/** Red, green and blue, each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A way to colour a channel other than from black to one colour. */
interface ColorRamp {
  /** As in the page's address. */
  readonly id: string;
  readonly title: string;
  /** Colours at equal steps of brightness, {@link RAMP_LENGTH} of them. */
  readonly colors: readonly Rgb[];
}

/** As many as the shader takes. */
export const RAMP_LENGTH = 9;

/** All ramps. The lightness of the first three grows evenly, also for people who see few colours. */
export const COLOR_RAMPS: readonly ColorRamp[] = [
  ramp("warm", "Warm: violet to yellow", (part) =>
    oklch(0.08 + 0.88 * part, 0.2 * arch(part), 290 + 170 * part),
  ),
  ramp("cool", "Cool: blue to green", (part) =>
    oklch(0.22 + 0.7 * part, 0.05 + 0.13 * arch(part), 290 - 180 * part),
  ),
  ramp("grey", "Grey, inverted", (part) => [255 * (1 - part), 255 * (1 - part), 255 * (1 - part)]),
  ramp("fire", "Fire: red to white", heat),
  ramp("ice", "Ice: blue to white", (part) => {
    const [red, green, blue] = heat(part);
    return [blue, green, red];
  }),
  ramp("diverging", "Blue, white, red", (part) =>
    oklch(0.97 - 0.5 * Math.abs(2 * part - 1), 0.2 * Math.abs(2 * part - 1), part < 0.5 ? 262 : 27),
  ),
  ramp("spectrum", "Spectrum", (part) => oklch(0.7, 0.16, 280 - 260 * part)),
];

/** The ramp of an identifier; undefined where there is none. */
export function colorRamp(id: string | undefined): ColorRamp | undefined {
  return COLOR_RAMPS.find((one) => one.id === id);
}

function ramp(id: string, title: string, colorAt: (part: number) => Rgb): ColorRamp {
  const colors = Array.from({ length: RAMP_LENGTH }, (_, at) => colorAt(at / (RAMP_LENGTH - 1)));
  return { id, title, colors };
}

/** The colours of a black body: red comes first, then green, then blue. */
function heat(part: number): Rgb {
  const within = (value: number): number => 255 * Math.max(0, Math.min(1, value));
  return [within((8 * part) / 3), within((8 * part - 3) / 3), within((8 * part - 6) / 2)];
}

/** 0 at both ends, 1 in the middle. */
function arch(part: number): number {
  return Math.sin(Math.PI * part);
}

/**
 * A colour of Oklab (B. Ottosson, 2020) by lightness, chroma and hue in degrees, as sRGB; what sRGB cannot show is cut.
 */
function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toSrgb(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    toSrgb(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    toSrgb(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

/** A linear intensity from 0 to 1 as a value of sRGB from 0 to 255 (IEC 61966-2-1). */
function toSrgb(linear: number): number {
  const value = Math.max(0, Math.min(1, linear));
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
}
