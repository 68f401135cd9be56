// grpc_client.js PORT direct|authority|metadata: what a @grpc/grpc-js client sees.

import { randomBytes } from "node:crypto";
import grpc from "@grpc/grpc-js";

const [port, how] = process.argv.slice(2);
const LONG_MS = 8_000;
const options = {
  "grpc.enable_http_proxy": 0,
  "grpc.max_receive_message_length": 8 << 20,
  ...(how === "authority" && { "grpc.default_authority": "grpcdemo" }),
};
const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
const same = (bytes) => bytes;
const within = (ms) => ({ deadline: Date.now() + ms });

function metadata(more = {}) {
  const made = new grpc.Metadata();
  if (how === "metadata") made.set("ondol-target", "grpcdemo");
  for (const [name, value] of Object.entries(more)) made.set(name, value);
  return made;
}

// The end of a call as the client sees it: messages, status, and both kinds of metadata.
function ended(call, messages = []) {
  return new Promise((resolve) => {
    const saw = { messages };
    call.on("metadata", (initial) => (saw.initial = initial));
    call.on("data", (message) => messages.push(message));
    call.on("error", () => {});
    call.on("status", (status) => resolve({ ...saw, ...status, name: grpc.status[status.code] }));
  });
}

const path = (method) => `/conform.Peer/${method}`;
function unaryCall(method, message, ms = LONG_MS, given = {}) {
  const messages = [];
  const take = (error, answer) => error || messages.push(answer);
  return ended(
    client.makeUnaryRequest(path(method), same, same, message, metadata(given), within(ms), take),
    messages,
  );
}
const streamed = (method, message, ms = LONG_MS) =>
  client.makeServerStreamRequest(path(method), same, same, message, metadata(), within(ms));
const noticed = async (name) => String((await unaryCall("WasCancelled", name)).messages[0]);

const cases = {
  async unary() {
    const saw = await unaryCall("Unary", Buffer.from("abc"), LONG_MS, { "x-one": "1" });
    const bytes = saw.initial.get("x-bytes-bin")[0].toString("hex");
    return `${saw.messages} ${saw.initial.get("x-initial")} ${bytes} ${saw.metadata.get("x-trailing")} ${saw.name}`;
  },
  async "unary 4 mib"() {
    const saw = await unaryCall("Unary", Buffer.concat([Buffer.from("a"), Buffer.alloc(4 << 20)]));
    return `${saw.messages[0]?.length} bytes, ${saw.messages[0]?.at(-1)} ${saw.name}`;
  },
  async "server streaming"() {
    const saw = await ended(streamed("Count", Buffer.from("1000")));
    const inOrder = saw.messages.every((message, number) => String(message) === String(number));
    return `${saw.messages.length} messages, in order: ${inOrder} ${saw.name}`;
  },
  async "client streaming"() {
    const messages = [];
    const take = (error, answer) => error || messages.push(answer);
    const call = client.makeClientStreamRequest(path("Join"), same, same, metadata(), within(LONG_MS), take);
    const saw = ended(call, messages);
    for (let number = 0; number < 1000; number++) call.write(Buffer.from(String(number)));
    call.end();
    return `${String((await saw).messages[0]).split(",").length} messages ${(await saw).name}`;
  },
  async bidirectional() {
    const call = client.makeBidiStreamRequest(path("Echo"), same, same, metadata(), within(LONG_MS));
    let sent = 0;
    const next = () => (sent < 100 ? call.write(Buffer.from(String(sent++))) : call.end());
    call.on("data", next);
    next();
    const saw = await ended(call);
    return `${saw.messages.length} in turn ${saw.name}`;
  },
  async "error with details"() {
    const saw = await unaryCall("Fail", Buffer.alloc(0));
    const details = saw.metadata.get("grpc-status-details-bin")[0].toString("hex");
    return `${saw.name} ${JSON.stringify(saw.details)} ${details} ${saw.metadata.get("x-trailing")}`;
  },
  async "error after messages"() {
    const saw = await ended(streamed("FailLate", Buffer.alloc(0)));
    return `${saw.messages} ${saw.name} ${saw.details} ${saw.metadata.get("x-trailing")}`;
  },
  async "no such method"() {
    return (await unaryCall("Nothing", Buffer.alloc(0))).name;
  },
  async deadline() {
    const name = randomBytes(8);
    const saw = await ended(streamed("Slow", name, 400));
    return `${saw.name}; the server noticed: ${await noticed(name)}`;
  },
  async "deadline told"() {
    const left = Number((await unaryCall("TimeLeft", Buffer.alloc(0), 5_000)).messages[0]);
    return `of 5 s the server has between 4 and 5.5: ${4_000 <= left && left <= 5_500}`;
  },
  async cancel() {
    const name = randomBytes(8);
    const call = streamed("Slow", name);
    call.once("data", () => call.cancel());
    const saw = await ended(call);
    return `${saw.messages} ${saw.name}; the server noticed: ${await noticed(name)}`;
  },
};

for (const [name, run] of Object.entries(cases)) {
  console.log(JSON.stringify({ case: name, saw: await run() }));
}
client.close();
