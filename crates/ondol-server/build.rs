//! Puts the console into the library: every file of `console/dist/app`, compressed, as a table. Where it was not built
//! the table is empty, and the server says how to get it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

fn main() -> io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where a build script writes"));
    let root = dist.join("app");
    let mut table = String::from("&[");
    for (at, name) in files(&root)?.iter().enumerate() {
        let content = fs::read(root.join(name))?;
        let packed = format!("console-{at}.gz");
        let mut encoder = GzEncoder::new(fs::File::create(out.join(&packed))?, Compression::best());
        encoder.write_all(&content)?;
        encoder.finish()?;
        let digest = Sha256::digest(&content);
        let tag = digest[..8].iter().fold(String::new(), |mut tag, byte| {
            let _ = write!(tag, "{byte:02x}");
            tag
        });
        let _ = write!(
            table,
            "File {{ path: {:?}, tag: {:?}, packed: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{packed}\")) }},",
            format!("/{name}"),
            format!("W/\"{tag}\"")
        );
    }
    table.push(']');
    fs::write(out.join("console.rs"), table)
}

/// The files in a folder and below, by their names in it, in order; none where it is not there.
fn files(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
                found.push(name.replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}
