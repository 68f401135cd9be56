import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { follow, type Means } from "./stream";

vi.mock("./client", () => ({ bearer: () => ({ authorization: "Bearer t" }) }));

interface Connection {
  headers: Record<string, string>;
  signal: AbortSignal;
  says: (text: string) => void;
  ends: () => void;
}

/** A server whose connections the test speaks through. */
function server() {
  const connections: Connection[] = [];
  const alive = () => connections.filter(({ signal }) => !signal.aborted).length;
  let most = 0;
  const means: Means = {
    fetch: (_path, { headers, signal }) => {
      let body!: ReadableStreamDefaultController<Uint8Array>;
      const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (body = controller) });
      connections.push({
        headers,
        signal,
        says: (text) => body.enqueue(new TextEncoder().encode(text)),
        ends: () => body.close(),
      });
      most = Math.max(most, alive());
      return Promise.resolve(new Response(stream));
    },
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
  const at = (index: number): Connection => {
    const connection = connections[index];
    if (!connection) throw new Error(`there is no connection ${index} of ${connections.length}`);
    return connection;
  };
  return { means, connections, at, alive, most: () => most };
}

const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Streams move on by themselves, a few turns after what caused it. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

test("goes on behind the last event when the connection ends", async () => {
  const { means, at, most } = server();
  const seen: string[] = [];
  const open: boolean[] = [];
  const end = follow("/v1/changes", { data: (data) => seen.push(data), open: (is) => open.push(is) }, means);
  await settled();
  expect(at(0).headers).toEqual({ accept: "text/event-stream", authorization: "Bearer t" });
  at(0).says("id: 7\ndata: a\n\n");
  await settled();
  at(0).ends();
  await settled();
  expect(open).toEqual([true, false]);
  await passes(500);
  await settled();
  expect(at(1).headers["last-event-id"]).toBe("7");
  at(1).says("id: 8\ndata: b\n\n");
  await settled();
  expect(seen).toEqual(["a", "b"]);
  expect(open).toEqual([true, false, true]);
  expect(most()).toBe(1);
  end();
});

test("opens a silent connection again, and a heartbeat is no silence", async () => {
  const { means, at, connections, alive, most } = server();
  const open: boolean[] = [];
  const end = follow("/v1/changes", { data: () => undefined, open: (is) => open.push(is) }, means);
  await settled();
  for (let beat = 0; beat < 6; beat += 1) {
    await passes(15_000);
    at(0).says(": heartbeat\n\n");
    await settled();
  }
  expect(connections).toHaveLength(1);
  await passes(44_000);
  await settled();
  expect(open).toEqual([true]);
  await passes(1_000);
  await settled();
  expect(open).toEqual([true, false]);
  expect(alive()).toBe(0);
  await passes(500);
  await settled();
  expect(open).toEqual([true, false, true]);
  expect(connections).toHaveLength(2);
  expect(most()).toBe(1);
  end();
});

test("ends for good when told, and says nothing more", async () => {
  const { means, at, connections, alive } = server();
  const said: unknown[] = [];
  const end = follow("/v1/changes", { data: (data) => said.push(data), open: (is) => said.push(is) }, means);
  await settled();
  at(0).says("data: a\n\n");
  end();
  await settled();
  await passes(120_000);
  await settled();
  expect(alive()).toBe(0);
  expect(connections).toHaveLength(1);
  expect(said.filter((one) => one !== true)).toEqual([]);
});

test("asks a server that is away rarer and rarer, and ends while it waits", async () => {
  let asked = 0;
  const { means } = server();
  const away = { ...means, fetch: () => (asked++, Promise.reject(new TypeError("Failed to fetch"))) };
  const end = follow("/v1/changes", { data: () => undefined }, away);
  for (const pause of [500, 1_000, 2_000, 5_000, 5_000]) {
    await settled();
    await passes(pause);
  }
  await settled();
  expect(asked).toBe(6);
  end();
  await passes(60_000);
  await settled();
  expect(asked).toBe(6);
});
