//! A trained network on disk: weights and configuration in one safetensors file.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarMap;
use safetensors::SafeTensors;
use serde::Serialize;

use crate::config::NetworkConfig;
use crate::network::Network;
use crate::variables::named_variables;
use crate::{NnError, cpu};

/// Metadata key of the format version.
const FORMAT_KEY: &str = "vadose.format";
/// Version that this code writes and reads.
const FORMAT: &str = "1";
/// Metadata key of the [`NetworkConfig`], as JSON.
const NETWORK_KEY: &str = "vadose.network";
/// Bytes that the header's length takes, and to whose multiple the header is filled up.
const HEADER_ALIGNMENT: usize = 8;

/// A network's configuration, weights and whatever the caller notes about them.
///
/// On disk it is a safetensors file, which PyTorch, JAX and numpy read too. Its metadata holds
/// `vadose.format` and `vadose.network` (the configuration as JSON) beside the caller's keys.
/// Weights come back with the same bits, and the same content makes the same file.
///
/// # Examples
/// ```
/// use candle_core::Device;
/// use vadose_nn::{ModelFile, Network, NetworkConfig};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = NetworkConfig::preset("paper")?;
/// let (_network, variables) = Network::initialised(&config, 7, &Device::Cpu)?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// ModelFile::from_variables(config, &variables).save(&path)?;
///
/// let network = ModelFile::load(&path)?.network(&Device::Cpu)?;
/// assert_eq!(network.config().parameter_count()?, 53_001);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// What the network looks like.
    pub config: NetworkConfig,
    /// Its weights by name ([`NetworkConfig::weight_shapes`]), all f32 or all f64.
    pub weights: BTreeMap<String, Tensor>,
    /// Whatever else the file should carry. Keys that begin with `vadose.format` or
    /// `vadose.network` are the file's own.
    pub metadata: BTreeMap<String, String>,
}

impl ModelFile {
    /// A model of the current values of `variables`, without metadata.
    pub fn from_variables(config: NetworkConfig, variables: &VarMap) -> Self {
        let variables = named_variables(variables).into_iter();
        let weights = variables
            .map(|(name, var)| (name, var.as_detached_tensor()))
            .collect();
        ModelFile {
            config,
            weights,
            metadata: BTreeMap::new(),
        }
    }

