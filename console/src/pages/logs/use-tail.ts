import { useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { follow, type Listener } from "../../api/stream";
import { whileSeen } from "../../app/while-seen";
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
  // Was the stream away for a while, so that lines are missing between those that came and those that come?
  const gap = useRef(false);
  const release = () => {
    if (gap.current) {
      gap.current = false;
      setTailed(NOTHING);
      now.current.onOpen();
    } else setTailed(released);
  };
  const show = useRef(release);
  show.current = release;
  useEffect(() => {
    if (!on) return;
    setTailed(NOTHING);
    gap.current = false;
    let opened = false;
    let came: Line[] = [];
    let missed = 0;
    const listener: Listener = {
      open: (is) => {
        setOpen(is);
        if (!is) return;
        if (!opened) now.current.onOpen();
        // What came meanwhile is found by a search, as soon as nobody reads what is there.
        else {
          gap.current = true;
          if (!now.current.hold) show.current();
        }
        opened = true;
      },
      data: (data) => {
        const event = JSON.parse(data) as Schemas["Tailed"];
        if ("missed" in event) missed += event.missed;
        else if (came.push(event.log) > 2 * KEPT) came = came.slice(-KEPT);
      },
    };
    const end = whileSeen(() => {
      const close = follow(`/v1/telemetry/logs/tail?${new URLSearchParams({ q: query })}`, listener);
      return () => {
        close();
        setOpen(false);
      };
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
    };
  }, [on, query]);
  // What waited is shown as soon as nothing holds it.
  useEffect(() => {
    if (!hold) show.current();
  }, [hold]);
  return { ...(on ? tailed : NOTHING), open, release };
}
