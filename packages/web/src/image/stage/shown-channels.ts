import type { Layer } from "@deck.gl/core";
import { RAMP_LENGTH } from "../model/color-ramps.js";
import type { ShownChannel } from "./scene.js";

/** Viv repeats each line of a shader with this word for every channel, with its number in place of the word. */
export const CHANNEL = "VIV_CHANNEL_INDEX";

const STEPS = Array.from({ length: RAMP_LENGTH }, (_, at) => at);
const LAST = RAMP_LENGTH - 1;

/** What a shader has for the channels, beside windows. WebGL in software is several times as slow with ramps. */
export interface ChannelShading {
  /** Whether a channel has colours other than from black to one colour. */
  readonly hasRamps: boolean;
  /** Whether a channel has a gamma other than 1. */
  readonly hasGamma: boolean;
}

/** What a shader needs to show channels. */
export function shadingOf(channels: readonly ShownChannel[]): ChannelShading {
  return {
    hasRamps: channels.some(({ ramp }) => ramp !== undefined),
    hasGamma: channels.some(({ gamma }) => gamma !== 1),
  };
}

/**
 * The windows, colours and gamma of channels for shaders, and the brightness of a value as core's `compositeChannels`
 * has it. Viv's own palettes have no gamma, and treat windows narrower than 0.0005 as 0.0005 wide, which makes small
 * floating-point values black.
 */
export function shownChannels({ hasRamps, hasGamma }: ChannelShading) {
  const light = `brightness(value, shownChannels.window${CHANNEL}, shownChannels.shown${CHANNEL}.w)`;
  const steps = STEPS.map((at) => `shownChannels.step${at}of${CHANNEL}`);
  return {
    name: "shownChannels",
    uniformTypes: {
      [`shown${CHANNEL}`]: "vec4<f32>",
      [`window${CHANNEL}`]: "vec2<f32>",
      ...Object.fromEntries(STEPS.map((at) => [`step${at}of${CHANNEL}`, "vec3<f32>"])),
    },
    fs: `uniform shownChannelsUniforms {
  vec4 shown${CHANNEL};
  vec2 window${CHANNEL};
${STEPS.map((at) => `  vec3 step${at}of${CHANNEL};`).join("\n")}
} shownChannels;

float brightness(float value, vec2 window, float gamma) {
  float light = value >= window.y ? 1. : (value - window.x) / (window.y - window.x);
  // NaN is not greater than anything.
  return value > window.x ? ${hasGamma ? "pow(light, gamma)" : "light"} : 0.;
}
${hasRamps ? ON_RAMP : ""}
vec3 colorOf${CHANNEL}(float value) { return ${hasRamps ? `onRamp(${[light, ...steps].join(", ")})` : `${light} * shownChannels.shown${CHANNEL}.rgb`}; }
`,
    // The windows are applied by the colours; without this line Viv would apply them before.
    inject: { "fs:DECKGL_PROCESS_INTENSITY": "intensity = intensity;" },
  };
}

const ON_RAMP = `
vec3 onRamp(float light, ${STEPS.map((at) => `vec3 step${at}`).join(", ")}) {
  float at = light * ${LAST}.;
${STEPS.slice(1, -1)
  .map((at) => `  if (at <= ${at}.) return mix(step${at - 1}, step${at}, at - ${at - 1}.);`)
  .join("\n")}
  return mix(step${LAST - 1}, step${LAST}, at - ${LAST - 1}.);
}
`;

/** A layer with the properties that its shader needs. */
export type ChannelLayer = Layer<{ channels: readonly ShownChannel[] }>;

/** Passes the channels of a layer to its shader. */
export function setShownChannels(layer: ChannelLayer): void {
  const uniforms: Record<string, number[]> = {};
  for (const [index, { window, rgb, ramp, gamma }] of layer.props.channels.entries()) {
    uniforms[`shown${index}`] = [...rgb.map((part) => part / 255), gamma];
    uniforms[`window${index}`] = [window.start, window.end];
    // In a shader with ramps, black to one colour is one as well.
    for (const at of STEPS) {
      const color = ramp?.[at] ?? rgb.map((part) => (part * at) / LAST);
      uniforms[`step${at}of${index}`] = color.map((part) => part / 255);
    }
  }
  for (const model of layer.getModels()) model.shaderInputs.setProps({ shownChannels: uniforms });
}
