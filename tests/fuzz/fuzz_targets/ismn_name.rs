//! Any text as the path of a station file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vadose_io::ismn::SeriesInfo;

fuzz_target!(|text: &str| {
    if let Ok(info) = SeriesInfo::from_path(text) {
        assert!(!info.network.is_empty() && !info.station.is_empty());
        assert!(info.depth_from_m.is_finite() && info.depth_to_m.is_finite());
        assert_eq!(info.path, text);
    }
});
