//! Where things are: the root, the crates, the files that people wrote.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;

/// Folders that hold no file that a person wrote.
const NOT_OURS: [&str; 5] = ["target", "out", ".git", "__pycache__", ".venv"];

/// The root of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}

/// Cargo's target folder, wherever the environment or a configuration puts it.
///
/// # Errors
/// If `cargo metadata` fails.
pub fn target_dir() -> Result<PathBuf> {
    let metadata = process::capture(process::cargo().args([
        "metadata",
        "--no-deps",
        "--format-version=1",
        "--offline",
    ]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("cargo metadata names no target_directory")?;
    Ok(PathBuf::from(folder))
}

/// Names of the crates under `crates/`, sorted.
///
/// # Errors
/// If the folder cannot be read.
pub fn crate_names() -> Result<Vec<String>> {
    let folder = root().join("crates");
    let mut names = Vec::new();
    for entry in read_dir(&folder)? {
        if entry.join("Cargo.toml").is_file() {
            names.push(name_of(&entry));
        }
    }
    Ok(names)
}

/// All files below `folder` that people wrote, sorted, build outputs left out.
///
/// # Errors
/// If a folder cannot be read.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in read_dir(folder)? {
        if path.is_dir() {
            if !NOT_OURS.contains(&name_of(&path).as_str()) {
                files.extend(files_below(&path)?);
            }
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// The path as the workspace's own pages write it: relative to the root.
#[must_use]
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Reads a text file; the error names it.
///
/// # Errors
/// If the file cannot be read or is no UTF-8.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", relative(path)))
}

/// The entries of a folder, sorted by name.
///
/// # Errors
/// If the folder cannot be read.
pub fn read_dir(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)
        .with_context(|| format!("cannot list {}", relative(folder)))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

/// The last part of a path, as text.
#[must_use]
pub fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace_manifest() {
        let manifest = read(&root().join("Cargo.toml")).unwrap();
        assert!(manifest.starts_with("[workspace]"));
    }

    #[test]
    fn the_grid_is_among_the_crates() {
        assert!(crate_names().unwrap().contains(&"vadose-grid".to_owned()));
    }

    #[test]
    fn build_outputs_are_not_files_that_people_wrote() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["src/lib.rs", "target/release/lib.rs", "out/demo/map.nc"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert_eq!(
            files_below(folder.path()).unwrap(),
            [folder.path().join("src/lib.rs")]
        );
    }
}
