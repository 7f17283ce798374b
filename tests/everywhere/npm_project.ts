import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runOrThrow } from "./program.ts";

const QUIET = ["--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", "--loglevel=error"];

/** What {@link npmInstall} installs. */
export interface NpmInstallOptions {
  /** Tarballs, and packages of the registry with an exact version. */
  readonly packages: readonly string[];
  /** Whether npm may reach nothing: no registry, and a cache that is empty. @default false */
  readonly alone?: boolean;
  /** What the project's own modules are. @default "module" */
  readonly type?: "module" | "commonjs";
}

/** Makes `folder` an empty project and installs packages into it, by npm. */
export async function npmInstall(
  folder: string,
  { packages, alone = false, type = "module" }: NpmInstallOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = { name: "consumer", private: true, type };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const cutOff = ["--offline", "--registry=http://127.0.0.1:9", `--cache=${join(folder, ".npm")}`];
  const args = ["install", ...QUIET, ...alone ? cutOff : [], ...packages];
  await runOrThrow("npm", { cwd: folder, args });
}
