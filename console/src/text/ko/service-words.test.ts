import { expect, test } from "vitest";
import { say } from "./service-words";

const CASES: [string, string][] = [
  ["its probe is due", "다음 호출로 상태를 재확인할 차례"],
  ["it failed 5 times in a row (breaker.failures)", "5회 연속 실패 (breaker.failures)"],
  ["chose http://a:1", "http://a:1 선택"],
  ["chose http://a:1 over http://b:2 (cost 1.0 ms against 2.0 ms): its probe is due", "http://b:2 대신 http://a:1 선택 (비용 1.0 ms 대 2.0 ms): 다음 호출로 상태를 재확인할 차례"],
  ["chose http://a:1 over http://b:2: every endpoint fails", "http://b:2 대신 http://a:1 선택: 모든 엔드포인트 실패 중"],
  ["http://a:1 answered 503 after 9.0 ms", "http://a:1: 9.0 ms 만에 503 응답"],
  ["tried again after 18 ms (retry budget left: 90)", "18 ms 후 재시도 (남은 재시도 여유 90)"],
  ["tried again at once elsewhere (retry budget left: -1)", "즉시 다른 곳에 재시도 (남은 재시도 여유 -1)"],
  ["not tried again: no endpoint is left that was not tried", "재시도하지 않음: 시도하지 않은 엔드포인트가 남아 있지 않음"],
  ["payment at http://a:1 was sent nothing: connecting: Connection refused", "payment(http://a:1)에 아무것도 전송하지 못함: 연결 실패: Connection refused"],
  ["a sentence of a later server", "a sentence of a later server"],
];

test.each(CASES)("%s", (words, expected) => expect(say(words)).toBe(expected));
