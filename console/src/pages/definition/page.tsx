import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Answer } from "../../parts/answer";
import { Badge } from "../../parts/badge";
import { Page } from "../../parts/page";
import { useText } from "../../text";
import { Shown } from "./shown";
import { definitionQuery, definitionsQuery } from "./query";
import { StartButton } from "./start/button";
import { Versions } from "./versions";

const route = getRouteApi("/definitions/$name");

/** A number from an address, where it is one. */
const versionIn = (text: string | undefined): number | undefined => (text && /^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** One definition: its plan, what each step does, its versions, and starting one by hand. */
export function DefinitionPage() {
  const { list } = useText().definitions;
  const { name } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const newest = useQuery(definitionQuery(name));
  const wanted = versionIn(search.version);
  const chosen = useQuery({ ...definitionQuery(name, wanted), enabled: wanted !== undefined });
  const compared = versionIn(search.with);
  const row = useQuery(definitionsQuery).data?.definitions.find((one) => one.name === name);
  const change = (next: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  return (
    <Page
      title={name}
      about={
        row ? (
          <span title={row.live ? undefined : list.oldHelp}>
            <Badge tone={row.live ? "completed" : "neutral"}>{row.live ? list.live : list.old}</Badge>
          </span>
        ) : null
      }
      actions={
        newest.data ? (
          <>
            <Versions
              newest={newest.data.version}
              shown={wanted ?? newest.data.version}
              compared={compared}
              onShow={(version) =>
                change({ version: version === newest.data.version ? undefined : String(version), ...(version === compared ? { with: undefined } : {}) })
              }
              onCompare={(version) => change({ with: version === undefined ? undefined : String(version) })}
            />
            <StartButton live={row?.live} onStart={() => change({ start: true })} />
          </>
        ) : null
      }
    >
      <Answer query={wanted === undefined ? newest : chosen} height={420}>
        {(definition) => (
          <Shown
            definition={definition}
            compared={compared}
            step={search.step}
            starting={search.start === true}
            onStep={(step) => change({ step })}
            onEndCompare={() => change({ with: undefined })}
            onEndStart={() => change({ start: undefined })}
          />
        )}
      </Answer>
    </Page>
  );
}
