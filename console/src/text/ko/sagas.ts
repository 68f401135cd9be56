import type { Text } from "..";

export const sagas: Text["sagas"] = {
  title: "사가",
  list: "사가 목록 (최신순)",
  columns: { status: "상태", id: "사가", definition: "정의", failed: "실패 원인", created: "시작", took: "소요 시간" },
  filters: {
    label: "사가 필터",
    status: "상태",
    definition: "정의",
    service: "실패한 서비스",
    q: "ID, 단계, 원인에 포함된 단어",
    clear: "필터 초기화",
  },
  failed: (step, reason) => (step ? `${step}: ${reason}` : reason),
  none: "조건에 맞는 사가가 없습니다",
  noneWhy: "상태, 정의, 서비스, 검색어, 기간을 모두 만족하는 사가가 없습니다. 필터를 일부 해제해 보세요.",
  empty: "아직 실행된 사가가 없습니다",
  emptyWhy: "사가는 정의를 한 번 실행한 것입니다. 정의 페이지에서 직접 시작하거나 다음과 같이 제출하세요:",
  newer: "최신 목록으로",
  still: "아래쪽을 읽는 동안에는 목록이 갱신되지 않습니다.",
};
