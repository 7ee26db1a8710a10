//! SHA-256 of a file, for the provenance of whatever is made from it.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::IoError;

const BLOCK_BYTES: usize = 1 << 16;

/// SHA-256 of a file's bytes, as 64 lower-case hexadecimal digits, in constant memory.
///
/// # Errors
/// [`IoError::File`] if the file cannot be opened or read.
/// # References
/// FIPS 180-4. Peer: `sha256sum`.
/// # Examples
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("abc");
/// std::fs::write(&path, "abc").unwrap();
/// let digest = vadose_io::sha256_file(&path)?;
/// assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn sha256_file(path: impl AsRef<Path>) -> Result<String, IoError> {
    let path = path.as_ref();
    let failed = |action| {
        move |source| IoError::File {
            action,
            path: path.to_path_buf(),
            source,
        }
    };
    let mut reader = BufReader::new(File::open(path).map_err(failed("open"))?);
    let mut hasher = Sha256::new();
    let mut block = vec![0_u8; BLOCK_BYTES];
    loop {
        let n_bytes = reader.read(&mut block).map_err(failed("read"))?;
        if n_bytes == 0 {
            break;
        }
        hasher.update(&block[..n_bytes]);
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_file_has_the_digest_of_no_bytes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let digest = sha256_file(file.path()).unwrap();
        assert_eq!(
            digest,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_file_longer_than_one_block_is_read_to_its_end() {
        // sha256sum of one million `a`, FIPS 180-4 example.
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![b'a'; 1_000_000]).unwrap();
        let digest = sha256_file(file.path()).unwrap();
        assert_eq!(
            digest,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }

    #[test]
    fn a_missing_file_is_named_in_the_error() {
        let error = sha256_file("/no/such/file").unwrap_err();
        assert_eq!(error.to_string(), "/no/such/file: cannot open");
    }
}
