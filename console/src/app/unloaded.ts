/** A part of the console that did not come from the server. */
export class Unloaded extends Error {}

// What browsers say of it, and Vite of its styles.
const SAID = [
  "Failed to fetch dynamically imported module",
  "error loading dynamically imported module",
  "Importing a module script failed",
  "Unable to preload CSS",
];

export const isUnloaded = (error: unknown): boolean =>
  error instanceof Unloaded || (error instanceof Error && SAID.some((words) => error.message.includes(words)));

/** When the page was reloaded because of it, in this tab. */
const RELOADED = "ondol-reloaded";
const RELOAD_AGAIN_MS = 60_000;

/** May the page be reloaded? Not twice in a minute: a console that is broken for good must not reload for ever. */
export function mayReload(now = Date.now()): boolean {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
  return now - last > RELOAD_AGAIN_MS;
}

export function reload(): void {
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
}

/** Does the server give the console? */
export const answers = (): Promise<boolean> =>
  fetch("/", { cache: "no-store", signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.ok,
    () => false,
  );