    /// Writes the file to a temporary name beside `path`, then renames it: `path` holds the old
    /// file or the whole new one, never a part.
    ///
    /// # Errors
    /// [`NnError::ModelIo`], [`NnError::ReservedKey`], and what [`ModelFile::check`] finds.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), NnError> {
        let path = path.as_ref();
        self.check()?;
        let bytes = self.to_bytes()?;
        write_atomically(path, &bytes).map_err(|source| NnError::ModelIo {
            path: path.to_owned(),
            action: "write",
            source,
        })
    }

    /// Reads a file that [`ModelFile::save`] wrote.
    ///
    /// # Errors
    /// All name the path. [`NnError::ModelIo`]; [`NnError::NotSafetensors`] for a foreign, cut or
    /// damaged file; [`NnError::NotAModel`], [`NnError::ModelFormat`],
    /// [`NnError::ModelConfigSyntax`]; [`NnError::ModelInvalid`] for weights that do not fit the
    /// configuration (missing, unknown, misshapen).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, NnError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| NnError::ModelIo {
            path: path.to_owned(),
            action: "read",
            source,
        })?;
        let not_safetensors = |source| NnError::NotSafetensors {
            path: path.to_owned(),
            source,
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(not_safetensors)?;
        let mut metadata: BTreeMap<String, String> = header
            .metadata()
            .clone()
            .unwrap_or_default()
            .into_iter()
            .collect();
        let mut take = |key| {
            metadata.remove(key).ok_or_else(|| NnError::NotAModel {
                path: path.to_owned(),
                key,
            })
        };
        let (found, config) = (take(FORMAT_KEY)?, take(NETWORK_KEY)?);
        if found != FORMAT {
            let path = path.to_owned();
            return Err(NnError::ModelFormat {
                path,
                found,
                supported: FORMAT,
            });
        }
        let config =
            serde_json::from_str(&config).map_err(|source| NnError::ModelConfigSyntax {
                path: path.to_owned(),
                source,
            })?;

        let tensors = SafeTensors::deserialize(&bytes).map_err(not_safetensors)?;
        let invalid = |error| NnError::ModelInvalid {
            path: path.to_owned(),
            source: Box::new(error),
        };
        let mut weights = BTreeMap::new();
        for (name, view) in tensors.iter() {
            weights.insert(name.to_owned(), tensor_of(name, &view).map_err(invalid)?);
        }
        let model = ModelFile {
            config,
            weights,
            metadata,
        };
        model.check().map_err(invalid)?;
        Ok(model)
    }

    /// The network with these weights as plain tensors: running it records no graph.
    ///
    /// # Errors
    /// What [`ModelFile::check`] finds; [`NnError::Candle`] if the device refuses.
    pub fn network(&self, device: &Device) -> Result<Network, NnError> {
        let dtype = self.check()?;
        let weights = self
            .weights
            .iter()
            .map(|(name, tensor)| Ok((name.clone(), tensor.detach().to_device(device)?)))
            .collect::<Result<HashMap<_, _>, NnError>>()?;
        Network::from_tensors(&self.config, weights, dtype, device)
    }

    /// Checks that the weights are those of the configuration, and gives their number type.
    ///
    /// # Errors
    /// Those of [`NetworkConfig::check`]; [`NnError::MissingTensor`], [`NnError::UnknownTensor`],
    /// [`NnError::TensorShape`], [`NnError::TensorDType`], [`NnError::ReservedKey`].
    pub fn check(&self) -> Result<DType, NnError> {
        let shapes = self.config.weight_shapes()?;
        if let Some(name) = self.weights.keys().find(|&name| !shapes.contains_key(name)) {
            return Err(NnError::UnknownTensor {
                tensor: name.clone(),
            });
        }
        let mut dtype = None;
        for (name, expected) in shapes {
            let Some(tensor) = self.weights.get(&name) else {
                return Err(NnError::MissingTensor { tensor: name });
            };
            if tensor.dims() != expected {
                let got = tensor.dims().to_vec();
                return Err(NnError::TensorShape {
                    tensor: name,
                    expected,
                    got,
                });
            }
            let (got, first) = (tensor.dtype(), *dtype.get_or_insert(tensor.dtype()));
            if got != first || !matches!(got, DType::F32 | DType::F64) {
                let expected = if got == first { DType::F32 } else { first };
                return Err(NnError::TensorDType {
                    tensor: name,
                    expected: expected.as_str().to_owned(),
                    got: got.as_str().to_owned(),
                });
            }
        }
        if let Some(key) = self
            .metadata
            .keys()
            .find(|&key| key == FORMAT_KEY || key == NETWORK_KEY)
        {
            return Err(NnError::ReservedKey { key: key.clone() });
        }
        Ok(dtype.expect("every network has a head"))
    }

    /// The file: length of the header, header, weights in the order of their names.
    ///
    /// Written here and not by `safetensors::serialize`, whose metadata come in the order of a
    /// hash map: the same model would give another file each time.
    fn to_bytes(&self) -> Result<Vec<u8>, NnError> {
        let config = serde_json::to_string(&self.config).expect("a checked configuration is JSON");
        let mut metadata = self.metadata.clone();
        metadata.insert(FORMAT_KEY.to_owned(), FORMAT.to_owned());
        metadata.insert(NETWORK_KEY.to_owned(), config);

        let mut data = Vec::new();
        let mut tensors = BTreeMap::new();
        for (name, tensor) in &self.weights {
            let start = data.len();
            append_bytes(tensor, &mut data)?;
            let dtype = if tensor.dtype() == DType::F64 {
                "F64"
            } else {
                "F32"
            };
            let data_offsets = [start, data.len()];
            tensors.insert(
                name,
                TensorEntry {
                    dtype,
                    shape: tensor.dims(),
                    data_offsets,
                },
            );
        }
        let header = Header { metadata, tensors };
        let mut header = serde_json::to_vec(&header).expect("strings and numbers are JSON");
        header.resize(header.len().next_multiple_of(HEADER_ALIGNMENT), b' ');
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.append(&mut header);
        bytes.append(&mut data);
        Ok(bytes)
    }
}

/// Header of a safetensors file.
#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "__metadata__")]
    metadata: BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<&'a String, TensorEntry<'a>>,
}

#[derive(Serialize)]
struct TensorEntry<'a> {
    dtype: &'static str,
    shape: &'a [usize],
    data_offsets: [usize; 2],
}

fn append_bytes(tensor: &Tensor, bytes: &mut Vec<u8>) -> Result<(), NnError> {
    let tensor = tensor.to_device(&Device::Cpu)?.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let op = "saving a model";
    match tensor.dtype() {
        DType::F64 => {
            let values = cpu::values::<f64>(&storage, layout, op)?;
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        _ => {
            let values = cpu::values::<f32>(&storage, layout, op)?;
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
    }
    Ok(())
}

fn tensor_of(name: &str, view: &safetensors::tensor::TensorView) -> Result<Tensor, NnError> {
    let (data, shape) = (view.data(), view.shape());
    match view.dtype() {
        safetensors::Dtype::F32 => {
            let values = data
                .as_chunks()
                .0
                .iter()
                .map(|&bytes| f32::from_le_bytes(bytes));
            Ok(cpu::tensor(values.collect(), shape)?)
        }
        safetensors::Dtype::F64 => {
            let values = data
                .as_chunks()
                .0
                .iter()
                .map(|&bytes| f64::from_le_bytes(bytes));
            Ok(cpu::tensor(values.collect(), shape)?)
        }
        other => Err(NnError::TensorDType {
            tensor: name.to_owned(),
            expected: "F32 or F64".to_owned(),
            got: format!("{other:?}"),
        }),
    }
}

fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        // As any new file: readable by whom the umask lets, not by the owner alone.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
