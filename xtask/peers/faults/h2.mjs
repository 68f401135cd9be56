// A service of HTTP/2 without TLS that writes down what it does. SIGTERM stops it as it should be stopped: it says
// GOAWAY, ends what it began, and is gone.
//
// --listen HOST:PORT --ledger FILE --work MS

import http2 from "node:http2";
import { address, ledger, options } from "./ledger.mjs";

const given = options();
const note = ledger(given.ledger);
const sessions = new Set();
const server = http2.createServer();

server.on("session", (session) => {
  note("open");
  sessions.add(session);
  session.on("close", () => sessions.delete(session));
});
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  stream.resume();
  stream.on("end", () => {
    note(`act ${headers["x-id"]}`);
    setTimeout(() => {
      if (stream.destroyed) return;
      stream.respond({ ":status": 200, "content-type": "text/plain" });
      stream.end("done\n");
    }, Number(given.work ?? 0));
  });
});
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  for (const session of sessions) session.close();
});
server.listen(...address(given.listen), () => console.log(JSON.stringify({ listening: given.listen })));
