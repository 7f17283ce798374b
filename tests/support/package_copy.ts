import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as core from "../../mod.ts";
import * as connect from "../../integrations/connect/mod.ts";
import * as fetching from "../../integrations/fetch/mod.ts";
import * as grpc from "../../integrations/grpc/mod.ts";
import * as guarding from "../../integrations/guard/mod.ts";
import * as httpServer from "../../integrations/http_server/mod.ts";
import * as logs from "../../integrations/logs/mod.ts";
import * as memory from "../../backends/memory.ts";
import * as otel from "../../integrations/otel/mod.ts";
import * as prometheus from "../../integrations/prometheus/mod.ts";
import * as testing from "../../src/testing/mod.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROOMS = ["mod.ts", "src", "etcd", "backends", "integrations"];

/** The entry points of one copy of the package. */
export interface PackageCopy {
  readonly core: typeof core;
  readonly connect: typeof connect;
  readonly fetching: typeof fetching;
  readonly grpc: typeof grpc;
  readonly guarding: typeof guarding;
  readonly httpServer: typeof httpServer;
  readonly logs: typeof logs;
  readonly memory: typeof memory;
  readonly otel: typeof otel;
  readonly prometheus: typeof prometheus;
  readonly testing: typeof testing;
}

/** The copy that all tests use. */
export const THIS_COPY: PackageCopy = {
  core,
  connect,
  fetching,
  grpc,
  guarding,
  httpServer,
  logs,
  memory,
  otel,
  prometheus,
  testing,
};

/**
 * Loads the package a second time, from a copy of its sources: with classes of
 * its own, as another version beside this one has them.
 *
 * @param marked `false`: without the names by which copies know each other, as version 0.1
 */
export async function loadCopy(marked: boolean): Promise<PackageCopy> {
  await using folder = await TemporaryFolder.create();
  for (const room of ROOMS) {
    await cp(join(ROOT, room), join(folder.outer, room), { recursive: true });
  }
  if (!marked) await removeMarks(folder.outer);
  const load = (path: string): Promise<unknown> =>
    import(pathToFileURL(join(folder.outer, path)).href);
  const loaded: Record<keyof PackageCopy, unknown> = {
    core: await load("mod.ts"),
    connect: await load("integrations/connect/mod.ts"),
    fetching: await load("integrations/fetch/mod.ts"),
    grpc: await load("integrations/grpc/mod.ts"),
    guarding: await load("integrations/guard/mod.ts"),
    httpServer: await load("integrations/http_server/mod.ts"),
    logs: await load("integrations/logs/mod.ts"),
    memory: await load("backends/memory.ts"),
    otel: await load("integrations/otel/mod.ts"),
    prometheus: await load("integrations/prometheus/mod.ts"),
    testing: await load("src/testing/mod.ts"),
  };
  if (!isCopy(loaded)) throw new Error("The copy has no breakers, or those of this copy");
  return loaded;
}

function isCopy(loaded: Record<keyof PackageCopy, unknown>): loaded is PackageCopy {
  const { core: copied } = loaded;
  return typeof copied === "object" && copied !== null && "Breaker" in copied &&
    typeof copied.Breaker === "function" && copied.Breaker !== core.Breaker;
}

async function removeMarks(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith(".ts")) continue;
    const path = join(folder, entry);
    const source = await readFile(path, "utf8");
    const without = source.replaceAll('"@switchgear/breaker/', '"@unknown/');
    if (without !== source) await writeFile(path, without);
  }
}
