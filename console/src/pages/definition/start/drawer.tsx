import { Drawer } from "@mantine/core";
import type { Schemas } from "../../../api/client";
import { useText } from "../../../text";
import { StartForm } from "./form";

interface Props {
  definition: Schemas["Definition"];
  opened: boolean;
  onClose: () => void;
}

/** Starts a saga by hand, beside the plan that it will follow. */
export function StartDrawer({ definition, opened, onClose }: Props) {
  const { definitions, common } = useText();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title={definitions.start.title(definition.name)}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <StartForm definition={definition} />
    </Drawer>
  );
}
