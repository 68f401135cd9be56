import { follow } from "./stream";

interface Listener {
  /** Something came. */
  data: () => void;
  /** Is the stream open? */
  open: (open: boolean) => void;
}

/** What tabs say to each other: something came, is the stream open, and who just came asks whether it is. */
type Said = "came" | "open" | "closed" | "asks";

/**
 * Follows a stream that one tab of the browser holds for all of them: browsers allow six connections to a server, and a
 * stream in each tab would use them up. Which tab holds it is settled by a lock, which goes to the next when a tab lets go
 * of it or is closed. Where there are no locks (plain HTTP from another machine) each tab follows by itself.
 */
export function followShared(name: string, path: string, listener: Listener): () => void {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return follow(path, listener);
  const ended = new AbortController();
  const others = new BroadcastChannel(name);
  const tell = (said: Said) => others.postMessage(said);
  let held: Said | undefined;
  others.onmessage = ({ data: said }: MessageEvent<Said>) => {
    if (said === "asks") {
      if (held) tell(held);
    } else if (said === "came") listener.data();
    else listener.open(said === "open");
  };
  const hold = () =>
    new Promise<void>((letGo) => {
      if (ended.signal.aborted) return letGo();
      const end = follow(path, {
        open: (open) => {
          listener.open(open);
          tell((held = open ? "open" : "closed"));
        },
        data: () => {
          listener.data();
          tell("came");
        },
      });
      ended.signal.addEventListener("abort", () => {
        end();
        letGo();
      });
    });
  // What is refused is refused because nobody wants it any more.
  locks.request(name, { signal: ended.signal }, hold).catch(() => undefined);
  tell("asks");
  return () => {
    ended.abort();
    others.close();
  };
}
