//! Virtual environments for the Python programs that we are compared with.
//!
//! An environment belongs to the exact text of its requirements and lies under the target folder, so
//! that it is made once, never changed, and gone with `cargo clean`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{process, workspace};

/// Python of an environment that holds these requirements (pip's own format, one a line).
///
/// Several processes may ask at once: one makes the environment, the others wait for it.
///
/// # Errors
/// If Python or its `venv` module is missing, or pip cannot install a requirement.
pub fn environment(requirements: &str) -> Result<PathBuf> {
    let folder = workspace::target_dir()?
        .join("python")
        .join(key(requirements));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("cannot lock the Python environment")?;

    let python = folder.join("bin").join("python");
    let finished = folder.join("finished");
    if finished.is_file() {
        return Ok(python);
    }
    process::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )
    .context("cannot make a virtual environment; Debian's package is python3-venv")?;
    let list = folder.join("requirements.txt");
    fs::write(&list, requirements)?;
    process::run(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--requirement")
            .arg(&list),
    )?;
    fs::write(&finished, "")?;
    Ok(python)
}

/// As [`environment`], with the requirements read from a file.
///
/// # Errors
/// As [`environment`], and if the file cannot be read.
pub fn environment_of_file(requirements: &Path) -> Result<PathBuf> {
    environment(&workspace::read(requirements)?)
}

fn key(requirements: &str) -> String {
    sha256_hex(requirements.as_bytes())[..16].to_owned()
}

/// SHA-256 of some bytes, as lower-case hexadecimal digits.
#[must_use]
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_the_empty_text_is_the_published_value() {
        assert_eq!(
            sha256_hex(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn other_requirements_get_another_environment() {
        assert_ne!(key("numpy==2.4.6"), key("numpy==2.4.5"));
    }
}
