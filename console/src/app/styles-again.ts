// Vite asks for the style sheet of a page's code once: one that failed while the server was away would be missing for good.

const AGAIN_MS = 2_000;

async function again(link: HTMLLinkElement): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    const answer = await fetch(link.href).catch(() => null);
    // Refused for good: the names changed, and the page is loaded anew when its code is wanted.
    if (answer && answer.status < 500) return answer.ok ? link.replaceWith(link.cloneNode()) : undefined;
  }
}

window.addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") void again(target);
  },
  { capture: true },
);
