//! Lines as they are found in the world, and the records that come of them.

use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

/// 2023-01-29T09:00:00Z, seen from Seoul.
const NOW_NS: u64 = 1_674_982_800_000_000_000;
const OFFSET_S: i32 = 9 * 3_600;

/// The records of lines that arrive one second after the other.
fn records(lines: &[&str]) -> Vec<Line> {
    let mut joiner = Joiner::new(OFFSET_S);
    let mut records = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        records.extend(joiner.push(line.as_bytes(), NOW_NS + at as u64 * 1_000_000));
    }
    records.extend(joiner.finish());
    records
}

fn shown(lines: &[&str]) -> String {
    let mut text = String::new();
    for Line { time_ns, severity, trace_id, span_id, scope, body, attributes } in records(lines) {
        let time = jiff::Timestamp::from_nanosecond(i128::from(time_ns)).expect("a time");
        write!(text, "{time} {severity}").expect("a string");
        let ids = [trace_id.map(|id| format!(" trace={id}")), span_id.map(|id| format!(" span={id}"))];
        ids.into_iter().flatten().for_each(|id| text.push_str(&id));
        if !scope.is_empty() {
            write!(text, " scope={scope}").expect("a string");
        }
        writeln!(text, " {body:?}").expect("a string");
        for (name, value) in attributes.0 {
            writeln!(text, "    {name} = {value}").expect("a string");
        }
    }
    text
}

#[test]
fn one_line_is_one_record() {
    let lines = [
        "16:59:14.315 INFO  t.s.TravelServiceImpl#532 TraceID: 96b4037808250b1fd21cbd435e19449d SpanID: a118ac4eed71378b [getRouteByRouteId][Get Route By Id]\n",
        r#"{"time":"2023-01-29T08:59:14.315Z","level":"WARN","msg":"slow","traceId":"96b4037808250b1fd21cbd435e19449d","span_id":"a118ac4eed71378b","took":5,"ok":true,"tags":["a"],"none":null}"#,
        r#"{"level":50,"time":1674982754315,"pid":7,"hostname":"h","msg":"failed"}"#,
        r#"{"timestamp":"2023-01-29T08:59:14Z","level":"INFO","fields":{"message":"hello","user":"u1"},"target":"app::pay","span":{"name":"charge"}}"#,
        r#"{"@timestamp":"2023-01-29T08:59:14Z","log.level":"error","message":"no","trace.id":"96b4037808250b1fd21cbd435e19449d","http":{"request":{"method":"GET"}},"level":"odd"}"#,
        r#"{"any":"thing"}"#,
        r#"{"broken":"#,
        r#"time=2023-01-29T08:59:14Z level=warn msg="it said \"no\"" user=u1 empty= trace_id=96b4037808250b1fd21cbd435e19449d"#,
        "a=1 b=2",
        "level=info no pair",
        "2023-01-29 17:59:14,315 - app.pay - ERROR - no seat",
        "2023-01-29T08:59:14.315+00:00  WARN 1 --- [main] c.e.App : Started",
        "[2023-01-29 17:59:14] [error] no upstream",
        "E0129 17:59:14.315323       1 server.go:12] no route",
        "\u{1b}[32mINFO\u{1b}[0m:     Started server process",
        "warning: unused variable",
        "there is no error here, and INFORMATION is no level",
        "Jan 29 17:59:14 host sshd[7]: traceparent 00-96b4037808250b1fd21cbd435e19449d-a118ac4eed71378b-01",
        "2023-01-29T08:59:14.315323886Z stderr F ERROR no seat",
        r#"{"log":"17:59:14.315 INFO hello\n","stream":"stdout","time":"2023-01-29T08:59:14.315323886Z"}"#,
        "결제가 실패했습니다: ERROR 402",
        "",
        "12:00:00",
    ];
    assert_snapshot!(shown(&lines));
}

#[test]
fn stack_traces_are_joined() {
    let lines = [
        "17:59:14.315 ERROR o.s.OrderServiceImpl#68 no order",
        "java.lang.IllegalStateException: no order",
        "\tat o.s.OrderServiceImpl.find(OrderServiceImpl.java:68)",
        "\t... 12 more",
        "Caused by: java.sql.SQLException: timeout",
        "\tat com.mysql.Driver.connect(Driver.java:1)",
        "17:59:14.316 INFO next",
        "java.lang.Error: not of the line above, which says no failure",
        "Traceback (most recent call last):",
        "  File \"a.py\", line 1, in <module>",
        "    1/0",
        "ZeroDivisionError: division by zero",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        "  File \"a.py\", line 3, in <module>",
        "KeyError",
        "started again",
        "panic: runtime error: index out of range [5] with length 3",
        "",
        "goroutine 1 [running]:",
        "main.main()",
        "\t/app/main.go:7 +0x1b",
        "created by main.start in goroutine 1",
        "exit status 2",
        "listening on :80",
        "thread 'main' panicked at src/main.rs:2:5:",
        "no seat",
        "stack backtrace:",
        "   0: rust_begin_unwind",
        "note: Some details are omitted",
        "{",
        "  \"level\": \"error\",",
        "  \"msg\": \"spread over lines\"",
        "}",
        "level=error msg=failed",
        "    at run (/app/index.js:7:1)",
        "TypeError: x is undefined",
        "    at run (/app/index.js:7:1)",
        "after it",
    ];
    assert_snapshot!(shown(&lines));
}

