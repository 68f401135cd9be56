//! `ondol apply`: a new system file for a running server.

use std::time::Duration;

use http::Method;
use serde::Deserialize;

use crate::args::Apply;
use crate::client::{Client, Sent};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
