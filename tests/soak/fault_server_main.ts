/**
 * The server of a soak, in a process of its own, by hand over TCP: a library
 * would not reset connections on demand. Prints its port, and, when its input
 * ends, how often it did what.
 */
import { createServer, type Socket } from "node:net";
import process from "node:process";
import { BODY, isServerFault, SERVER_FAULTS, type ServerFault } from "./server_faults.ts";

const SLOW_MS = 60;
const TRICKLE_MS = 12;
const CUT_MS = 5;
const PIECES = 4;

const done = new Map<ServerFault, number>(SERVER_FAULTS.map((fault) => [fault, 0]));

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function head(status: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\n\r\n`;
}

async function obey(socket: Socket, fault: ServerFault): Promise<void> {
  done.set(fault, (done.get(fault) ?? 0) + 1);
  switch (fault) {
    case "answer":
      socket.write(head("200 OK") + BODY);
      return;
    case "fail":
      socket.write(head("503 Service Unavailable") + BODY);
      return;
    case "hang":
      return; // until the client has had enough
    case "reset":
      socket.resetAndDestroy();
      return;
    case "cut":
      socket.write(head("200 OK") + BODY.slice(0, BODY.length / 2));
      await pause(CUT_MS);
      socket.resetAndDestroy();
      return;
    case "slow":
      await pause(SLOW_MS);
      socket.write(head("200 OK") + BODY);
      return;
    case "trickle":
      socket.write(head("200 OK"));
      for (let i = 0; i < PIECES && !socket.destroyed; i++) {
        await pause(TRICKLE_MS);
        socket.write(BODY.slice(i * BODY.length / PIECES, (i + 1) * BODY.length / PIECES));
      }
  }
}

function serve(socket: Socket): void {
  let received = "";
  socket.on("error", () => {}); // clients that have time limits go away
  socket.on("data", (bytes: Uint8Array) => {
    received += new TextDecoder().decode(bytes);
    if (!received.endsWith("\r\n\r\n")) return;
    const fault = /^GET \/(\w+) /.exec(received)?.[1] ?? "";
    received = "";
    if (isServerFault(fault)) obey(socket, fault);
    else socket.destroy();
  });
}

if (import.meta.main) {
  // A terminal's Ctrl-C reaches this process too; the soak, which hears it as well, ends it.
  process.on("SIGINT", () => {});
  const server = createServer(serve);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    console.log(typeof address === "object" ? address?.port : address);
  });
  process.stdin.on("end", () => {
    console.log(JSON.stringify(Object.fromEntries(done)));
    process.exit(); // connections that hang would keep it
  });
  process.stdin.resume();
}
