import { Page } from "../../parts/page";
import { useText } from "../../text";

export function DeskPage() {
  const text = useText().desk;
  return <Page title={text.title}>{null}</Page>;
}
