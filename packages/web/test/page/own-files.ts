import type { Page } from "./drive.js";

/** Makes the page's file pickers return files in its private storage, without a dialog, and reloads the page. */
export async function choosePrivateFiles(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(window, {
      showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
        const root = await navigator.storage.getDirectory();
        return root.getFileHandle(suggestedName, { create: true });
      },
      showDirectoryPicker: async () => {
        const root = await navigator.storage.getDirectory();
        return root.getDirectoryHandle("chosen", { create: true });
      },
    });
  });
  await page.reload();
}

/** All files of the page's private storage, by their paths. */
export async function privateFiles(page: Page): Promise<Map<string, Buffer>> {
  const files = await page.evaluate(async () => {
    const found: [string, string][] = [];
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const handle of folder.values()) {
        const name = `${path}/${handle.name}`;
        if (handle.kind === "directory") await walk(handle as FileSystemDirectoryHandle, name);
        else {
          const bytes = new Uint8Array(
            await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer(),
          );
          let text = "";
          for (let at = 0; at < bytes.length; at += 0x8000) {
            text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
          }
          found.push([name, btoa(text)]);
        }
      }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return found;
  });
  return new Map(files.map(([name, content]) => [name, Buffer.from(content, "base64")]));
}

/** Chooses a folder with the page's button. */
export async function chooseListedFolder(page: Page, path: string): Promise<void> {
  await page.getByTestId("folder-input").first().setInputFiles(path);
}
