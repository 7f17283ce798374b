// The server as a process of its own, so that it can be killed as a crash would: prints its port.
import { UsersServer } from "./grpc_users.ts";

const { port } = await UsersServer.start(Number(Deno.args[0] ?? 0));
console.log(port);
