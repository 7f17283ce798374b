import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after } from "./real_timers.ts";

/** How a file comes to its new content: by renaming over it, in its place in two halves, or by removing it before. */
export type Saving = "renaming" | "in two halves" | "removing first";

/** How long an editor takes between two halves of a file. */
const HALF_MS = 40;

/** The folder of policies, as people and their editors change it. */
export class EditedFolder {
  readonly path: string;
  #saved = 0;

  /** Edits the folder at `path`. */
  constructor(path: string) {
    this.path = path;
  }

  /** Saves `text` as `file`. */
  async save(file: string, text: string, saving: Saving): Promise<void> {
    const path = join(this.path, file);
    if (saving === "in two halves") {
      await writeFile(path, text.slice(0, text.length / 2));
      await after(HALF_MS);
      await writeFile(path, text);
      return;
    }
    if (saving === "removing first") await rm(path, { force: true });
    // Hidden, as the temporary files of editors are.
    const temporary = join(this.path, `.saving-${++this.#saved}`);
    await writeFile(temporary, text);
    await rename(temporary, path);
  }

  /** Removes `file`. */
  async remove(file: string): Promise<void> {
    await rm(join(this.path, file), { force: true });
  }
}
