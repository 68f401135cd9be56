import type { Text } from "..";
import { common } from "./common";
import { definitions } from "./definitions";
import { desk } from "./desk";
import { home } from "./home";
import { logs } from "./logs";
import { map } from "./map";
import { saga } from "./saga";
import { sagas } from "./sagas";
import { services } from "./services";
import { traces } from "./traces";

export const ko: Text = { common, home, sagas, saga, desk, traces, map, logs, services, definitions };
