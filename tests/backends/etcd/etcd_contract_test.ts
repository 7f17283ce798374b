// A real etcd: these tests wait for what it sends, not for a clock.
import { testBackendContract } from "../contract.ts";
import { provideBinary } from "../../servers/debian_package.ts";
import { ETCD, EtcdServer } from "../../servers/etcd.ts";
import { serverTests } from "../../servers/server_tests.ts";
import { EtcdHarness } from "./etcd_harness.ts";
import { TRANSPORTS } from "../../etcd/transports.ts";

const test = await serverTests(ETCD);
let server: EtcdServer | undefined;

test("etcd contract: an etcd runs to hold it to", async () => {
  await using alone = await EtcdServer.start();
  await alone.admin.revision();
});

if ((await provideBinary(ETCD)).available) {
  Deno.test.beforeAll(async () => {
    server = await EtcdServer.start();
  });
  Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());
  for (const transport of TRANSPORTS) {
    testBackendContract({
      name: `etcd over ${transport}`,
      watches: true,
      writable: true,
      open: (documents, collection) => {
        if (server === undefined) throw new Error("There is no etcd");
        return EtcdHarness.open(server, transport, documents, collection);
      },
    });
  }
}
