import { Buffer } from "node:buffer";
import { EtcdGateway } from "./etcd_gateway.ts";

/** A key and its value, as etcd holds them. */
export interface EtcdEntry {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

/** What one member says of itself. */
export interface EtcdStatus {
  readonly version: string;
  readonly clusterId: string;
  readonly memberId: string;
  /** The leader that it knows; undefined: none. */
  readonly leaderId: string | undefined;
  /** Its own revision, which may lag behind the cluster's. */
  readonly revision: number;
  readonly raftTerm: number;
  readonly dbSizeBytes: number;
}

/** What a role may do, with one key or all that begin with a prefix. */
export interface EtcdPermission {
  readonly access: "READ" | "WRITE" | "READWRITE";
  readonly key?: string;
  readonly prefix?: string;
}

/** Who may do what, once authentication is on. */
export interface EtcdAuth {
  readonly rootPassword: string;
  /** Permissions by the role's name. @default none */
  readonly roles?: Readonly<Record<string, readonly EtcdPermission[]>>;
  /** @default none */
  readonly users?: readonly EtcdUser[];
}

/** One who logs in by password, or by a certificate with this common name. */
export interface EtcdUser {
  readonly name: string;
  readonly password: string;
  readonly roles: readonly string[];
}

interface Header {
  readonly cluster_id: string;
  readonly member_id: string;
  readonly revision?: string;
  readonly raft_term?: string;
}

interface RangeAnswer {
  readonly header: Header;
  readonly kvs?: readonly RawEntry[];
  readonly more?: boolean;
}

interface RawEntry {
  readonly key: string;
  readonly value?: string;
  readonly create_revision: string;
  readonly mod_revision: string;
  readonly version: string;
}

/** Administers an etcd through its JSON gateway, with nothing of what the tests test. */
export class EtcdAdmin extends EtcdGateway {
  /** Puts a value. @returns The new revision */
  async put(key: string, value: string | Uint8Array): Promise<number> {
    const body = { key: encode(key), value: encode(value) };
    return revisionOf(await this.call<{ header: Header }>("kv/put", body));
  }

  /** Reads a key, linearizably. */
  async get(key: string): Promise<EtcdEntry | undefined> {
    const { kvs } = await this.call<RangeAnswer>("kv/range", { key: encode(key) });
    return kvs?.map(toEntry)[0];
  }

  /** Deletes a key. @returns Whether it was there */
  async delete(key: string): Promise<boolean> {
    const body = { key: encode(key) };
    const { deleted } = await this.call<{ deleted?: string }>("kv/deleterange", body);
    return Number(deleted ?? 0) > 0;
  }

  /** All entries of a prefix by key, linearizably, all at one revision. */
  async list(prefix: string): Promise<EtcdEntry[]> {
    const entries: EtcdEntry[] = [];
    let start = encode(prefix === "" ? "\0" : prefix);
    let revision = 0;
    while (true) {
      const body = { key: start, range_end: encode(prefixEnd(prefix)), limit: 500, revision };
      const answer: RangeAnswer = await this.call("kv/range", body);
      const page = answer.kvs ?? [];
      entries.push(...page.map(toEntry));
      const last = page.at(-1);
      if (answer.more !== true || last === undefined) return entries;
      revision ||= revisionOf(answer);
      start = encode(Buffer.concat([Buffer.from(last.key, "base64"), Buffer.from([0])]));
    }
  }

  /** The cluster's revision, linearizably. */
  async revision(): Promise<number> {
    const body = { key: encode("\0"), count_only: true };
    return revisionOf(await this.call<RangeAnswer>("kv/range", body));
  }

  /** Forgets what is older than a revision; done when it is gone from disk. */
  async compact(revision: number): Promise<void> {
    await this.call("kv/compaction", { revision, physical: true });
  }

  async status(): Promise<EtcdStatus> {
    const answer = await this.call<
      { header: Header; version: string; leader?: string; dbSize?: string }
    >("maintenance/status", {});
    const { header, leader } = answer;
    return {
      version: answer.version,
      clusterId: header.cluster_id,
      memberId: header.member_id,
      leaderId: leader === undefined || leader === "0" ? undefined : leader,
      revision: revisionOf(answer),
      raftTerm: Number(header.raft_term ?? 0),
      dbSizeBytes: Number(answer.dbSize ?? 0),
    };
  }

  /** The members' ids by name. */
  async members(): Promise<Map<string, string>> {
    const { members } = await this.call<{ members: { ID: string; name?: string }[] }>(
      "cluster/member/list",
      {},
    );
    return new Map(members.map(({ ID, name }) => [name ?? "", ID]));
  }

  async addRole(name: string, permissions: readonly EtcdPermission[]): Promise<void> {
    await this.call("auth/role/add", { name });
    for (const { access, key, prefix } of permissions) {
      const range = prefix === undefined
        ? { key: encode(key ?? "") }
        : { key: encode(prefix), range_end: encode(prefixEnd(prefix)) };
      await this.call("auth/role/grant", { name, perm: { permType: access, ...range } });
    }
  }

  /** Adds a user, who logs in by password or by a certificate of this common name. */
  async addUser(name: string, password: string, roles: readonly string[] = []): Promise<void> {
    await this.call("auth/user/add", { name, password });
    for (const role of roles) await this.call("auth/user/grant", { user: name, role });
  }

  async changePassword(name: string, password: string): Promise<void> {
    await this.call("auth/user/changepw", { name, password });
    if (this.user === name) this.login(name, password);
  }

  /** Adds the user root and turns authentication on; further calls are made as root. */
  async enableAuth(rootPassword: string): Promise<void> {
    await this.addUser("root", rootPassword, ["root"]);
    await this.call("auth/enable", {});
    this.login("root", rootPassword);
  }

  /** Adds roles and users, then does as {@linkcode enableAuth}. */
  async setUpAuth({ rootPassword, roles = {}, users = [] }: EtcdAuth): Promise<void> {
    for (const [name, permissions] of Object.entries(roles)) await this.addRole(name, permissions);
    for (const user of users) await this.addUser(user.name, user.password, user.roles);
    await this.enableAuth(rootPassword);
  }

  async disableAuth(): Promise<void> {
    await this.call("auth/disable", {});
    this.logout();
  }
}

function encode(value: string | Uint8Array): string {
  return Buffer.from(typeof value === "string" ? new TextEncoder().encode(value) : value)
    .toString("base64");
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

/** The first key after all that begin with a prefix; an empty prefix means all keys. */
function prefixEnd(prefix: string): Uint8Array {
  const bytes = new TextEncoder().encode(prefix);
  const last = bytes.at(-1);
  // UTF-8 has no byte 255, so the last one can always be counted up.
  if (last === undefined) return new Uint8Array(1);
  bytes[bytes.length - 1] = last + 1;
  return bytes;
}

function revisionOf({ header }: { readonly header: Header }): number {
  return Number(header.revision ?? 0);
}

function toEntry(raw: RawEntry): EtcdEntry {
  return {
    key: decode(raw.key),
    value: decode(raw.value ?? ""),
    createRevision: Number(raw.create_revision),
    modRevision: Number(raw.mod_revision),
    version: Number(raw.version),
  };
}
