// The beginning of the hash; of many that were tried it keeps the names that systems often have furthest apart.
const SEED = 53_422;

/** Hues leave out the red of what failed. */
const HUE_FIRST = 50;
const HUES = 290;

const known = new Map<string, string>();

/**
 * The colour of a service: the same on every page and on every day, since it follows from the name alone. It is readable as
 * text in both themes, and only ever helps to see what the name beside it says.
 */
export function colourOf(service: string): string {
  const kept = known.get(service);
  if (kept) return kept;
  const made = service === "ondol" ? "var(--accent)" : colour(HUE_FIRST + (hash(service) % HUES));
  known.set(service, made);
  return made;
}

const colour = (hue: number): string => `light-dark(oklch(0.5 0.12 ${hue}), oklch(0.76 0.11 ${hue}))`;

/** FNV-1a, mixed once more so that names that differ in their last letter are far apart. */
function hash(text: string): number {
  let value = SEED;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  value ^= value >>> 15;
  value = Math.imul(value, 2_246_822_519) >>> 0;
  return (value ^ (value >>> 13)) >>> 0;
}
