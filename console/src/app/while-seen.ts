/**
 * Begins something while the tab is seen, and ends it while it is hidden: nobody looks, and connections are few. Says each
 * time whether it was begun before. The returned function ends it for good.
 */
export function whileSeen(begin: (again: boolean) => () => void): () => void {
  let end: (() => void) | undefined;
  let again = false;
  const look = () => {
    const seen = document.visibilityState !== "hidden";
    if (seen === (end !== undefined)) return;
    end?.();
    end = undefined;
    if (!seen) return;
    end = begin(again);
    again = true;
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    end?.();
  };
}
