import type { UseQueryResult } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import type { Known } from "../services/model";
import { Around } from "./around";
import { Counts } from "./counts";
import { Endpoints } from "./endpoints";
import { Failing } from "./failing";
import { Load } from "./load";
import { Settings } from "./settings";
import { Told } from "./told";
import css from "./service.module.css";

interface Props {
  calls: Schemas["ServiceCalls"];
  known: Known;
  map: UseQueryResult<Schemas["ServiceMap"]>;
}

/** A service that Ondol calls: what stands in its way first. */
export function Called({ calls, known, map }: Props) {
  return (
    <>
      <Endpoints endpoints={calls.endpoints} />
      <div className={css.columns}>
        <div className={css.column}>
          <Counts counts={calls.counts} />
          <Told calls={calls.calls} />
          <Failing name={known.name} />
        </div>
        <div className={css.column}>
          <Load calls={calls} waiting={known.target?.waiting ?? 0} />
          <Around name={known.name} map={map} />
          {known.settings ? <Settings settings={known.settings} /> : null}
        </div>
      </div>
    </>
  );
}
