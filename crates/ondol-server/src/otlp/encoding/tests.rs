use std::io::Write as _;

use super::*;

const BYTES_MAX: usize = 1 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a vector takes it");
    encoder.finish().expect("a vector takes it")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).expect("it compresses")
}

/// zstd with a window of 2^27 bytes: the reader would have to hold as much.
fn wide(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).expect("an encoder");
    encoder.window_log(27).expect("a window");
    encoder.write_all(bytes).expect("a vector takes it");
    encoder.finish().expect("a vector takes it")
}

#[test]
fn bodies_are_expanded_up_to_the_bound() {
    use Encoding::{Gzip, Identity, Zstd};
    let text: Vec<u8> =
        (0..BYTES_MAX as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let zeros = vec![0; BYTES_MAX + 1];
    let two = [gzip(&text[..7]), gzip(&text[7..99])].concat();
    let frames = [zstd(&text[..7]), zstd(&text[7..99])].concat();
    #[rustfmt::skip]
    let table = [
        ("as it is",       Identity, text.clone(),                 Ok(&text[..])),
        ("empty",          Gzip,     gzip(b""),                    Ok(&[][..])),
        ("the largest",    Gzip,     gzip(&text),                  Ok(&text[..])),
        ("members",        Gzip,     two,                          Ok(&text[..99])),
        ("a byte more",    Gzip,     gzip(&zeros),                 Err(Fate::TooLarge)),
        ("cut off",        Gzip,     gzip(&text)[..999].to_vec(),  Err(Fate::Malformed)),
        ("no gzip",        Gzip,     text[..99].to_vec(),          Err(Fate::Malformed)),
        ("nothing",        Gzip,     Vec::new(),                   Err(Fate::Malformed)),
        ("empty",          Zstd,     zstd(b""),                    Ok(&[][..])),
        ("the largest",    Zstd,     zstd(&text),                  Ok(&text[..])),
        ("frames",         Zstd,     frames,                       Ok(&text[..99])),
        ("a byte more",    Zstd,     zstd(&zeros),                 Err(Fate::TooLarge)),
        ("cut off",        Zstd,     zstd(&text)[..999].to_vec(),  Err(Fate::Malformed)),
        ("no zstd",        Zstd,     text[..99].to_vec(),          Err(Fate::Malformed)),
        ("a wide window",  Zstd,     wide(&text),                  Err(Fate::Malformed)),
    ];
    for (name, encoding, body, expected) in table {
        let got = expand(encoding, Bytes::from(body), BYTES_MAX).map_err(|refused| refused.fate());
        assert_eq!(got.as_deref().map_err(|fate| *fate), expected, "{encoding:?}: {name}");
    }
}

#[test]
fn encodings_have_names() {
    use Encoding::{Gzip, Identity, Zstd};
    #[rustfmt::skip]
    let table = [
        (None,            Some(Identity)),
        (Some("gzip"),    Some(Gzip)),
        (Some("GZip"),    Some(Gzip)),
        (Some("zstd"),    Some(Zstd)),
        (Some("identity"), Some(Identity)),
        (Some("br"),      None),
        (Some("gzip, gzip"), None),
    ];
    for (name, expected) in table {
        assert_eq!(Encoding::named(name.map(str::as_bytes)).ok(), expected, "{name:?}");
    }
}
