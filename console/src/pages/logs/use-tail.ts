import { useEffect, useRef, useState } from "react";
import { follow } from "../../api/stream";
import type { Schemas } from "../../api/client";
import type { Line } from "./line";
import { arrived, KEPT, NOTHING, released, type Tailed } from "./tail";

/** Thousands of lines a second are shown four times a second. */
const FLUSH_MS = 250;

interface Options {
  on: boolean;
  query: string;
  /** While this is so, lines that come wait. */
  hold: boolean;
  /** The stream is open, or open again: what came before it is found by a search. */
  onOpen: () => void;
}

/** Lines as they come. */
export function useTail({ on, query, hold, onOpen }: Options) {
  const [tailed, setTailed] = useState<Tailed>(NOTHING);
  const [open, setOpen] = useState(false);
  const now = useRef({ hold, onOpen });
  now.current = { hold, onOpen };
  useEffect(() => {
    if (!on) return;
    setTailed(NOTHING);
    let came: Line[] = [];
    let missed = 0;
    const end = follow(`/v1/telemetry/logs/tail?${new URLSearchParams({ q: query })}`, {
      open: (is) => {
        setOpen(is);
        if (is) now.current.onOpen();
      },
      data: (data) => {
        const event = JSON.parse(data) as Schemas["Tailed"];
        if ("missed" in event) missed += event.missed;
        // Where a page is in the background its timers are slow: only the newest are kept meanwhile.
        else if (came.push(event.log) > 2 * KEPT) came = came.slice(-KEPT);
      },
    });
    const timer = setInterval(() => {
      if (came.length === 0 && missed === 0) return;
      const lines = came;
      const lost = missed;
      came = [];
      missed = 0;
      setTailed((before) => arrived(before, lines, lost, now.current.hold));
    }, FLUSH_MS);
    return () => {
      clearInterval(timer);
      end();
      setOpen(false);
    };
  }, [on, query]);
  // What waited is shown as soon as nothing holds it.
  useEffect(() => {
    if (!hold) setTailed(released);
  }, [hold]);
  return { ...(on ? tailed : NOTHING), open, release: () => setTailed(released) };
}
