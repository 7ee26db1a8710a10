//! Names of grids: display and parsing.

use std::fmt;
use std::str::FromStr;

use crate::{EaseGrid2, GridError};

impl fmt::Display for EaseGrid2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Accepts the short name and NSIDC's name in any letter case: `M01`, `m12.5`, `EASE2_M01km`.
impl FromStr for EaseGrid2 {
    type Err = GridError;

    fn from_str(name: &str) -> Result<Self, GridError> {
        let wanted = name.trim();
        Self::ALL
            .iter()
            .copied()
            .find(|grid| {
                wanted.eq_ignore_ascii_case(grid.name())
                    || wanted.eq_ignore_ascii_case(grid.nsidc_name())
            })
            .ok_or_else(|| GridError::UnknownGrid {
                name: name.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_back_in_any_case() {
        for &grid in EaseGrid2::ALL {
            for name in [grid.name(), grid.nsidc_name()] {
                assert_eq!(name.parse(), Ok(grid));
                assert_eq!(name.to_lowercase().parse(), Ok(grid));
            }
            assert_eq!(grid.to_string(), grid.name());
        }
        assert_eq!(EaseGrid2::M12_5.name(), "M12.5");
        assert_eq!(EaseGrid2::S09.nsidc_name(), "EASE2_S09km");
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let message = "M02".parse::<EaseGrid2>().unwrap_err().to_string();
        assert!(
            message.contains("'M02'") && message.contains("M01, M03"),
            "{message}"
        );
    }
}
