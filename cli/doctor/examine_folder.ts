import { randomUUID } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Finding } from "../../src/provider/backend.ts";
import { reasonOf } from "../reason_of.ts";

/** Looks at a folder of policies: whether it exists, and can be read and written. */
export async function examineFolder(folder: string): Promise<Finding[]> {
  const subject = `folder ${folder}`;
  try {
    if (!(await stat(folder)).isDirectory()) {
      return [{ subject, verdict: "fail", detail: "it is not a folder" }];
    }
    await readdir(folder);
  } catch (error) {
    return [{ subject, verdict: "fail", detail: `it cannot be read: ${reasonOf(error)}` }];
  }
  return [{ subject, verdict: "ok", detail: `exists, can be read, ${await writing(folder)}` }];
}

/** Tries it, because neither permissions nor a mount's options tell it for certain. */
async function writing(folder: string): Promise<string> {
  // Hidden, so that no backend takes it for a policy.
  const file = join(folder, `.switchgear-doctor-${randomUUID()}`);
  try {
    await writeFile(file, "", { flag: "wx" });
    await rm(file);
    return "can be written";
  } catch (error) {
    return `cannot be written (${reasonOf(error)}): policies can only be read here`;
  }
}
