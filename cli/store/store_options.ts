import type { CommandOptions } from "../command.ts";

/** The options by which a command finds the policies, and is let in. */
export const STORE_OPTIONS: CommandOptions = {
  etcd: {
    type: "string",
    valueName: "HOST,…",
    description: "the policies are in etcd, at these members",
  },
  file: { type: "string", valueName: "FOLDER", description: "the policies are in this folder" },
  prefix: {
    type: "string",
    valueName: "PREFIX",
    description: "what the keys in etcd begin with, such as /config/prod/users/breakers/",
  },
  service: {
    type: "string",
    valueName: "NAME",
    description: "the service, in place of its usual prefix",
  },
  env: {
    type: "string",
    choices: ["production", "development"],
    description: "of which environment, prefix and default policy (production)",
  },
  user: { type: "string", valueName: "NAME", description: "the user that etcd knows" },
  "password-file": {
    type: "string",
    valueName: "FILE",
    description: "a file that holds the user's password",
  },
  password: {
    type: "boolean",
    description: "",
    refusal: "A password is not taken from the command line: every user of the machine can read " +
      "it in the list of processes, and the shell keeps it in its history. Put it into a file " +
      "and name that with --password-file, or into the variable SWITCHGEAR_ETCD_PASSWORD",
  },
  ca: {
    type: "string",
    valueName: "FILE",
    description: "the authority that signed etcd's certificates (the system's)",
  },
  cert: { type: "string", valueName: "FILE", description: "our own certificate" },
  key: { type: "string", valueName: "FILE", description: "its private key" },
  "server-name": {
    type: "string",
    valueName: "NAME",
    description: "the name in etcd's certificates, where it is not the host's",
  },
  namespace: { type: "string", valueName: "TEXT", description: "what goes before every key" },
  transport: {
    type: "string",
    choices: ["grpc", "gateway"],
    description: "how etcd is talked to (grpc); gateway is JSON over HTTP",
  },
  config: {
    type: "string",
    valueName: "FILE",
    description: 'a JSON file of these settings, such as {"etcd": …, "passwordFile": …}',
  },
};

/** What the help of each such command says of them. */
export const STORE_DETAILS: readonly string[] = [
  "What no option says, the environment does (SWITCHGEAR_FILE, SWITCHGEAR_PREFIX,",
  "SWITCHGEAR_SERVICE, SWITCHGEAR_ENV; SWITCHGEAR_ETCD and after it _USER, _PASSWORD,",
  "_PASSWORD_FILE, _CA, _CERT, _KEY, _SERVER_NAME, _NAMESPACE, _TRANSPORT), and what that does",
  "not, the file that --config or SWITCHGEAR_CONFIG names.",
];
