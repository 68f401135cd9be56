//! A network of its own, joined to ours by one cable, whose firewall can do what networks do: lose everything, or reset.
//!
//! The rules stand inside of it and go with it; nothing of this machine's own network changes but the end of the cable.

use crate::error::Error;
use crate::packages::Need;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

/// What it is made with.
const NEEDS: [Need; 2] = [
    Need { what: "a network of its own", program: "ip", package: "iproute2" },
    Need { what: "a network that loses and resets", program: "nft", package: "nftables" },
];

/// Where `ip` keeps the names of namespaces.
const NAMED: &str = "/run/netns";

/// What its name begins with, and that of our end of the cable; the rest is the process that made it.
const NAME: &str = "ondol-faults-";
const LINK: &str = "ondol";

/// A network namespace. Ends with this; whoever listens in it must have ended.
#[derive(Debug)]
pub(super) struct Namespace {
    name: String,
    /// Our end of the cable.
    link: String,
    there: Ipv4Addr,
}

/// What the firewall does to packets of one port.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// Who asks for a connection gets no answer.
    LosesConnects,
    /// Nothing gets through in either direction.
    LosesAll,
    /// Whoever uses a connection is told that there is none. New ones can be opened, and are of no use.
    Resets,
}

impl Namespace {
    /// Makes one.
    ///
    /// # Errors
    /// [`Error::Skipped`] where it cannot be made.
    pub(super) fn new() -> Result<Self, Error> {
        if let Some(need) = NEEDS.iter().find(|need| !need.meet()) {
            return Err(Error::Skipped(need.to_string()));
        }
        sweep();
        // Of RFC 2544's block for measurements, which no network of ours uses; another part for each process.
        let id = std::process::id();
        let [_, _, high, low] = id.to_be_bytes();
        let subnet = |host| Ipv4Addr::new(198, 18, low, (high % 64) * 4 + host);
        let (name, link) = (format!("{NAME}{id}"), format!("{LINK}{id}"));
        let namespace = Self { name, link, there: subnet(2) };
        let Self { name, link, there } = &namespace;
        let made = [
            format!("netns add {name}"),
            format!("link add {link} type veth peer name cable netns {name}"),
            format!("addr add {}/30 dev {link}", subnet(1)),
            format!("link set {link} up"),
            format!("-n {name} addr add {there}/30 dev cable"),
            format!("-n {name} link set cable up"),
            format!("-n {name} link set lo up"),
        ]
        .iter()
        .try_for_each(|words| run("ip", words, "").map(drop));
        // What was made goes with `namespace`.
        made.map_err(|why| Error::Skipped(format!("a network of its own ({why}); run it as root")))?;
        Ok(namespace)
    }

    /// Where a service in it listens.
    pub(super) fn there(&self, port: u16) -> SocketAddr {
        SocketAddr::from((self.there, port))
    }

    /// What to put before a command so that it runs inside.
    pub(super) fn inside(&self) -> [&str; 4] {
        ["ip", "netns", "exec", &self.name]
    }

    /// From now on this happens to packets of that port, and nothing else.
    ///
    /// # Errors
    /// If it cannot be had.
    pub(super) fn fault(&self, fault: Fault, port: u16) -> Result<(), Error> {
        let come = match fault {
            Fault::LosesConnects => format!("tcp dport {port} tcp flags & (syn | ack) == syn drop"),
            Fault::LosesAll => format!("tcp dport {port} drop"),
            Fault::Resets => format!("tcp dport {port} tcp flags & syn != syn reject with tcp reset"),
        };
        let go = match fault {
            Fault::LosesAll => format!("tcp sport {port} drop"),
            Fault::LosesConnects | Fault::Resets => "accept".to_owned(),
        };
        let rules = format!(
            "flush ruleset\ntable ip faults {{\n\
             chain come {{ type filter hook input priority 0; {come}; }}\n\
             chain go {{ type filter hook output priority 0; {go}; }}\n}}\n"
        );
        self.firewall(&rules)
    }

    /// The network is well again.
    ///
    /// # Errors
    /// If it cannot be had.
    pub(super) fn mend(&self) -> Result<(), Error> {
        self.firewall("flush ruleset\n")
    }

    fn firewall(&self, rules: &str) -> Result<(), Error> {
        let command = format!("netns exec {} nft -f -", self.name);
        run("ip", &command, rules).map(drop).map_err(|why| Error::program("nft", why))
    }

    /// The kernel ends every connection of that port, whatever is going on over it; both ends are told. Says how many it
    /// has ended: none where it was built without `INET_DIAG_DESTROY`.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub(super) fn sever(&self, port: u16) -> Result<usize, Error> {
        let command = format!("netns exec {} ss -K -H -O -t -n state established sport = :{port}", self.name);
        let ended = run("ip", &command, "").map_err(|why| Error::program("ss", why))?;
        Ok(ended.lines().count())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The cable goes with either of its ends; where making it failed there is none.
        let _link = run("ip", &format!("link del {}", self.link), "");
        if !Path::new(NAMED).join(&self.name).exists() {
            return;
        }
        if let Err(why) = run("ip", &format!("netns del {}", self.name), "") {
            println!("cannot remove network namespace {} ({why}); do it by hand", self.name);
        }
    }
}

/// Removes what earlier runs left behind that were killed.
fn sweep() {
    for entry in std::fs::read_dir(NAMED).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker =
            name.to_str().and_then(|name| name.strip_prefix(NAME)).filter(|id| id.parse::<u32>().is_ok());
        if let Some(id) = maker.filter(|id| !Path::new("/proc").join(id).exists()) {
            // Another run may be doing the same; what is left, if anything, is in nobody's way.
            let _link = run("ip", &format!("link del {LINK}{id}"), "");
            let _gone = run("ip", &format!("netns del {NAME}{id}"), "");
        }
    }
}

/// Runs a command whose arguments have no spaces; gives back what it said.
fn run(program: &str, arguments: &str, input: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{program}: {error}");
    let mut child = Command::new(program)
        .args(arguments.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut stdin = child.stdin.take().expect("stdin was piped");
    stdin.write_all(input.as_bytes()).map_err(failed)?;
    drop(stdin);
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{program} {arguments}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
