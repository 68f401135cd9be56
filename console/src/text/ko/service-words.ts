// What the server says of calls comes in English sentences. Those that are known are said in Korean; any other is shown as
// it came, so that nothing is lost when the server learns a new one.

type Put = (...parts: string[]) => string;

const KNOWN: [RegExp, Put][] = [
  [/^its probe is due$/, () => "다음 호출로 상태를 재확인할 차례"],
  [/^it takes no connection$/, () => "연결을 받지 않음"],
  [/^it failed (\d+) times in a row \((.+)\)$/, (times, setting) => `${times}회 연속 실패 (${setting})`],
  [/^only (\d+) of (\d+) calls of the last 10 s succeeded \((.+)\)$/, (ok, of, setting) => `최근 10초 동안 ${of}건 중 ${ok}건만 성공 (${setting})`],
  [/^it was asked again and failed$/, () => "다시 호출했지만 실패"],
  [/^its health check failed: (.+)$/s, (why) => `상태 검사 실패: ${why}`],
  [/^answered (\d+)$/, (status) => `${status} 응답`],
  [/^(.+) at (\S+) was sent nothing: (.+)$/s, (service, address, why) => `${service}(${address})에 아무것도 전송하지 못함: ${say(why)}`],
  [/^it was sent nothing: (.+)$/s, (why) => `전송하지 못함: ${say(why)}`],
  [/^connecting: (.+)$/s, (why) => `연결 실패: ${why}`],
  [/^(\d+) ms to go, as the request asked$/, (ms) => `남은 시간 ${ms} ms (요청이 지정)`],
  [/^(\d+) ms to go, the default$/, (ms) => `남은 시간 ${ms} ms (기본값)`],
  [/^chose (\S+) over (\S+) \(cost (\S+) ms against (\S+) ms\)(?:: (.+))?$/, (one, other, cost, more, why) => `${other} 대신 ${one} 선택 (비용 ${cost} ms 대 ${more} ms)${why ? `: ${say(why)}` : ""}`],
  [/^chose (\S+) over (\S+?)(?:: (.+))?$/, (one, other, why) => `${other} 대신 ${one} 선택${why ? `: ${say(why)}` : ""}`],
  [/^chose (\S+?)(?:: (.+))?$/, (one, why) => `${one} 선택${why ? `: ${say(why)}` : ""}`],
  [/^every endpoint fails$/, () => "모든 엔드포인트 실패 중"],
  [/^no endpoint takes connections$/, () => "연결을 받는 엔드포인트 없음"],
  [/^(\S+) answered (\d+) after (\S+) ms$/, (one, status, ms) => `${one}: ${ms} ms 만에 ${status} 응답`],
  [/^(\S+) failed after (\S+) ms: (.+)$/s, (one, ms, why) => `${one}: ${ms} ms 만에 실패: ${say(why)}`],
  [
    /^tried again (at once|after (\d+) ms)( elsewhere| over a fresh connection)? \(retry budget left: (-?\d+)\)$/,
    (when, ms, where, budget) =>
      `${when === "at once" ? "즉시" : `${ms} ms 후`}${where === " elsewhere" ? " 다른 곳에" : where ? " 새 연결로" : ""} 재시도 (남은 재시도 여유 ${budget})`,
  ],
  [/^not tried again: (.+)$/s, (why) => `재시도하지 않음: ${say(why)}`],
  [/^(\d+) is final$/, (status) => `${status}은(는) 최종 응답`],
  [/^(\d+) is final for a request that must not take effect twice;.*$/s, (status) => `두 번 반영되면 안 되는 요청이므로 ${status}이(가) 최종 응답. 서비스가 지원하는 멱등 키가 필요`],
  [/^it was sent and may have taken effect:.*$/s, () => "이미 전송되어 반영되었을 수 있음. 멱등 키가 없는 요청은 두 번 보내지 않음"],
  [/^all (\d+) attempts are used up \((.+)\)$/, (number, setting) => `시도 ${number}회를 모두 사용 (${setting})`],
  [/^no endpoint is left that was not tried$/, () => "시도하지 않은 엔드포인트가 남아 있지 않음"],
  [/^the retry budget has (-?\d+) left and this costs (\d+) \((.+)\)$/, (left, cost, settings) => `재시도 여유가 ${left}뿐이며 ${cost} 필요 (${settings})`],
  [/^the service asks to wait (\d+) ms and only (\d+) ms remain$/, (asked, left) => `서비스가 ${asked} ms 대기를 요청했지만 남은 시간은 ${left} ms`],
  [/^the deadline passed$/, () => "제한 시간 초과"],
  [/^no answer after (\d+) ms: sent a second copy$/, (ms) => `${ms} ms 동안 응답이 없어 중복 요청 전송`],
  [/^turned away by a limit of the caller: (.+)$/s, (limit) => `호출 한도에 걸려 거부: ${limit}`],
  [/^cache: hit$/, () => "캐시에서 응답"],
  [/^cache: miss$/, () => "캐시에 없음"],
  [/^answered by the fallback instead: (.+)$/, (kind) => `폴백으로 응답: ${kind}`],
  [/^no fallback: (.+)$/s, (why) => `폴백 없음: ${why}`],
];

/** A sentence of the server in Korean, where it is known. */
export function say(words: string): string {
  for (const [pattern, put] of KNOWN) {
    const found = pattern.exec(words);
    if (found) return put(...found.slice(1));
  }
  return words;
}
