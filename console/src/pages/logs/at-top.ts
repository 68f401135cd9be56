import { type RefObject, useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  window.addEventListener("scroll", listener, { passive: true });
  return () => window.removeEventListener("scroll", listener);
}

const HEADER = 52;

/** Is the beginning of something still in the window, so that nobody reads further down in it? */
export const useAtTop = (of: RefObject<HTMLElement | null>): boolean =>
  useSyncExternalStore(subscribe, () => (of.current?.getBoundingClientRect().top ?? HEADER) >= HEADER - 8);
