// Real files: that processes see them is what is shown.
import assert from "node:assert/strict";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { PortReservations } from "./port_reservations.ts";

Deno.test("reserved ports: what one has taken another does not get, until it is long ago", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [one, other] = [new PortReservations(folder), new PortReservations(folder)];
    assert.deepEqual([one.take(20_001), other.take(20_001), other.take(20_002)], [
      true,
      false,
      true,
    ]);
    assert.equal(one.take(20_001), false);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(folder, "20001"), longAgo, longAgo);
    assert.deepEqual([other.take(20_001), one.take(20_001)], [true, false]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("reserved ports: without a folder that can be written, each is free", async () => {
  const file = await Deno.makeTempFile();
  try {
    const reservations = new PortReservations(join(file, "ports"));
    assert.deepEqual([reservations.take(20_001), reservations.take(20_001)], [true, true]);
  } finally {
    await Deno.remove(file);
  }
});
