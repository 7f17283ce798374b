// Real processes and real sockets: these tests wait for what they do, not for a clock.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { Etcd3 } from "npm:etcd3@1.1.2";
import { etcdBackend } from "../../../backends/etcd/mod.ts";
import { denoCommand } from "../../programs/deno_command.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { TemporaryFolder } from "../../support/temporary_folder.ts";
import { PREFIX, QUICK, Subject } from "./subject.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);
const MODULE = new URL("../../../mod.ts", import.meta.url).href;
const BACKEND = new URL("../../../backends/etcd/mod.ts", import.meta.url).href;

/** Runs a program that follows an etcd, and returns what it printed when it ended by itself. */
async function run(flags: string[], program: string): Promise<string> {
  const script = `
    import { createProvider, getDefaultConfig } from ${JSON.stringify(MODULE)};
    import { etcdBackend } from ${JSON.stringify(BACKEND)};
    ${program}
  `;
  const url = `data:application/typescript,${encodeURIComponent(script)}`;
  const args = ["run", "--no-prompt", "--no-lock", "--no-config", ...flags, url];
  const command = denoCommand({ args, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

test("etcd over gateway: it downloads nothing from npm and needs the network alone", async () => {
  await using etcd = await EtcdServer.start();
  await etcd.admin.put(`${PREFIX}users.json`, `{"failureThreshold":3}`);
  const printed = await run(
    ["--no-npm", "--no-remote", `--allow-net=127.0.0.1:${etcd.ports.client}`],
    `
      const backend = etcdBackend({ hosts: "${etcd.endpoint}", transport: "gateway" });
      const config = getDefaultConfig("im-gateway", "development");
      await using provider = await createProvider(config, { backend });
      console.log(provider.getBreaker("users").policy.failureThreshold);
    `,
  );
  assert.equal(printed, "3\n");
});

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: the process exits by itself, etcd up, frozen or gone`, async () => {
    await Promise.all((["none", "pause", "kill"] as const).map(async (fault) => {
      await using etcd = await EtcdServer.start();
      await using folder = await TemporaryFolder.create();
      const ready = folder.path("ready");
      const ending = run(
        ["-A"],
        `
          const backend = etcdBackend({ hosts: "${etcd.endpoint}", transport: "${transport}" });
          const config = getDefaultConfig("im-gateway", "development");
          const logger = { debug() {}, info() {}, warn() {}, error() {} };
          const provider = await createProvider(config, { backend, logger });
          await backend.put(config.policiesPath, "users", "{}");
          await Deno.writeTextFile(${
          JSON.stringify(ready)
        }, ""); // the answer has come, not the key alone
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          const startedMs = performance.now();
          await provider.close();
          addEventListener("unload", () => console.log(performance.now() - startedMs < 2_000));
        `,
      );
      let hasEnded = false;
      const ended = ending.finally(() => hasEnded = true);
      while (!existsSync(ready) && !hasEnded) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      if (fault === "pause") await etcd.pause();
      if (fault === "kill") await etcd.kill();
      assert.equal(await ended, "true\n", fault);
    }));
  });
}

test("etcd over grpc: a client that the user has is used, and left open", async () => {
  await using etcd = await EtcdServer.start();
  const client = new Etcd3({ hosts: etcd.endpoint });
  try {
    await using subject = await Subject.start({ client });
    assert.equal(subject.backend.description, "etcd(client, grpc)");
    await subject.converges(etcd.admin, "grpc, a client passed in");
    await subject.backend.put(PREFIX, "users", "{}");
    assert.equal(await client.get(`${PREFIX}users.json`).string(), "{}");
    await etcd.restart();
    await subject.converges(etcd.admin, "grpc, a client passed in, SIGTERM and restart");
  } finally {
    client.close();
  }
});

for (const transport of TRANSPORTS) {
  test(`etcd over ${transport}: two namespaces share nothing`, async () => {
    await using etcd = await EtcdServer.start();
    const of = (namespace: string) =>
      etcdBackend({ ...QUICK, hosts: etcd.endpoint, transport, namespace });
    await of("/a").put(PREFIX, "users", "{}");
    assert.deepEqual((await of("/b").read(PREFIX)).entries, []);
    const [entry] = (await of("/a").read(PREFIX)).entries;
    assert.deepEqual([entry?.name, entry?.source], ["users", `/a${PREFIX}users.json`]);
  });

  test(`etcd over ${transport}: a diagnosis tells health, version, leader, alarms and rights`, async () => {
    await using etcd = await EtcdServer.start();
    const hosts = [etcd.endpoint, "127.0.0.1:1"];
    const backend = etcdBackend({ ...QUICK, hosts, transport });
    const findings = await backend.diagnose(PREFIX);
    const told = findings.map(({ subject, verdict }) => `${verdict} ${subject}`).sort();
    assert.deepEqual(told, [
      "fail endpoint at http://127.0.0.1:1",
      `ok alarms at ${etcd.endpoint}`,
      "ok cluster",
      `ok endpoint at ${etcd.endpoint}`,
      `ok permission to write at ${etcd.endpoint}`,
      `ok status at ${etcd.endpoint}`,
    ]);
    assert.match(findings.map(({ detail }) => detail).join("\n"), /etcd 3\.\d+\.\d+, the leader/);
    await etcd.admin.call("maintenance/alarm", { action: 1, alarm: 1 });
    const full = (await backend.diagnose(PREFIX)).find(({ subject }) =>
      subject.startsWith("alarms")
    );
    assert.deepEqual([full?.verdict, /NOSPACE/.test(full?.detail ?? "")], ["fail", true]);
  });
}
