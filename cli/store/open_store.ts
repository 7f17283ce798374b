import { readFile } from "node:fs/promises";
import type { EtcdBackendOptions, EtcdTls } from "../../backends/etcd/mod.ts";
import { fileBackend } from "../../backends/file/mod.ts";
import { DEVELOPMENT_POLICY, PRODUCTION_POLICY } from "../../src/policy/defaults.ts";
import { type Environment, getDefaultConfig } from "../../src/provider/config.ts";
import type { Invocation } from "../command.ts";
import type { CliIo } from "../io.ts";
import { plainReasonOf, reasonOf } from "../reason_of.ts";
import { UsageError } from "../usage_error.ts";
import { DeadlineBackend } from "./deadline_backend.ts";
import { openEtcd } from "./etcd_store.ts";
import type { PolicyStore } from "./policy_store.ts";
import { StoreSettings } from "./store_settings.ts";

/** Who etcd is to take us for. */
interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * Opens the folder or the etcd that a command line, the environment or a file
 * of settings names; nothing is connected yet.
 *
 * @throws {UsageError} If one of them is wrong, or they name nothing.
 */
export async function openStore(invocation: Invocation, io: CliIo): Promise<PolicyStore> {
  const settings = await StoreSettings.gather(invocation, io);
  const place = settings.choose(["etcd", "file"]);
  const environment = environmentOf(settings);
  if (place === undefined) {
    throw new UsageError("Say where the policies are: --etcd HOST,… or --file FOLDER");
  }
  if (place.setting === "file") {
    const backend = new DeadlineBackend(fileBackend(place.value));
    return { backend, prefix: "", environment, folder: place.value, secrets: [] };
  }
  if (place.value.includes("@")) {
    throw new UsageError(
      `${settings.spelling("etcd")} names hosts only: give the user with --user, and the ` +
        "password with --password-file or SWITCHGEAR_ETCD_PASSWORD",
    );
  }
  const prefix = prefixOf(settings, environment.name);
  const login = await loginOf(settings);
  const backend = await openEtcd({
    hosts: place.value,
    ...login,
    ...await tlsOf(settings),
    ...transportOf(settings),
    namespace: settings.get("namespace") ?? "",
  });
  const secrets = login === undefined ? [] : [login.password];
  return { backend: new DeadlineBackend(backend), prefix, environment, secrets };
}

function environmentOf(settings: StoreSettings): PolicyStore["environment"] {
  const name = settings.get("env") ?? "production";
  if (name === "production") return { name, policy: PRODUCTION_POLICY };
  if (name === "development") return { name, policy: DEVELOPMENT_POLICY };
  throw new UsageError(
    `${settings.spelling("env")} must be production or development, not ${JSON.stringify(name)}`,
  );
}

function prefixOf(settings: StoreSettings, environment: Environment): string {
  const given = settings.choose(["prefix", "service"]);
  if (given === undefined) {
    throw new UsageError("Say which policies in etcd: --service NAME or --prefix PREFIX");
  }
  if (given.setting === "service") {
    try {
      return getDefaultConfig(given.value, environment).policiesPath;
    } catch {
      throw new UsageError(
        `${settings.spelling("service")} must be a name without "/", not ` +
          JSON.stringify(given.value),
      );
    }
  }
  if (given.value.endsWith("/")) return given.value;
  throw new UsageError(
    `${settings.spelling("prefix")} must end in "/", or keys such as ` +
      `${JSON.stringify(`${given.value}default.json`)} would be meant`,
  );
}

async function loginOf(settings: StoreSettings): Promise<Login | undefined> {
  const username = settings.get("user");
  const source = settings.choose(["password", "password-file"]);
  if (username === undefined && source === undefined) return undefined;
  if (username?.includes(":")) {
    throw new UsageError(
      `${settings.spelling("user")} is a user's name, without the password after it: on a ` +
        "command line everybody could read that. Use --password-file or SWITCHGEAR_ETCD_PASSWORD",
    );
  }
  if (username === undefined) throw new UsageError("There is a password, but no --user");
  if (source === undefined) {
    throw new UsageError("No password: use --password-file or SWITCHGEAR_ETCD_PASSWORD");
  }
  if (source.setting === "password") return { username, password: source.value };
  const spelling = settings.spelling("password-file");
  const password = (await readPasswordFile(source.value, spelling)).replace(/\r?\n$/, "");
  if (password === "") throw new UsageError(`The file that ${spelling} names is empty`);
  return { username, password };
}

/** Reads the file, and names it in no message: somebody may have typed the password itself. */
async function readPasswordFile(file: string, spelling: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const why = plainReasonOf(error) ?? "it is none that can be read";
    throw new UsageError(`Cannot read the file that ${spelling} names: ${why}`);
  }
}

async function tlsOf(settings: StoreSettings): Promise<Pick<EtcdBackendOptions, "tls">> {
  const ca = await readPem(settings, "ca");
  const cert = await readPem(settings, "cert");
  const key = await readPem(settings, "key");
  const serverName = settings.get("server-name");
  const tls: EtcdTls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { serverName }),
  };
  return Object.keys(tls).length === 0 ? {} : { tls };
}

async function readPem(
  settings: StoreSettings,
  setting: "ca" | "cert" | "key",
): Promise<string | undefined> {
  const file = settings.get(setting);
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `Cannot read the file that ${settings.spelling(setting)} names, ${file}: ${reasonOf(error)}`,
    );
  }
}

function transportOf(settings: StoreSettings): Pick<EtcdBackendOptions, "transport"> {
  const transport = settings.get("transport");
  if (transport === undefined) return {};
  if (transport === "grpc" || transport === "gateway") return { transport };
  throw new UsageError(
    `${settings.spelling("transport")} must be grpc or gateway, not ${JSON.stringify(transport)}`,
  );
}
