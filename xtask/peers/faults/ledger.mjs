// What a peer did, one line each, in a file: it outlives the peer, however that ends.

import fs from "node:fs";

/** Appends to the file of this name: `open` for a connection, `act ID` for a request that was acted upon. */
export function ledger(path) {
  const file = fs.openSync(path, "a");
  return (line) => fs.writeSync(file, `${line}\n`);
}

/** `--name value` pairs. */
export function options() {
  const given = process.argv.slice(2);
  return Object.fromEntries(given.flatMap((name, at) => (at % 2 ? [] : [[name.replace("--", ""), given[at + 1]]])));
}

/** `HOST:PORT` as Node wants it. */
export function address(text) {
  const at = text.lastIndexOf(":");
  return [Number(text.slice(at + 1)), text.slice(0, at)];
}
