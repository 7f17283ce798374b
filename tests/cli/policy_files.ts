import { writeFile } from "node:fs/promises";
import { TemporaryFolder } from "../support/temporary_folder.ts";

/** A temporary folder with policy files: text as it is, everything else as JSON. */
export async function policyFiles(
  files: Readonly<Record<string, unknown>>,
): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.create();
  for (const [name, content] of Object.entries(files)) {
    await writeFile(
      folder.path(name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }
  return folder;
}
