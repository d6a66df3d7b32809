import { VivLayerExtension } from "@vivjs/extensions";
import { CHANNEL, type ChannelLayer, setShownChannels, shownChannels } from "../stage/shown-channels.js";

/**
 * Shows the largest value of each channel along a ray in the colour that the value has in a slice. Viv's own projection
 * has no gamma, and its shader makes all colours brighter, as if they were linear ones to be converted to sRGB.
 */
export class BrightestExtension extends VivLayerExtension {
  static override extensionName = "BrightestExtension";

  /** Parts of the shader of `XR3DLayer`. */
  readonly rendering = {
    _BEFORE_RENDER: `float largest${CHANNEL} = -3.4e38;
`,
    _RENDER: `if (canShow > 0.) largest${CHANNEL} = max(largest${CHANNEL}, intensityValue${CHANNEL});
`,
    // It returns before the conversion to sRGB.
    _AFTER_RENDER: `vec3 rgb = vec3(0.);
  rgb += colorOf${CHANNEL}(largest${CHANNEL});
  color = vec4(rgb, 1.);
  return;
`,
  };

  override getVivShaderTemplates() {
    return { modules: [shownChannels] };
  }

  override updateState(this: ChannelLayer) {
    setShownChannels(this);
  }
}
