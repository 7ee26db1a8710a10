//! Which station is for what, as a plain CSV table: `station,split`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use vadose_scene::{Split, StationSplit};

use crate::csv_table::{malformed, open_table};
use crate::{IoError, write_atomically};

/// One line of the table.
#[derive(Serialize, Deserialize)]
struct SplitRow {
    station: String,
    split: Split,
}

/// Writes a split of stations, one line each in order of name: `station,split`, the split being `train`,
/// `validation` or `test`. The file is whole or not there.
///
/// # Errors
/// [`IoError::File`]; [`IoError::StationCsv`].
/// # Examples
/// ```
/// use vadose_io::{read_split_csv, write_split_csv};
/// use vadose_scene::{Split, StationSplit};
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("split.csv");
/// let split: StationSplit = [("NET/A".to_owned(), Split::Test)].into_iter().collect();
/// write_split_csv(&path, &split)?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "station,split\nNET/A,test\n");
/// assert_eq!(read_split_csv(&path)?, split);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn write_split_csv(path: impl AsRef<Path>, split: &StationSplit) -> Result<(), IoError> {
    let path = path.as_ref();
    let failed = |error: csv::Error| malformed(path, &error);
    write_atomically(path, |temporary| {
        let mut writer = csv::WriterBuilder::new()
            .has_headers(false)
            .from_path(temporary)
            .map_err(failed)?;
        writer.write_record(["station", "split"]).map_err(failed)?;
        for (station, split) in split.iter() {
            let station = station.to_owned();
            let row = SplitRow { station, split };
            writer.serialize(row).map_err(failed)?;
        }
        writer.flush().map_err(|error| failed(error.into()))
    })
}

/// Reads what [`write_split_csv`] wrote, or a table of the same columns in any order; others are ignored.
///
/// # Errors
/// [`IoError::File`]; [`IoError::StationCsv`], with the line, for a table without these columns, another
/// split than the three, or a station in two of them.
pub fn read_split_csv(path: impl AsRef<Path>) -> Result<StationSplit, IoError> {
    let path = path.as_ref();
    let failed = |error: csv::Error| malformed(path, &error);
    let mut reader = open_table(path)?;
    let header = reader.headers().map_err(failed)?.clone();
    let mut split = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let row: SplitRow = record.deserialize(Some(&header)).map_err(failed)?;
        let before = split.insert(row.station.clone(), row.split);
        if before.is_some_and(|before| before != row.split) {
            return Err(IoError::StationCsv {
                path: path.to_path_buf(),
                line: record.position().map_or(0, csv::Position::line),
                reason: format!("station {} is in two splits", row.station),
            });
        }
    }
    Ok(split.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_split_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("split.csv");
        for (text, expected) in [
            ("station,split\nA,train\nB,tset\n", "line 3"),
            ("name,split\nA,train\n", "station"),
            (
                "station,split\nA,train\nB,test\nA,test\n",
                "line 4: station A is in two splits",
            ),
        ] {
            std::fs::write(&path, text).unwrap();
            let message = read_split_csv(&path).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(message.contains("split.csv"), "{message}");
        }
        std::fs::write(&path, "split,note,station\ntest,x,A\ntest,,A\n").unwrap();
        let split = read_split_csv(&path).unwrap();
        assert_eq!(split.get("A"), Some(Split::Test));
        assert!(read_split_csv(folder.path().join("none.csv")).is_err());
    }
}
