//! The machine on which figures were taken.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::threads;
use crate::process;

/// What a reader needs to place the figures.
pub(super) struct Machine {
    pub(super) cpu: String,
    pub(super) threads: String,
    pub(super) memory_gb: f64,
    pub(super) rustc: String,
    pub(super) date: String,
    /// The command that took the figures.
    pub(super) command: String,
}

pub(super) fn describe(command: &str) -> Result<Machine> {
    let cpuinfo = read("/proc/cpuinfo")?;
    let meminfo = read("/proc/meminfo")?;
    let kibibytes = entry(&meminfo, "MemTotal").and_then(|value| value.split(' ').next());
    let kibibytes: f64 = kibibytes.unwrap_or_default().parse().unwrap_or(f64::NAN);
    Ok(Machine {
        cpu: entry(&cpuinfo, "model name")
            .unwrap_or("unknown")
            .to_owned(),
        threads: threads(),
        memory_gb: kibibytes * 1024e-9,
        rustc: process::capture(Command::new("rustc").arg("--version"))?
            .trim()
            .to_owned(),
        date: process::capture(Command::new("date").args(["-u", "+%F"]))?
            .trim()
            .to_owned(),
        command: command.to_owned(),
    })
}

/// Whether the processor has the instructions that the limits are set for.
pub(super) fn has_avx512() -> Result<bool> {
    let cpuinfo = read("/proc/cpuinfo")?;
    let flags = entry(&cpuinfo, "flags").unwrap_or_default();
    Ok(flags.split(' ').any(|flag| flag == "avx512f"))
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("figures are taken where there is {path}"))
}

/// The value of the first line `key : value`.
fn entry<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut entries = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = entries.find(|(name, _)| name.trim() == key)?;
    Some(value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_by_its_whole_name() {
        let text = "model\t\t: 143\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu avx512f\n";
        assert_eq!(entry(text, "model name"), Some("Some CPU @ 2 GHz"));
        assert_eq!(entry(text, "stepping"), None);
    }
}
