//! What is read, what is refused and in which words, and that a shown filter reads as itself.

use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::query::{Field, Term, Test};

/// A query reads as the tree `tree`, is shown as `shown`, and what is shown reads as the same.
fn check(query: &str, shown: &str, tree: &str) {
    let filter = Filter::parse(query).unwrap_or_else(|error| panic!("{query}\n{error}"));
    assert_eq!(brief(&filter), tree, "{query}");
    assert_eq!(filter.to_string(), shown, "{query}");
    assert_eq!(Filter::parse(shown).as_ref(), Ok(&filter), "{shown}");
}

fn brief(filter: &Filter) -> String {
    let list = |parts: &[Filter]| parts.iter().map(brief).collect::<Vec<_>>().join(" ");
    match filter {
        Filter::All => "all".to_owned(),
        Filter::And(parts) => format!("(and {})", list(parts)),
        Filter::Or(parts) => format!("(or {})", list(parts)),
        Filter::Not(part) => format!("(not {})", brief(part)),
        Filter::Term(Term { field, test }) => {
            let field = match field {
                Field::Attribute(name) => format!("@{name}"),
                known => format!("{known:?}").to_lowercase(),
            };
            match test {
                Test::Is(text) => format!("{field}={text}"),
                Test::Like(pattern) => format!("{field}~{pattern}"),
                Test::Between { min, max } => format!("{field}={min}..{max}"),
                Test::Exists => format!("{field}?"),
            }
        }
    }
}

