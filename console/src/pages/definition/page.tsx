import { Page } from "../../parts/page";
import { useText } from "../../text";

export function DefinitionPage() {
  const text = useText().definitions;
  return <Page title={text.title}>{null}</Page>;
}
