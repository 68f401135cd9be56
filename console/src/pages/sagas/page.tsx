import { Page } from "../../parts/page";
import { useText } from "../../text";

export function SagasPage() {
  const text = useText().sagas;
  return <Page title={text.title}>{null}</Page>;
}
