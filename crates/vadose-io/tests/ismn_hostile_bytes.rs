//! The parsers on random bytes and on damaged copies of good files: errors, never a panic.
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use proptest::prelude::*;
use vadose_io::ismn::{FlagSet, ReadOptions, SeriesInfo, parse_series, parse_static_variables};

const NAME: &str = "N/S/N_N_S_sm_0.050000_0.050000_Probe_20170601_20170630.stm";
const HEADER_VALUES: &str = "N N S 40.01500 -105.27050 1655.00 0.05 0.05 Probe\n\
    \r2017/06/01 00:00   0.2100 G M\r\n2017/06/01 01:00   0.2200 D01,D03 M\r\n2017/06/01 02:00   0.2300 U\r\n";
const CEOP: &str = "2017/06/01 00:00 2017/06/01 00:00 N N S 40.01500 -105.27050 1655.00 0.05 0.05   0.2100 G M\r\
    2017/06/01 01:00 2017/06/01 01:00 N N S 40.01500 -105.27050 1655.00 0.05 0.05   0.2200 D06 M\r";
const STATIC: &str = "quantity_name;unit;depth_from[m];depth_to[m];value;description;quantity_source_name;\r\n\
    saturation;m^3*m^-3;0.00;0.30;0.46;;HWSD;v1.1;30\";;\r\n";

fn parse_all(bytes: &[u8]) {
    let info = SeriesInfo::from_path(NAME).unwrap();
    if let Ok(series) = parse_series(bytes, &info, &ReadOptions::default()) {
        let good = |value: f32| value.is_finite() && value.abs() <= 1.5;
        assert!(series.observations.iter().all(|o| good(o.value)));
        assert!(
            series
                .observations
                .windows(2)
                .all(|pair| pair[0].time < pair[1].time)
        );
        assert!(
            series
                .observations
                .iter()
                .all(|o| !o.flags.contains(FlagSet::MISSING))
        );
    }
    let _ = parse_static_variables(bytes, "x.csv");
    let _ = SeriesInfo::from_path(&String::from_utf8_lossy(bytes));
}

/// Bytes that occur in station files, so that random ones get past the first checks.
fn likely_byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => prop::sample::select(b" 0123456789./:-,;\r\nGUMCDNS_".to_vec()),
        1 => any::<u8>(),
    ]
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(likely_byte(), 0..400)) {
        parse_all(&bytes);
    }

    #[test]
    fn damaged_files_never_panic(
        which in 0_usize..3,
        edits in prop::collection::vec((0_usize..400, likely_byte()), 0..12),
        cut in 0_usize..400,
        repeat in 1_usize..4,
    ) {
        let mut bytes = [HEADER_VALUES, CEOP, STATIC][which].repeat(repeat).into_bytes();
        for (at, byte) in edits {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len().saturating_sub(cut % bytes.len()));
        parse_all(&bytes);
    }

    #[test]
    fn names_are_found_or_refused(name in "[A-Za-z0-9_ .#/é-]{0,60}(_sm)?(_0\\.05[0-9]{4}){0,3}[A-Za-z0-9_]{0,20}(\\.stm)?") {
        if let Ok(info) = SeriesInfo::from_path(&name) {
            prop_assert!(!info.network.is_empty() && !info.station.is_empty());
            prop_assert!(info.depth_from_m.is_finite() && info.depth_to_m.is_finite());
        }
    }
}

#[test]
fn whole_samples_parse() {
    let info = SeriesInfo::from_path(NAME).unwrap();
    for (text, n) in [(HEADER_VALUES, 3), (CEOP, 2)] {
        let series = parse_series(text.as_bytes(), &info, &ReadOptions::default()).unwrap();
        assert_eq!((series.observations.len(), series.rejected.total()), (n, 0));
    }
}
