//! Compiles the journal's wire format. protox parses the `.proto`, so that building needs no `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto/journal.proto");
    let files = protox::compile(["proto/journal.proto"], ["proto"])?;
    // Bytes: a payload decoded from a shared record is a view into it, not a copy.
    prost_build::Config::new().bytes(["."]).compile_fds(files)?;
    Ok(())
}
