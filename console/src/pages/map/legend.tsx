import { colour } from "../../parts/badge";
import { useText } from "../../text";
import css from "./map.module.css";
import { ICONS, type State, TONES } from "./state";

const SHOWN: State[] = ["well", "some", "many"];

/** What the colours of the map mean. */
export function Legend() {
  const { map } = useText();
  return (
    <ul className={css.legend} aria-label={map.legend}>
      {SHOWN.map((state) => {
        const Icon = ICONS[state];
        return (
          <li key={state}>
            <Icon size={13} stroke={2.2} aria-hidden style={{ color: colour(TONES[state]) }} /> {map.stateOf[state]}
          </li>
        );
      })}
    </ul>
  );
}
