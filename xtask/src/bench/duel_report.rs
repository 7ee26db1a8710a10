//! The figures of a duel as markdown.

use std::fmt::Write as _;

use anyhow::Result;

use super::duel::{Duel, Found};
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
        "| | {peer}, ms | ours, one thread, ms | of {peer} | limit | | ours, {threads} threads, ms | of {peer} \
         | largest difference |\n|---|---|---|---|---|---|---|---|---|"
    )?;
    for (row, found) in duel.rows.iter().zip(found) {
        let (theirs, all) = (median(&found.theirs), median(&found.all_threads));
        let difference = found
            .difference
            .map_or("–".to_owned(), |one| format!("{one:.0e}"));
        writeln!(
            page,
            "| {} | {:.1} | {:.2} | {:.3} | {} | {} | {:.2} | {:.3} | {difference} |",
            row.title,
            1e3 * theirs,
            1e3 * median(&found.one_thread),
            found.ratio(),
            row.limit,
            if found.holds(row) { "held" } else { "missed" },
            1e3 * all,
            all / theirs,
        )?;
    }
    Ok(page)
}
