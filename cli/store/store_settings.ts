import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isRecord } from "../../src/policy/check_policy.ts";
import type { Invocation } from "../command.ts";
import type { CliIo } from "../io.ts";
import { reasonOf } from "../reason_of.ts";
import { unknownName, UsageError } from "../usage_error.ts";

/** Each setting: its variable in the environment, and its field in a file of settings. */
const SPELLINGS = {
  etcd: { variable: "SWITCHGEAR_ETCD", field: "etcd" },
  file: { variable: "SWITCHGEAR_FILE", field: "file" },
  prefix: { variable: "SWITCHGEAR_PREFIX", field: "prefix" },
  service: { variable: "SWITCHGEAR_SERVICE", field: "service" },
  env: { variable: "SWITCHGEAR_ENV", field: "env" },
  user: { variable: "SWITCHGEAR_ETCD_USER", field: "user" },
  password: { variable: "SWITCHGEAR_ETCD_PASSWORD", field: "password" },
  "password-file": { variable: "SWITCHGEAR_ETCD_PASSWORD_FILE", field: "passwordFile" },
  ca: { variable: "SWITCHGEAR_ETCD_CA", field: "ca" },
  cert: { variable: "SWITCHGEAR_ETCD_CERT", field: "cert" },
  key: { variable: "SWITCHGEAR_ETCD_KEY", field: "key" },
  "server-name": { variable: "SWITCHGEAR_ETCD_SERVER_NAME", field: "serverName" },
  namespace: { variable: "SWITCHGEAR_ETCD_NAMESPACE", field: "namespace" },
  transport: { variable: "SWITCHGEAR_ETCD_TRANSPORT", field: "transport" },
} as const;

/** What can be set. */
export type Setting = keyof typeof SPELLINGS;

const SETTINGS = Object.keys(SPELLINGS).filter(isSetting);
/** What names a file, which a file of settings means from its own folder on. */
const PATHS: ReadonlySet<Setting> = new Set(["file", "password-file", "ca", "cert", "key"]);

/** The settings of one origin. */
interface Level {
  readonly values: ReadonlyMap<Setting, string>;
  /** How a person spells a setting there. */
  readonly spelling: (setting: Setting) => string;
}

/** Where the policies are, and how to be let in: by options, else the environment, else a file. */
export class StoreSettings {
  readonly #levels: readonly Level[];

  private constructor(levels: readonly Level[]) {
    this.#levels = levels;
  }

  /**
   * Gathers the settings.
   *
   * @throws {UsageError} If the file of settings cannot be read or is wrong.
   */
  static async gather({ values }: Invocation, { env = {} }: CliIo): Promise<StoreSettings> {
    const fromOptions = SETTINGS.flatMap((setting) => pair(setting, values.get(setting)));
    const fromEnvironment = SETTINGS.flatMap((setting) =>
      pair(setting, env[SPELLINGS[setting].variable])
    );
    const levels: Level[] = [
      { values: new Map(fromOptions), spelling: (setting) => `--${setting}` },
      { values: new Map(fromEnvironment), spelling: (setting) => SPELLINGS[setting].variable },
    ];
    const file = values.get("config") ?? env["SWITCHGEAR_CONFIG"];
    if (file) levels.push(await readLevel(file));
    return new StoreSettings(levels);
  }

  /** The value of a setting. */
  get(setting: Setting): string | undefined {
    return this.#levels.find(({ values }) => values.has(setting))?.values.get(setting);
  }

  /**
   * The one of several settings, each of which excludes the others, that the foremost origin gives.
   *
   * @throws {UsageError} If that gives more than one.
   */
  choose<Name extends Setting>(
    settings: readonly Name[],
  ): { readonly setting: Name; readonly value: string } | undefined {
    for (const { values, spelling } of this.#levels) {
      const given = settings.filter((setting) => values.has(setting));
      const [setting, other] = given;
      if (setting === undefined) continue;
      if (other !== undefined) {
        throw new UsageError(`${spelling(setting)} and ${spelling(other)} exclude each other`);
      }
      return { setting, value: values.get(setting) ?? "" };
    }
    return undefined;
  }

  /** How the origin that gives a setting spells it, for messages. */
  spelling(setting: Setting): string {
    const level = this.#levels.find(({ values }) => values.has(setting));
    return level?.spelling(setting) ?? `--${setting}`;
  }
}

async function readLevel(file: string): Promise<Level> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    // What stands there may be a secret, and a parser's message shows a piece of it.
    const why = error instanceof SyntaxError ? "it is no JSON" : reasonOf(error);
    throw new UsageError(`Cannot read the settings in ${file}: ${why}`);
  }
  if (!isRecord(content)) throw new UsageError(`The settings in ${file} are no JSON object`);
  const values = new Map<Setting, string>();
  for (const [field, value] of Object.entries(content)) {
    const setting = SETTINGS.find((candidate) => SPELLINGS[candidate].field === field);
    if (setting === undefined) {
      const known = SETTINGS.map((candidate) => SPELLINGS[candidate].field);
      throw unknownName(`setting in ${file}:`, field, known);
    }
    const text = setting === "etcd" && Array.isArray(value) ? value.join(",") : value;
    if (typeof text !== "string" || text === "") {
      throw new UsageError(`The setting "${field}" in ${file} must be text that is not empty`);
    }
    values.set(setting, PATHS.has(setting) ? resolve(dirname(file), text) : text);
  }
  return { values, spelling: (setting) => `"${SPELLINGS[setting].field}" in ${file}` };
}

function pair(setting: Setting, value: string | undefined): [Setting, string][] {
  return value === undefined || value === "" ? [] : [[setting, value]];
}

function isSetting(name: string): name is Setting {
  return Object.hasOwn(SPELLINGS, name);
}
