import { join } from "node:path";
import { CLIENTS } from "../../npm/package_json.ts";
import { provideBinary } from "../servers/debian_package.ts";
import { ETCD, EtcdServer } from "../servers/etcd.ts";
import { Checklist } from "./checklist.ts";
import { npmInstall } from "./npm_project.ts";
import {
  type Platform,
  PlatformMissingError,
  type PlatformRun,
  type PlatformTotals,
} from "./platform.ts";
import { countScript, writeScripts } from "./platform_scripts.ts";
import { provideRuntime } from "./runtime_binary.ts";
import { RUNTIMES } from "./runtimes.ts";

/** Runs on the oldest Node and its newest line, and on Bun. */
const RUNTIMES_WITH_CLIENTS = [RUNTIMES.node20oldest, RUNTIMES.node26, RUNTIMES.bun];

/** What the gRPC integration is given. */
const GRPC = "@grpc/grpc-js@1.14.7";

/** The versions of etcd3 at both ends of what `package.json` allows. */
const CLIENT_VERSIONS = [CLIENTS["etcd3"]?.oldest, CLIENTS["etcd3"]?.newest];

async function useClients(run: PlatformRun, endpoint: string): Promise<PlatformTotals[]> {
  const clients = [];
  for (const { name, version } of RUNTIMES_WITH_CLIENTS) {
    const program = await provideRuntime({ name, version }, join(run.folder, `${name}-${version}`));
    clients.push({ name, version, program, list: new Checklist(`${name} ${version}`, run.print) });
  }
  for (const version of CLIENT_VERSIONS) {
    const project = join(run.folder, `etcd3-${version}`);
    await npmInstall(project, { packages: [await run.tarball(), `etcd3@${version}`, GRPC] });
    await writeScripts(project);
    // The gateway needs no client: once is enough.
    const transports = version === CLIENT_VERSIONS[0] ? ["grpc", "gateway"] : ["grpc"];
    for (const { program, list } of clients) {
      for (const transport of transports) {
        const args = [endpoint, transport];
        await countScript(list, "with_clients/etcd_main.js", {
          runner: { program },
          project,
          args,
        });
      }
      await countScript(list, "with_clients/grpc_main.js", { runner: { program }, project });
    }
  }
  return clients.map(({ name, version, list }) => list.totals(`Clients on ${name} (npm)`, version));
}

/** The clients that npm installs beside the package, against real servers, from Node and Bun. */
export const CLIENTS_IN_USE: Platform = {
  id: "clients",
  about: "a real etcd by gRPC and by its JSON gateway, and gRPC calls, from Node and Bun",
  run: async (run) => {
    const binary = await provideBinary(ETCD);
    if (!binary.available) throw new PlatformMissingError(binary.reason);
    await using server = await EtcdServer.create();
    await server.start();
    return await useClients(run, server.endpoint);
  },
};
