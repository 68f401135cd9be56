import { Page } from "../../parts/page";
import { useText } from "../../text";

export function SagaPage() {
  const text = useText().saga;
  return <Page title={text.title}>{null}</Page>;
}
