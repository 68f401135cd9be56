//! Sizes in bytes, as people write them.

/// Units, by their size as a power of two.
const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

/// A size such as `256MiB`, `8GiB` or a number of bytes.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let bits = match unit.trim() {
        "" | "B" => Some(0),
        unit => UNITS.iter().find(|(name, _)| *name == unit).map(|(_, bits)| *bits),
    };
    let number = number.parse::<u64>().ok();
    let bytes = number.zip(bits).and_then(|(number, bits)| number.checked_mul(1 << bits));
    bytes.ok_or_else(|| format!("{text:?} is not a size; write 256MiB, 8GiB or a number of bytes"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes_are_read() {
        #[rustfmt::skip]
        let table = [
            ("0",        Some(0)),
            ("1023",     Some(1_023)),
            ("512KiB",   Some(512 << 10)),
            ("256 MiB",  Some(256 << 20)),
            ("8GiB",     Some(8 << 30)),
            ("1000000B", Some(1_000_000)),
            ("8GB",      None),
            ("GiB",      None),
            ("-1",       None),
            ("99999999TiB", None),
            ("",         None),
        ];
        for (text, bytes) in table {
            assert_eq!(parse(text).ok(), bytes, "{text:?}");
        }
    }
}
