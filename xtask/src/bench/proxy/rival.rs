//! nginx and haproxy: their packages, their settings, their processes.
//!
//! Settings are the ones their manuals give for a small fast proxy: one worker, kept connections on both sides, no access
//! log, two instances in turn. Neither does more than that; Ondol has all its policies on.

use crate::clock::wait_for;
use crate::error::Error;
use crate::packages::Need;
use crate::process::LEASH;
use std::ffi::OsString;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The folders in which a [`Need`] looks.
const PATH: &str = "/usr/local/bin:/usr/bin:/usr/sbin";

/// How long one may take until it listens.
const START_MAX: Duration = Duration::from_secs(10);

/// What one is.
pub(super) struct Rival {
    pub(super) need: Need,
    /// The rest of the command line, after the file of settings.
    arguments: &'static [&'static str],
    /// Its settings, from its own address, the two services' addresses and a folder for its files.
    settings: fn(SocketAddr, [SocketAddr; 2], &Path) -> String,
}

pub(super) const NGINX: Rival = Rival {
    need: Need { what: "nginx", program: "nginx", package: "nginx" },
    arguments: &["-e", "stderr", "-c"],
    settings: nginx,
};

pub(super) const HAPROXY: Rival = Rival {
    need: Need { what: "haproxy", program: "haproxy", package: "haproxy" },
    arguments: &["-db", "-f"],
    settings: haproxy,
};

/// A process that is not ours: it says nothing when it is up. Killed when dropped.
pub(super) struct Foreign(Child);

impl Foreign {
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Rival {
    /// Its name and version, as it says them.
    pub(super) fn version(&self) -> String {
        let said = Command::new(self.need.program).arg("-v").env("PATH", PATH).output();
        let text = said.map(|said| [said.stdout, said.stderr].concat()).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().next().unwrap_or(self.need.program).to_owned()
    }

    /// Starts it before these two, and waits until it listens.
    ///
    /// # Errors
    /// If it does not, with what it said.
    pub(super) fn start(
        &self,
        services: [SocketAddr; 2],
        directory: &Path,
    ) -> Result<(Foreign, SocketAddr), Error> {
        let name = self.need.program;
        let (settings, log) =
            (directory.join(name).with_extension("conf"), directory.join(name).with_extension("log"));
        let address = free().map_err(|error| Error::program(name, format!("no free port: {error}")))?;
        std::fs::write(&settings, (self.settings)(address, services, directory))
            .map_err(|error| Error::file("write", &settings, error))?;
        let file = File::create(&log).map_err(|error| Error::file("write", &log, error))?;
        let both = file.try_clone().map_err(|error| Error::file("write", &log, error))?;
        let mut arguments: Vec<OsString> = vec![LEASH.into(), name.into()];
        arguments.extend(self.arguments.iter().map(OsString::from));
        arguments.push(settings.into());
        let child = Command::new("/proc/self/exe")
            .args(arguments)
            .env("PATH", PATH)
            .stdin(Stdio::null())
            .stdout(both)
            .stderr(file)
            .spawn()
            .map_err(|error| Error::program(name, error.to_string()))?;
        let mut process = Foreign(child);
        let up = wait_for(START_MAX, || {
            let ended = process.0.try_wait().ok().flatten().is_some();
            (ended || TcpStream::connect(address).is_ok()).then_some(!ended)
        });
        if up == Some(true) {
            return Ok((process, address));
        }
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        Err(Error::program(name, format!("it does not listen on {address}: {}", said.trim())))
    }
}

/// An address on loopback that nobody listens on now.
fn free() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Without its master process a SIGKILL leaves no worker behind. The worker's loop is the same, and so is its CPU: 12.6 µs a
/// request either way, measured side by side.
fn nginx(listen: SocketAddr, [first, second]: [SocketAddr; 2], directory: &Path) -> String {
    let at = directory.display();
    format!(
        r#"daemon off;
master_process off;
worker_processes 1;
pid {at}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {at}/nginx-body;
  proxy_temp_path {at}/nginx-proxy;
  fastcgi_temp_path {at}/nginx-fastcgi;
  uwsgi_temp_path {at}/nginx-uwsgi;
  scgi_temp_path {at}/nginx-scgi;
  upstream upstream {{
    server {first};
    server {second};
    keepalive 64;
    keepalive_requests 1000000000;
  }}
  server {{
    listen {listen} backlog=4096;
    location / {{
      proxy_pass http://upstream;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"#
    )
}

fn haproxy(listen: SocketAddr, [first, second]: [SocketAddr; 2], _: &Path) -> String {
    format!(
        r"global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 10s
  http-reuse always
frontend all
  bind {listen}
  default_backend upstream
backend upstream
  balance roundrobin
  server first {first}
  server second {second}
"
    )
}
