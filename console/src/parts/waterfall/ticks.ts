const S = 1e9;
/** Steps that a person counts in, above a second; below it is 1, 2, 5. */
const STEPS = [S, 2 * S, 5 * S, 10 * S, 20 * S, 30 * S, ...[1, 2, 5, 10, 20, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * 60 * S)];

/** At most so many round moments from the beginning, the last of them with room for its label before the end. */
export function ticks(length: number, most: number): number[] {
  const least = length / most;
  const step = stepOf(least);
  const found: number[] = [];
  for (let at = 0; at <= length * 0.94; at += step) found.push(at);
  return found;
}

function stepOf(least: number): number {
  if (least >= S) return STEPS.find((step) => step >= least) ?? Math.ceil(least / (86_400 * S)) * 86_400 * S;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least) ?? least;
}
