/** Names that mean something to JavaScript, to a file system, to an encoding, or to this package. */
export const NASTY_NAMES: readonly string[] = [
  ...["default", "breakers", "__proto__", "constructor", "prototype", "toString", "valueOf"],
  ...["hasOwnProperty", "toJSON", "then", "length", "..", ".", "", "/", "\\", "%", "%2F", "%00"],
  ...["CON", "nul.json", "a\0b", "\n", "\r\n", "\ufeff", "\ud800", "\udfff\ud800", "\u{1f600}"],
  ...["用户服务", "grpc:user-service", "/user.UserService/GetUser", "_2F", "$schema", "{}", '"'],
  ...["postgres://user:hunter2@db/x", "x".repeat(300), "\u2028", "\u202e", "\x1b[31m"],
];

/** Numbers as JSON writes them, at and beyond the edges. */
export const NASTY_NUMBERS: readonly string[] = [
  ...["0", "-0", "1", "-1", "1e400", "-1e400", "1e-400", "9007199254740993", "9007199254740992"],
  ...["0.1", "1.0000000000000000000001", "5e-324", "4.9e-7", "5e-7", "31536000000", "31536000001"],
  ...[
    "1E5",
    "1e+2",
    "10000000",
    "10000001",
    "3600",
    "3601",
    "9".repeat(400),
    "-0.0",
    "0e999999999",
  ],
];

/** What is near a number or a word of JSON's, and is none. */
export const NOT_JSON: readonly string[] = [
  ...["01", "+1", ".5", "1.", "0x1", "NaN", "Infinity", "True", "nul", "undefined", "'a'", "1e"],
  ...[
    "//",
    "/**/",
    "\0",
    "\ufeff",
    "\u00a0",
    "\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "\v",
    "\ud800",
  ],
];

/** Durations, and what is near one. */
export const NASTY_DURATIONS: readonly string[] = [
  ...["1s", "250ms", "1m30s", "1.5h", "10us", "10µs", "10μs", "0", "0s", "-1s", "+1s", "8760h"],
  ...["8760h0m0.000000001s", "0.5ns", "0.9ns", "1ns", "2562047h47m16.854775807s", "2562048h"],
  ...["", " 1s", "1s ", "1 s", "1d", "1S", "1e3s", "٣s", "1s1", "1..s", ".s", "1.s", ".5s", "s"],
  ...["9".repeat(255) + "s", "9".repeat(256) + "s", "0".repeat(255) + "1s", "1s".repeat(128)],
];
