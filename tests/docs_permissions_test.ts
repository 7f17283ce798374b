/** Holds the permissions in docs/entry_points.md: each entry point runs with those it names, and not with fewer. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoCommand } from "./programs/deno_command.ts";

const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));

const PROVIDER = `
  import { createProvider, getDefaultConfig } from "@switchgear/breaker";
  import { memoryBackend } from "@switchgear/breaker/memory";
  const config = getDefaultConfig("s", "production");
`;

/** What must run with no permission at all. */
const CORE = `${PROVIDER}
  import { ManualClock } from "@switchgear/breaker/testing";
  import { guard } from "@switchgear/breaker/guard";
  import { pinoLogger } from "@switchgear/breaker/logs";
  import { createTelemetry } from "@switchgear/breaker/otel";
  import { createPrometheus } from "@switchgear/breaker/prometheus";
  import { rateLimit } from "@switchgear/breaker/http_server";
  import { createRedisRateLimiter } from "@switchgear/breaker/redis";
  import { breakerInterceptor } from "@switchgear/breaker/grpc";
  import { breakerInterceptor as connectInterceptor } from "@switchgear/breaker/connect";
  await using provider = await createProvider(config, { backend: memoryBackend({}) });
  using _telemetry = createTelemetry(provider);
  using prometheus = createPrometheus(provider);
  const client = guard({ get: () => Promise.resolve("got") }, provider, { name: "b" });
  breakerInterceptor(provider);
  connectInterceptor(provider);
  rateLimit({ rate: 1 });
  new ManualClock();
  console.log(await client.get(), prometheus.text().length > 0, typeof pinoLogger,
    typeof createRedisRateLimiter);
`;

const FILE = `${PROVIDER}
  import { fileBackend, fileLastKnownGood } from "@switchgear/breaker/file";
  const [saved] = Deno.args;
  const backend = fileBackend("policies");
  const lastKnownGood = saved === undefined ? {} : { lastKnownGood: fileLastKnownGood(saved) };
  await using provider = await createProvider(config, {
    backend, loadTimeout: "2s", ...lastKnownGood,
  });
  const { failureThreshold } = provider.getBreaker("payments").policy;
  await provider.close(); // with what is to be saved
  const { lastKnownGoodError } = provider.status();
  if (lastKnownGoodError !== undefined) throw new Error(lastKnownGoodError);
  console.log(failureThreshold);
`;

const WRITE = `${PROVIDER}
  import { fileBackend } from "@switchgear/breaker/file";
  await fileBackend("policies").put("", "written", "{}");
  console.log("written");
`;

const ENV = `${PROVIDER}
  import { envBackend } from "@switchgear/breaker/env";
  await using provider = await createProvider(config, {
    backend: envBackend(), loadTimeout: "2s",
  });
  console.log(provider.getBreaker("payments").policy.failureThreshold);
`;

const FETCH = `
  import { createHttpClient } from "@switchgear/breaker/fetch";
  const response = await createHttpClient()(Deno.args[0]);
  console.log(await response.text());
`;

const CLI = `
  import { processIo, runCli } from "@switchgear/breaker/cli";
  Deno.exitCode = await runCli(Deno.args, processIo());
`;

interface Attempt {
  readonly script: string;
  readonly permissions: readonly string[];
  readonly args?: readonly string[];
}

/** Runs a script in a folder that holds a policy, and gives back what it printed. */
async function attempt({ script, permissions, args = [] }: Attempt): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "switchgear-")));
  try {
    await mkdir(join(folder, "policies"));
    await mkdir(join(folder, "state"));
    await writeFile(join(folder, "policies", "payments.json"), '{"failureThreshold": 3}');
    await writeFile(join(folder, "main.ts"), script);
    const fixed = [
      "run",
      "--no-prompt",
      "--no-remote",
      "--no-npm",
      "--no-lock",
      "--config",
      CONFIG,
    ];
    // Not by node:child_process, by which Deno hands its own permissions on.
    const { success, stdout, stderr } = await denoCommand({
      args: [...fixed, ...permissions, "main.ts", ...args],
      cwd: folder,
      env: { SWITCHGEAR_POLICY_payments: '{"failureThreshold": 3}', NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(decoder.decode(stderr));
    return decoder.decode(stdout).trim();
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Need {
  readonly what: string;
  readonly script: string;
  readonly permissions: readonly string[];
  readonly args?: readonly string[];
  readonly prints: string;
}

const NEEDS: readonly Need[] = [
  {
    what: "the file backend",
    script: FILE,
    permissions: ["--allow-read=policies"],
    prints: "3",
  },
  {
    what: "writing policies to a folder",
    script: WRITE,
    permissions: ["--allow-read=policies", "--allow-write=policies"],
    prints: "written",
  },
  {
    what: "a last known good state in a file",
    script: FILE,
    permissions: ["--allow-read=policies,state", "--allow-write=state"],
    args: ["state/good.json"],
    prints: "3",
  },
  { what: "the env backend", script: ENV, permissions: ["--allow-env"], prints: "3" },
  {
    what: "switchgear validate",
    script: CLI,
    permissions: ["--allow-read=policies"],
    args: ["validate", "policies"],
    prints: "1 document with 1 valid policy checked: 0 faults, 0 warnings",
  },
  {
    what: "switchgear policy set, of a folder,",
    script: CLI,
    permissions: ["--allow-env", "--allow-read=policies", "--allow-write=policies"],
    args: ["policy", "set", "payments", "timeout=2s", "--json", "--file", "policies"],
    prints: '"written": true',
  },
];

Deno.test("the core, memory, testing, and what stands around a client need no permission", async () => {
  assert.equal(await attempt({ script: CORE, permissions: [] }), "got true function function");
});

for (const { what, script, permissions, args = [], prints } of NEEDS) {
  Deno.test(`${what} needs ${permissions.join(" ")}, and no less`, async () => {
    assert((await attempt({ script, permissions, args })).includes(prints));
    for (const left of permissions) {
      const fewer = permissions.filter((permission) => permission !== left);
      const refused = attempt({ script, permissions: fewer, args });
      await assert.rejects(refused, /Requires (?:read|write|env) access|NotCapable/, left);
    }
  });
}

Deno.test("fetch needs --allow-net of the host that is called, and no less", async () => {
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  await using server = Deno.serve(options, () => new Response("served"));
  const host = `127.0.0.1:${server.addr.port}`;
  const call = { script: FETCH, args: [`http://${host}/`] };
  assert.equal(await attempt({ ...call, permissions: [`--allow-net=${host}`] }), "served");
  await assert.rejects(attempt({ ...call, permissions: [] }), /Requires net access/);
});
