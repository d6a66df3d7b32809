/** The size of the window; the picture of the page is smaller. */
const WINDOW = { width: 1280, height: 720 };

export async function openTab(browser, url) {
  const tab = await browser.newPage({ viewport: WINDOW });
  tab.setDefaultTimeout(120_000);
  await tab.goto(url, { waitUntil: "load" });
  return tab;
}

/** Chooses a file by the page's button, and waits for its picture. */
export async function openFile(tab, path) {
  await tab.getByTestId("file-input").first().setInputFiles(path);
  await isComplete(tab);
}

export async function isComplete(tab) {
  await tab.locator(".stage[data-complete=true]").waitFor();
}

/** Waits until no request came for a second. */
export async function isQuiet(counts) {
  for (let [last, calm] = [-1, 0]; calm < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    calm = counts.requests === last ? calm + 1 : 0;
    last = counts.requests;
  }
}

export async function middle(tab) {
  const box = await tab.locator("canvas").first().boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Drags the picture to one side by most of its width, in small steps, some times over. */
export async function drag(tab, times, direction = 0) {
  const [x, y] = await middle(tab);
  const [dx, dy] = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ][direction].map((part, axis) => part * (axis === 0 ? x : y) * 0.4);
  for (let time = 0; time < times; time++) {
    await tab.mouse.move(x + dx, y + dy);
    await tab.mouse.down();
    for (let step = 1; step <= 30; step++)
      await tab.mouse.move(x + dx - (dx * step) / 15, y + dy - (dy * step) / 15);
    await tab.mouse.up();
  }
}
