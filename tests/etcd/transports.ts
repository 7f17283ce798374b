/** The ways to talk to etcd, each of which must pass every test here. */
export const TRANSPORTS = ["gateway", "grpc"] as const;

/** One of them. */
export type Transport = typeof TRANSPORTS[number];
