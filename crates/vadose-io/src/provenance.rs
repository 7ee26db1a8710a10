//! Where an artefact comes from: configuration, seed, version, inputs, date.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{IoError, sha256_file};

/// What every model, map and report carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Program and version.
    pub software: String,
    /// When it was made, UTC.
    pub created: Timestamp,
    /// Master seed of the run, where there is one.
    pub seed: Option<u64>,
    /// SHA-256 of the configuration.
    pub configuration_sha256: String,
    /// The configuration, every default written out.
    pub configuration: String,
    /// Input files.
    pub inputs: Vec<InputFile>,
    /// What a reader must know, such as that stations are pseudo-stations.
    pub comment: Option<String>,
}

/// An input file by name and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// File name, without its folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl Provenance {
    /// Key of the JSON form in the metadata of a model file.
    pub const METADATA_KEY: &'static str = "vadose.provenance";

    /// Collects the provenance of an artefact that is made now.
    ///
    /// # Errors
    /// [`IoError::File`] if an input cannot be read.
    /// # Examples
    /// ```
    /// let folder = tempfile::tempdir().unwrap();
    /// let granule = folder.path().join("granule.h5");
    /// std::fs::write(&granule, "abc").unwrap();
    /// let provenance = vadose_io::Provenance::collect("seed = 1", Some(1), &[&granule])?;
    /// assert_eq!(provenance.inputs[0].name, "granule.h5");
    /// assert!(provenance.inputs[0].sha256.starts_with("ba7816bf"));
    /// # Ok::<(), vadose_io::IoError>(())
    /// ```
    pub fn collect(
        configuration: &str,
        seed: Option<u64>,
        inputs: &[impl AsRef<Path>],
    ) -> Result<Self, IoError> {
        let input = |path: &Path| -> Result<InputFile, IoError> {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Ok(InputFile {
                name,
                sha256: sha256_file(path)?,
            })
        };
        let digest = Sha256::digest(configuration.as_bytes());
        Ok(Self {
            software: concat!("vadose ", env!("CARGO_PKG_VERSION")).to_owned(),
            created: Timestamp::now(),
            seed,
            configuration_sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            configuration: configuration.to_owned(),
            inputs: inputs
                .iter()
                .map(|path| input(path.as_ref()))
                .collect::<Result<_, _>>()?,
            comment: None,
        })
    }

    /// The same, with what a reader must know.
    #[must_use]
    pub fn with_comment(self, comment: &str) -> Self {
        Self {
            comment: Some(comment.to_owned()),
            ..self
        }
    }

    /// As metadata of a model file: one entry, JSON.
    #[must_use]
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let json = serde_json::to_string(self).expect("plain data serialise");
        BTreeMap::from([(Self::METADATA_KEY.to_owned(), json)])
    }

    /// As global attributes of a map file.
    #[must_use]
    pub fn attributes(&self) -> Vec<(String, String)> {
        let inputs = self
            .inputs
            .iter()
            .map(|file| format!("{} (sha256 {})", file.name, file.sha256));
        let mut attributes = vec![
            ("software".to_owned(), self.software.clone()),
            ("date_created".to_owned(), self.created.to_string()),
            (
                "configuration_sha256".to_owned(),
                self.configuration_sha256.clone(),
            ),
            ("configuration".to_owned(), self.configuration.clone()),
            (
                "input_files".to_owned(),
                inputs.collect::<Vec<_>>().join(", "),
            ),
        ];
        attributes.extend(
            self.seed
                .iter()
                .map(|seed| ("seed".to_owned(), seed.to_string())),
        );
        attributes.extend(
            self.comment
                .iter()
                .map(|comment| ("comment".to_owned(), comment.clone())),
        );
        attributes
    }

    /// The line of a file's `history`.
    #[must_use]
    pub fn history(&self) -> String {
        format!("{} {}", self.created, self.software)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provenance_survives_a_model_file() {
        let no_inputs: [&Path; 0] = [];
        let provenance = Provenance::collect("seed = 7", Some(7), &no_inputs)
            .unwrap()
            .with_comment("twin");
        let json = &provenance.metadata()[Provenance::METADATA_KEY];
        assert_eq!(
            serde_json::from_str::<Provenance>(json).unwrap(),
            provenance
        );
    }

    #[test]
    fn attributes_name_seed_inputs_and_comment() {
        let no_inputs: [&Path; 0] = [];
        let provenance = Provenance::collect("seed = 7", Some(7), &no_inputs)
            .unwrap()
            .with_comment("twin");
        let attributes: BTreeMap<_, _> = provenance.attributes().into_iter().collect();
        assert_eq!(attributes["seed"], "7");
        assert_eq!(attributes["comment"], "twin");
        assert_eq!(attributes["configuration_sha256"].len(), 64);
    }
}