#[test]
fn parts_of_a_line_that_an_engine_cut_are_one_line() {
    let lines = [
        "2023-01-29T08:59:14Z stdout P INFO one ",
        "2023-01-29T08:59:15Z stdout F two",
        "2023-01-29T08:59:16Z stdout F three",
    ];
    assert_eq!(records(&lines).into_iter().map(|line| line.body).collect::<Vec<_>>(), ["one two", "three"]);
}

#[test]
fn what_is_too_long_is_cut_and_says_so() {
    let long = "x".repeat(RECORD_BYTES_MAX + 7);
    let [line] = &records(&[&long])[..] else { panic!("one record") };
    assert_eq!(line.body.len(), RECORD_BYTES_MAX);
    assert_eq!(line.attributes.get(CUT), Some("7"));

    let mut frames = vec!["panic: deep"];
    frames.extend(["\tat x"; 1_000]);
    let [line] = &records(&frames)[..] else { panic!("one record") };
    assert_eq!(line.body.lines().count(), RECORD_LINES_MAX);
    assert_eq!(line.attributes.get(CUT), Some(&*((1_001 - RECORD_LINES_MAX) * 6).to_string()));

    let pairs: Vec<_> = (0..ATTRIBUTES_MAX + 3).map(|at| format!("\"k{at}\":1")).collect();
    let [line] = &records(&[&format!("{{{}}}", pairs.join(","))])[..] else { panic!("one record") };
    assert_eq!(line.attributes.0.len(), ATTRIBUTES_MAX + 1);
    assert_eq!(line.attributes.get(DROPPED), Some("3"));
}

#[test]
fn what_was_changed_is_counted() {
    let mut joiner = Joiner::new(0);
    assert_eq!(joiner.push(b"a \xff b\n", 1), None);
    assert_eq!(joiner.flush(PATIENCE_NS), None);
    let line = joiner.flush(PATIENCE_NS + 1).expect("it has waited");
    assert_eq!((line.body.as_str(), line.time_ns), ("a \u{fffd} b", 1));
    assert_eq!(line.attributes.get(REPLACED), Some("1"));
    assert_eq!(joiner.counted(), Counted { lines: 1, records: 1, replaced: 1, cut_bytes: 0 });
    assert_eq!(joiner.finish(), None);
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "16:59:14.315 INFO ",
        "2023-01-29T08:59:14Z",
        "{\"msg\":\"a\"}",
        "{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"a\"}",
        "{\"msg\":\"\\u001b[3ma\"}",
        "level=warn ",
        "msg=\"a",
        "\tat x",
        "Caused by: ",
        "Traceback (most recent call last):",
        "panic: ",
        "\u{1b}[3",
        "\u{1b}]",
        "trace_id=",
        "96b4037808250b1fd21cbd435e19449d",
        "-a118ac4eed71378b",
        "I0129 08:59:14 ",
        "[error]",
        " ",
        "}",
        "\n",
        "실패",
    ];
    prop_oneof![
        4 => prop::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    /// Whatever is written becomes records within the bounds, and no more of them than lines.
    #[test]
    fn any_lines_become_records(
        lines in prop::collection::vec(prop::collection::vec(piece(), 0..6), 0..12),
        offset_s in -50_000..50_000_i32,
        now_ns in any::<u64>(),
    ) {
        let mut joiner = Joiner::new(offset_s);
        let mut records = Vec::new();
        for line in &lines {
            records.extend(joiner.push(&line.concat(), now_ns));
        }
        records.extend(joiner.finish());
        prop_assert!(records.len() <= lines.len());
        prop_assert_eq!(joiner.counted().records, records.len() as u64);
        for record in records {
            prop_assert!(record.body.len() <= RECORD_BYTES_MAX);
            prop_assert!(record.severity <= 24);
            prop_assert_eq!(record.body.find(char::from(27)), None);
        }
    }

    /// A plain line without a form of its own is kept to the letter.
    #[test]
    fn a_plain_line_is_kept(words in prop::collection::vec("[a-z]{2,9}", 1..9)) {
        let text = words.join(" ");
        let records = records(&[&text]);
        prop_assert_eq!(&records[0].body, &text);
        prop_assert_eq!(records[0].time_ns, NOW_NS);
    }
}
