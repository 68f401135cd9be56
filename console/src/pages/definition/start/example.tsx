import { Button } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useText } from "../../../text";
import type { Json } from "../plan";
import { exampleQuery } from "../query";

/** Fills in what the newest saga of the definition had: the quickest way to an input that works. */
export function Example({ definition, onTake }: { definition: string; onTake: (input: Json) => void }) {
  const text = useText().definitions.start;
  const { data } = useQuery(exampleQuery(definition));
  if (!data) return null;
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconWand size={15} aria-hidden />}
      onClick={() => onTake(data.input as Json)}
      style={{ alignSelf: "flex-start", maxWidth: "100%" }}
    >
      {text.from(data.id)}
    </Button>
  );
}
