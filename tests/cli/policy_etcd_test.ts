// A real etcd with users; one command line after another, each over a connection of its own.
import assert from "node:assert/strict";
import { runCli } from "../../cli/run_cli.ts";
import { ETCD, EtcdServer } from "../servers/etcd.ts";
import { serverTests } from "../servers/server_tests.ts";
import type { Captured } from "./captured_io.ts";
import { captureIo } from "./policy_support.ts";

const PASSWORD = "swordfish-93";
const PREFIX = "/config/prod/im-gateway/breakers/";

const etcdTest = await serverTests(ETCD);

for (const transport of ["grpc", "gateway"]) {
  etcdTest(
    `policy on etcd by ${transport}: set, force-open, history, delete and doctor, the password nowhere`,
    async () => {
      await using etcd = await EtcdServer.start();
      await etcd.admin.setUpAuth({
        rootPassword: PASSWORD,
        roles: {
          writer: [{ access: "READWRITE", prefix: PREFIX }],
          reader: [{ access: "READ", prefix: PREFIX }],
        },
        users: [
          { name: "writes", password: PASSWORD, roles: ["writer"] },
          { name: "reads", password: PASSWORD, roles: ["reader"] },
        ],
      });
      const runAs = async (user: string, ...args: string[]): Promise<Captured> => {
        const place = [
          "--etcd",
          etcd.endpoint,
          "--service",
          "im-gateway",
          "--transport",
          transport,
        ];
        const { io, captured } = captureIo({ env: { SWITCHGEAR_ETCD_PASSWORD: PASSWORD } });
        const status = await runCli([...args, ...place, "--user", user], io);
        const { stdout, stderr } = captured();
        assert.ok(!(stdout + stderr).includes(PASSWORD));
        return { status, stdout, stderr };
      };
      const run = (...args: string[]): Promise<Captured> => runAs("writes", ...args);
      assert.equal((await run("policy", "set", "grpc:users", "failureThreshold=3")).status, 0);
      assert.equal((await run("policy", "force-open", "grpc:users")).status, 0);
      const stored = await etcd.admin.get(`${PREFIX}grpc:users.json`);
      assert.ok(stored !== undefined);
      const got = await run("policy", "get", "grpc:users", "--json");
      assert.deepEqual(JSON.parse(got.stdout).policy, { failureThreshold: 3, mode: "forced-open" });
      const history = await run("policy", "history", "grpc:users");
      assert.match(history.stdout, /^\d+ +mode=forced-open\n\d+ +.*failureThreshold=3$/m);
      const watched = await run("policy", "watch", "--count", "1", "--json");
      assert.equal(JSON.parse(watched.stdout).name, "grpc:users");
      const refused = await runAs("reads", "policy", "normal", "grpc:users");
      assert.equal(refused.status, 2);
      assert.match(refused.stderr, /permission denied/);
      const doctor = await run("doctor");
      assert.equal(doctor.status, 0, doctor.stdout);
      assert.match(doctor.stdout, /^ok +watch +its first state came after \d+ ms$/m);
      assert.match(doctor.stdout, /^warn +policy grpc:users +its mode is forced-open$/m);
      assert.match((await runAs("reads", "doctor")).stdout, /read only/);
      assert.equal((await run("policy", "delete", "grpc:users", "--yes")).status, 0);
      assert.equal((await run("policy", "get", "grpc:users")).status, 1);
    },
  );
}
