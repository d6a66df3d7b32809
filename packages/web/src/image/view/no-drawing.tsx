/** What to say in the place of the picture where the browser cannot draw it. */
export function NoDrawing() {
  return (
    <div className="no-drawing" role="alert">
      <strong>This browser cannot draw the image: it has no WebGL 2.</strong>
      <p>
        Switch on hardware acceleration in its settings, bring the graphics driver up to date, or open the
        page in another browser. The other sections work here all the same.
      </p>
    </div>
  );
}
