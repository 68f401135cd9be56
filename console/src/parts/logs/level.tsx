import { useText } from "../../text";
import { colour, type Tone } from "../badge";
import css from "./level.module.css";

/** From the worst to the least, and what has none. */
export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "unset"] as const;
export type Level = (typeof LEVELS)[number];

const TONES: Record<Level, Tone> = { fatal: "parked", error: "parked", warn: "compensating", info: "neutral", debug: "neutral", trace: "neutral", unset: "neutral" };

const isLevel = (word: string): word is Level => (LEVELS as readonly string[]).includes(word);

/** How serious a line is, in its word. */
export function LevelTag({ level }: { level: string }) {
  const { levels } = useText().common;
  if (!isLevel(level)) return <span className={css.level}>{level}</span>;
  return (
    <span className={css.level} data-calm={TONES[level] === "neutral" || undefined} style={{ "--of": colour(TONES[level]) } as React.CSSProperties}>
      {levels[level]}
    </span>
  );
}
