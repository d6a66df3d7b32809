import type { Layer } from "@deck.gl/core";
import { RAMP_LENGTH } from "../model/color-ramps.js";
import type { ShownChannel } from "./scene.js";

/** Viv repeats each line of a shader with this word for every channel, with its number in place of the word. */
export const CHANNEL = "VIV_CHANNEL_INDEX";

const STEPS = Array.from({ length: RAMP_LENGTH }, (_, at) => at);
const LAST = RAMP_LENGTH - 1;

/**
 * The windows, colours and gamma of channels for shaders, and the brightness of a value as core's `compositeChannels`
 * has it. Viv's own palettes have no gamma, and treat windows narrower than 0.0005 as 0.0005 wide, which makes small
 * floating-point values black.
 */
export const shownChannels = {
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
  if (!(value > window.x)) return 0.;
  if (value >= window.y) return 1.;
  return pow((value - window.x) / (window.y - window.x), gamma);
}

vec3 onRamp(float light, ${STEPS.map((at) => `vec3 step${at}`).join(", ")}) {
  float at = light * ${LAST}.;
${STEPS.slice(1, -1)
  .map((at) => `  if (at <= ${at}.) return mix(step${at - 1}, step${at}, at - ${at - 1}.);`)
  .join("\n")}
  return mix(step${LAST - 1}, step${LAST}, at - ${LAST - 1}.);
}

vec3 colorOf${CHANNEL}(float value) { return onRamp(brightness(value, shownChannels.window${CHANNEL}, shownChannels.shown${CHANNEL}.w), ${STEPS.map((at) => `shownChannels.step${at}of${CHANNEL}`).join(", ")}); }
`,
  // The windows are applied by the colours; without this line Viv would apply them before.
  inject: { "fs:DECKGL_PROCESS_INTENSITY": "intensity = intensity;" },
};

/** A layer with the properties that its shader needs. */
export type ChannelLayer = Layer<{ channels: readonly ShownChannel[] }>;

/** Passes the channels of a layer to its shader. */
export function setShownChannels(layer: ChannelLayer): void {
  const uniforms: Record<string, number[]> = {};
  for (const [index, { window, rgb, ramp, gamma }] of layer.props.channels.entries()) {
    uniforms[`shown${index}`] = [...rgb.map((part) => part / 255), gamma];
    uniforms[`window${index}`] = [window.start, window.end];
    // Black to one colour is a ramp as well.
    for (const at of STEPS) {
      const color = ramp?.[at] ?? rgb.map((part) => (part * at) / LAST);
      uniforms[`step${at}of${index}`] = color.map((part) => part / 255);
    }
  }
  for (const model of layer.getModels()) model.shaderInputs.setProps({ shownChannels: uniforms });
}