#[test]
#[rustfmt::skip]
fn queries_are_read() {
    check("", "*", "all");
    check("  *  ", "*", "all");
    check("timeout", "timeout", "text=timeout");
    check("\"Timed Out\"", "\"timed out\"", "text=timed out");
    check("conn*", "conn*", "text~conn*");
    check("a***b", "a*b", "text~a*b");
    check(r"GET\ *", r"get\ *", "text~get *");
    check(r"2\*3", "\"2*3\"", "text=2*3");
    check("message:*", "text:*", "text?");
    check("a b AND c", "a b c", "(and text=a text=b text=c)");
    check("a b OR c AND d", "a b OR c d", "(or (and text=a text=b) (and text=c text=d))");
    check("a (b OR c)", "a (b OR c)", "(and text=a (or text=b text=c))");
    check("((a)) (b c)", "a (b c)", "(and text=a (and text=b text=c))");
    check("(a OR b) OR c", "(a OR b) OR c", "(or (or text=a text=b) text=c)");
    check("NOT a -b --c -(d e)", "-a -b --c -(d e)", "(and (not text=a) (not text=b) (not (not text=c)) (not (and text=d text=e)))");
    check("NOT(a)OR\"b\"", "-a OR b", "(or (not text=a) text=b)");
    check("ORDER and or ANDROID", "order and or android", "(and text=order text=and text=or text=android)");
    check("service:checkout level:error \"timed out\" user.id:u1", "service:checkout level:error \"timed out\" user.id:u1",
        "(and service=checkout level=error text=timed out @user.id=u1)");
    check("severity:WARNING operation:GET* service.name:a", "level:warn name:get* service:a", "(and level=warn name~get* service=a)");
    check("\"name\":x \"my key\":y", "\"name\":x \"my key\":y", "(and @name=x @my key=y)");
    check("http://h:80/x std::io 12:30:05 [a][b]", "\"http://h:80/x\" \"std::io\" \"12:30:05\" \"[a][b]\"",
        "(and text=http://h:80/x text=std::io text=12:30:05 text=[a][b])");
    check("url.full:http://h", "url.full:\"http://h\"", "@url.full=http://h");
    check("x:-5 x:\"\"", "x:\"-5\" x:\"\"", "(and @x=-5 @x=)");
    check(r"\-x \-x*", r#""-x" \-x*"#, "(and text=-x text~-x*)");
    check("user.id:* -trace:*", "user.id:* -trace:*", "(and @user.id? (not trace?))");
    check("trace:4BF92F3577B34DA6A3CE929D0E0E4736 span:00f0*", "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f0*",
        "(and trace=4bf92f3577b34da6a3ce929d0e0e4736 span~00f0*)");
    check("status:error kind:server", "status:error kind:server", "(and status=error kind=server)");
    check("service:(a OR b c*)", "service:a OR service:b service:c*", "(or service=a (and service=b service~c*))");
    check("level:(-info >=warn)", "-level:info level:>=warn", "(and (not level=info) level=13..inf)");
    check("서비스:결제 실패", "서비스:결제 실패", "(and @서비스=결제 text=실패)");
}

#[test]
#[rustfmt::skip]
fn ranges_are_read() {
    check("duration:>500ms", "duration:>500ms", "duration=500000001..inf");
    check("duration:>=500ms", "duration:>=500ms", "duration=500000000..inf");
    check("duration:<1.5s", "duration:<1500ms", "duration=-inf..1499999999");
    check("duration:[100ms TO 2s]", "duration:[100ms TO 2s]", "duration=100000000..2000000000");
    check("duration:{1m to 1h}", "duration:{1m TO 1h}", "duration=60000000001..3599999999999");
    check("duration:1.1ms", "duration:1100µs", "duration=1100000..1100000");
    check("latency:<=7us", "duration:<=7µs", "duration=-inf..7000");
    check("duration:>0ns", "duration:>=1ns", "duration=1..inf");
    check("duration:>=0s", "duration:>=0ns", "duration=0..inf");
    check("duration:<=2400h", "duration:<=2400h", "duration=-inf..8640000000000000");
    check("duration:*", "duration:*", "duration?");
    check("http.response.status_code:>=500", "http.response.status_code:>=500", "@http.response.status_code=500..inf");
    check("x:>500", "x:>500", &format!("@x={}..inf", 500_f64.next_up()));
    check("x:<-0.5", "x:<-0.5", &format!("@x=-inf..{}", (-0.5_f64).next_down()));
    check("x:[1 TO 1]", "x:[1 TO 1]", "@x=1..1");
    check("x:{* TO 1e20]", "x:<=1e20", "@x=-inf..100000000000000000000");
    check("x:[* TO *]", "x:[* TO *]", "@x=-inf..inf");
    check("level:>=warn", "level:>=warn", "level=13..inf");
    check("level:>warn", "level:>=error", "level=17..inf");
    check("level:<Warn", "level:<=info", "level=-inf..12");
    check("level:[info TO error}", "level:[info TO warn]", "level=9..16");
}

#[test]
fn what_is_wrong_is_said_in_plain_words() {
    let deep = format!("{}a", "-".repeat(DEPTH_MAX + 1));
    let many = vec!["a"; TERMS_MAX + 1].join(" ");
    let long = "a".repeat(QUERY_BYTES_MAX + 1);
    let queries = [
        "a OR",
        "OR a",
        "a AND AND b",
        "a)",
        "(a",
        "()",
        "a || b",
        "- a",
        "\"a",
        "a\\",
        "say\"x\"",
        "2\\**",
        "\"\"",
        "service: a",
        "service:(a level:b)",
        "level:loud",
        "level:>=15",
        "level:>unset",
        "level:>fatal",
        "status:failed",
        "kind:cli",
        "duration:500",
        "duration:>fast",
        "duration:>5y",
        "duration:5*",
        "duration:>9999h",
        "duration:<0s",
        "trace:4bf9",
        "span:xyz",
        "service:>a",
        "text:>5",
        "x:>abc",
        "x:[1 TO",
        "x:[1, 2]",
        "x:[5 TO 1]",
        "x:[1 TO b]",
        "x:>inf",
        "결제 실패 level:높음",
        &deep,
        &many,
        &long,
    ];
    let mut said = String::new();
    for query in queries {
        let error = Filter::parse(query).expect_err(query);
        writeln!(said, "{error}\n").expect("a string");
    }
    assert_snapshot!(said);
}

#[test]
fn what_was_probably_meant_is_offered() {
    let cases: [(&str, &[&str]); 7] = [
        ("sevice:checkout", &["`sevice:`: did you mean `service:`?"]),
        (
            "Level:error -(durtaion:5)",
            &["`Level:`: did you mean `level:`?", "`durtaion:`: did you mean `duration:`?"],
        ),
        ("level=error", &["`level=error`: did you mean `level:error`?"]),
        ("duration>500ms", &["`duration>500ms`: did you mean `duration:>500ms`?"]),
        ("user.id:u1 env:prod spin:x", &["`spin:`: did you mean `span:`?"]),
        ("\"service\":a service:a a=b", &[]),
        ("lvel:x lvel:y", &["`lvel:`: did you mean `level:`?"]),
    ];
    for (query, expected) in cases {
        let hints = Filter::parse(query).expect(query).hints();
        assert_eq!(hints.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{query}");
    }
}

/// Every query of the manual's tables is one.
#[test]
fn the_manual_is_right() {
    let manual = include_str!("../../../../../docs/queries.md");
    let cells = manual.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let queries: Vec<_> = cells.flat_map(|(cell, _)| cell.split("`, `")).collect();
    assert!(queries.len() > 30, "{queries:?}");
    for query in queries {
        let filter = Filter::parse(query).unwrap_or_else(|error| panic!("{query}\n{error}"));
        assert_eq!(Filter::parse(&filter.to_string()), Ok(filter), "{query}");
    }
}

fn piece() -> impl Strategy<Value = String> {
    let known = [
        "a",
        "conn*",
        "\"a b\"",
        "(",
        ")",
        "(",
        ")",
        "-",
        "NOT",
        "AND",
        "OR",
        "service:",
        "level:",
        "level:>=warn",
        "*",
        "duration:>1.5ms",
        "duration:{7ns TO 3h]",
        "x:",
        "x:<0.1",
        "x:[-3 TO 4e9}",
        "trace:4*",
        "\"",
        "\\",
        "[",
        "]",
        "x:(",
        "\"q k\":",
        "\"name\":v",
        "text:",
        ">",
        "실패",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    /// Whatever is typed is a filter or an error with a place, and a filter is shown as what reads as itself.
    #[test]
    fn any_text_is_a_query_or_an_error(pieces in prop::collection::vec((piece(), any::<bool>()), 0..24)) {
        let text: String =
            pieces.iter().flat_map(|(piece, space)| [piece.as_str(), if *space { " " } else { "" }]).collect();
        round(&text)?;
    }

    #[test]
    fn any_bytes_are_a_query_or_an_error(text in any::<String>()) {
        round(&text)?;
    }
}

fn round(text: &str) -> Result<(), TestCaseError> {
    match Filter::parse(text) {
        Ok(filter) => {
            let shown = filter.to_string();
            if shown.len() <= QUERY_BYTES_MAX {
                prop_assert_eq!(Filter::parse(&shown), Ok(filter), "{} is shown as {}", text, shown);
            }
        }
        Err(error) => {
            prop_assert!(error.column() <= text.chars().count() + 1);
            prop_assert!(error.to_string().lines().count() == 4, "{}", error);
        }
    }
    Ok(())
}
