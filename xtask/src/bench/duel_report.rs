//! The figures of a duel as markdown.

use std::fmt::Write as _;

use anyhow::Result;

use super::duel::{Duel, Found, Threads};
use super::figures::median;
use super::machine::Machine;

pub(super) fn page(
    duel: &Duel<'_>,
    found: &[Found],
    version: &str,
    machine: &Machine,
) -> Result<String> {
    let mut page = String::new();
    let (peer, threads) = (duel.peer_name, &machine.threads);
    writeln!(
        page,
        "Taken on {} with `{}`: {}, {threads} threads, {:.0} GB; {}; {peer} {version}.\n",
        machine.date, machine.command, machine.cpu, machine.memory_gb, machine.rustc
    )?;
    writeln!(
        page,
        "| | {peer}, ms | ours, one thread, ms | of {peer} | ours, {threads} threads, ms | of {peer} | limit, {} | \
         | largest difference |\n|---|---|---|---|---|---|---|---|---|",
        match duel.threads {
            Threads::One => "one thread".to_owned(),
            Threads::All => format!("{threads} threads"),
        }
    )?;
    for (row, found) in duel.rows.iter().zip(found) {
        let difference = found
            .difference
            .map_or("–".to_owned(), |one| format!("{one:.0e}"));
        writeln!(
            page,
            "| {} | {:.1} | {:.2} | {:.3} | {:.2} | {:.3} | {} | {} | {difference} |",
            row.title,
            1e3 * median(&found.theirs),
            1e3 * median(&found.one_thread),
            found.ratio(Threads::One),
            1e3 * median(&found.all_threads),
            found.ratio(Threads::All),
            row.limit,
            match found.holds(row, duel.threads) {
                true => "held",
                false => "missed",
            },
        )?;
    }
    Ok(page)
}
