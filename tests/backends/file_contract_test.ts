// The file backend is real I/O: these tests wait for the system's reports, not for a clock.
import { testBackendContract } from "./contract.ts";
import { FileHarness } from "./file_harness.ts";

testBackendContract({
  name: "file",
  watches: true,
  writable: true,
  open: (documents, collection) => FileHarness.open(documents, collection),
});

testBackendContract({
  name: "file, polled",
  watches: true,
  writable: true,
  open: (documents, collection) =>
    FileHarness.open(documents, collection, {
      watch: "poll",
      pollIntervalMs: 20,
      confirmRemovalMs: 40,
    }),
});
