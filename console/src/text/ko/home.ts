import type { Text } from "..";

export const home: Text["home"] = {
  title: "홈",
  well: "모두 정상입니다",
  wellWhy: "조치가 필요한 사가가 없고, 모든 서비스가 응답하며, 최근 15분간 실패가 없습니다.",
  verdict: {
    parked: (count) => `조치가 필요한 사가 ${count}건`,
    parkedOne: "조치가 필요한 사가 1건",
    down: (names) => `${names} 연결 불가`,
    troubled: (names) => `${names} 오류 다수`,
  },
  stats: {
    label: "현재 사가 현황",
    running: "진행 중",
    compensating: "보상 중",
    parked: "조치 필요",
    completed: "최근 1시간 완료",
    compensated: "최근 1시간 보상",
  },
  figures: {
    title: "분당 사가 수 (결과별)",
    completed: "완료",
    compensated: "보상 완료",
    parked: "보류됨",
    none: "최근 1시간 동안 종료된 사가가 없습니다.",
  },
  failures: {
    title: "최근 실패",
    all: "실패 전체 보기",
    none: "아직 실패한 사가가 없습니다",
  },
  desk: { title: "조치 필요", open: "처리 데스크 열기", none: "조치가 필요한 사가가 없습니다." },
  services: {
    title: "최근 15분 서비스 현황",
    all: "서비스 전체 보기",
    columns: { name: "서비스", state: "상태", rate: "요청", errors: "오류", p95: "p95" },
    up: "정상 응답",
    down: "연결 불가",
    ejected: (count) => `주소 ${count}개 제외됨`,
    failing: "오류 발생",
    quiet: "요청 없음",
    none: "등록된 서비스가 없습니다",
    noneWhy: "ondol.yaml에 서비스를 적고 서버에 적용하세요: ondol apply ondol.yaml",
  },
  begin: {
    title: "환영합니다. 아직 실행된 사가가 없습니다.",
    text: "ondol.yaml에 서비스와 사가를 정의하고 서버에 적용한 뒤 사가를 시작하세요:",
  },
};
