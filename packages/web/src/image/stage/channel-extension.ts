import type { Layer } from "@deck.gl/core";
import { VivLayerExtension } from "@vivjs/extensions";

/** How a channel of a layer is shown; plain numbers, as uniforms take them. */
export interface ShownChannel {
  readonly window: { readonly start: number; readonly end: number };
  /** Each 0 to 255. */
  readonly rgb: readonly [number, number, number];
  readonly gamma: number;
}

/** What `XRLayer` replaces by each channel's number, line by line. */
const CHANNEL = "VIV_CHANNEL_INDEX";

const shown = {
  name: "shownChannels",
  uniformTypes: { [`shown${CHANNEL}`]: "vec4<f32>", [`window${CHANNEL}`]: "vec2<f32>" },
  fs: `uniform shownChannelsUniforms {
  vec4 shown${CHANNEL};
  vec2 window${CHANNEL};
} shownChannels;

float brightness(float value, vec2 window, float gamma) {
  if (!(value > window.x)) return 0.;
  if (value >= window.y) return 1.;
  return pow((value - window.x) / (window.y - window.x), gamma);
}

vec3 add_channels(float[NUM_CHANNELS] values) {
  vec3 rgb = vec3(0.);
  rgb += brightness(values[${CHANNEL}], shownChannels.window${CHANNEL}, shownChannels.shown${CHANNEL}.w) * shownChannels.shown${CHANNEL}.rgb;
  return rgb;
}
`,
  inject: {
    // Channels are windowed where they are coloured; without this Viv would do it before.
    "fs:DECKGL_PROCESS_INTENSITY": "intensity = intensity;",
    "fs:DECKGL_MUTATE_COLOR": "rgba = vec4(add_channels(intensity), 1.);",
  },
};

/**
 * Colours channels exactly as core's `composite` does. Viv's own palette knows no gamma, and takes windows narrower
 * than 0.0005 to be that wide, which makes small floating-point values black.
 */
export class ChannelExtension extends VivLayerExtension {
  static override extensionName = "ChannelExtension";

  override getVivShaderTemplates() {
    return { modules: [shown] };
  }

  override updateState(this: Layer<{ channels: readonly ShownChannel[] }>) {
    const uniforms: Record<string, number[]> = {};
    for (const [index, { window, rgb, gamma }] of this.props.channels.entries()) {
      uniforms[`shown${index}`] = [...rgb.map((part) => part / 255), gamma];
      uniforms[`window${index}`] = [window.start, window.end];
    }
    for (const model of this.getModels()) model.shaderInputs.setProps({ shownChannels: uniforms });
  }
}
