import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { policyFileName } from "../../backends/file/file_names.ts";
import { fileBackend, type FileBackendOptions } from "../../backends/file/mod.ts";
import type { WritableConfigBackend } from "../../src/provider/backend.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import type { BackendHarness } from "./contract.ts";

/** A file backend on a folder of its own, edited by plain file operations. */
export class FileHarness implements BackendHarness {
  readonly backend: WritableConfigBackend;
  readonly prefix = "/ignored/";
  readonly folder: TemporaryFolder;

  private constructor(folder: TemporaryFolder, options: FileBackendOptions) {
    this.folder = folder;
    this.backend = fileBackend(folder.policies, options);
  }

  static async open(
    documents: ReadonlyMap<string, string> = new Map(),
    collection?: string,
    options: FileBackendOptions = {},
  ): Promise<FileHarness> {
    const harness = new FileHarness(await TemporaryFolder.create(), options);
    for (const [name, text] of documents) await harness.put(name, text);
    if (collection !== undefined) {
      await writeFile(harness.folder.path("breakers.json"), collection);
    }
    return harness;
  }

  put(name: string, text: string): Promise<void> {
    return writeFile(this.folder.path(policyFileName(name)), text);
  }

  remove(name: string): Promise<void> {
    return rm(this.folder.path(policyFileName(name)));
  }

  async assertContained(): Promise<void> {
    assert.deepEqual(await this.folder.besides(), []);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.folder[Symbol.asyncDispose]();
  }
}
