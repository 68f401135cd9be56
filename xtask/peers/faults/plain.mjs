// A service of HTTP/1.1 that writes down what it does, and can close connections as rudely as servers do.
//
// --listen HOST:PORT --ledger FILE
// --work MS      time that a request takes
// --idle MS      how long a connection may be idle, to the millisecond; Node's own setting adds a second to it
// --snatch N     of N requests over used connections, one finds its connection closed, by turns before anything is done
//                and after all is done; and one has another connection closed that is idle and may just be getting a
//                request

import http from "node:http";
import { address, ledger, options } from "./ledger.mjs";

const given = options();
const note = ledger(given.ledger);
const work = Number(given.work ?? 0);
const snatch = Number(given.snatch ?? 0);
const patience = Number(given.idle ?? 0);
const idle = new Set();
const timers = new WeakMap();
let reused = 0;
let closed = 0;

// By turns the quiet end and the rude one.
function close(socket) {
  idle.delete(socket);
  closed += 1;
  if (closed % 2) socket.destroy();
  else socket.resetAndDestroy();
}

// Between two requests: from here on it may be closed.
function rest(socket) {
  idle.add(socket);
  if (patience) timers.set(socket, setTimeout(() => idle.delete(socket) && socket.destroy(), patience));
}

// When this request's connection is closed: before it is looked at, after it was acted upon, or not at all.
function snatched(socket) {
  const used = idle.delete(socket);
  if (!used || !snatch) return "not";
  reused += 1;
  const turn = reused % snatch;
  if (turn === 1 && idle.size > 0) close([...idle].at(-1));
  if (turn > 0) return "not";
  return (reused / snatch) % 2 ? "before" : "after";
}

function act(request, response) {
  const socket = request.socket;
  clearTimeout(timers.get(socket));
  const when = snatched(socket);
  if (when === "before") return close(socket);
  request.resume();
  request.on("end", () => {
    note(`act ${request.headers["x-id"]}`);
    if (when === "after") return close(socket);
    const answer = () => {
      if (response.destroyed) return;
      response.setHeader("content-type", "text/plain");
      response.end("done\n", () => rest(socket));
    };
    if (work) setTimeout(answer, work);
    else answer();
  });
}

const server = http.createServer({ keepAliveTimeout: 60_000 }, act);
server.on("connection", (socket) => {
  note("open");
  socket.on("close", () => idle.delete(socket));
  socket.on("error", () => idle.delete(socket));
});
server.listen(...address(given.listen), 1024, () => console.log(JSON.stringify({ listening: given.listen })));
