import { Select } from "@mantine/core";
import { useText } from "../../text";

interface Props {
  newest: number;
  shown: number;
  compared: number | undefined;
  onShow: (version: number) => void;
  onCompare: (version: number | undefined) => void;
}

const NONE = "none";

/** Which version is shown, and with which it is compared. */
export function Versions({ newest, shown, compared, onShow, onCompare }: Props) {
  const { one } = useText().definitions;
  const all = Array.from({ length: newest }, (_, at) => newest - at);
  const named = (version: number) => ({
    value: String(version),
    label: version === newest ? one.newest(String(version)) : one.versionOf(String(version)),
  });
  return (
    <>
      <Select
        aria-label={one.version}
        size="xs"
        w={190}
        allowDeselect={false}
        data={all.map(named)}
        value={String(shown)}
        onChange={(value) => onShow(Number(value))}
      />
      {newest > 1 ? (
        <Select
          aria-label={one.compare}
          size="xs"
          w={190}
          allowDeselect={false}
          data={[{ value: NONE, label: `${one.compare}…` }, ...all.filter((version) => version !== shown).map(named)]}
          value={compared === undefined ? NONE : String(compared)}
          onChange={(value) => onCompare(value === NONE ? undefined : Number(value))}
        />
      ) : null}
    </>
  );
}
