// A provider in a process of its own: answers each line `report` with a line, and ends at `close`.
import { etcdBackend } from "../../../../backends/etcd/mod.ts";
import { createProvider, getDefaultConfig } from "../../../../mod.ts";
import { QUICK } from "../subject.ts";
import type { TortureReport } from "./torture_process.ts";

const [hosts = "", transport = "", ...names] = Deno.args;

/** Whatever would have ended the process. */
const unhandled: string[] = [];
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  unhandled.push(`rejection: ${event.reason}`);
});
addEventListener("error", (event) => {
  event.preventDefault();
  unhandled.push(`error: ${event.message}`);
});

const quiet = (): void => {};
const provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
  backend: etcdBackend({
    ...QUICK,
    hosts,
    transport: transport === "grpc" ? "grpc" : "gateway",
  }),
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
});
const obeyed: Record<string, number[]> = {};
for (const name of names) {
  const breaker = provider.getBreaker(name);
  const versions = obeyed[name] = [breaker.policy.failureThreshold];
  breaker.on("policyChange", ({ policy }) => {
    if (policy.failureThreshold !== versions.at(-1)) versions.push(policy.failureThreshold);
  });
}

function report(): TortureReport {
  const { backend, documents } = provider.status();
  const inForce = names.map((name) => [name, provider.getBreaker(name).policy.failureThreshold]);
  return {
    state: backend.state,
    documents: documents.map(({ source, inForce, refused }) => {
      const revision = refused?.revision ?? inForce?.revision ?? "";
      // Behind the tilde stands the key's creation.
      return `${source} ${revision.replace(/~\d+$/, "")}`;
    }).sort(),
    inForce: Object.fromEntries(inForce),
    obeyed,
    unhandled,
  };
}

/** Reads until `close` or until the parent is gone, and leaves no read behind that would keep the process alive. */
async function* requests(): AsyncGenerator<string> {
  const bytes = new Uint8Array(1_024);
  let text = "";
  for (;;) {
    const count = await Deno.stdin.read(bytes);
    if (count === null) return;
    const lines = (text + new TextDecoder().decode(bytes.subarray(0, count))).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "close") return;
      yield line;
    }
  }
}

for await (const _ of requests()) console.log(JSON.stringify(report()));
await provider.close();
// The last line is written when nothing is left to do.
addEventListener("unload", () => console.log(JSON.stringify(report())));
