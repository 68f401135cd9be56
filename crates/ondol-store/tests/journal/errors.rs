//! What a reader of the log is told of a record that cannot be read.

use ondol_store::journal::decode;

/// Head of one event at time 0.
const ONE: [u8; 4] = [1, 2, 16, 1];

fn check(cases: &[(&str, &[u8], &str)]) {
    for (name, bytes, message) in cases {
        let error = decode(bytes).expect_err(name);
        assert!(error.to_string().contains(message), "{name}: {error}");
    }
}

#[test]
fn the_frame() {
    check(&[
        ("nothing", &[], "record is empty"),
        ("newer version", &[2, 0], "format version 2 and this Ondol reads 1 to 1"),
        ("no version", &[0, 0], "format version 0"),
        ("no head", &[1], "head is malformed"),
        ("no count", &[1, 0], "head: `events` is missing"),
        ("no event", &ONE, "ends after 0 of 1 events"),
        ("too much", &[1, 2, 16, 0, 7, 7], "2 bytes too many"),
        ("not protobuf", &[1, 2, 16, 1, 2, 0xff, 0xff], "event 1 is malformed"),
    ]);
}

#[test]
fn the_fields() {
    let event = |fact: &[u8]| [&ONE[..], &[fact.len() as u8], fact].concat();
    let cases: [(&str, &[u8], &str); 11] = [
        ("no fact", &[], "event 1: `fact` is missing"),
        ("a fact from the future", &[0xfa, 0x01, 0], "`fact` is missing"),
        ("no cause", &[9 << 3 | 2, 0], "`cause` is missing"),
        ("answered nothing", &[5 << 3 | 2, 2, 8, 0], "`answered.holds` is missing"),
        ("no half", &[3 << 3 | 2, 4, 8, 0, 24, 1], "`half` is missing"),
        ("a third half", &[3 << 3 | 2, 6, 8, 0, 16, 3, 24, 1], "`half` has the unknown value 3"),
        ("half a digest", &[3 << 3 | 2, 15, 8, 0, 16, 1, 24, 1, 33, 0, 0, 0, 0, 0, 0, 0, 0], "`digest_low`"),
        ("no such step", &[3 << 3 | 2, 8, 8, 0x80, 0x80, 4, 16, 1, 24, 1], "`step` is 65536, which is too"),
        ("no then", &[8 << 3 | 2, 6, 8, 0, 16, 1, 24, 1], "`then` is missing"),
        ("no trouble", &[8 << 3 | 2, 10, 8, 0, 16, 1, 24, 1, 34, 2, 24, 0], "`stick` is missing"),
        (
            "new trouble",
            &[8 << 3 | 2, 10, 8, 0, 16, 1, 24, 1, 34, 2, 24, 99],
            "`stick` has the unknown value 99",
        ),
    ];
    for (name, fact, message) in cases {
        check(&[(name, &event(fact), message)]);
    }
}

/// The rule by which version 1 may grow: a fact may gain a field that an older reader can do without.
#[test]
fn a_field_from_the_future_is_no_error() {
    let answered = [8, 5 << 3 | 2, 6, 8, 2, 16, 1, 15 << 3, 9];
    let bytes = [&ONE[..], &answered].concat();
    assert_eq!(decode(&bytes).map(|events| events.len()), Ok(1));
}
