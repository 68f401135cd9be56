//! Ondol's proxy beside nginx and haproxy: CPU of a call, added latency, memory.
//!
//! The proxies have one core, and are measured one after the other in the same rounds; the client and two instances of a
//! service have another. Client, services and proxies speak HTTP/1.1 over kept connections. It compares; the most that a
//! proxy can carry is not measured: where its core is nearly full, so is the client's.

mod contender;
mod cores;
mod idle;
mod load;
mod neighbours;
mod rival;
mod table;
mod verdict;

use super::bed::{Bed, Running};
use crate::error::Error;
use crate::print::Print;
use clap::ValueEnum as _;
use contender::{Contender, Who};
pub(super) use cores::Cores;
use neighbours::Ticks;
use std::path::{Path, PathBuf};

/// Options of the comparison.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Counted seconds of each measurement
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// How often each is measured; medians are shown
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// Only these proxies, such as nginx,ondol
    #[arg(long, value_delimiter = ',')]
    only: Vec<Who>,
    /// An Ondol that was built elsewhere, instead of building this one
    #[arg(long, value_name = "FILE", value_parser = crate::workspace::program)]
    ondol: Option<PathBuf>,
}

/// Measures.
///
/// # Errors
/// If a proxy cannot be had or started, a measurement fails, or Ondol misses a target.
pub(super) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let mut chosen = options.only.clone();
    if chosen.is_empty() {
        chosen = Who::value_variants().to_vec();
    }
    chosen.sort_unstable();
    chosen.dedup();
    fetch(&chosen)?;
    let bed = match &options.ondol {
        Some(ondol) => Bed::with(root, ondol)?,
        None => Bed::make(root)?,
    };
    idle::allow_files();
    let cores = Cores::take()?;
    let instances = [bed.upstream()?, bed.upstream()?];
    let services = instances.each_ref().map(|instance| instance.address);
    let contenders = chosen.iter().map(|who| Contender::start(*who, &bed, cores, services));
    let contenders = contenders.collect::<Result<Vec<_>, Error>>()?;
    let print = Print::for_stdout();
    introduce(&print, &contenders, cores, options);

    let connections = table::grouped(idle::CONNECTIONS as f64);
    print.heading(&format!("Resident memory with {connections} idle client connections"));
    let memory = contenders.iter().map(|contender| Ok((contender.who, idle::measure(contender)?)));
    let memory = memory.collect::<Result<Vec<_>, Error>>()?;
    tell(&table::memory(&memory));
    let ours: Vec<u32> =
        contenders.iter().map(Contender::id).chain(instances.iter().map(Running::id)).collect();
    let mut shown = Vec::new();
    for load in load::LOADS {
        let (rounds, before) = ((options.rounds.into(), options.seconds), Ticks::now(&ours));
        let of_load = load::run(&bed, load, services, &contenders, rounds)?;
        let others = Ticks::now(&ours).others_since(before) * 100.0;
        print.heading(&format!("{} (others had {others:.0} % of the machine)", load.name));
        tell(&table::load(&of_load));
        shown.push(of_load);
    }
    if chosen.contains(&Who::Ondol) {
        print.heading("What is aimed at");
        if !chosen.contains(&Who::Nginx) {
            print.action("CPU is not judged without nginx beside it");
        }
        let ondol = memory.iter().find(|(who, _)| *who == Who::Ondol).map(|(_, idle)| *idle);
        print.all(&verdict::checks(&shown, ondol));
    }
    print.held()
}

/// Installs what is missing, if we may.
fn fetch(chosen: &[Who]) -> Result<(), Error> {
    let rivals = chosen.iter().filter_map(|who| who.rival());
    let missing: Vec<String> =
        rivals.filter(|rival| !rival.need.meet()).map(|rival| rival.need.to_string()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::Skipped(format!("{}; or leave it out with --only", missing.join("; "))))
}

fn introduce(print: &Print, contenders: &[Contender], cores: Cores, options: &Options) {
    let names: Vec<&str> = contenders.iter().map(|contender| contender.who.name()).collect();
    print.heading(&format!("A call through {}", names.join(", ")));
    for rival in contenders.iter().filter_map(|contender| contender.who.rival()) {
        print.action(&rival.version());
    }
    print.action(&format!(
        "each proxy on core {}; the client and two instances of the service on core {}",
        cores.proxy, cores.others
    ));
    print.action(&format!(
        "medians of {} rounds of {} s; × nginx and added ms are medians of the rounds' own",
        options.rounds, options.seconds
    ));
}

fn tell(lines: &[String]) {
    for line in lines {
        println!("  {line}");
    }
}
