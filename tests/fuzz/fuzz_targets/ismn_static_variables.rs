//! Any bytes as the static variables of a station.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vadose_io::ismn::parse_static_variables;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(variables) = parse_static_variables(bytes, "S_static_variables.csv") {
        assert!(!variables.rows.is_empty());
    }
});
