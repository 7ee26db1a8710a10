//! `cargo xtask features`: the facade's feature table, written from its Cargo.toml.
//!
//! The words come from the `##` comments above the features; a feature that only brings in one crate
//! needs none, because that crate's own description says it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Lines of the facade's documentation between which the table stands.
const BEGIN: &str = "//! <!-- features: begin (cargo xtask features) -->";
const END: &str = "//! <!-- features: end -->";

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Feature {
    name: String,
    enables: Vec<String>,
    about: String,
}

/// Writes the table into the facade's `lib.rs`.
///
/// # Errors
/// If the manifest cannot be understood, or `lib.rs` lacks the two marker lines.
pub fn write() -> Result<ExitCode> {
    let path = facade().join("src/lib.rs");
    let old = workspace::read(&path)?;
    let new = with_table(&old, &facade_features()?).with_context(no_markers)?;
    if old == new {
        println!("{} is up to date", workspace::relative(&path));
    } else {
        fs::write(&path, new)?;
        println!("wrote {}", workspace::relative(&path));
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks the table and writes nothing; exit code 1 if it is not up to date.
///
/// # Errors
/// If the manifest or `lib.rs` cannot be understood.
pub fn check() -> Result<ExitCode> {
    let Some(problem) = problem()? else {
        return Ok(ExitCode::SUCCESS);
    };
    eprintln!("{problem}");
    Ok(ExitCode::FAILURE)
}

/// What is wrong with the table, if it does not say what Cargo.toml says.
///
/// # Errors
/// If the manifest or `lib.rs` cannot be understood.
pub(crate) fn problem() -> Result<Option<String>> {
    let old = workspace::read(&facade().join("src/lib.rs"))?;
    Ok(match with_table(&old, &facade_features()?) {
        None => Some(no_markers()),
        Some(new) if new != old => {
            Some("the feature table is not up to date; run `cargo xtask features`".to_owned())
        }
        Some(_) => None,
    })
}

fn no_markers() -> String {
    format!("the facade's lib.rs has no place for the feature table, the lines\n{BEGIN}\n{END}")
}

fn facade() -> PathBuf {
    workspace::root().join("crates/vadose")
}

fn facade_features() -> Result<Vec<Feature>> {
    features(&workspace::read(&facade().join("Cargo.toml"))?, description)
}

/// What a crate of this workspace says of itself.
fn description(name: &str) -> Result<String> {
    let path = workspace::root()
        .join("crates")
        .join(name)
        .join("Cargo.toml");
    let manifest: toml::Table = workspace::read(&path)?.parse()?;
    let description = manifest["package"]
        .get("description")
        .and_then(toml::Value::as_str);
    Ok(description
        .with_context(|| format!("{name} has no description"))?
        .to_owned())
}

/// The features of a manifest, in its order, with their words.
fn features(manifest: &str, description: impl Fn(&str) -> Result<String>) -> Result<Vec<Feature>> {
    let parsed: toml::Table = manifest.parse()?;
    let table = parsed
        .get("features")
        .and_then(toml::Value::as_table)
        .context("the manifest has no [features]")?;
    let mut features = Vec::new();
    let mut about = Vec::new();
    let section = manifest
        .lines()
        .skip_while(|line| line.trim() != "[features]")
        .skip(1);
    for line in section.take_while(|line| !line.starts_with('[')) {
        let name = line.split('=').next().unwrap_or_default().trim();
        if let Some(words) = line.strip_prefix("## ") {
            about.push(words.trim().to_owned());
        } else if let Some(enables) = table.get(name).filter(|_| line.contains('=')) {
            let enables: Vec<String> = enables.clone().try_into()?;
            let words = match enables.iter().find_map(|one| one.strip_prefix("dep:")) {
                _ if !about.is_empty() => about.join(" "),
                _ if name == "default" => String::new(),
                Some(crate_name) => description(crate_name)?,
                None => bail!("feature `{name}` has neither a `##` comment nor a crate"),
            };
            features.push(Feature {
                name: name.to_owned(),
                enables,
                about: words,
            });
            about.clear();
        } else {
            about.clear();
        }
    }
    Ok(features)
}

fn with_table(source: &str, features: &[Feature]) -> Option<String> {
    let (before, rest) = source.split_once(&format!("{BEGIN}\n"))?;
    let (_, after) = rest.split_once(END)?;
    let default = features.iter().find(|one| one.name == "default");
    let mut table = String::from("//! | feature | default | what it adds |\n//! |---|---|---|\n");
    for feature in features.iter().filter(|one| one.name != "default") {
        let is_default = default.is_some_and(|default| default.enables.contains(&feature.name));
        let mark = if is_default { "yes" } else { "" };
        table.push_str(&format!(
            "//! | `{}` | {mark} | {} |\n",
            feature.name, feature.about
        ));
    }
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
[features]
default = [\"grid\"]
grid = [\"dep:vadose-grid\"]
## Read SMAP granules
## (system HDF5).
hdf5 = [\"grid\"]
";

    fn described(name: &str) -> Result<String> {
        Ok(format!("What {name} is."))
    }

    #[test]
    fn words_come_from_comments_and_else_from_the_crate() {
        let features = features(MANIFEST, described).unwrap();
        let words: Vec<_> = features.iter().map(|one| one.about.as_str()).collect();
        assert_eq!(
            words,
            [
                "",
                "What vadose-grid is.",
                "Read SMAP granules (system HDF5)."
            ]
        );
    }

    #[test]
    fn a_feature_without_words_is_an_error_that_names_it() {
        let error = features("[features]\nfast = []\n", described).unwrap_err();
        assert!(error.to_string().contains("`fast`"), "{error}");
    }

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let source = format!("//! Before.\n{BEGIN}\n//! | stale |\n{END}\n//! After.\n");
        let features = features(MANIFEST, described).unwrap();
        let written = with_table(&source, &features).unwrap();
        assert!(written.starts_with("//! Before.\n") && written.ends_with("\n//! After.\n"));
        assert!(
            written.contains("//! | `grid` | yes | What vadose-grid is. |\n"),
            "{written}"
        );
        assert!(!written.contains("stale"));
        assert_eq!(with_table(&written, &features).unwrap(), written);
    }

    #[test]
    fn a_file_without_markers_is_refused() {
        assert_eq!(with_table("//! No markers.\n", &[]), None);
    }
}
