import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { npmInstall } from "./npm_project.ts";
import { PlatformMissingError } from "./platform.ts";

/** A runtime for JavaScript, as the npm registry has it. */
export interface RuntimeRequest {
  readonly name: "Node" | "Bun";
  /** Its exact version. */
  readonly version: string;
}

/** The package that holds the runtime for this machine, without the script that would choose it. */
async function packageOf({ name }: RuntimeRequest): Promise<string> {
  const { platform, arch } = process;
  if (name === "Node") return `node-${platform}-${arch}`;
  const cpu = arch === "arm64" ? "aarch64" : arch;
  const info = await readFile("/proc/cpuinfo", "utf8").catch(() => "avx2");
  return `@oven/bun-${platform}-${cpu}${
    cpu === "x64" && !info.includes("avx2") ? "-baseline" : ""
  }`;
}

/**
 * Downloads a runtime into `folder` and returns the path of its program.
 *
 * @throws {PlatformMissingError} If it cannot be had.
 */
export async function provideRuntime(request: RuntimeRequest, folder: string): Promise<string> {
  const name = await packageOf(request);
  try {
    await npmInstall(folder, { packages: [`${name}@${request.version}`] });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PlatformMissingError(`${request.name} ${request.version} cannot be had: ${why}`);
  }
  return join(folder, "node_modules", name, "bin", request.name.toLowerCase());
}
