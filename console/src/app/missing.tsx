import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { Notice } from "../parts/notice";
import { useText } from "../text";
import { BrokenPage } from "./broken-page";
import { answers, mayReload, reload } from "./unloaded";

const AGAIN_MS = 2_000;

/**
 * A page whose code did not come: the server is away, or was upgraded, so that the names have changed. The page is loaded
 * anew as soon as the server answers. If that was of no use, it says so.
 */
export function Missing({ error }: { error: unknown }) {
  const { server } = useText().common;
  const [inVain, setInVain] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let ended = false;
    const ask = async () => {
      const there = await answers();
      if (ended) return;
      if (there && mayReload()) return reload();
      setInVain(there);
      timer = setTimeout(() => void ask(), AGAIN_MS);
    };
    void ask();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, []);
  if (inVain) return <BrokenPage error={error} />;
  return (
    <Notice
      kind="bad"
      title={server.down}
      action={
        <Button size="xs" variant="default" onClick={() => void answers().then((there) => there && reload())}>
          {server.again}
        </Button>
      }
    >
      {server.missing}
    </Notice>
  );
}
