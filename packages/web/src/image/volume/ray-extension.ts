import { VivLayerExtension } from "@vivjs/extensions";
import type { RayMode } from "../model/shown-as.js";
import { CHANNEL, type ChannelLayer, setShownChannels, shownChannels } from "../stage/shown-channels.js";

/** What a mode adds to the shader of `XR3DLayer`. */
interface RayShader {
  /** Declarations. */
  readonly before: string;
  /** For each sample that may be shown. */
  readonly each: string;
  /** Sets `rgb`. */
  readonly after: string;
}

/** The brightness of a channel's value, in its colour. */
function colored(value: string): string {
  return `colorOf${CHANNEL}(${value});`;
}

const EXTREME = "extreme";

function extremeShader(start: string, choose: "max" | "min"): RayShader {
  return {
    before: `float ${EXTREME}${CHANNEL} = ${start};
`,
    each: `${EXTREME}${CHANNEL} = ${choose}(${EXTREME}${CHANNEL}, intensityValue${CHANNEL});
`,
    after: `rgb += ${colored(`${EXTREME}${CHANNEL}`)}
`,
  };
}

const SHADERS: Readonly<Record<RayMode, RayShader>> = {
  max: extremeShader("-3.4e38", "max"),
  min: extremeShader("3.4e38", "min"),
  // A bright sample hides what is behind it, so that many equal samples have the colour of one.
  add: {
    before: `vec3 added = vec3(0.);
  float hidden = 0.;
`,
    each: `vec3 sampled = vec3(0.);
      float opacity = 0.;
      sampled += ${colored(`intensityValue${CHANNEL}`)}
      opacity = max(opacity, brightness(intensityValue${CHANNEL}, shownChannels.window${CHANNEL}, shownChannels.shown${CHANNEL}.w));
      added += (1. - hidden) * opacity * sampled;
      hidden += (1. - hidden) * opacity;
`,
    after: `rgb = added;
`,
  },
};

const NO_LABELS: RayShader = { before: "", each: "", after: "" };

/**
 * Finds the first label of a ray in one label image, and its paint, lit from where it is seen. It is read without
 * interpolation: a mean of two colours would be that of another label.
 *
 * @param at the position of the label image among those that are shown
 */
function labelShader(channel: number, at: number): RayShader {
  const found = `found${channel}`;
  const cell = (offset: string): string =>
    `texelFetch(volume${channel}, ivec3(clamp(floor((${offset}) * cells), vec3(0.), cells - 1.)), 0).r`;
  const isInside = (offset: string): string =>
    `(${cell(`${found}.xyz ${offset} / cells`)} == ${found}.w ? 1. : 0.)`;
  const slope = (axis: string): string => `${isInside(`- ${axis}`)} - ${isInside(`+ ${axis}`)}`;
  return {
    before: `vec4 ${found} = vec4(0.);
`,
    each: `if (${found}.w == 0.) {
        float label = ${cell("p")};
        if (label > 0.) ${found} = vec4(p, label);
      }
`,
    after: `if (${found}.w > 0.) {
    float code = ${found}.w - 1.;
    vec3 paint = vec3(floor(code / 65536.), mod(floor(code / 256.), 256.), mod(code, 256.)) / 255.;
    vec3 normal = vec3(${slope("vec3(1., 0., 0.)")}, ${slope("vec3(0., 1., 0.)")}, ${slope("vec3(0., 0., 1.)")});
    float light = dot(normal, normal) == 0. ? 1. : 0.45 + 0.55 * abs(dot(normalize(normal), ray_dir));
    paints[${at}] = vec4(paint * light, shownChannels.shown${channel}.w);
    depths[${at}] = dot(${found}.xyz, ray_dir);
  }
`,
  };
}

/** Paints the first label of a ray in each label image over the image, the nearest last. */
function labelsShader(channels: readonly number[]): RayShader {
  const [first] = channels;
  if (first === undefined) return NO_LABELS;
  const each = channels.map(labelShader);
  const count = channels.length;
  return {
    before: `vec3 cells = vec3(textureSize(volume${first}, 0));
  ${each.map(({ before }) => before).join("  ")}`,
    each: each.map((one) => one.each).join("      "),
    after: `vec4 paints[${count}];
  float depths[${count}];
  for (int at = 0; at < ${count}; at++) {
    paints[at] = vec4(0.);
    depths[at] = -3.4e38;
  }
  ${each.map(({ after }) => after).join("  ")}
  for (int turn = 0; turn < ${count}; turn++) {
    int far = 0;
    for (int at = 1; at < ${count}; at++) if (depths[at] > depths[far]) far = at;
    rgb = mix(rgb, paints[far].rgb, paints[far].a);
    depths[far] = -3.4e38;
    paints[far].a = 0.;
  }
`,
  };
}

/**
 * Shows the values of each channel along a ray in the colour that they have in a slice. Viv's own projections have no
 * gamma, and its shader makes all colours brighter, as if they were linear ones to be converted to sRGB.
 */
export class RayExtension extends VivLayerExtension {
  static override extensionName = "RayExtension";

  /** Parts of the shader of `XR3DLayer`. */
  readonly rendering: Readonly<Record<"_BEFORE_RENDER" | "_RENDER" | "_AFTER_RENDER", string>>;

  /** @param labels the numbers of the channels that have the colours of labels, as `packColors` has them */
  constructor(mode: RayMode, labels: readonly number[]) {
    super();
    const ray = SHADERS[mode];
    const over = labelsShader(labels);
    const before = `${ray.before}  ${over.before}`;
    const each = `${ray.each}      ${over.each}`;
    const after = `${ray.after}  ${over.after}`;
    this.rendering = {
      // The last step of a ray may end behind the part that is shown.
      _BEFORE_RENDER: `${before}
  float samples = 0.;
  vec3 first = vec3(_U.xSlice[0], _U.ySlice[0], _U.zSlice[0]);
  vec3 last = vec3(_U.xSlice[1], _U.ySlice[1], _U.zSlice[1]);
`,
      _RENDER: `if (canShow > 0. && all(greaterThanEqual(p, first)) && all(lessThanEqual(p, last))) {
      samples += 1.;
      ${each}
    }
`,
      // It returns before the conversion to sRGB.
      _AFTER_RENDER: `if (samples == 0.) discard;
  vec3 rgb = vec3(0.);
  ${after}
  color = vec4(rgb, 1.);
  return;
`,
    };
  }

  override getVivShaderTemplates() {
    return { modules: [shownChannels({ hasRamps: true, hasGamma: true })] };
  }

  override updateState(this: ChannelLayer) {
    setShownChannels(this);
  }
}
