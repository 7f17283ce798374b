import { runCli } from "@switchgear/breaker/cli";

let said = "";
const status = await runCli(["explain", '{ "failureThreshold": 3 }'], {
  stdout: (text) => void (said += text),
  stderr: () => {},
  readStdin: () => Promise.resolve(""),
  color: false,
});
console.log(status, said.includes("3"));
